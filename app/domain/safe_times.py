"""When and how a client can be reached safely: windows in the week, beside the words.

A window is open or it is not, so that a list can say whom to call now. The words stay what holds: a window is only ever
what somebody set, or what words say so plainly that they cannot be read otherwise.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.domain.clock import at_local, local
from app.domain.contacts import SafeContact
from app.domain.errors import FieldProblem
from app.domain.fields import Form

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""By ISO number, less one."""
MOST_WINDOWS: Final = 14
_EARLIEST: Final = 7
WEEK: Final = tuple(range(1, 8))
_WEEKDAYS: Final = tuple(range(1, 6))

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day as London's clocks show it, such as 09:30."""


def _as_a_clock(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return value
    found = re.fullmatch(_HOUR, value.strip(), re.IGNORECASE)
    plain = found is not None and (found[2] or found[3] or int(found[1]) >= _EARLIEST)
    read = _time(found[1], found[2], found[3]) if found and plain else None
    if read is None:
        raise PydanticCustomError("bad_time_of_day", "Write the time like 09:30 or 2pm.")
    return read


Hour = Annotated[Clock, BeforeValidator(_as_a_clock)]
"""The same as people type it: 9:30, 9.30, 14, 2pm."""


class Window(Form):
    """Some days of the week (1 is Monday), from one time to another on the same day."""

    days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1, max_length=7)]
    starts: Clock
    ends: Clock

    def holds(self, moment: datetime) -> bool:
        """Whether it is open at that moment, by London's clocks."""
        here = local(moment)
        return here.isoweekday() in self.days and self.starts <= f"{here:%H:%M}" < self.ends


class SafeTimes(SafeContact):
    """How a client can be reached from now on: in place of all that was said before."""

    windows: Annotated[tuple[Window, ...], Field(max_length=MOST_WINDOWS)] = ()

    def problems(self) -> tuple[FieldProblem, ...]:
        """What is missing or cannot be."""
        found = [
            FieldProblem(f"/windows/{place}/ends", "before_start", "This time must be later than the start.")
            for place, each in enumerate(self.windows)
            if each.ends <= each.starts
        ]
        if self.safe_to_call is None:
            text = "Say whether it is safe to call: yes, no, or not known."
            found.append(FieldProblem("/safe_to_call", "required", text))
        elif self.windows and self.safe_to_call == "no":
            text = "It is not safe to call, so leave the times empty, or say that it is safe at these times."
            found.append(FieldProblem("/windows", "not_safe", text))
        return tuple(found)

    @property
    def said(self) -> SafeContact:
        """The same in words: the windows come first in ``when``."""
        words = self.model_dump(exclude={"windows"})
        when = "\n\n".join(filter(None, (say(self.windows), self.when)))
        return SafeContact(**{**words, "when": when or None})


def say(windows: Iterable[Window]) -> str:
    """In words: ``Monday to Friday 10:00 to 14:00; Saturday 09:00 to 10:00``."""
    return "; ".join(f"{_say_days(each.days)} {each.starts} to {each.ends}" for each in windows)


def _say_days(days: Sequence[int]) -> str:
    found = sorted(set(days))
    if tuple(found) == WEEK:
        return "Every day"
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"{DAYS[found[0] - 1]} to {DAYS[found[-1] - 1]}"
    return " and ".join(filter(None, (", ".join(DAYS[each - 1] for each in found[:-1]), DAYS[found[-1] - 1])))


def open_until(windows: Iterable[Window], now: datetime) -> str | None:
    """The time at which the window that is open now ends, such as ``14:00``; None when none is."""
    return max((each.ends for each in windows if each.holds(now)), default=None)


def next_opening(windows: Iterable[Window], now: datetime) -> datetime | None:
    """The UTC moment at which a window opens next; None without windows."""
    today = local(now).date()
    moments = (
        at_local(day, time.fromisoformat(each.starts))
        for each in windows
        for day in (today + timedelta(days=ahead) for ahead in range(8))
        if day.isoweekday() in each.days
    )
    return min((each for each in moments if each > now), default=None)


_HOUR = r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?"
_SPAN: Final = re.compile(rf"(?<![\d:.]){_HOUR}\s*(?:to|until|till|-|–|and)\s*{_HOUR}(?![\d:.])", re.IGNORECASE)
_DAY: Final = (
    "(mon(?:days?)?|tue(?:s|sdays?)?|wed(?:s|nesdays?)?|thu(?:rs?|rsdays?)?|"  # as people shorten them
    "fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?)"
)
_NAMED: Final = re.compile(rf"\b{_DAY}(?:\s*(?:to|until|till|-|–)\s*{_DAY})?\b", re.IGNORECASE)
_PLAIN: Final = re.compile(
    r"\b(?:every|each|on|from|between|to|until|till|and|only|week|days?|daily|weekdays?|weekends?|term|time|call|ring|"
    r"safe|safely|working|am|pm)\b|[\s,;:.&–()-]",
    re.IGNORECASE,
)


def windows_in(words: str | None) -> tuple[Window, ...]:
    """What plain words say: ``10:00 to 14:00``, ``weekdays 9-11am``, ``Monday and Thursday 18:30-19:15``.

    Empty when they say anything more, such as "not", "unless" or "after": then a person must read them.
    """
    text = words or ""
    spans = list(_SPAN.finditer(text))
    if len(spans) != 1:
        return ()
    span = spans[0]
    if not (span[3] or span[6]) and (not (span[2] and span[5]) or int(span[1]) < _EARLIEST):
        return ()  # "1 to 2" and "1:30 to 2:15" may well be in the afternoon
    starts, ends = _time(span[1], span[2], span[3] or _half(span)), _time(span[4], span[5], span[6])
    around = f"{text[: span.start()]} {text[span.end() :]}"
    days = _days(around)
    if starts is None or ends is None or ends <= starts or days is None:
        return ()
    return (Window(days=days, starts=starts, ends=ends),)


def _half(span: re.Match[str]) -> str | None:
    """Of ``9-11am`` both are in the morning; of ``10-2pm`` only the second is in the afternoon."""
    return span[6] if span[6] and int(span[1]) % 12 < int(span[4]) % 12 else None


def _time(hour: str, minute: str | None, half: str | None) -> str | None:
    found = int(hour)
    if half:
        if not 1 <= found <= 12:
            return None
        found = found % 12 + (12 if half.lower() == "pm" else 0)
    written = f"{found:02}:{minute or '00'}"
    return written if found < 24 and int(minute or 0) < 60 else None


def _days(around: str) -> tuple[int, ...] | None:
    """Those named; every day, when none is. None: the words say something else besides."""
    if _PLAIN.sub("", _NAMED.sub(" ", around)):
        return None
    named: set[int] = set()
    for found in _NAMED.finditer(around):
        first = _number(found[1])
        last = _number(found[2]) if found[2] else first
        named.update((first + step - 1) % 7 + 1 for step in range((last - first) % 7 + 1))
    if named:
        return tuple(sorted(named))
    lowered = around.lower()
    if "weekday" in lowered or "working day" in lowered:
        return _WEEKDAYS
    return (6, 7) if "weekend" in lowered else WEEK


def _number(name: str) -> int:
    return next(number for number, day in enumerate(DAYS, 1) if day.lower().startswith(name.lower()[:3]))
