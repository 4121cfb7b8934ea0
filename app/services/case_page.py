"""The pages of one case: each all at once, in one transaction, with what the actor may do there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, get_args
from uuid import UUID

import orjson

from app.db import case_page as queries
from app.db.session import UnitOfWork
from app.db.statements import Statement
from app.domain.access import CASEWORK, MAY, GrantReason, Role, Verb
from app.domain.actions import OUTSTANDING, ActionStatus
from app.domain.cases import ByHand
from app.domain.clock import local_date
from app.domain.completeness import age_on
from app.domain.errors import Forbidden, NotFound
from app.domain.exclusions import MAY_BE_NAMED
from app.domain.lawful_bases import Register
from app.domain.lifecycle import Move, State, legal_moves
from app.risk.instruments import Instrument
from app.services import actions, assessments, authority, cases, contacts, disclosures, exclusions, restrictions
from app.services.lawful_bases import register_of

BY_HAND: tuple[Move, ...] = get_args(ByHand)
NEWS_SHOWN = 5
_MOST_ACTIONS = 100


class Act(StrEnum):
    """What can be done from a case's pages."""

    SHOW_CONTACTS = "show_contacts"
    MOVE = "move"
    ALLOCATE = "allocate"
    ASSESS = "assess"
    PROMISE = "promise"
    NAME_RISK = "name_risk"
    SHARE = "share"
    DECLARE_CONFLICT = "declare_conflict"
    KEEP_APART = "keep_apart"
    OFFER = "offer"
    ANSWER_OFFER = "answer_offer"
    JOIN_PEOPLE = "join_people"


VERBS: Mapping[Act, Verb] = {
    Act.SHOW_CONTACTS: Verb.RELEASE_CONTACTS,
    Act.MOVE: Verb.MANAGE_CASE,
    Act.ALLOCATE: Verb.ALLOCATE_IDVA,
    Act.ASSESS: Verb.ASSESS,
    Act.PROMISE: Verb.PROMISE_ACTION,
    Act.NAME_RISK: Verb.NAME_RISK,
    Act.SHARE: Verb.SHARE,
    Act.DECLARE_CONFLICT: Verb.DECLARE_CONFLICT,
    Act.KEEP_APART: Verb.KEEP_APART,
    Act.OFFER: Verb.MANAGE_CASE,
    Act.ANSWER_OFFER: Verb.ANSWER_SUPPORT,
    Act.JOIN_PEOPLE: Verb.JOIN_PEOPLE,
}
_NOT_ONCE_CLOSED = frozenset({Act.PROMISE, Act.NAME_RISK, Act.ALLOCATE, Act.OFFER})


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the head of each of a case's pages.

    acts: what the actor may do. moves: those that can be made by hand now. emergency_until: until when the actor sees
    it by an emergency of their own; for_reading: and by nothing else. changed_by: who was last to do something to it.
    """

    id: UUID
    reference: str
    state: State
    version: int
    victim: str
    age: int | None
    level: str
    markers: tuple[str, ...]
    repeat: bool
    restricted: bool
    idva_id: UUID | None
    acts: frozenset[Act]
    moves: tuple[Move, ...]
    emergency_id: UUID | None
    emergency_until: datetime | None
    for_reading: bool
    changed_at: datetime | None
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A case's first page. looked_at: when the actor last opened it; news: the newest that others did since."""

    head: Head
    case: dict[str, Any]
    contacts: list[dict[str, Any]]
    register: Register
    graded: dict[str, Any] | None
    placed: dict[str, Any] | None
    looked_at: datetime | None
    news: list[dict[str, Any]]
    today: date


@dataclass(frozen=True, slots=True)
class Part:
    """One of a case's other pages: its head, and what it is about."""

    head: Head
    items: list[dict[str, Any]]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What was promised, the open first, and who was asked to support the family."""

    head: Head
    owed: list[dict[str, Any]]
    settled: list[dict[str, Any]]
    offers: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sight:
    """Who can see a case, or could on a day. kept_apart, restriction: for those who keep people apart."""

    head: Head
    told: dict[str, Any]
    exclusions: list[dict[str, Any]]
    restriction: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form about a case offers to choose from."""

    head: Head
    register: Register
    agencies: list[dict[str, Any]]
    people: list[dict[str, Any]]
    parties: list[dict[str, Any]]
    items: list[dict[str, Any]]
    criteria: list[dict[str, Any]]
    today: date

    @property
    def idvas(self) -> list[dict[str, Any]]:
        """The people who are IDVAs."""
        return [each for each in self.people if Role.IDVA in each["roles"]]


