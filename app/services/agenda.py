"""The agenda of a meeting: in order, adjusted by hand, and as it was circulated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db import agenda as queries
from app.db.json import to_json
from app.db.partnerships import forum_from, load_facts
from app.db.session import UnitOfWork
from app.db.tables.cases import case_file
from app.db.tables.meetings import agenda_item, meeting
from app.domain.access import GrantReason, Verb
from app.domain.actions import OUTSTANDING
from app.domain.agenda_order import Entry, Slot, running_order, section_of, total_minutes
from app.domain.agendas import Addendum, FrozenAgenda, FrozenItem, FrozenMinutes
from app.domain.disclosures import Act, Sharing
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.forums import Forum, ForumKind
from app.domain.lifecycle import Move, State, next_state
from app.domain.meetings import MeetingStatus
from app.risk.reasons import Reason
from app.services import audience, authority, frozen, grants
from app.services.cases import WAITING, close_to_list, withdraw
from app.services.listing import put_on_list
from app.services.meetings import to_run
from app.services.once import Document

_RULE_VERSION = "1"
_TAKES_LATE = (MeetingStatus.LOCKED, MeetingStatus.PUBLISHED, MeetingStatus.IN_SESSION)


@dataclass(frozen=True, slots=True)
class Listed:
    """A meeting's list as it stands: its row, its forum, and each item with its place."""

    row: Any
    forum: Forum
    items: tuple[tuple[dict[str, Any], Slot], ...]

    @property
    def cases(self) -> list[UUID]:
        return list(self.row["cases"] or ())

    def earlier_actions(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        """What was promised before this meeting and is still owed, or was settled since it began."""
        return [each for each in item["actions"] if not each["here"]]


async def load(uow: UnitOfWork, meeting_id: UUID) -> Listed:
    """The list in its order, with everything about each case that its reader sees. Raises NotFound."""
    await uow.flush()
    row = await uow.row(queries.AGENDA, id=meeting_id, owed=[str(each) for each in OUTSTANDING])
    if row is None:
        raise NotFound("meeting")
    forum = forum_from(row["settings"])
    items = {UUID(each["id"]): each for each in orjson.loads(row["items"] or "[]")}
    entries = [
        Entry(
            key,
            section_of(has_children=each["case"]["children"] > 0, reaching_twelve_months=each["kind"] == "review"),
            pinned=each["pinned"],
        )
        for key, each in items.items()
    ]
    slots = running_order(entries, forum.minutes_per_case, forum.agenda_order)
    return Listed(row, forum, tuple((items[slot.key], slot) for slot in slots))


async def read(uow: UnitOfWork, meeting_id: UUID) -> Document:
    """The agenda as it stands now, for a screen: unfinished actions first, then each case in its place."""
    uow.actor.must(Verb.READ)
    listed = await load(uow, meeting_id)
    uow.record("agenda.read", subjects=listed.cases)
    return _shown(meeting_id, listed)


async def reorder(uow: UnitOfWork, meeting_id: UUID, items: Sequence[UUID], version: int | None) -> Document:
    """Put the cases into this order by hand. Raises Invalid unless it is exactly those on the list."""
    row = await to_run(uow, meeting_id, version)
    if row["status"] in (MeetingStatus.CANCELLED, MeetingStatus.HELD, MeetingStatus.MINUTES_ISSUED):
        raise Conflict(f"This meeting is over: it is '{row['status']}'. Its order can no longer change.")
    listed = await load(uow, meeting_id)
    known = {slot.key for _, slot in listed.items}
    problems = [
        FieldProblem(f"/items/{n}", "unknown_item", "This is not on the list. Read the agenda again.")
        for n, each in enumerate(items)
        if each not in known
    ]
    if len(set(items)) != len(items):
        problems.append(FieldProblem("/items", "twice", "Name each item once."))
    if known - set(items):
        text = f"Name every item of the list: {len(known - set(items))} missing."
        problems.append(FieldProblem("/items", "missing", text))
    if problems:
        raise Invalid(problems)
    await uow.value(queries.PIN, items=list(items), meeting=meeting_id)
    await uow.change(meeting, meeting_id)
    uow.record("agenda.ordered", subjects=listed.cases)
    return _shown(meeting_id, await load(uow, meeting_id))


async def add_case(
    uow: UnitOfWork,
    meeting_id: UUID,
    case_id: UUID,
    kind: str,
    reason: str | None,
    sharing: Sharing | None,
    version: int | None,
) -> Document:
    """Put a case on the list by hand, even after it was locked. ``kind``: late, or review when it reaches 12 months.

    A case that waits for a later meeting of the same forum is brought forward; one that waits at triage leaves that
    list for the MARAC's. Raises Conflict when it is on this list already or the meeting is over, IllegalMove when the
    case cannot go there.
    """
    row = await to_run(uow, meeting_id, version)
    if row["status"] not in (MeetingStatus.SCHEDULED, *_TAKES_LATE):
        raise Conflict(f"This meeting is over: it is '{row['status']}'. Choose another.")
    if reason is None:
        raise Invalid([FieldProblem("/reason", "required", "Say why the case is added by hand.")])
    case = await uow.row(queries.CASE_TO_ADD, case_id=case_id, forum=row["forum_id"])
    if case is None:
        raise Invalid([FieldProblem("/case_id", "unknown_case", "There is no case with that id that you can see.")])
    await authority.must(uow, Verb.RUN_MEETING, case_id)
    before = orjson.loads(case["listed"]) if case["listed"] else None
    if before and before["meeting_id"] == str(meeting_id):
        raise Conflict("The case is on this list already.")
    state = State(case["state"])
    withdrawn: Sequence[UUID] = ()
    if before is None:
        waited = state in WAITING
        move = Move.SEND_TO_MARAC if row["kind"] == ForumKind.MARAC else Move.LIST_FOR_TRIAGE
        state = next_state(state, move)
        withdrawn = await withdraw(uow, case_id) if waited else ()
    because = Reason("listing.by_hand", _RULE_VERSION, f"Added to the list of {row['name']} by hand.")
    facts = await load_facts(uow)
    members = facts.forum(row["forum_id"]).members_at(row["starts_at"])
    item_id = put_on_list(uow, case_id, meeting_id, kind, members, [because])
    await audience.share_opened(uow, case_id, sharing, act=Act.LISTED, source=item_id, register=facts.register)
    changes = {"next_meeting_id": meeting_id, "next_meeting_at": row["starts_at"], "pathway": row["kind"]}
    await uow.change(case_file, case_id, state=state, updated_at=uow.now, **changes)
    # The meeting's version stays: it would tell those who may not know of the case that something was done.
    await uow.value(queries.COUNT_IN, meeting=meeting_id)
    said = {"meeting_id": str(meeting_id), "agenda_item_id": str(item_id), "reason": reason}
    uow.event(case_id, "case.listed", said, [because])
    if before:
        await uow.change(agenda_item, UUID(before["id"]), status="moved")
        await uow.value(queries.COUNT_OUT, meeting=UUID(before["meeting_id"]))
        await grants.end(uow, case_id, GrantReason.ON_FORUM_LIST, source=UUID(before["id"]))
    await close_to_list(uow, case_id, withdrawn)
    shown = _shown(meeting_id, await load(uow, meeting_id))
    return replace(shown, case_id=case_id)


async def frozen_agenda(uow: UnitOfWork, meeting_id: UUID, version: int | None = None) -> FrozenAgenda:
    """The agenda as it was circulated, with the addenda up to ``version`` (None: all), for what the actor may see.

    Raises NotFound when no such version was published. Whoever shows it records the read.
    """
    uow.actor.must(Verb.READ)
    packs = [
        each
        for each in await uow.rows(queries.PACKS, meeting=meeting_id, version=version)
        if each["kind"] in ("agenda", "addendum")
    ]
    if not packs or (version is not None and packs[-1]["version"] != version):
        raise NotFound("published agenda")
    first, *later = packs
    items = _contents(first)
    listed = _in_order(each["content"] for each in items if each["kind"] == "case")
    places = {each["case_id"]: _place(each) for each in listed}
    return FrozenAgenda.model_validate(
        {
            **_header(first),
            "version": first["version"],
            "items": listed,
            "unfinished_actions": [
                action for each in items if each["kind"] == "old_action" for action in each["content"]["actions"]
            ],
            "addenda": [each for each in (_addendum(pack, places) for pack in later) if each is not None],
        }
    )


async def frozen_minutes(uow: UnitOfWork, meeting_id: UUID) -> FrozenMinutes:
    """The minutes as they were issued, for what the actor may see. Raises NotFound until they are issued.

    Whoever shows them records the read.
    """
    uow.actor.must(Verb.READ)
    packs = await uow.rows(queries.PACKS, meeting=meeting_id, version=None)
    issued = next((each for each in packs if each["kind"] == "minutes"), None)
    if issued is None:
        raise NotFound("set of issued minutes")
    items = _contents(issued)
    return FrozenMinutes.model_validate(
        {
            **_header(issued),
            "version": issued["version"],
            "items": _in_order(each["content"] for each in items if each["kind"] == "minutes"),
            "unfinished_actions": [
                action for each in items if each["kind"] == "old_action" for action in each["content"]["actions"]
            ],
        }
    )


def _contents(pack: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(pack["items"] or "[]")
    return found


def _in_order(contents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each in its place among those that this reader sees: a gap would tell of a case that they may not know."""
    placed, offset = [], 0
    for position, each in enumerate(sorted(contents, key=lambda one: one["position"]), 1):
        place: dict[str, Any] = {"position": position}
        if "offset_minutes" in each:
            place["offset_minutes"] = offset
            offset += each["minutes"]
        placed.append({**each, **place})
    return placed


def _header(pack: Any) -> dict[str, Any]:
    header: dict[str, Any] = orjson.loads(pack["header"])
    return {name: value for name, value in header.items() if name != "kind"}


def _place(item: dict[str, Any]) -> dict[str, int]:
    return {name: item[name] for name in ("position", "offset_minutes")}


def _addendum(pack: Any, places: dict[str, dict[str, int]]) -> Addendum | None:
    """One addendum; None when nothing in it is about a case that the actor may see.

    ``places``: by case, where the reader's agenda has it so far. What comes new has its place after those.
    """
    items = [each["content"] for each in _contents(pack)]
    if not items:
        return None
    for each in (one["item"] for one in items if one["item"]):
        end = max((place["offset_minutes"] for place in places.values()), default=-each["minutes"]) + each["minutes"]
        new = {"position": len(places) + 1, "offset_minutes": end}
        each.update(places.setdefault(each["case_id"], new))
    header = _header(pack)
    return Addendum(
        version=pack["version"],
        at=header["published_at"],
        by=header["published_by"],
        text="\n".join(each["text"] for each in items),
        items=tuple(FrozenItem.model_validate(each["item"]) for each in items if each["item"]),
    )


def _shown(meeting_id: UUID, listed: Listed) -> Document:
    starts: datetime = listed.row["starts_at"]
    lines = []
    owed = []
    for item, slot in listed.items:
        row = frozen.clean_row(item)
        case = {"case_id": row["case"]["id"], "case_reference": row["case"]["reference"]}
        owed += [case | _action(each) for each in listed.earlier_actions(row)]
        begins = starts + timedelta(minutes=slot.offset)
        place = {"position": slot.position, "section": slot.section, "starts_at": begins}
        actions = [_action(each) for each in row["actions"]]
        lines.append(
            {**row, **place, "running_minutes": slot.minutes, "pinned": row["pinned"] is not None, "actions": actions}
        )
    total = total_minutes([slot for _, slot in listed.items])
    row = listed.row
    body = {
        "meeting_id": meeting_id,
        "forum": {"id": row["forum_id"], "kind": row["kind"], "name": row["name"]},
        "date": row["held_on"],
        "status": row["status"],
        "version": row["version"],
        "starts_at": starts,
        "ends_at": starts + timedelta(minutes=total),
        "total_minutes": total,
        "unfinished_actions": owed,
        "items": lines,
    }
    return Document(to_json(body), row["version"])


def _action(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "here"} | {"made_here": bool(row["here"])}
