"""Cases: lists, one case's page, the second ring, who could see it, and the moves people make between meetings."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db import cases as queries
from app.db.json import to_json
from app.db.partnerships import Facts, load_facts
from app.db.session import UnitOfWork
from app.db.statements import Statement
from app.db.tables.cases import case_file
from app.db.tables.meetings import agenda_item
from app.domain.access import GrantReason, Verb
from app.domain.actions import OUTSTANDING, ActionStanding, ActionStatus
from app.domain.agendas import without_contact_details
from app.domain.cases import FLAG_MONTHS, WHY_OPEN, Allocation, CaseMove, check_move
from app.domain.clock import ONE_DAY, add_working_days, at_local, local_date, say_date
from app.domain.disclosures import Act, Sharing
from app.domain.errors import FieldProblem, Forbidden, Invalid, NotFound, Stale
from app.domain.forums import ForumKind
from app.domain.lifecycle import Move, State, closes, legal_moves, may_close, next_state
from app.domain.routing import SupportRoute, find_place
from app.risk.grading import Level, add_months
from app.risk.markers import Marker
from app.risk.reasons import Reason
from app.services import audience, authority, grants, idva_support, listing
from app.services.once import Document

FIRST_PAGE = UUID(int=2**128 - 1)
ONE_MOMENT = timedelta(microseconds=1)
WAITING = (State.AT_TRIAGE, State.LISTED_FOR_MARAC)
"""States in which a case holds a place on a list."""


async def listed(
    uow: UnitOfWork,
    *,
    state: State | None,
    level: Level | None,
    repeat: bool | None,
    marker: Marker | None,
    mine: bool,
    no_idva: bool = False,
    new_at_hrda: bool = False,
    after: UUID | None,
    limit: int,
) -> Document:
    """The cases this actor sees, newest first. ``mine``: only those of which the actor is the IDVA.

    ``no_idva``: only open ones that nobody is the IDVA of. ``new_at_hrda``: only those that today's HRDA hears for the
    first time since they were referred.
    """
    uow.actor.must(Verb.READ)
    page = {"before": after or FIRST_PAGE, "limit": limit}
    idva = uow.actor.user if mine else None
    filters = {"state": state, "level": level, "repeat": repeat, "marker": marker, "idva": idva}
    if no_idva or new_at_hrda or any(each is not None for each in filters.values()):
        day = local_date(uow.now)
        new = {
            "new_from": at_local(day, time.min) if new_at_hrda else None,
            "new_until": at_local(day + ONE_DAY, time.min) if new_at_hrda else None,
        }
        row = await uow.one(queries.FILTERED_LIST, **page, **filters, **new, no_idva=no_idva)
    else:
        row = await uow.one(queries.LIST, **page)
    ids = row["ids"] or []
    uow.record("case.listed", subjects=ids)
    return paged(row["body"], ids, limit)


async def read(uow: UnitOfWork, case_id: UUID) -> Document:
    """Everything on a case's page but contact details."""
    uow.actor.must(Verb.READ)
    owed = [str(each) for each in OUTSTANDING]
    row = await uow.row(queries.ONE, id=case_id, today=local_date(uow.now), owed=owed)
    if row is None:
        raise NotFound("case")
    uow.record("case.read", case_id=case_id, subjects=row["others"] or [])
    shown = {
        "markers": [{"code": m, "label": m.label, "tonight": m.tonight} for m in map(Marker, row["markers"])],
        "legal_moves": legal_moves(State(row["state"])),
    }
    case = orjson.loads(row["body"])
    for party in case["parties"]:
        if party["safe_contact"]:
            said = party["safe_contact"]
            party["safe_contact"] = {name: without_contact_details(said[name]) for name in said}
    return Document(to_json(case | shown), row["version"])


async def timeline(uow: UnitOfWork, case_id: UUID, *, after: UUID | None, limit: int) -> Document:
    """What happened to a case, newest first, with the reasons of each decision."""
    uow.actor.must(Verb.READ)
    return await _part(uow, queries.TIMELINE, case_id, "case.timeline_read", after, limit)


async def trail(uow: UnitOfWork, case_id: UUID, *, after: UUID | None, limit: int) -> Document:
    """Who looked at a case or changed it, newest first. This look is in it the next time."""
    uow.actor.must(Verb.READ)
    return await _part(uow, queries.TRAIL, case_id, "case.trail_read", after, limit)