async def head(uow: UnitOfWork, case_id: UUID) -> Head:
    """What stands at the head. Whoever shows it records what they read of the case. Raises NotFound."""
    uow.actor.must(Verb.READ)
    row = await uow.row(queries.HEAD, id=case_id, user=uow.actor.user, now=uow.now)
    if row is None:
        raise NotFound("case")
    relations, state = row["relations"], State(row["state"])
    acts = {act for act, verb in VERBS.items() if uow.actor.may(verb, relations)}
    moves = tuple(each for each in legal_moves(state) if each in BY_HAND)
    if state is State.CLOSED:
        acts -= _NOT_ONCE_CLOSED
    if not row["at_our_meeting"]:
        acts.discard(Act.NAME_RISK)
    if not moves:
        acts.discard(Act.MOVE)
    born, today = row["date_of_birth"], local_date(uow.now)
    return Head(
        id=row["id"],
        reference=row["reference"],
        state=state,
        version=row["version"],
        victim=row["victim_name"],
        age=age_on(today, born) if born else row["estimated_age"],
        level=row["level"],
        markers=tuple(row["markers"]),
        repeat=row["repeat"],
        restricted=row["restricted"],
        idva_id=row["idva_id"],
        acts=frozenset(acts),
        moves=moves if Act.MOVE in acts else (),
        emergency_id=row["emergency_id"],
        emergency_until=row["emergency_until"],
        for_reading=set(relations) == {GrantReason.BREAK_GLASS},
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
    )


async def overview(uow: UnitOfWork, case_id: UUID) -> Overview:
    """The first page: who is who, how they can be reached, why the case is here, and what others did since."""
    found = await head(uow, case_id)
    why = await uow.one(queries.WHY, id=case_id, user=uow.actor.user, limit=NEWS_SHOWN)
    case = orjson.loads((await cases.read(uow, case_id)).body)
    masked = orjson.loads((await contacts.masked(uow, case_id)).body)
    return Overview(
        head=found,
        case=case,
        contacts=masked["items"],
        register=await register_of(uow),
        graded=orjson.loads(why["graded"]) if why["graded"] else None,
        placed=orjson.loads(why["placed"]) if why["placed"] else None,
        looked_at=why["looked_at"],
        news=orjson.loads(why["news"]),
        today=local_date(uow.now),
    )


async def risk(uow: UnitOfWork, case_id: UUID) -> Part:
    """Each assessment of somebody in the case, newest first, with its grounds."""
    return await _part(uow, case_id, "assessment.listed", queries.RISK)


async def assessment(uow: UnitOfWork, case_id: UUID, assessment_id: UUID) -> tuple[Head, dict[str, Any], Any]:
    """One assessment with its answers, and its instrument. Raises NotFound when it is another case's."""
    found = await head(uow, case_id)
    body = orjson.loads((await assessments.read(uow, assessment_id)).body)
    if body["case_id"] != str(case_id):
        raise NotFound("assessment")
    return found, body, uow.catalogue.get(body["instrument"], body["instrument_version"])


async def plan(uow: UnitOfWork, case_id: UUID) -> Plan:
    """What was promised, and who was asked to support the family."""
    found = await head(uow, case_id)
    offers = orjson.loads(await uow.value(queries.OFFERS, id=case_id))
    settled = await _actions(uow, case_id, set(ActionStatus) - OUTSTANDING)
    return Plan(found, await _actions(uow, case_id, OUTSTANDING), settled, offers)


async def meetings(uow: UnitOfWork, case_id: UUID) -> Part:
    """The meetings that have, had or will have the case on their list: outcome, risks named, research shared."""
    return await _part(uow, case_id, "case.meetings_read", queries.MEETINGS)


async def sharing(uow: UnitOfWork, case_id: UUID, *, after: UUID | None, limit: int) -> Part:
    """What was shared from the case, newest first, and what the actor's agency kept."""
    found = await head(uow, case_id)
    page = orjson.loads((await disclosures.of_case(uow, case_id, after=after, limit=limit)).body)
    return Part(found, page["items"], page["next"])


async def timeline(uow: UnitOfWork, case_id: UUID, *, after: UUID | None, limit: int) -> Part:
    """What happened, newest first."""
    found = await head(uow, case_id)
    page = orjson.loads((await cases.timeline(uow, case_id, after=after, limit=limit)).body)
    return Part(found, page["items"], page["next"])


