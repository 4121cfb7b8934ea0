"""Outcomes: what a meeting decides of a case, and where that leads. Nobody is dropped: each outcome has a place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from app.db import outcomes as queries
from app.db.json import to_json
from app.db.partnerships import Facts, forum_from, load_facts
from app.db.session import UnitOfWork
from app.db.tables.cases import case_file
from app.db.tables.meetings import agenda_item
from app.domain.access import Verb
from app.domain.actions import OUTSTANDING, ActionStanding, ActionStatus
from app.domain.clock import add_working_days, local_date, say_date
from app.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Stale
from app.domain.forums import Forum, ForumKind
from app.domain.lifecycle import Move, Outcome, OutcomeDetails, State, check_outcome, closes, may_close, next_state
from app.domain.meetings import MeetingStatus
from app.domain.outcomes import ItemMinutesForm, OutcomeForm, check_dates, legal_outcomes
from app.domain.routing import Route, SupportKind, SupportRoute, find_place
from app.risk.reasons import Reason
from app.services import authority, listing
from app.services.cases import let_lapse, share_place
from app.services.once import Document

_RULE_VERSION = "1"
_UNTIL_MINUTES = (MeetingStatus.IN_SESSION, MeetingStatus.HELD)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where an outcome leads: a place, if any, and what changes on the case."""

    place: listing.Place = field(default_factory=listing.Place)
    changes: dict[str, Any] = field(default_factory=dict)


async def decide(uow: UnitOfWork, item_id: UUID, form: OutcomeForm, version: int | None) -> Document:
    """Record an outcome with its reasons, and send the case where it leads.

    Raises Invalid for what is missing, IllegalMove naming the outcomes open to the case, Conflict when the meeting
    is not in session (or waiting for its minutes) or the case has its outcome already.
    """
    row = await _item_to_decide(uow, item_id, version)
    if row["status"] == "decided":
        raise Conflict("This case has its outcome already. Read the agenda again.")
    forum = forum_from(row["settings"])
    state = State(row["state"])
    today = local_date(uow.now)
    actions = await uow.rows(queries.ACTIONS, case_id=row["case_id"])
    plan = [each for each in actions if each["item_id"] == item_id or ActionStatus(each["status"]) in OUTSTANDING]
    details = OutcomeDetails(len(plan), form.criteria, form.reason, form.until, form.support, form.area)
    criteria = [each.code for each in forum.escalation_criteria]
    problems = list(check_outcome(form.outcome, details, offered=forum.outcomes, criteria=criteria, today=today))
    problems += check_dates(form, today)
    if problems:
        raise Invalid(problems)
    legal = legal_outcomes(state, forum.outcomes)
    if form.outcome not in legal:
        raise IllegalMove("case", state, form.outcome, legal)
    if closes(state, form.outcome.rule.move):
        standing = [ActionStanding(ActionStatus(each["status"]), each["reason"]) for each in actions]
        if problems := list(may_close(standing)):
            raise Invalid(problems)
    after = _state_after(state, form)
    facts = await load_facts(uow, row["case_id"])
    way = await _follow(uow, row, form, facts, forum)
    await share_place(uow, row["case_id"], form.sharing, way.place, facts)
    await _record(uow, row, form, after, way)
    if after in (State.CLOSED, State.TRANSFERRED):
        await let_lapse(uow, row["case_id"])
    return await _shown(uow, item_id, way.place)


async def minute(uow: UnitOfWork, item_id: UUID, form: ItemMinutesForm, version: int | None) -> Document:
    """Write what was said of one case, and its safety plan. Raises Stale when somebody else wrote meanwhile."""
    row = await _item_to_decide(uow, item_id, version)
    await uow.change(agenda_item, item_id, version, minutes=form.minutes, safety_plan=form.safety_plan)
    uow.record("item.minuted", case_id=row["case_id"])
    return await _shown(uow, item_id, listing.Place())


async def _item_to_decide(uow: UnitOfWork, item_id: UUID, version: int | None) -> Any:
    uow.actor.must(Verb.RUN_MEETING)
    row = await uow.row(queries.ITEM, id=item_id, agency=uow.actor.agency_id, now=uow.now)
    if row is None:
        raise NotFound("agenda item")
    await authority.must(uow, Verb.RUN_MEETING, row["case_id"], noun="agenda item")
    if not row["member"]:
        raise Forbidden("Only an agency that sits on this forum can run its meetings.")
    if version is not None and version != row["version"]:
        raise Stale("agenda item")
    if row["status"] in ("moved", "withdrawn"):
        raise Conflict("The case is no longer on this list.")
    if row["meeting_status"] not in _UNTIL_MINUTES:
        raise Conflict(
            f"The meeting is '{row['meeting_status']}'. Outcomes and minutes are written from its start until its "
            "minutes are issued."
        )
    return row


