"""Forums: added, and set from a day on; and their diaries, which follow. For the partnership's administrator.

What was circulated stays. A sitting that is called off leaves nobody behind: those who coordinate its cases are told.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from app.db import forums as queries
from app.db.json import to_json
from app.db.partnerships import timetable_from
from app.db.session import UnitOfWork
from app.db.tables.meetings import meeting
from app.db.tables.partnerships import forum
from app.domain.access import Verb
from app.domain.clock import local_date, say_date
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound, Stale
from app.domain.fields import problems_from
from app.domain.forum_forms import DateSaid, ForumChange, NewForum, SittingSaid
from app.domain.forums import Forum, ForumKind, Sitting
from app.domain.meetings import PLANNED_AHEAD, MeetingMove, MeetingStatus, next_status
from app.domain.rules import FURTHEST_AHEAD, FromDay
from app.domain.timetable import CLOSED, MOVED_OFF, InDiary, Realigned, Timetable, not_meant, realign
from app.services import listing, meetings, partnerships, rules
from app.services.once import Document

_CALLED_OFF = (MOVED_OFF, CLOSED)


async def listed(uow: UnitOfWork) -> Document:
    """Every forum there is or was, the closed ones last."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    body: str = await uow.value(queries.LIST, today=local_date(uow.now), now=uow.now)
    uow.record("administration.forums_read")
    return Document(b'{"items":%b}' % body.encode())


async def read(uow: UnitOfWork, forum_id: UUID) -> Document:
    """One forum: its settings, what is planned, who sits on it, its diary, and who changed what, when and why."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    uow.record("administration.forums_read", subjects=[forum_id])
    return await shown(uow, forum_id)


async def of_agency(uow: UnitOfWork, agency_id: UUID) -> list[dict[str, Any]]:
    """Every open forum, with the agency's seat on it if it has one. For the agency's page."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    found: list[dict[str, Any]] = orjson.loads(await uow.value(queries.OF_AGENCY, agency=agency_id, now=uow.now))
    return found


async def add(uow: UnitOfWork, told: NewForum) -> Document:
    """A forum from now on, with its agencies and the sittings of the next weeks. Raises Invalid, and ConfirmFirst."""
    uow.actor.must(Verb.ADMIT)
    problems = []
    if await uow.value(queries.NAME_TAKEN, name=told.name, but=None):
        text = "There is, or was, a forum of this name. Give another, such as the name with its town."
        problems.append(FieldProblem("/name", "taken", text))
    there = await uow.rows(queries.AGENCIES, ids=list(told.members))
    if len(there) != len(set(told.members)):
        problems.append(FieldProblem("/members", "unknown_agency", "One of these is no agency of the partnership."))
    if problems:
        raise Invalid(problems)
    forum_id = await partnerships.add_forum(uow, told.forum(), [row["id"] for row in there])
    record_change(uow, forum_id, "administration.forum_added", "Added the forum", told.because)
    return await shown(uow, forum_id, created=True)


async def change(uow: UnitOfWork, forum_id: UUID, told: ForumChange, version: int | None) -> Document:
    """Other settings from a day on. Its diary follows, but for what is closed to cases or was circulated."""
    row = await to_change(uow, forum_id, version)
    before, after = _settings(uow, row, told)
    if after == before:
        raise Conflict("These are the settings that hold on that day. Nothing would change.")
    await rules.set_from(uow, rule_of(forum_id), lambda _: after, told)
    await follow(uow, forum_id, told.effective_from)
    record_change(
        uow,
        forum_id,
        "administration.forum_changed",
        f"Changed its settings from {say_date(told.effective_from)}",
        told.because,
    )
    return await changed(uow, row)


async def foresee(uow: UnitOfWork, forum_id: UUID, told: ForumChange) -> tuple[Forum, Forum, Realigned]:
    """The settings on that day as they are and as they would be, and what becomes of the diary. Changes nothing."""
    row = await to_change(uow, forum_id, None)
    before, after = _settings(uow, row, told)
    timetable = timetable_from(row["timetable"]).with_change(told.effective_from, after)
    return (
        before,
        after,
        _planned(uow, await diary(uow, forum_id, local_date(uow.now)), timetable, told.effective_from),
    )


async def take_back(uow: UnitOfWork, forum_id: UUID, told: FromDay, version: int | None) -> Document:
    """Undo what was to hold from a day that is still to come."""
    row = await to_change(uow, forum_id, version)
    await rules.not_from(uow, rule_of(forum_id), told)
    await follow(uow, forum_id, told.effective_from)
    what = f"Took back the change from {say_date(told.effective_from)}"
    record_change(uow, forum_id, "administration.forum_changed", what, told.because)
    return await changed(uow, row)


