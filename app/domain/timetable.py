"""A forum's settings over time: those that hold on a day, and when it sits by them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.clock import ENGLAND, Calendar, bank_holidays, days_from, is_working_day, say_date
from app.domain.errors import FieldProblem
from app.domain.forums import Forum, Sitting, falls_on, sits_on, sitting_on
from app.domain.meetings import MeetingStatus


@dataclass(frozen=True, slots=True)
class Timetable:
    """now: what holds today. later: what is to hold from a day on, in order of days."""

    now: Forum
    later: tuple[tuple[date, Forum], ...] = ()

    def on(self, day: date) -> Forum:
        """The settings that hold on a day, from today on."""
        return next((forum for since, forum in reversed(self.later) if since <= day), self.now)

    def sits_on(self, day: date, calendar: Calendar = ENGLAND) -> bool:
        """True if the forum sits on that day by the settings of that day."""
        return sits_on(self.on(day), day, calendar)

    def sitting_on(self, day: date, calendar: Calendar = ENGLAND) -> Sitting:
        """Start and deadlines of a sitting on that day, whether or not it is one of the forum's days."""
        return sitting_on(self.on(day), day, calendar)

    def sittings(self, start: date, end: date, calendar: Calendar = ENGLAND) -> Iterator[Sitting]:
        """Every sitting from ``start`` to ``end``, both included, in order."""
        for day in days_from(start, (end - start) // timedelta(days=1) + 1):
            if self.sits_on(day, calendar):
                yield self.sitting_on(day, calendar)

    def closed(self, start: date, end: date) -> Iterator[tuple[date, str]]:
        """The bank holidays from ``start`` to ``end`` on which it would have sat, with their names."""
        for day in days_from(start, (end - start) // timedelta(days=1) + 1):
            name = bank_holidays(day.year).get(day)
            if name is not None and falls_on(self.on(day).cadence, day):
                yield day, name

    def with_change(self, since: date, forum: Forum) -> "Timetable":
        """The same with other settings from a day on, until the next change that is planned."""
        later = [each for each in self.later if each[0] != since]
        return Timetable(self.now, tuple(sorted([*later, (since, forum)], key=lambda each: each[0])))

    def without_limit(self) -> "Timetable":
        """The same with room for any number of cases."""
        later = tuple((since, _unlimited(forum)) for since, forum in self.later)
        return Timetable(_unlimited(self.now), later)


def _unlimited(forum: Forum) -> Forum:
    return forum.model_copy(update={"capacity": None})


def why_closed(day: date) -> str | None:
    """Such as ``a Saturday`` or ``Christmas Day``: why nothing sits that day by itself. None for a working day."""
    if is_working_day(day):
        return None
    return bank_holidays(day.year).get(day) or f"a {day:%A}"


def not_meant(day: date, *, meant: bool, pointer: str = "/day") -> FieldProblem | None:
    """What is wrong with an extra sitting on a day on which nothing sits by itself, unless that is said to be meant."""
    if meant or is_working_day(day):
        return None
    why = bank_holidays(day.year).get(day) or "at a weekend"
    text = f"{say_date(day)} is {why}. Choose a working day, or say that you mean to meet on that day."
    return FieldProblem(pointer, "closed", text)


MOVED_OFF = "The forum sits on other days now."
CLOSED = "The forum was closed."


@dataclass(frozen=True, slots=True)
class InDiary:
    """A meeting that is in the diary. moved_off: it was called off when the forum's days changed, and by nobody."""

    date: date
    status: MeetingStatus
    extra: bool
    starts_at: datetime
    cut_off: datetime
    moved_off: bool = False

    def stays(self, now: datetime) -> bool:
        """Whether a change of settings leaves it as it is: its list has closed, or it is over."""
        return self.status is not MeetingStatus.SCHEDULED or min(self.cut_off, self.starts_at) <= now


@dataclass(frozen=True, slots=True)
class Realigned:
    """What new settings do to a diary, by date: sittings to call off, to hold at other times, and to add."""

    off: tuple[date, ...]
    changed: tuple[Sitting, ...]
    added: tuple[Sitting, ...]


def realign(
    timetable: Timetable,
    diary: Sequence[InDiary],
    *,
    since: date,
    until: date,
    now: datetime,
    calendar: Calendar = ENGLAND,
) -> Realigned:
    """What becomes of the diary from one day to another, both included, when these settings hold.

    What was circulated, and a list that has closed, stays. So does an extra sitting, at the new times; and a date that
    somebody skipped stays skipped.
    """
    standing = {each.date: each for each in diary if each.status is not MeetingStatus.CANCELLED}
    skipped = {each.date for each in diary if each.status is MeetingStatus.CANCELLED and not each.moved_off}
    by_date = {each.date: each for each in timetable.sittings(since, until, calendar)}
    open_ones = [each for each in standing.values() if since <= each.date <= until and not each.stays(now)]
    off = sorted(each.date for each in open_ones if not each.extra and each.date not in by_date)
    changed = [timetable.sitting_on(each.date, calendar) for each in open_ones if each.extra or each.date in by_date]
    added = [each for day, each in by_date.items() if day not in standing and day not in skipped and each.cut_off > now]
    return Realigned(tuple(off), tuple(sorted(changed, key=lambda each: each.date)), tuple(added))
