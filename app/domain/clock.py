"""Working days and local time. Europe/London and England's bank holidays; no function reads the time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
_SATURDAY = 5


@lru_cache(maxsize=512)
def bank_holidays(year: int) -> Mapping[date, str]:
    """England's bank holidays of one year by name, substitute days included."""
    # The library takes most of a second to wake; each year is asked for once.
    return MappingProxyType(dict(holidays.country_holidays("GB", subdiv="ENG", years=year)))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days closed beyond weekends and bank holidays, such as a partnership's Christmas closure."""

    extra_closed: frozenset[date] = frozenset()


ENGLAND = Calendar()


def is_working_day(day: date, calendar: Calendar = ENGLAND) -> bool:
    """True on Monday to Friday, unless a bank holiday in England or closed by the calendar."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year) and day not in calendar.extra_closed


def add_working_days(day: date, n: int, calendar: Calendar = ENGLAND) -> date:
    """The nth working day after ``day``, or before it when n is negative; always a working day.

    With n = 0: ``day`` itself if it is a working day, otherwise the next one. ``day`` itself never counts,
    so a Saturday plus one is Monday. Raises OverflowError beyond the years that ``date`` can hold.
    """
    if n == 0:
        return day if is_working_day(day, calendar) else add_working_days(day, 1, calendar)
    step = ONE_DAY if n > 0 else -ONE_DAY
    left = abs(n)
    while left:
        day += step
        if is_working_day(day, calendar):
            left -= 1
    return day


def next_working_day(day: date, calendar: Calendar = ENGLAND) -> date:
    """The first working day strictly after ``day``."""
    return add_working_days(day, 1, calendar)


def days_from(start: date, count: int) -> Iterator[date]:
    """``count`` calendar days, the first of them ``start``; fewer where the calendar itself ends."""
    last = date.max.toordinal()
    for ordinal in range(start.toordinal(), min(start.toordinal() + count, last + 1)):
        yield date.fromordinal(ordinal)


def local(moment: datetime) -> datetime:
    """The moment as clocks in London show it. Raises ValueError for a datetime without a zone."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return moment.astimezone(LONDON)


def local_date(moment: datetime) -> date:
    """The date in London at that moment. Raises ValueError for a datetime without a zone."""
    return local(moment).date()


def at_local(day: date, at: time) -> datetime:
    """The UTC moment at which London clocks show ``at`` on ``day``.

    In the spring gap (01:00 to 02:00 on the last Sunday of March does not exist) the moment is as long after
    01:00 as was asked, so 01:30 becomes 02:30 summer time. In the autumn fold (01:00 to 02:00 on the last
    Sunday of October happens twice) it is the first, in summer time. ``at`` must not carry a zone of its own.
    """
    if at.tzinfo is not None:
        raise ValueError("A local time must not carry a time zone.")
    return datetime.combine(day, at.replace(fold=0), tzinfo=LONDON).astimezone(UTC)


def say_date(day: date) -> str:
    """As people read it: ``Monday 23 November 2026``."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"