async def skip(uow: UnitOfWork, forum_id: UUID, told: DateSaid, version: int | None) -> Document:
    """The forum does not sit on a date, and nothing is put in its place. Raises Conflict once its agenda was sent."""
    row = await to_change(uow, forum_id, version)
    _check_day(uow, told.day)
    timetable = timetable_from(row["timetable"])
    there = [each for each in await diary(uow, forum_id, told.day) if each["held_on"] == told.day]
    standing = next((each for each in there if each["status"] != MeetingStatus.CANCELLED), None)
    if standing is not None:
        status = MeetingStatus(standing["status"])
        if status not in (MeetingStatus.SCHEDULED, MeetingStatus.LOCKED):
            raise Conflict("The agenda of this sitting was sent. Whoever runs the meeting cancels it on its own page.")
        await call_off(uow, standing["id"], status, told.because)
    elif there:
        raise Conflict("This date is skipped already.")
    elif not timetable.sits_on(told.day):
        text = "The forum does not sit that day. Choose one of its dates."
        raise Invalid([FieldProblem("/day", "no_sitting", text)])
    else:
        meeting_id = _plan(uow, forum_id, timetable, timetable.sitting_on(told.day))
        await uow.flush()
        await call_off(uow, meeting_id, MeetingStatus.SCHEDULED, told.because)
    record_change(uow, forum_id, "administration.forum_skipped", f"Skipped {say_date(told.day)}", told.because)
    return await changed(uow, row)


async def sit(uow: UnitOfWork, forum_id: UUID, told: SittingSaid, version: int | None) -> Document:
    """A sitting on a date that has none: an extra one, or one that was skipped and is to be held after all.

    Raises Invalid for a weekend or a bank holiday unless that is said to be meant.
    """
    row = await to_change(uow, forum_id, version)
    _check_day(uow, told.day)
    if problem := not_meant(told.day, meant=told.closed_day):
        raise Invalid([problem])
    timetable = timetable_from(row["timetable"])
    there = await diary(uow, forum_id, told.day)
    if any(each["held_on"] == told.day and each["status"] != MeetingStatus.CANCELLED for each in there):
        raise Conflict("The forum sits on that date already.")
    sitting = timetable.sitting_on(told.day)
    if sitting.starts_at <= uow.now:
        raise Invalid([FieldProblem("/day", "in_the_past", "It is too late for that today. Choose a later day.")])
    _plan(uow, forum_id, timetable, sitting, extra=not timetable.sits_on(told.day))
    record_change(uow, forum_id, "administration.forum_sits", f"Added a sitting on {say_date(told.day)}", told.because)
    return await changed(uow, row)


