"""Meetings from the day they are planned until they end or are cancelled; nobody on a list is ever dropped."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db import meetings as queries
from app.db.json import to_json
from app.db.partnerships import Facts, forum_from, load_facts, timetable_from
from app.db.session import UnitOfWork
from app.db.tables.cases import case_file
from app.db.tables.meetings import agenda_item, meeting
from app.domain.access import MAY, GrantReason, Verb
from app.domain.clock import is_working_day, local_date
from app.domain.disclosures import Act, Sharing
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Stale
from app.domain.forums import sits_on, sitting_on
from app.domain.meetings import (
    PLANNED_AHEAD,
    Attendance,
    MeetingMove,
    MeetingStatus,
    Quorum,
    Standing,
    next_status,
    quorum,
)
from app.domain.notices import NoticeKind
from app.domain.routing import find_place
from app.domain.timetable import not_meant
from app.risk.reasons import Reason
from app.services import audience, grants, listing
from app.services.once import Document

FURTHEST = timedelta(days=400)
_USUAL_SPAN = timedelta(days=60)
_RULE_VERSION = "1"


async def listed(
    uow: UnitOfWork,
    *,
    forum: UUID | None,
    since: date | None,
    until: date | None,
    status: str | None,
    after: UUID | None,
    limit: int,
) -> Document:
    """Meetings in the order in which they are held, with how many cases the actor sees on each list."""
    uow.actor.must(Verb.LOOK_UP)
    row = await uow.one(queries.LIST, forum=forum, since=since, until=until, status=status, after=after, limit=limit)
    more = str(row["last"]) if row["count"] == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


async def dates(uow: UnitOfWork, forum_id: UUID, *, since: date | None, until: date | None) -> Document:
    """When a forum sits, planned or not, with every deadline. Raises Invalid for more than 400 days."""
    uow.actor.must(Verb.LOOK_UP)
    start = since or local_date(uow.now)
    row = await uow.row(queries.FORUM, id=forum_id, since=start)
    if row is None:
        raise NotFound("forum")
    end = until or start + min(_USUAL_SPAN, date.max - start)
    if end - start > FURTHEST:
        raise Invalid([FieldProblem("?to", "too_far", f"Ask for at most {FURTHEST.days} days at a time.")])
    timetable = timetable_from(row["timetable"])
    planned = {
        each["held_on"]: each for each in await uow.rows(queries.PLANNED, forum=forum_id, since=start, until=end)
    }
    lines: dict[date, dict[str, Any]] = {}
    for each in timetable.sittings(start, end):
        lines[each.date] = {**asdict(each), "extra": False, "meeting_id": None, "status": None}
    for day, found in planned.items():
        lines[day] = {
            "date": day,
            "starts_at": found["starts_at"],
            "cut_off": found["cut_off_at"],
            "agenda_due": found["agenda_due_at"],
            "research_due": found["research_due_at"],
            "minutes_due": found["minutes_due_at"],
            "extra": found["extra"],
            "meeting_id": found["id"],
            "status": found["status"],
        }
    return Document(to_json({"items": [lines[day] for day in sorted(lines)]}))


async def plan(uow: UnitOfWork, forum_id: UUID, day: date, *, extra: bool, closed_day: bool = False) -> Document:
    """Put a sitting into the diary. Raises Invalid for a day on which it cannot sit, Conflict when it is there.

    closed_day: it is a weekend or a bank holiday, and that is meant; such a sitting is an extra one.
    """
    uow.actor.must(Verb.RUN_MEETING)
    facts = await load_facts(uow)
    forum = next((each for each in facts.forums if each.diary.forum_id == forum_id), None)
    if forum is None:
        raise NotFound("forum")
    if uow.actor.agency not in forum.members_at(uow.now):
        raise Forbidden(_NOT_YOURS)
    settings = forum.timetable.on(day)
    extra = extra or (closed_day and not is_working_day(day))
    problem = not_meant(day, meant=closed_day, pointer="/date")
    if day < local_date(uow.now):
        problem = FieldProblem("/date", "in_the_past", "Give a date that is today or later.")
    elif day > local_date(uow.now) + FURTHEST:
        problem = FieldProblem("/date", "too_far", "Give a date within the next 400 days.")
    elif problem is None and not extra and not sits_on(settings, day):
        text = "The forum does not sit that day. Choose one of its dates, or send 'extra': true."
        problem = FieldProblem("/date", "no_sitting", text)
    if problem:
        raise Invalid([problem])
    if await uow.value(queries.ON_DATE, forum=forum_id, day=day) is not None:
        raise Conflict("The forum has a meeting on that date already.")
    meeting_id = listing.plan_meeting(uow, forum_id, settings.capacity, sitting_on(settings, day), extra=extra)
    uow.record("meeting.planned", subjects=[meeting_id])
    return await _shown(uow, meeting_id, created=True)


async def plan_ahead(uow: UnitOfWork) -> None:
    """Put what each forum will sit into the diary, as the system: see ``listing.plan_sittings``."""
    today = local_date(uow.now)
    for row in await uow.rows(queries.DIARIES, since=today, until=today + PLANNED_AHEAD):
        listing.plan_sittings(uow, row["id"], timetable_from(row["timetable"]), frozenset(row["planned"]))


async def read(uow: UnitOfWork, meeting_id: UUID) -> Document:
    """Status, clocks, numbers, chair, attendance, quorum with its reasons, and whose research is missing."""
    uow.actor.must(Verb.READ)
    uow.record("meeting.read", subjects=[meeting_id])
    return await _shown(uow, meeting_id)


async def set_chair(uow: UnitOfWork, meeting_id: UUID, user_id: UUID | None, version: int | None) -> Document:
    """Name who chairs it; None for nobody yet."""
    row = await to_run(uow, meeting_id, version)
    _not_over(row)
    roles = sorted(MAY[Verb.RUN_MEETING].roles)
    if user_id is not None and await uow.value(queries.CHAIR, id=user_id, roles=roles) is None:
        text = "There is nobody with that id who may chair. Choose someone whose role is chair or coordinator."
        raise Invalid([FieldProblem("/user_id", "unknown_user", text)])
    await uow.change(meeting, meeting_id, chair_id=user_id)
    uow.record("meeting.chair_named", subjects=[meeting_id])
    return await _shown(uow, meeting_id)


async def lock(uow: UnitOfWork, meeting_id: UUID, version: int | None) -> Document:
    """Close the list, at its cut-off or by hand before it. Later referrals go to the next meeting."""
    row = await to_run(uow, meeting_id, version)
    status = next_status(MeetingStatus(row["status"]), MeetingMove.LOCK)
    await uow.change(meeting, meeting_id, status=status, locked_at=uow.now)
    uow.record("meeting.locked", subjects=[meeting_id])
    return await _shown(uow, meeting_id)


async def start(uow: UnitOfWork, meeting_id: UUID, reason: str | None, version: int | None) -> Document:
    """Open the meeting. Without a quorum only with a reason, which is kept. Raises Invalid when it is missing."""
    row = await to_run(uow, meeting_id, version)
    status = next_status(MeetingStatus(row["status"]), MeetingMove.START)
    if local_date(uow.now) < row["held_on"]:
        raise Conflict("This meeting is for a later day. Start it on the day, or plan an extra one.")
    there = await _quorum(uow, meeting_id)
    if not there.met and reason is None:
        why = " ".join(each.text for each in there.reasons)
        text = f"There is no quorum. {why} Record who is present, or say why you start without it."
        raise Invalid([FieldProblem("/reason", "no_quorum", text)])
    await uow.change(
        meeting, meeting_id, status=status, started_at=uow.now, without_quorum_because=None if there.met else reason
    )
    uow.record("meeting.started", subjects=[meeting_id])
    return await _shown(uow, meeting_id)


async def end(uow: UnitOfWork, meeting_id: UUID, version: int | None) -> Document:
    """Close the meeting. Outcomes can still be recorded until its minutes are issued."""
    row = await to_run(uow, meeting_id, version)
    status = next_status(MeetingStatus(row["status"]), MeetingMove.END)
    await uow.change(meeting, meeting_id, status=status, ended_at=uow.now)
    uow.record("meeting.ended", subjects=[meeting_id])
    return await _shown(uow, meeting_id)


async def cancel(
    uow: UnitOfWork, meeting_id: UUID, reason: str | None, sharing: Sharing | None, version: int | None
) -> Document:
    """Call it off. Each case on its list goes to the next place by rule, and its timeline says why."""
    row = await to_run(uow, meeting_id, version)
    status = next_status(MeetingStatus(row["status"]), MeetingMove.CANCEL)
    if reason is None:
        raise Invalid([FieldProblem("/reason", "required", "Say why the meeting is cancelled.")])
    await uow.change(meeting, meeting_id, status=status, cancelled_because=reason)
    items = await uow.rows(queries.ON_LIST, meeting=meeting_id)
    for item in items:
        # Each takes a place, so the diary is read again for the next.
        await _move(uow, item, row, sharing, await load_facts(uow, item["case_id"]))
        await uow.flush()
    await tell_of_left_behind(uow, meeting_id)
    uow.record("meeting.cancelled", subjects=[meeting_id, *(item["case_id"] for item in items)])
    return await _shown(uow, meeting_id)


async def tell_of_left_behind(uow: UnitOfWork, meeting_id: UUID) -> None:
    """Tell those who can take a case elsewhere that it still waits on the list of a meeting that is over.

    Of the cases that the actor sees there is none; of the others the actor hears nothing.
    """
    await uow.value(queries.TELL_OF_LEFT_BEHIND, meeting=meeting_id, kind=NoticeKind.MEETING_OVER)


async def _move(uow: UnitOfWork, item: Any, row: Any, sharing: Sharing | None, facts: Facts) -> None:
    forum = facts.forum(row["forum_id"])
    called_off = Reason("meeting.cancelled", _RULE_VERSION, f"The {row['name']} of {row['held_on']} was cancelled.")
    way = find_place(forum.diary, version=facts.routing.version, now=uow.now, because=[called_off])
    place = await listing.list_case(uow, item["case_id"], forum, way)
    await audience.share_opened(
        uow, item["case_id"], sharing, act=Act.LISTED, source=place.item_id, register=facts.register
    )
    await uow.change(agenda_item, item["id"], status="moved")
    await uow.change(
        case_file, item["case_id"], next_meeting_id=place.meeting_id, next_meeting_at=place.at, updated_at=uow.now
    )
    uow.event(item["case_id"], "case.moved", place.as_data(), way.reasons)
    await grants.end(uow, item["case_id"], GrantReason.ON_FORUM_LIST, source=item["id"])


_NOT_YOURS = "Only an agency that sits on this forum can run its meetings."


async def to_run(uow: UnitOfWork, meeting_id: UUID, version: int | None) -> Any:
    """The meeting with its forum, locked, for someone who runs it. Raises NotFound, Forbidden or Stale."""
    uow.actor.must(Verb.RUN_MEETING)
    row = await uow.row(queries.TO_CHANGE, id=meeting_id, agency=uow.actor.agency_id, now=uow.now)
    if row is None:
        raise NotFound("meeting")
    if not row["member"]:
        raise Forbidden(_NOT_YOURS)
    if version is not None and version != row["version"]:
        raise Stale("meeting")
    return row


def _not_over(row: Any) -> None:
    if row["status"] in (MeetingStatus.CANCELLED, MeetingStatus.MINUTES_ISSUED):
        raise Conflict(f"This meeting is over: it is '{row['status']}'.")


async def shown_data(uow: UnitOfWork, meeting_id: UUID) -> tuple[dict[str, Any], Quorum]:
    """The meeting as its page shows it, and its quorum. Raises NotFound."""
    await uow.flush()
    row = await uow.row(queries.READ, id=meeting_id)
    if row is None:
        raise NotFound("meeting")
    data: dict[str, Any] = orjson.loads(row["body"])
    forum = forum_from(row["settings"])
    people = [
        Attendance(UUID(each["agency"]["id"]), each["agency"]["kind"], Standing(each["standing"]))
        for each in data["attendance"]
    ]
    there = quorum(forum, people)
    data["quorum"] = {"met": there.met, "reasons": there.reasons}
    data["minutes_per_case"] = forum.minutes_per_case
    data["total_minutes"] = forum.minutes_per_case * data["listed"]
    return data, there


async def _quorum(uow: UnitOfWork, meeting_id: UUID) -> Quorum:
    return (await shown_data(uow, meeting_id))[1]


async def _shown(uow: UnitOfWork, meeting_id: UUID, *, created: bool = False) -> Document:
    data, _ = await shown_data(uow, meeting_id)
    location = f"/api/v1/meetings/{meeting_id}" if created else None
    return Document(to_json(data), data["version"], location)
