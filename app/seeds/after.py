"""What happens between meetings: actions are done or not, offers are answered, cases close, move and come back."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from app.domain.actions import ActionStatus, ActionUpdateForm
from app.domain.cases import CaseMove
from app.domain.clock import ONE_DAY, add_working_days, at_local, local_date
from app.domain.lifecycle import Move
from app.domain.retention import HoldForm
from app.domain.routing import SupportKind
from app.domain.support import DeclineForm, OfferForm
from app.seeds import said
from app.seeds.teller import Script, Teller, Told
from app.services import actions, cases, retention, support

_LANDLORD = "housing"
_REVIEWED_IN = timedelta(days=180)


async def follow_action(t: Teller, case: Told, who: str, action_id: UUID, due: date, *, settled: bool) -> Script:
    """What became of an action. ``settled``: it is done, whatever becomes of others."""
    rng = case.draw(f"action {who} {due}")
    luck = 0.0 if settled else rng.random()
    yield at_local(due - rng.choice((0, 1)) * ONE_DAY, time(rng.randint(10, 15), 20))
    if luck < 0.6:
        await t.do(who, actions.update, action_id, ActionUpdateForm(status=ActionStatus.DONE), None)
    elif luck < 0.7:
        form = ActionUpdateForm(status=ActionStatus.NOT_POSSIBLE, reason=said.NOT_POSSIBLE)
        await t.do(who, actions.update, action_id, form, None)
    elif luck < 0.8 and who != "housing_rep":
        agency = t.partnership.agency(_LANDLORD)
        form = ActionUpdateForm(
            status=ActionStatus.HANDED_OVER, reason=said.HANDED_OVER, to_agency_id=agency, sharing=t.sharing(who)
        )
        await t.do(who, actions.update, action_id, form, None)
    # Otherwise nobody said anything, and it is overdue by now.


def follow_outcome(t: Teller, case: Told, route: dict[str, Any] | None) -> None:
    """Whatever a meeting's outcome leads to: an answer to an offer of support, or the end that the case is to have."""
    if route and route.get("support_offer_id"):
        t.tell(answer_offer(t, case, UUID(route["support_offer_id"]), "accepted"))
    if case.ends and case.ends[0] in ("close", "transfer"):
        t.tell(_end(t, case))


async def _end(t: Teller, case: Told) -> Script:
    move = case.ends.pop(0)
    yield at_local(add_working_days(local_date(t.now), 9), time(11, 40))
    if move == "close":
        text = "Each action is done, and she has said that she feels safe."
        told = CaseMove(move=Move.CLOSE, reason=case.told(text))
    else:
        text = "The family has moved, and the new area has the plan and the minutes."
        told = CaseMove(move=Move.TRANSFER, area="Westhaven MARAC", reason=text)
    await t.do("coordinator", cases.move, case.id, told, None)
    if move == "transfer":
        yield at_local(add_working_days(local_date(t.now), 3), time(15, 5))
        hold = HoldForm(because="The new area reviews what was done, and may ask.", until_on=t.today + _REVIEWED_IN)
        await t.do("governance", retention.hold, case.id, hold)


async def answer_offer(t: Teller, case: Told, offer_id: UUID, answer: str) -> Script:
    """The agency asked accepts, declines for good, or declines before another service is asked."""
    if answer == "offered":
        return
    yield at_local(add_working_days(local_date(t.now), 1), time(11, case.draw("answer").randint(0, 59)))
    if answer == "accepted":
        await t.do("advocate", support.accept, offer_id, None)
        return
    form = DeclineForm(reason="We have no worker who speaks the language until next month.")
    await t.do("advocate", support.decline, offer_id, form, None)
    if answer == "asked again":
        yield at_local(add_working_days(local_date(t.now), 1), time(9, 40))
        again = OfferForm(service=SupportKind.GP_IRIS, sharing=t.sharing("coordinator"))
        made = await t.do("coordinator", support.offer, case.id, again)
        yield at_local(add_working_days(local_date(t.now), 1), time(12, 5))
        await t.do("health_rep", support.accept, UUID(made["id"]), None)