def _state_after(state: State, form: OutcomeForm) -> State:
    after = next_state(state, form.outcome.rule.move)
    # A plan with a date to look at it again is being monitored from now on.
    if form.outcome is Outcome.PLAN_AGREED and form.review_on is not None:
        return next_state(after, Move.MONITOR)
    return after


async def _follow(uow: UnitOfWork, row: Any, form: OutcomeForm, facts: Facts, forum: Forum) -> _Way:
    version = facts.routing.version
    outcome = form.outcome
    because = _because(row, form, forum)
    case_id = row["case_id"]
    if outcome is Outcome.TO_MARAC:
        marac = facts.of_kind(ForumKind.MARAC)
        way = find_place(marac.diary, version=version, now=uow.now, because=because)
        place = await listing.list_case(uow, case_id, marac, way)
        if place.item_id is not None:
            await uow.change(agenda_item, place.item_id, criteria=list(form.criteria))
        return _Way(place, {"pathway": ForumKind.MARAC})
    if outcome is Outcome.DEFERRED:
        here = facts.forum(row["forum_id"])
        way = find_place(here.diary, version=version, now=uow.now, not_before=form.until, because=because)
        return _Way(await listing.list_case(uow, case_id, here, way))
    if outcome in (Outcome.TO_SUPPORT, Outcome.STEPPED_DOWN):
        offer = _support(form.support or facts.routing.medium_support, facts, local_date(uow.now), because)
        return _Way(listing.offer_support(uow, case_id, offer, facts), {"pathway": "support"})
    changes: dict[str, Any] = {}
    if outcome is Outcome.TRANSFERRED:
        changes["transferred_to"] = form.area
    elif outcome is Outcome.NO_FURTHER_ACTION:
        changes["closed_at"] = uow.now
    return _Way(changes=changes)


def _support(kind: SupportKind, facts: Facts, today: date, because: Sequence[Reason]) -> SupportRoute:
    accept_by = add_working_days(today, facts.routing.medium_accept_days)
    text = f"A support service is to accept the case by {say_date(accept_by)}."
    return SupportRoute(kind, accept_by, (*because, Reason("route.support", facts.routing.version, text)))


def _because(row: Any, form: OutcomeForm, forum: Forum) -> list[Reason]:
    said = {each.code: each.text for each in forum.escalation_criteria}
    text = f"{row['forum']} of {say_date(row['held_on'])} decided: {form.outcome.rule.label}."
    reasons = [Reason("outcome.decided", _RULE_VERSION, text)]
    reasons += [Reason("outcome.criterion", _RULE_VERSION, f"{said[code]}.") for code in form.criteria]
    return reasons


async def _record(uow: UnitOfWork, row: Any, form: OutcomeForm, after: State, way: _Way) -> None:
    place = way.place
    case_id = row["case_id"]
    await uow.change(
        agenda_item,
        row["id"],
        row["version"],
        status="decided",
        outcome=form.outcome,
        outcome_reason=form.reason,
        criteria=list(form.criteria),
        deferred_to=local_date(place.at) if form.outcome is Outcome.DEFERRED and place.at else None,
        decided_at=uow.now,
        decided_by=uow.actor.user,
    )
    changes: dict[str, Any] = {"next_meeting_id": place.meeting_id, "next_meeting_at": place.at, **way.changes}
    if row["kind"] == ForumKind.MARAC and form.outcome is not Outcome.DEFERRED:
        changes["heard_at"] = uow.now
    if form.review_on is not None:
        changes["review_on"] = form.review_on
    await uow.change(case_file, case_id, state=after, updated_at=uow.now, **changes)
    forum = forum_from(row["settings"])
    said = form.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"sharing"})
    route: Route | None = place.way
    uow.event(
        case_id,
        "case.decided",
        {
            **said,
            "forum": row["forum"],
            "meeting_id": str(row["meeting_id"]),
            "agenda_item_id": str(row["id"]),
            "from": row["state"],
            "to": after,
            "route": place.as_data() if route else None,
        },
        route.reasons if route else _because(row, form, forum),
    )


async def _shown(uow: UnitOfWork, item_id: UUID, place: listing.Place) -> Document:
    await uow.flush()
    row = await uow.row(queries.SHOW, id=item_id)
    if row is None:
        raise NotFound("agenda item")
    route = {"route": place.as_data() if place.way is not None else None}
    return Document(b"%b,%b" % (row["body"].encode()[:-1], to_json(route)[1:]), row["version"], case_id=row["case_id"])
