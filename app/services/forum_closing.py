"""The end of a forum, what it leaves, and its new beginning. For the partnership's administrator."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from app.db import forums as queries
from app.db.session import UnitOfWork
from app.db.tables.partnerships import forum
from app.domain.clock import local_date, say_date
from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.forum_forms import Closing, Reopening
from app.domain.forums import ForumKind
from app.domain.meetings import MeetingStatus
from app.domain.timetable import CLOSED
from app.services.forums import call_off, diary, follow, record_change, shown, to_change
from app.services.once import Document

_HIGH_RISK = (ForumKind.HRDA, ForumKind.MARAC)


@dataclass(frozen=True, slots=True)
class Left:
    """What closing a forum now leaves. off: the sittings that would be called off, each with how many cases are on its
    list, of those that the actor may know of. stops: why it cannot be closed yet; None when it can."""

    off: tuple[tuple[date, int], ...]
    stops: str | None

    @property
    def cases(self) -> int:
        """How many cases are on these lists."""
        return sum(count for _, count in self.off)


async def foresee(uow: UnitOfWork, forum_id: UUID) -> Left:
    """What closing it would leave. Changes nothing."""
    row = await to_change(uow, forum_id, None)
    return await _left(uow, row, await diary(uow, forum_id, local_date(uow.now)))


async def close(uow: UnitOfWork, forum_id: UUID, told: Closing, version: int | None) -> Document:
    """The forum meets no more, and its sittings that take cases are called off.

    Raises Conflict while a meeting of it is unfinished, or high risk goes nowhere else; Invalid while cases are listed,
    unless it was agreed who brings them elsewhere: they are told at once.
    """
    row = await to_change(uow, forum_id, version)
    there = await diary(uow, forum_id, local_date(uow.now))
    left = await _left(uow, row, there)
    if left.stops:
        raise Conflict(left.stops)
    if left.cases and not told.cases_left:
        one = left.cases == 1
        text = (
            f"{left.cases} {'case is' if one else 'cases are'} listed at its meetings to come. Ask whoever coordinates "
            f"{'it' if one else 'them'} to bring {'it' if one else 'them'} to another meeting first, or agree with "
            "them that they do so afterwards, and say so here."
        )
        raise Invalid([FieldProblem("/cases_left", "cases_listed", text)])
    await uow.change(forum, forum_id, active=False)
    for each in there:
        if each["status"] == MeetingStatus.SCHEDULED:
            await call_off(uow, each["id"], MeetingStatus.SCHEDULED, CLOSED)
    record_change(uow, forum_id, "administration.forum_closed", "Closed the forum", told.because)
    return await shown(uow, forum_id)


async def reopen(uow: UnitOfWork, forum_id: UUID, told: Reopening, version: int | None) -> Document:
    """The forum meets again, on its dates from now on."""
    row = await to_change(uow, forum_id, version, closed=True)
    if row["active"]:
        raise Conflict("This forum is open.")
    await uow.change(forum, forum_id, active=True)
    await follow(uow, forum_id, local_date(uow.now))
    record_change(uow, forum_id, "administration.forum_reopened", "Opened the forum again", told.because)
    return await shown(uow, forum_id)


async def must_leave_one_for_high_risk(uow: UnitOfWork, row: Any, now_of: ForumKind) -> None:
    """Raise Conflict when high risk would have nowhere to go, were this forum of another kind from now on."""
    if ForumKind(row["kind"]) not in _HIGH_RISK or now_of in _HIGH_RISK:
        return
    if not await uow.value(queries.OTHERS, kinds=list(_HIGH_RISK), id=row["id"]):
        raise Conflict(_NOWHERE)


_NOWHERE = "High-risk referrals have nowhere else to go. Add another HRDA or MARAC first."


async def _left(uow: UnitOfWork, row: Any, there: list[Any]) -> Left:
    found = await uow.one(queries.TO_CLOSE, id=row["id"], kinds=list(_HIGH_RISK))
    cases = orjson.loads(found["cases"])
    off = tuple(
        (each["held_on"], cases.get(str(each["id"]), 0)) for each in there if each["status"] == MeetingStatus.SCHEDULED
    )
    stops = None
    if ForumKind(row["kind"]) in _HIGH_RISK and not found["others"]:
        stops = _NOWHERE
    elif found["unfinished"]:
        days = ", ".join(map(say_date, found["unfinished"]))
        stops = f"Not finished: {days}. Hold such a meeting and issue its minutes, or cancel it. Then close the forum."
    return Left(off, stops)
