"""By when, as it is said aloud in a meeting: ``tomorrow``, ``Friday``, ``3 days``, ``27/11``, ``27 November``."""

import re
from datetime import MINYEAR, date, timedelta
from typing import Final

from app.domain.clock import ONE_DAY, add_working_days

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SHORTEST_NAME = 3
_CENTURY = 2000
_COUNTED = re.compile(r"(?:in )?([0-9]{1,3})(?: (working days?|days?|weeks?))?")
_FIGURES = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})(?:[/.-]([0-9]{4}|[0-9]{2}))?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NAMED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)? ([a-z]+)(?: ([0-9]{4}))?")


def day_said(text: str, today: date) -> date | None:
    """The day that somebody means; None when it cannot be told.

    A bare number, or ``days``, counts working days; a weekday is the next one after today; a date without its year is
    the next such day.
    """
    said = " ".join(text.casefold().replace(",", " ").split()).removeprefix("by ").removeprefix("next ")
    if said in ("today", "tonight", "now"):
        return today
    if said == "tomorrow":
        return today + ONE_DAY
    if (weekday := _among(said, _DAYS)) is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if found := _COUNTED.fullmatch(said):
        count = int(found[1])
        if (found[2] or "").startswith("week"):
            return today + timedelta(weeks=count)
        return add_working_days(today, count)
    return _dated(said, today)


def _dated(said: str, today: date) -> date | None:
    if found := _ISO.fullmatch(said):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _FIGURES.fullmatch(said):
        year = int(found[3]) if found[3] else None
        whole = year if year is None or year > 99 else year + _CENTURY
        return _in_year(whole, int(found[2]), int(found[1]), today)
    found = _NAMED.fullmatch(said)
    month = _among(found[2], MONTHS) if found else None
    if found is None or month is None:
        return None
    return _in_year(int(found[3]) if found[3] else None, month + 1, int(found[1]), today)


def _among(said: str, names: tuple[str, ...]) -> int | None:
    if len(said) < _SHORTEST_NAME:
        return None
    return next((n for n, name in enumerate(names) if name.startswith(said)), None)


def _in_year(year: int | None, month: int, day: int, today: date) -> date | None:
    if year is not None:
        return _day(year, month, day)
    this_year = _day(today.year, month, day)
    return this_year if this_year is not None and this_year >= today else _day(today.year + 1, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(max(year, MINYEAR), month, day)
    except ValueError:
        return None