async def trail(uow: UnitOfWork, case_id: UUID, *, after: UUID | None, limit: int) -> Part:
    """Who looked, newest first."""
    found = await head(uow, case_id)
    page = orjson.loads((await cases.trail(uow, case_id, after=after, limit=limit)).body)
    return Part(found, page["items"], page["next"])


async def access(uow: UnitOfWork, case_id: UUID, on: date | None) -> Sight:
    """Who can see the case and why; for those who keep people apart, whom they can let back in."""
    found = await head(uow, case_id)
    told = orjson.loads((await cases.access(uow, case_id, on)).body)
    kept: list[dict[str, Any]] = []
    if Act.KEEP_APART in found.acts:
        kept = orjson.loads((await exclusions.listed(uow, case_id)).body)["items"]
    restriction = orjson.loads((await restrictions.read(uow, case_id)).body) if found.restricted else None
    return Sight(found, told, kept, restriction)


async def to_show_contacts(uow: UnitOfWork, case_id: UUID) -> tuple[Choices, list[dict[str, Any]], dict[str, Any]]:
    """What contact details there are, and by party those that stand released. Raises ConfirmFirst."""
    await authority.must(uow, Verb.RELEASE_CONTACTS, case_id)
    choices = await to_act(uow, case_id, Act.SHOW_CONTACTS)
    masked = orjson.loads((await contacts.masked(uow, case_id)).body)["items"]
    shown = {}
    if any(each["released_until"] for each in masked):
        opened = orjson.loads((await contacts.released(uow, case_id)).body)["items"]
        shown = {each["party_id"]: each for each in opened}
    return choices, masked, shown


async def to_act(uow: UnitOfWork, case_id: UUID, act: Act) -> Choices:
    """What the form for an act needs. Raises Forbidden when the actor may not do it, and says why."""
    found = await head(uow, case_id)
    if act not in found.acts:
        await authority.must(uow, VERBS[act], case_id)
        raise Forbidden("This cannot be done to the case as it stands. Go back to see what can.")
    roles = sorted(CASEWORK | MAY[Verb.KEEP_APART].roles | (MAY_BE_NAMED if act is Act.KEEP_APART else frozenset()))
    told = orjson.loads(await uow.value(queries.CHOICES, id=case_id, roles=roles))
    uow.record("case.read", case_id=case_id, purpose=act)
    return Choices(found, await register_of(uow), **told, today=local_date(uow.now))


async def _part(uow: UnitOfWork, case_id: UUID, verb: str, statement: Statement) -> Part:
    found = await head(uow, case_id)
    items = orjson.loads(await uow.value(statement, id=case_id))
    uow.record(verb, case_id=case_id)
    return Part(found, items)


async def _actions(uow: UnitOfWork, case_id: UUID, statuses: frozenset[ActionStatus] | set[ActionStatus]) -> Any:
    page = await actions.listed(
        uow,
        agency=None,
        mine=False,
        case_id=case_id,
        statuses=statuses,
        overdue=False,
        cursor=None,
        limit=_MOST_ACTIONS,
    )
    return orjson.loads(page.body)["items"]


async def to_ask(
    uow: UnitOfWork, case_id: UUID, instrument_id: str | None
) -> tuple[Choices, Instrument, list[tuple[str, str]], list[dict[str, Any]]]:
    """What the risk questions need: which there are, and what others asked the victim lately, to be taken over.

    instrument_id: None for the one that was last asked of the victim. Raises NotFound when there is none of that id.
    """
    choices = await to_act(uow, case_id, Act.ASSESS)
    told = orjson.loads((await assessments.listed(uow, case_id)).body)
    grading = [(each.id, each.title) for each in uow.catalogue if each.high_at is not None]
    known = {each for each, _ in grading}
    usual = next((each["instrument"] for each in told["items"] if each["instrument"] in known), grading[0][0])
    if instrument_id is not None and instrument_id not in uow.catalogue.ids():
        raise NotFound("instrument")
    own = str(uow.actor.agency)
    taken = {each["adopted_from"] for each in told["items"] if each["agency_id"] == own}
    recent = [
        each
        for person in told["asked_recently"]
        for each in person["assessments"]
        if each["superseded_by"] is None and each["agency_id"] != own and each["id"] not in taken
    ]
    others = [(each.id, each.title) for each in uow.catalogue if each.id != (instrument_id or usual)]
    return choices, uow.catalogue.get(instrument_id or usual), others, recent
