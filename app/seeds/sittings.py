"""Meetings as the story tells them: research, lock, agenda, attendance, each case in its turn, minutes."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from random import Random
from uuid import UUID

from app.domain.actions import ActionForm
from app.domain.attendance import AcceptanceForm, AttendanceForm, PersonComing
from app.domain.clock import add_working_days, at_local, local_date
from app.domain.forums import ForumKind, sitting_on, standard_hrda, standard_marac
from app.domain.lifecycle import Outcome
from app.domain.meetings import Standing
from app.domain.outcomes import ItemMinutesForm, OutcomeForm
from app.domain.research import NotKnownForm, ResearchForm
from app.domain.risks import About, RiskForm
from app.domain.routing import SupportKind
from app.seeds import said
from app.seeds.after import follow_action, follow_outcome
from app.seeds.people import AGENCY_OF
from app.seeds.teller import List, Script, Teller, Told
from app.services import actions, attendance, meetings, outcomes, packs, research, risks

MINUTE = timedelta(minutes=1)
_AT_TABLE = ("chair", "coordinator", "idva", "health_rep", "triage", "housing_rep")
_QUICK = ("safeguarding", "housing_rep", "triage")
_SLOWER = ("health_rep", "probation_rep", "recovery_rep", "advocate")
_SLOWEST = ("mh_rep",)
_CRITERIA = ("particularly_complex", "not_engaging", "further_discussion")


def hold(t: Teller, of: List) -> Script:
    """Tell of a meeting."""
    return _hrda(t, of) if of.kind is ForumKind.HRDA else _marac(t, of)


async def _hrda(t: Teller, of: List) -> Script:
    day = local_date(of.starts_at)
    sitting = sitting_on(standard_hrda(), day)
    answered: set[tuple[str, UUID]] = set()
    yield at_local(add_working_days(day, -1), time(16, 45))
    await _search(t, of, _QUICK, answered)
    yield sitting.cut_off + MINUTE
    await t.do("coordinator", meetings.lock, of.meeting_id, None)
    await _search(t, of, (*_QUICK, *_SLOWER, *_SLOWEST), answered)
    yield sitting.cut_off + 20 * MINUTE
    await t.do("coordinator", packs.publish, of.meeting_id, t.sharing("coordinator"), None)
    async for moment in _meet(t, of):
        yield moment
    yield at_local(add_working_days(day, 1), time(15, 0))
    await t.do("coordinator", packs.issue_minutes, of.meeting_id, t.sharing("coordinator"), None)


async def _marac(t: Teller, of: List) -> Script:
    day = local_date(of.starts_at)
    sitting = sitting_on(standard_marac(day), day)
    answered: set[tuple[str, UUID]] = set()
    yield sitting.cut_off + 20 * MINUTE
    await t.do("coordinator", meetings.lock, of.meeting_id, None)
    await t.do("coordinator", meetings.set_chair, of.meeting_id, t.partnership.user("chair"), None)
    await _search(t, of, _QUICK, answered)
    yield sitting.agenda_due + 5 * MINUTE
    await t.do("coordinator", packs.publish, of.meeting_id, t.sharing("coordinator"), None)
    yield min(sitting.research_due - 120 * MINUTE, t.at(1, 15))
    await _search(t, of, _SLOWER, answered)
    await t.do("coordinator", packs.add, of.meeting_id, t.sharing("coordinator"), None)
    yield sitting.research_due
    await _search(t, of, _SLOWEST, answered)
    async for moment in _meet(t, of):
        yield moment
    yield at_local(add_working_days(day, 2), time(16, 0))
    await t.do("coordinator", packs.issue_minutes, of.meeting_id, t.sharing("coordinator"), None)


async def _meet(t: Teller, of: List) -> Script:
    """From the list of those who come to the moment at which the meeting ends."""
    each = 10 if of.kind is ForumKind.HRDA else 12
    yield of.starts_at - 10 * MINUTE
    await t.do("coordinator", attendance.record, of.meeting_id, _coming(t, of.kind), None)
    for who in _AT_TABLE[: 1 if of.kind is ForumKind.HRDA else None]:
        await t.do(who, attendance.accept, of.meeting_id, AcceptanceForm(version="1"))
    yield of.starts_at
    await t.do("chair", meetings.start, of.meeting_id, None, None)
    for number, (item_id, case) in enumerate(of.items, 1):
        yield of.starts_at + each * number * MINUTE
        await _hear(t, of, item_id, case)
    yield of.starts_at + each * (len(of.items) + 1) * MINUTE
    await t.do("chair", meetings.end, of.meeting_id, None)


def _coming(t: Teller, kind: ForumKind) -> AttendanceForm:
    def comes(who: str, standing: Standing) -> PersonComing:
        agency = t.partnership.agency(AGENCY_OF[who].slug)
        return PersonComing(agency_id=agency, user_id=t.partnership.user(who), standing=standing)

    people = [comes(who, Standing.PRESENT) for who in _AT_TABLE]
    people.append(comes("mh_rep", Standing.APOLOGIES_WITH_INFORMATION))
    if kind is ForumKind.MARAC:
        people += [comes("probation_rep", Standing.PRESENT), comes("recovery_rep", Standing.APOLOGIES)]
        guest = t.partnership.agency("children")
        people.append(PersonComing(agency_id=guest, name="Alma Reyes, student", standing=Standing.OBSERVER))
    return AttendanceForm(people=tuple(people))


async def _search(t: Teller, of: List, whose: Sequence[str], answered: set[tuple[str, UUID]]) -> None:
    """Each of these agencies answers for each family on the list for which it has not."""
    for who in whose:
        waiting = [(item_id, case) for item_id, case in of.items if (who, item_id) not in answered]
        answered.update((who, item_id) for item_id, _ in waiting)
        if local_date(of.starts_at) >= t.today:
            # Some are always late, so that there is something to chase.
            waiting = [(item_id, case) for item_id, case in waiting if case.draw(f"late {who}").random() > 0.15]
        found = {item_id: _found(t, case, who) for item_id, case in waiting}
        unknown = tuple(item_id for item_id, each in found.items() if each is None)
        if unknown:
            await t.do(who, research.not_known, NotKnownForm(items=unknown, sharing=t.sharing(who)))
        for item_id, each in found.items():
            if each is not None:
                await t.do(who, research.write, item_id, each, None)


def _found(t: Teller, case: Told, who: str) -> ResearchForm | None:
    found = case.draw(who).choice(said.RESEARCH[who])
    if found is None:
        return None
    facts, opinion, shared_facts, shared_opinion = (case.told(text) for text in found)
    return ResearchForm(
        known=True,
        facts=facts,
        opinion=opinion,
        shared_facts=shared_facts,
        shared_opinion=shared_opinion or None,
        kept_because=said.KEPT_BECAUSE if facts != shared_facts else None,
        release=True,
        sharing=t.sharing(who),
    )


async def _hear(t: Teller, of: List, item_id: UUID, case: Told) -> None:
    rng = case.draw(f"heard {of.kind} {len(case.ends)}")
    ending = case.ends.pop(0) if case.ends else "plan"
    about, risk = rng.choice(said.RISKS[: None if case.form["children"] else -1])
    form = RiskForm(about=About(about), risk=case.told(risk))
    await t.do(rng.choice(("triage", "health_rep", "idva")), risks.name, item_id, form)
    if of.kind is ForumKind.MARAC:
        minutes = ItemMinutesForm(minutes=case.told(rng.choice(said.MINUTES)), safety_plan="As agreed with the IDVA.")
        await t.do("coordinator", outcomes.minute, item_id, minutes, None)
    if ending not in ("nfa", "defer", "support"):
        await _promise(t, of, item_id, case, rng, settled="close" in case.ends)
    decided = _outcome(t, of.kind, ending, case, rng).model_copy(update={"sharing": t.sharing("chair")})
    outcome = await t.do("chair", outcomes.decide, item_id, decided, None)
    t.listed(case, outcome["route"])
    follow_outcome(t, case, outcome["route"])


async def _promise(t: Teller, of: List, item_id: UUID, case: Told, rng: Random, *, settled: bool) -> None:
    for who, what, days in rng.sample(said.ACTIONS, rng.choice((1, 1, 2))):
        if "child" in what and not case.form["children"]:
            continue
        promised = ActionForm(
            what=case.told(what),
            agency_id=t.partnership.agency(AGENCY_OF[who].slug),
            owner_id=t.partnership.user(who),
            working_days=days,
            meeting_id=of.meeting_id,
            agenda_item_id=item_id,
            sharing=t.sharing("coordinator"),
        )
        made = await t.do("coordinator", actions.promise, case.id, promised)
        due = date.fromisoformat(made["due_on"])
        t.tell(follow_action(t, case, who, UUID(made["id"]), due, settled=settled))
    # At least one, or there is no plan.
    keep = ActionForm(
        what=case.told("Ring {v} at the agreed time, and tell the chair by e-mail if she does not answer."),
        agency_id=t.partnership.agency("idva"),
        working_days=2,
        meeting_id=of.meeting_id,
        agenda_item_id=item_id,
        sharing=t.sharing("coordinator"),
    )
    made = await t.do("coordinator", actions.promise, case.id, keep)
    t.tell(follow_action(t, case, "idva", UUID(made["id"]), date.fromisoformat(made["due_on"]), settled=True))


def _outcome(t: Teller, kind: ForumKind, ending: str, case: Told, rng: Random) -> OutcomeForm:
    today = local_date(t.now)
    if ending == "marac":
        return OutcomeForm(
            outcome=Outcome.TO_MARAC,
            criteria=tuple(rng.sample(_CRITERIA, rng.choice((1, 1, 2)))),
            reason=case.told(rng.choice(said.TO_MARAC)),
        )
    if ending == "defer":
        text = "Two agencies could not search in time, and without them there is nothing to plan on."
        return OutcomeForm(outcome=Outcome.DEFERRED, until=add_working_days(today, 7), reason=text)
    if ending == "support":
        text = case.told("{v} is safe with her sister and wants an advocate, not a plan.")
        outcome = Outcome.TO_SUPPORT if kind is ForumKind.HRDA else Outcome.STEPPED_DOWN
        return OutcomeForm(outcome=outcome, support=SupportKind.ADVOCACY_WORKER, reason=text)
    if ending == "nfa":
        text = "Recorded against the wrong person: the family concerned is known under another reference."
        return OutcomeForm(outcome=Outcome.NO_FURTHER_ACTION, reason=text)
    if ending == "transferred":
        text = case.told("{v} has moved there with the children, and asked that the new area be told.")
        return OutcomeForm(outcome=Outcome.TRANSFERRED, area="Northport MARAC", reason=text)
    review = add_working_days(today, 20) if ending == "monitored" else None
    outcome = Outcome.PLAN_AGREED if kind is ForumKind.HRDA else Outcome.HEARD_WITH_PLAN
    return OutcomeForm(outcome=outcome, review_on=review)