async def access(uow: UnitOfWork, case_id: UUID, on: date | None) -> Document:
    """Who can see a case, and why; or who could at any time on a day that is past."""
    uow.actor.must(Verb.READ)
    since, until = uow.now, uow.now
    if on is not None:
        if not date(1900, 1, 1) <= on <= local_date(uow.now):
            raise Invalid([FieldProblem("?on", "out_of_range", "Give today or a day that is past.")])
        since, until = at_local(on, time.min), at_local(on + ONE_DAY, time.min)
    row = await uow.row(
        queries.ACCESS,
        id=case_id,
        since=since,
        until=until + ONE_MOMENT,
        words={str(reason): why for reason, why in WHY_OPEN.items()},
    )
    if row is None:
        raise NotFound("case")
    uow.record("case.access_read", case_id=case_id)
    return Document(b'{"on":%b,%b' % (to_json(on or local_date(uow.now)), row["body"].encode()[1:]))


async def move(uow: UnitOfWork, case_id: UUID, told: CaseMove, version: int | None) -> Document:
    """Move a case by hand, between meetings. Raises IllegalMove, naming the legal moves, when it cannot."""
    await authority.must(uow, Verb.MANAGE_CASE, case_id)
    case = await to_change(uow, case_id, version)
    state = State(case["state"])
    after = next_state(state, told.move)
    facts = await load_facts(uow, case_id)
    criteria = {each.code: each.text for forum in facts.forums for each in forum.diary.forum.escalation_criteria}
    problems = check_move(told, criteria=criteria, today=local_date(uow.now))
    if closes(state, told.move):
        standing = [
            ActionStanding(ActionStatus(row["status"]), row["reason"])
            for row in await uow.rows(queries.ACTIONS, id=case_id)
        ]
        problems += may_close(standing)
    if problems:
        raise Invalid(problems)
    withdrawn = await withdraw(uow, case_id) if state in WAITING else ()
    place, reasons, changes = await _follow(uow, case_id, told, facts, criteria)
    if place.meeting_id is not None:
        changes |= {"next_meeting_id": place.meeting_id, "next_meeting_at": place.at}
    elif state in WAITING:
        changes |= {"next_meeting_id": None, "next_meeting_at": None}
    await uow.change(case_file, case_id, state=after, updated_at=uow.now, **changes)
    said = told.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"sharing"})
    route = place.as_data() if place.way is not None else None
    await share_place(uow, case_id, told.sharing, place, facts)
    uow.event(case_id, "case.moved", {**said, "from": state, "to": after, "route": route}, reasons)
    if after in (State.CLOSED, State.TRANSFERRED):
        await let_lapse(uow, case_id)
    await close_to_list(uow, case_id, withdrawn)
    version = case["version"] + 1
    head = {"id": case_id, "reference": case["reference"], "state": after, "version": version, "route": route}
    shown = {**head, "reasons": reasons, "legal_moves": legal_moves(after)}
    return Document(to_json(shown), version, case_id=case_id)


async def share_place(uow: UnitOfWork, case_id: UUID, told: Sharing | None, place: listing.Place, facts: Facts) -> None:
    """Enter in the ledger whom a place on a list, or an offer of support, opens a case to."""
    act = Act.SUPPORT_OFFERED if place.offer_id else Act.LISTED
    source = place.offer_id or place.item_id
    await audience.share_opened(uow, case_id, told, act=act, source=source, register=facts.register)


async def withdraw(uow: UnitOfWork, case_id: UUID) -> Sequence[UUID]:
    """Take a case off each list on which it still waits; the items withdrawn, for ``close_to_list``."""
    return [row["id"] for row in await uow.rows(queries.GIVE_PLACE_BACK, id=case_id)]


async def close_to_list(uow: UnitOfWork, case_id: UUID, withdrawn: Sequence[UUID]) -> None:
    """Close a case to agencies that saw it only because it waited on a list. A list that decided it keeps it in sight.

    Call this last: whoever moved the case may have seen it for no other reason.
    """
    for item_id in withdrawn:
        await grants.end(uow, case_id, GrantReason.ON_FORUM_LIST, source=item_id)


