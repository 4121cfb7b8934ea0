"""Forums in words: what kind, when they sit, what is due when, and what a change would do."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.domain.agencies import AgencyKind
from app.domain.clock import say_date
from app.domain.forums import (
    STANDARD_OUTCOMES,
    Daily,
    EveryWeeks,
    Forum,
    ForumKind,
    HolidayRule,
    Monthly,
    Overflow,
    Weekday,
)
from app.domain.lifecycle import OUTCOMES
from app.domain.timetable import Realigned
from app.web.meeting_words import SECTIONS, STATUSES

KINDS: Final = (
    (ForumKind.MARAC, ForumKind.MARAC.words, "High-risk victims, usually every two weeks"),
    (ForumKind.HRDA, ForumKind.HRDA.words, "High-risk referrals, every working day"),
    (ForumKind.MATAC, ForumKind.MATAC.words, "Serial and high-harm perpetrators, about every four weeks"),
    (ForumKind.STALKING_CLINIC, ForumKind.STALKING_CLINIC.words, "Usually every month"),
)
WEEKDAYS: Final = tuple((day.value, day.value.capitalize()) for day in Weekday)
WEEKS_OF_MONTH: Final = tuple((week, week.capitalize()) for week in ("first", "second", "third", "fourth", "last"))
HOLIDAYS: Final = (
    (HolidayRule.NEXT_WORKING_DAY, "It sits on the next working day"),
    (HolidayRule.PREVIOUS_WORKING_DAY, "It sits on the working day before"),
    (HolidayRule.SKIP, "It does not sit"),
)
OVERFLOWS: Final = (
    (Overflow.NEXT_SITTING, "The case goes to the next sitting"),
    (Overflow.EXTRA_SITTING, "An extra sitting is called"),
    (Overflow.OVER_CAPACITY, "The case is listed all the same"),
)
AGENCY_KINDS: Final = tuple(sorted(((kind.value, kind.words) for kind in AgencyKind), key=lambda each: each[1]))
_MOST_DATES = 6


def outcomes(code: ForumKind) -> list[tuple[str, str]]:
    """The outcomes from which a forum of that kind may choose, each with what it is called."""
    return [(each.value, OUTCOMES[each].label) for each in STANDARD_OUTCOMES[code]]


def kind(code: str) -> str:
    """Such as ``MARAC``."""
    return ForumKind(code).words


def cadence(forum: Forum) -> str:
    """Such as ``Every 2 weeks on Thursday, at 09:30``."""
    told = forum.cadence
    at = f"at {forum.starts_at:%H:%M}"
    match told:
        case Daily():
            days = [each.capitalize() for each in told.weekdays]
            return f"{'Every working day' if len(days) == len(Weekday) else _and(days)}, {at}"
        case EveryWeeks():
            often = "Every week" if told.weeks == 1 else f"Every {told.weeks} weeks"
            return f"{often} on {told.anchor:%A}, {at}"
        case Monthly():
            return f"The {told.week} {told.weekday.capitalize()} of each month, {at}"


def lines(forum: Forum) -> list[tuple[str, str]]:
    """The settings, each as its name and its value."""
    clocks, quorum = forum.clocks, forum.quorum
    kinds = dict(AGENCY_KINDS)
    needed = _and([kinds.get(each, each) for each in quorum.required_kinds])
    return [
        ("When it sits", cadence(forum)),
        *_counted_from(forum),
        ("On a bank holiday", dict(HOLIDAYS)[forum.holiday_rule]),
        ("Referrals close", f"{clocks.cut_off_time:%H:%M}, {_before(clocks.cut_off_days)}"),
        ("Agenda is sent", _due_before(forum, clocks.agenda_days)),
        ("Research is returned", _due_before(forum, clocks.research_days)),
        ("Minutes are issued", f"By {clocks.due_time:%H:%M}, {_after(clocks.minutes_days)}"),
        ("Most cases", str(forum.capacity) if forum.capacity else "No limit"),
        ("When the list is full", dict(OVERFLOWS)[forum.overflow] if forum.capacity else "It is never full"),
        ("Minutes for each case", str(forum.minutes_per_case)),
        ("Quorum", f"{_agencies(quorum.minimum_agencies)}{f', among them: {needed}' if needed else ''}"),
        ("How it may leave a case", "; ".join(OUTCOMES[each].label for each in forum.outcomes)),
        ("Order of the agenda", ", then ".join(SECTIONS[each].lower() for each in forum.agenda_order).capitalize()),
    ]


def changed(before: Forum, after: Forum) -> list[tuple[str, str, str]]:
    """What differs: its name, as it is, and as it is to be."""
    was = dict(lines(before))
    return [(name, was.get(name, "Not counted"), value) for name, value in lines(after) if was.get(name) != value]


def effects(diary: Realigned) -> list[str]:
    """What a change would do to the diary, in sentences."""
    told = []
    if diary.off:
        told.append(f"{_sittings(len(diary.off))} called off: {_dates([*diary.off])}.")
    if diary.added:
        told.append(f"{_sittings(len(diary.added))} added: {_dates([each.date for each in diary.added])}.")
    if diary.changed:
        count = len(diary.changed)
        told.append(
            f"{count} {'sitting' if count == 1 else 'sittings'} in the diary will have the new times and limits."
        )
    return told


def status(line: Mapping[str, Any]) -> tuple[str, str]:
    """How a date stands, and the colour of its tag."""
    if line["holiday"]:
        return "Bank holiday", "govuk-tag--grey"
    return ("Does not sit", "govuk-tag--red") if line["status"] == "cancelled" else STATUSES[line["status"]]


def _counted_from(forum: Forum) -> list[tuple[str, str]]:
    """Which of two Thursdays is the fortnight's."""
    told = forum.cadence
    return [("Counted from", say_date(told.anchor))] if isinstance(told, EveryWeeks) and told.weeks > 1 else []


def _sittings(count: int) -> str:
    return "1 sitting will be" if count == 1 else f"{count} sittings will be"


def _dates(days: Sequence[Any]) -> str:
    said = [say_date(day) for day in days[:_MOST_DATES]]
    return "; ".join(said) + (f"; and {len(days) - _MOST_DATES} more" if len(days) > _MOST_DATES else "")


def _due_before(forum: Forum, days: int) -> str:
    """Nothing that must come before a sitting is due later than its start."""
    if days == 0 and forum.clocks.due_time >= forum.starts_at:
        return "By its start"
    return f"By {forum.clocks.due_time:%H:%M}, {_before(days)}"


def _before(days: int) -> str:
    return "on the day" if days == 0 else f"{_working_days(days)} before"


def _after(days: int) -> str:
    return "on the day" if days == 0 else f"{_working_days(days)} after"


def _working_days(days: int) -> str:
    return f"{days} working day{'' if days == 1 else 's'}"


def _agencies(count: int) -> str:
    return f"{count} agenc{'y' if count == 1 else 'ies'}"


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
