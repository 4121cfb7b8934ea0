"""Seats: which agencies sit on a forum, from which day and until when. For the partnership's administrator."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from app.db import forums as queries
from app.db.session import UnitOfWork
from app.db.tables.partnerships import forum, forum_member
from app.domain.access import Verb
from app.domain.clock import at_local, local_date, say_date
from app.domain.disclosures import Act
from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.forum_forms import SeatEnd, SeatForm
from app.domain.rules import FURTHEST_AHEAD
from app.services.forums import record_change, shown, to_change
from app.services.once import Document


@dataclass(frozen=True, slots=True)
class Opened:
    """What a seat would open to the agency of that name: so many cases that are listed already, of those that the actor
    may know of. untold: cases that stay closed to it, since nobody has said on what basis they are shared."""

    agency: str
    cases: int
    untold: int


async def foresee(uow: UnitOfWork, forum_id: UUID, told: SeatForm) -> Opened:
    """What that seat would open. Changes nothing. Raises what ``add`` raises."""
    _, name, since = await _to_seat(uow, forum_id, told, None)
    found = await uow.one(queries.WOULD_OPEN, forum=forum_id, agency=told.agency_id, since=since)
    return Opened(name, found["opened"], found["untold"])


async def add(uow: UnitOfWork, forum_id: UUID, told: SeatForm, version: int | None) -> Document:
    """An agency sits on the forum from a day on: cases listed for then or later are open to it, also those that are
    listed already. Each of these is entered in the ledger, on the basis on which it was listed.

    Raises Invalid, Conflict, and ConfirmFirst.
    """
    row, name, since = await _to_seat(uow, forum_id, told, version)
    seat_id = uow.add(forum_member, forum_id=forum_id, agency_id=told.agency_id, from_at=since)
    await uow.flush()
    detail = f"It was listed before {name} sat on {row['name']}, and opened when it joined."
    for each in await uow.rows(queries.OPEN_TO_SEAT, seat=seat_id, detail=detail):
        uow.record("information.shared", case_id=each["case_id"], subjects=[each["disclosure_id"]], purpose=Act.LISTED)
    what = f"{name} sits on it from {say_date(told.from_day)}"
    record_change(uow, forum_id, "administration.forum_seated", what, told.because, subjects=[told.agency_id])
    await uow.change(forum, forum_id, active=row["active"])
    return await shown(uow, forum_id)


async def _to_seat(uow: UnitOfWork, forum_id: UUID, told: SeatForm, version: int | None) -> tuple[Any, str, datetime]:
    """The forum, held; the agency's name; and from when it is to sit there."""
    uow.actor.must(Verb.ADMIT)
    row = await to_change(uow, forum_id, version)
    since = _beginning(uow, told.from_day)
    found = await uow.rows(queries.AGENCIES, ids=[told.agency_id])
    if not found:
        raise Invalid([FieldProblem("/agency_id", "unknown_agency", "Choose an agency of the partnership.")])
    if await uow.rows(queries.SEATS, forum=forum_id, agency=told.agency_id, at=since):
        raise Conflict("This agency sits on the forum on that day, or is to sit on it.")
    return row, found[0]["name"], since


async def end(uow: UnitOfWork, forum_id: UUID, agency_id: UUID, told: SeatEnd, version: int | None) -> Document:
    """An agency sits on the forum no more from a day on, and sees no more of what is listed for then or later.

    From today on: nor of what is listed at any meeting that has not begun. A seat that was to begin later is taken
    back, and what it opened closes at once. Raises Invalid and Conflict.
    """
    row = await to_change(uow, forum_id, version)
    until = _beginning(uow, told.from_day)
    seats = await uow.rows(queries.SEATS, forum=forum_id, agency=agency_id, at=until)
    if not seats:
        raise Conflict("This agency does not sit on the forum on that day.")
    for seat in seats:
        # One that has not begun by then never does.
        await uow.change(forum_member, seat["id"], until_at=max(until, seat["from_at"] + timedelta(microseconds=1)))
    what = f"{seats[0]['name']} sits on it no more from {say_date(told.from_day)}"
    record_change(uow, forum_id, "administration.forum_unseated", what, told.because, subjects=[agency_id])
    await uow.change(forum, forum_id, active=row["active"])
    return await shown(uow, forum_id)


def _beginning(uow: UnitOfWork, day: date) -> datetime:
    """The beginning of a day; of today, now."""
    today = local_date(uow.now)
    if day < today:
        raise Invalid([FieldProblem("/from_day", "in_the_past", "Choose today or a later day.")])
    if day > today + FURTHEST_AHEAD:
        text = f"Choose a day within the next {FURTHEST_AHEAD.days} days."
        raise Invalid([FieldProblem("/from_day", "too_far", text)])
    return uow.now if day == today else at_local(day, time(0))