async def allocate_idva(uow: UnitOfWork, case_id: UUID, told: Allocation, version: int | None) -> Document:
    """Give the victim an IDVA, to whom the case opens; to the one before them it closes.

    Those who run meetings give any. An IDVA gives one of their own service, and takes a case from no other service.
    """
    relations = await authority.must(uow, Verb.ALLOCATE_IDVA, case_id)
    case = await to_change(uow, case_id, version)
    user_id = told.user_id
    idva = await uow.row(queries.IDVA, id=user_id)
    if idva is None:
        text = "There is nobody with this id who is an IDVA here. Choose from /users?role=idva."
        raise Invalid([FieldProblem("/user_id", "not_an_idva", text)])
    before = case["idva_id"]
    if not uow.actor.may(Verb.RUN_MEETING, relations):
        held_by = await uow.value(queries.AGENCY_OF, id=before) if before is not None else uow.actor.agency
        if not uow.actor.agency == idva["agency_id"] == held_by:
            raise Forbidden(
                "An IDVA takes a case on for their own service. Ask the coordinator or the chair to give it to another "
                "service, or to take it from one."
            )
    await grants.must_reach(uow, case_id, agency_id=idva["agency_id"], user_id=user_id)
    version = case["version"]
    if before != user_id:
        await uow.change(case_file, case_id, idva_id=user_id, updated_at=uow.now)
        version += 1
        grants.open_to_user(uow, case_id, user_id, idva["agency_id"], GrantReason.ALLOCATED_IDVA, source=user_id)
        await audience.share_opened(uow, case_id, told.sharing, act=Act.IDVA_ALLOCATED, source=user_id)
        uow.event(case_id, "case.idva_allocated", {"idva": idva["name"], "idva_id": str(user_id)})
    await idva_support.begin(uow, case, idva_id=user_id, agency_id=idva["agency_id"])
    if before not in (None, user_id):
        # Last, since the one who hands a case over may not see it any more after this.
        await grants.end(uow, case_id, GrantReason.ALLOCATED_IDVA, source=before)
    shown = {"id": case_id, "reference": case["reference"], "version": version}
    return Document(to_json({**shown, "idva": {"id": user_id, "name": idva["name"]}}), version)


async def to_change(uow: UnitOfWork, case_id: UUID, version: int | None = None) -> Any:
    """The case, held against anybody else until this transaction ends. Raises NotFound, or Stale."""
    case = await uow.row(queries.TO_CHANGE, id=case_id)
    if case is None:
        raise NotFound("case")
    if version is not None and version != case["version"]:
        raise Stale("case")
    return case


def paged(body: str, ids: Sequence[UUID], limit: int) -> Document:
    """A page of a list; ``ids`` in its order."""
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (body.encode(), to_json(more)), next_cursor=more)


async def _part(
    uow: UnitOfWork, statement: Statement, case_id: UUID, verb: str, after: UUID | None, limit: int
) -> Document:
    row = await uow.row(statement, id=case_id, before=after or FIRST_PAGE, limit=limit)
    if row is None:
        raise NotFound("case")
    uow.record(verb, case_id=case_id)
    return paged(row["body"], row["ids"] or [], limit)


async def _follow(
    uow: UnitOfWork, case_id: UUID, told: CaseMove, facts: Facts, criteria: dict[str, str]
) -> tuple[listing.Place, Sequence[Reason], dict[str, Any]]:
    """Where the move leads, why, and what changes on the case besides its state."""
    rules = facts.routing
    if told.move is Move.SEND_TO_MARAC:
        met = "; ".join(criteria[code] for code in told.criteria)
        because = Reason("case.to_marac", rules.version, f"Sent to MARAC: {met or 'by decision, with its reason'}.")
        forum = facts.of_kind(ForumKind.MARAC)
        way = find_place(forum.diary, version=rules.version, now=uow.now, because=[because])
        place = await listing.list_case(uow, case_id, forum, way)
        if place.item_id is not None:
            await uow.change(agenda_item, place.item_id, criteria=list(told.criteria))
        return place, way.reasons, {"pathway": forum.diary.forum.kind}
    if told.move is Move.STEP_DOWN:
        kind = told.support or rules.medium_support
        accept_by = add_working_days(local_date(uow.now), rules.medium_accept_days)
        text = f"The case is stepped down, so a support service is to accept it by {say_date(accept_by)}."
        offer = SupportRoute(kind, accept_by, (Reason("route.stepped_down", rules.version, text),))
        return listing.offer_support(uow, case_id, offer, facts), offer.reasons, {"pathway": "support"}
    changes: dict[str, Any] = {}
    if told.move is Move.CLOSE:
        changes["closed_at"] = uow.now
    elif told.move is Move.TRANSFER:
        changes["transferred_to"] = told.area
    elif told.move is Move.MONITOR:
        changes["review_on"] = told.review_on
    return listing.Place(), (), changes


async def let_lapse(uow: UnitOfWork, case_id: UUID) -> None:
    """Those who worked on a case that has ended see it until their flags lapse; who coordinates keeps it.

    So does whoever is named on a restricted one: a list is kept by hand, or the case would one day be nobody's.
    """
    until = at_local(add_months(local_date(uow.now), FLAG_MONTHS), time.min)
    for reason in GrantReason:
        if reason not in (GrantReason.COORDINATES, GrantReason.NAMED):
            await grants.end(uow, case_id, reason, until=until)
