"""Meetings as calendar entries. They travel through mail servers and phones, so they name nobody and no place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event

from app.domain.agendas import FrozenAgenda
from app.exports import words


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One meeting. sequence grows with each change, so that calendars replace the entry they hold."""

    meeting_id: str
    forum_kind: str
    starts_at: datetime
    ends_at: datetime
    sequence: int = 0
    cancelled: bool = False


def entry_of(agenda: FrozenAgenda, *, cancelled: bool = False) -> CalendarEntry:
    """The meeting of an agenda."""
    return CalendarEntry(
        meeting_id=agenda.meeting_id,
        forum_kind=agenda.forum_kind,
        starts_at=agenda.starts_at,
        ends_at=agenda.ends_at,
        sequence=agenda.current_version,
        cancelled=cancelled,
    )


def calendar_ics(entries: Iterable[CalendarEntry], at: datetime) -> bytes:
    """The entries as iCalendar, in UTC. ``at`` is when the file was made; both it and the entries' times are aware."""
    calendar = Calendar()
    calendar.add("prodid", "-//Roundtable//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry, at))
    made: bytes = calendar.to_ical()
    return made


def _event(entry: CalendarEntry, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.meeting_id}@roundtable")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", f"{words.forum_kind(entry.forum_kind)} meeting")
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    return event