async def to_change(uow: UnitOfWork, forum_id: UUID, version: int | None, *, closed: bool = False) -> Any:
    """The forum, held. Raises NotFound, Stale, and Conflict for one that is closed unless that is what is wanted."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    row = await uow.row(queries.TO_CHANGE, id=forum_id, today=local_date(uow.now))
    if row is None:
        raise NotFound("forum")
    if version is not None and version != row["version"]:
        raise Stale("forum")
    if not row["active"] and not closed:
        raise Conflict("This forum is closed. Open it again first.")
    return row


async def changed(uow: UnitOfWork, row: Any) -> Document:
    """The forum as it now is, its version counted up: by that two administrators notice each other."""
    await uow.change(forum, row["id"], active=row["active"])
    return await shown(uow, row["id"])


async def shown(uow: UnitOfWork, forum_id: UUID, *, created: bool = False) -> Document:
    """The forum as it now is. Raises NotFound."""
    await uow.flush()
    today = local_date(uow.now)
    row = await uow.row(queries.SHOW, id=forum_id, today=today, now=uow.now)
    if row is None:
        raise NotFound("forum")
    data: dict[str, Any] = orjson.loads(row["body"])
    held = await uow.rows(queries.DIARY, id=forum_id, since=today)
    told = await rules.history(uow, rule_of(forum_id))
    data["planned"] = [
        {name: each[name] for name in ("effective_from", "value", "because", "set_by", "set_at")}
        for each in told["planned"]
    ]
    data["dates"] = _dates(timetable_from(row["timetable"]) if data["active"] else None, held, today)
    data["history"] = orjson.loads(await uow.value(queries.HISTORY, forum=str(forum_id)))
    location = f"/api/v1/forums/{forum_id}" if created else None
    return Document(to_json(data), row["version"], location)


def _dates(timetable: Timetable | None, diary: Sequence[Any], today: date) -> list[dict[str, Any]]:
    """What is in the diary, and each bank holiday on which the forum would have sat; one line a date, in order."""
    lines: dict[date, dict[str, Any]] = {}
    if timetable is not None:
        for day, name in timetable.closed(today, today + PLANNED_AHEAD):
            lines[day] = {"date": day, "holiday": name, **dict.fromkeys(_OF_SITTING)}
    for row in diary:
        if row["cancelled_because"] in _CALLED_OFF:
            continue
        lines[row["held_on"]] = {
            "date": row["held_on"],
            "holiday": None,
            "meeting_id": row["id"],
            "status": row["status"],
            "extra": row["extra"],
            "starts_at": row["starts_at"],
            "cut_off": row["cut_off_at"],
            "agenda_due": row["agenda_due_at"],
            "research_due": row["research_due_at"],
            "minutes_due": row["minutes_due_at"],
            "because": row["cancelled_because"],
        }
    return [lines[day] for day in sorted(lines)]


_OF_SITTING = (
    *("meeting_id", "status", "extra", "starts_at", "cut_off"),
    *("agenda_due", "research_due", "minutes_due", "because"),
)


async def follow(uow: UnitOfWork, forum_id: UUID, since: date) -> None:
    """Have the diary follow the settings from a day on."""
    await uow.flush()
    today = local_date(uow.now)
    row = await uow.one(queries.TO_CHANGE, id=forum_id, today=today)
    timetable = timetable_from(row["timetable"])
    rows = await diary(uow, forum_id, today)
    planned = _planned(uow, rows, timetable, since)
    standing = {each["held_on"]: each for each in rows if each["status"] != MeetingStatus.CANCELLED}
    for day in planned.off:
        await call_off(uow, standing[day]["id"], MeetingStatus.SCHEDULED, MOVED_OFF)
    for sitting in planned.changed:
        await _hold_at(uow, standing[sitting.date], sitting, timetable.on(sitting.date).capacity)
    for sitting in planned.added:
        _plan(uow, forum_id, timetable, sitting)


def _settings(uow: UnitOfWork, row: Any, told: ForumChange) -> tuple[Forum, Forum]:
    problems = (*told.problems_of(ForumKind(row["kind"])), *told.problems(local_date(uow.now)))
    if problems:
        raise Invalid(problems)
    before = timetable_from(row["timetable"]).on(told.effective_from)
    try:
        return before, told.of(before)
    except ValidationError as error:
        raise Invalid(problems_from(error, Forum)) from None


def _planned(uow: UnitOfWork, rows: Sequence[Any], timetable: Timetable, since: date) -> Realigned:
    until = local_date(uow.now) + PLANNED_AHEAD
    return realign(timetable, [_in_diary(each) for each in rows], since=since, until=until, now=uow.now)


async def _hold_at(uow: UnitOfWork, row: Any, sitting: Sitting, capacity: int | None) -> None:
    told: dict[str, Any] = {
        "starts_at": sitting.starts_at,
        "cut_off_at": sitting.cut_off,
        "agenda_due_at": sitting.agenda_due,
        "research_due_at": sitting.research_due,
        "minutes_due_at": sitting.minutes_due,
        "capacity": capacity,
    }
    different = {name: value for name, value in told.items() if row[name] != value}
    if different:
        await uow.change(meeting, row["id"], **different)


async def call_off(uow: UnitOfWork, meeting_id: UUID, status: MeetingStatus, because: str) -> None:
    """Cancel a sitting of that status, and tell whoever coordinates a case on its list. Raises Conflict."""
    off = next_status(status, MeetingMove.CANCEL)
    await uow.change(meeting, meeting_id, status=off, cancelled_because=because)
    await meetings.tell_of_left_behind(uow, meeting_id)
    uow.record("meeting.cancelled", subjects=[meeting_id])


async def diary(uow: UnitOfWork, forum_id: UUID, since: date) -> list[Any]:
    """Every sitting from a day on, called off or not, held until this ends."""
    return await uow.rows(queries.DIARY_TO_CHANGE, id=forum_id, since=since)


def _plan(uow: UnitOfWork, forum_id: UUID, timetable: Timetable, sitting: Sitting, *, extra: bool = False) -> UUID:
    return listing.plan_meeting(uow, forum_id, timetable.on(sitting.date).capacity, sitting, extra=extra)


def _in_diary(row: Any) -> InDiary:
    moved_off = row["cancelled_because"] in _CALLED_OFF
    status = MeetingStatus(row["status"])
    return InDiary(row["held_on"], status, row["extra"], row["starts_at"], row["cut_off_at"], moved_off)


def _check_day(uow: UnitOfWork, day: date) -> None:
    today = local_date(uow.now)
    if day < today:
        raise Invalid([FieldProblem("/day", "in_the_past", "Give a date that is today or later.")])
    if day > today + FURTHEST_AHEAD:
        raise Invalid([FieldProblem("/day", "too_far", f"Give a date within the next {FURTHEST_AHEAD.days} days.")])


def record_change(
    uow: UnitOfWork, forum_id: UUID, verb: str, what: str, because: str, *, subjects: Sequence[UUID] = ()
) -> None:
    """Put into the trail what was changed of a forum, as its page tells it."""
    detail = {"forum": str(forum_id), "what": what, "because": because}
    uow.record(verb, subjects=[forum_id, *subjects], detail=detail)


def rule_of(forum_id: UUID) -> str:
    """The name of the rule that its settings are kept as."""
    return f"forum:{forum_id}"
