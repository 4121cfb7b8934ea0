"""What is circulated: the agenda frozen when it is published, addenda beside it, and the minutes once issued."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.db import agenda as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.meetings import agenda_pack, meeting, pack_item
from app.domain.access import Verb
from app.domain.actions import OUTSTANDING
from app.domain.agendas import Apology, Attendance, FrozenItem, without_contact_details
from app.domain.disclosures import Act, Item, Nature, Sharing
from app.domain.errors import Conflict
from app.domain.lawful_bases import Purpose
from app.domain.meetings import MeetingMove, MeetingStatus, next_status
from app.services import agenda, audience, frozen
from app.services.meetings import shown_data, tell_of_left_behind, to_run
from app.services.once import Document


async def publish(uow: UnitOfWork, meeting_id: UUID, sharing: Sharing | None, version: int | None) -> Document:
    """Freeze the agenda as version 1 and circulate it. It never changes; what comes later is an addendum."""
    row = await to_run(uow, meeting_id, version)
    status = next_status(MeetingStatus(row["status"]), MeetingMove.PUBLISH)
    await uow.change(meeting, meeting_id, status=status, published_at=uow.now)
    listed = await agenda.load(uow, meeting_id)
    pack_id = _keep(uow, listed, "agenda", {"member_agencies": listed.row["members"] or []})
    for item, slot in listed.items:
        case_id = UUID(item["case"]["id"])
        content = frozen.frozen_item(item, slot, listed.row["held_on"], uow.catalogue)
        _keep_item(uow, pack_id, case_id, "case", slot.position, content.model_dump(mode="json"))
        earlier = (each for each in listed.earlier_actions(item) if each["status"] in OUTSTANDING)
        if owed := frozen.frozen_actions(item, earlier):
            actions = {"actions": [each.model_dump(mode="json") for each in owed]}
            _keep_item(uow, pack_id, case_id, "old_action", slot.position, actions)
        uow.event(case_id, "agenda.published", _said(meeting_id, listed, 1))
    await _circulate(uow, pack_id, listed.cases, sharing, Act.AGENDA, Item.AGENDA)
    return await _published(uow, meeting_id, 1)


async def add(uow: UnitOfWork, meeting_id: UUID, sharing: Sharing | None, version: int | None) -> Document:
    """Circulate what changed since the last version. Raises Conflict when nothing did, or nothing is published."""
    row = await to_run(uow, meeting_id, version)
    if row["status"] not in (MeetingStatus.PUBLISHED, MeetingStatus.IN_SESSION):
        raise Conflict(f"This meeting is '{row['status']}'. An addendum follows a published agenda, until the end.")
    before = await agenda.frozen_agenda(uow, meeting_id)
    known = {item.case_id: item for item in before.all_items}
    listed = await agenda.load(uow, meeting_id)
    number = before.current_version + 1
    found: list[tuple[UUID, FrozenItem | None, str]] = []
    for item, slot in listed.items:
        now = frozen.frozen_item(item, slot, listed.row["held_on"], uow.catalogue)
        old = known.pop(now.case_id, None)
        text = frozen.changes_between(old, now)
        if text is not None:
            found.append((UUID(now.case_id), now, text))
    # Said once: a case that an earlier addendum took off has nothing to add.
    gone = set(known) - await _taken_off(uow, meeting_id)
    found += [(UUID(each), None, f"{known[each].case_reference} is taken off the list.") for each in sorted(gone)]
    if not found:
        raise Conflict(f"Nothing has changed since version {before.current_version} was published.")
    pack_id = _keep(uow, listed, "addendum", {})
    for position, (case_id, content, text) in enumerate(found, 1):
        kept = {"item": content.model_dump(mode="json") if content else None, "text": text}
        _keep_item(uow, pack_id, case_id, "case", position, kept)
        uow.event(case_id, "agenda.addendum_published", _said(meeting_id, listed, number))
    await _circulate(uow, pack_id, [case_id for case_id, _, _ in found], sharing, Act.ADDENDUM, Item.AGENDA)
    return await _published(uow, meeting_id, number)


async def issue_minutes(uow: UnitOfWork, meeting_id: UUID, sharing: Sharing | None, version: int | None) -> Document:
    """Freeze the minutes and circulate them. Raises Conflict while a case has no outcome."""
    row = await to_run(uow, meeting_id, version)
    status = next_status(MeetingStatus(row["status"]), MeetingMove.ISSUE_MINUTES)
    listed = await agenda.load(uow, meeting_id)
    waiting = sum(item["status"] == "listed" for item, _ in listed.items)
    if waiting:
        text = "1 case has no outcome yet" if waiting == 1 else f"{waiting} cases have no outcome yet"
        raise Conflict(f"{text}. Record an outcome for each, or defer it to a named date.")
    await uow.change(meeting, meeting_id, status=status, minutes_at=uow.now)
    await tell_of_left_behind(uow, meeting_id)
    packs = await uow.rows(queries.PACKS, meeting=meeting_id, version=None)
    number = len(packs) + 1
    pack_id = _keep(uow, listed, "minutes", await _attendance(uow, meeting_id))
    for item, slot in listed.items:
        case_id = UUID(item["case"]["id"])
        content = frozen.minutes_item(item, slot, listed.row["held_on"])
        _keep_item(uow, pack_id, case_id, "minutes", slot.position, content.model_dump(mode="json"))
        if old := frozen.frozen_actions(item, listed.earlier_actions(item)):
            actions = {"actions": [each.model_dump(mode="json") for each in old]}
            _keep_item(uow, pack_id, case_id, "old_action", slot.position, actions)
        uow.event(case_id, "minutes.issued", _said(meeting_id, listed, number))
    await _circulate(uow, pack_id, listed.cases, sharing, Act.MINUTES, Item.MINUTES, Item.PLAN)
    return await minutes(uow, meeting_id)


async def minutes(uow: UnitOfWork, meeting_id: UUID) -> Document:
    """The minutes as issued."""
    await uow.flush()
    issued = await agenda.frozen_minutes(uow, meeting_id)
    uow.record("minutes.read", subjects=[UUID(each.case_id) for each in issued.items])
    return Document(issued.model_dump_json().encode())


async def listed(uow: UnitOfWork, meeting_id: UUID) -> Document:
    """The versions that were circulated, oldest first."""
    uow.actor.must(Verb.READ)
    await shown_data(uow, meeting_id)
    packs = await uow.rows(queries.PACK_LINES, meeting=meeting_id)
    uow.record("packs.listed", subjects=[meeting_id])
    return Document(to_json({"items": [dict(each) for each in packs]}))


async def read(uow: UnitOfWork, meeting_id: UUID, number: int) -> Document:
    """The agenda as it stood with this version, as far as the actor may see it."""
    return await _published(uow, meeting_id, number)


async def read_latest(uow: UnitOfWork, meeting_id: UUID) -> Document:
    """The agenda with every addendum, as far as the actor may see it."""
    return await _published(uow, meeting_id, None)


async def _published(uow: UnitOfWork, meeting_id: UUID, number: int | None) -> Document:
    await uow.flush()
    shown = await agenda.frozen_agenda(uow, meeting_id, number)
    uow.record("pack.read", subjects=[UUID(each.case_id) for each in shown.all_items])
    return Document(
        shown.model_dump_json().encode(), location=f"/api/v1/meetings/{meeting_id}/packs/{shown.current_version}"
    )


async def _taken_off(uow: UnitOfWork, meeting_id: UUID) -> set[str]:
    rows = await uow.rows(queries.TAKEN_OFF, meeting=meeting_id)
    return {str(each["case_id"]) for each in rows}


async def _attendance(uow: UnitOfWork, meeting_id: UUID) -> dict[str, Any]:
    data, there = await shown_data(uow, meeting_id)
    came: dict[str, list[dict[str, Any]]] = {"attendees": [], "observers": [], "apologies": []}
    for each in data["attendance"]:
        who = {"name": each["name"], "agency": each["agency"]["name"]}
        if each["standing"] in ("present", "observer"):
            kind = "attendees" if each["standing"] == "present" else "observers"
            accepted = Attendance(**who, confidentiality_accepted=each["accepted_at"] is not None)
            came[kind].append(accepted.model_dump())
        else:
            sent = each["standing"] == "apologies_with_information"
            came["apologies"].append(Apology(**who, information_sent=sent).model_dump())
    why = " ".join(each.text for each in there.reasons)
    quorum = f"{'Met' if there.met else 'Not met'}. {why}"
    if data["without_quorum_because"]:
        quorum += f" Started all the same: {without_contact_details(data['without_quorum_because'])}"
    return {**came, "quorum": quorum}


async def _circulate(
    uow: UnitOfWork, pack_id: UUID, cases: Sequence[UUID], sharing: Sharing | None, act: Act, *items: Item
) -> None:
    """Enter in the ledger, for each case, that whoever sees it is told what this pack says."""
    sources = dict.fromkeys(cases, pack_id)
    await audience.share_with_all(uow, sources, sharing, act=act, items=items, purpose=Purpose.PLAN, nature=Nature.BOTH)


def _keep(uow: UnitOfWork, listed: agenda.Listed, kind: str, more: dict[str, Any]) -> UUID:
    row = listed.row
    header = {
        "kind": kind,
        "partnership": row["partnership_name"],
        "forum_kind": row["kind"],
        "forum": row["name"],
        "meeting_id": str(row["id"]),
        "starts_at": row["starts_at"],
        "published_at": uow.now,
        "published_by": {"name": uow.actor.name, "agency": uow.actor.agency_name},
        "marking": row["marking"],
        "confidentiality_statement": row["confidentiality_statement"],
        "chair": row["chair"],
        **more,
    }
    return uow.add(
        agenda_pack,
        meeting_id=row["id"],
        header=header,
        published_at=uow.now,
        published_by=uow.actor.user,
    )


def _keep_item(
    uow: UnitOfWork, pack_id: UUID, case_id: UUID, kind: str, position: int, content: dict[str, Any]
) -> None:
    uow.add(pack_item, pack_id=pack_id, case_id=case_id, kind=kind, position=position, content=content)


def _said(meeting_id: UUID, listed: agenda.Listed, number: int) -> dict[str, Any]:
    return {"meeting_id": str(meeting_id), "forum": listed.row["name"], "version": number}
