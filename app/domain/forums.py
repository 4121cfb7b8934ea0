"""Forums: HRDA, MARAC, MATAC and stalking clinics as one kind of thing with settings, and when they sit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from app.domain.agenda_order import STANDARD_ORDER, Section
from app.domain.clock import (
    ENGLAND,
    ONE_DAY,
    Calendar,
    add_working_days,
    at_local,
    days_from,
    is_working_day,
)
from app.domain.lifecycle import Outcome

FURTHEST_MOVE = 14
"""Calendar days by which a bank holiday may move a sitting; one that would move further is not held."""


class ForumKind(StrEnum):
    HRDA = "hrda"
    MARAC = "marac"
    MATAC = "matac"
    STALKING_CLINIC = "stalking_clinic"

    @property
    def words(self) -> str:
        """As people say it."""
        return "Stalking clinic" if self is ForumKind.STALKING_CLINIC else self.upper()


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"


WORKING_WEEK = tuple(Weekday)


class HolidayRule(StrEnum):
    """What becomes of a sitting that falls on a closed day."""

    SKIP = "skip"
    NEXT_WORKING_DAY = "next_working_day"
    PREVIOUS_WORKING_DAY = "previous_working_day"


class Overflow(StrEnum):
    """What becomes of a case when the sitting is full. No rule drops it."""

    NEXT_SITTING = "next_sitting"
    EXTRA_SITTING = "extra_sitting"
    OVER_CAPACITY = "over_capacity"


class Value(BaseModel):
    """Base of a forum's settings: frozen, and an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _no_zone(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("Give a local time without a time zone, such as 09:30.")
    return at


# JSON Schema's own "time" has an offset, and this must not have one.
_TIME_OF_DAY = {
    "type": "string",
    "pattern": r"^[0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?$",
    "examples": ["09:30:00"],
}
LocalTime = Annotated[time, AfterValidator(_no_zone), WithJsonSchema(_TIME_OF_DAY)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]


class Daily(Value):
    """Sits on each of these days of every week."""

    every: Literal["day"] = "day"
    weekdays: tuple[Weekday, ...] = Field(default=WORKING_WEEK, min_length=1)


class EveryWeeks(Value):
    """Sits every ``weeks`` weeks, first on ``anchor`` and always on its day of the week."""

    every: Literal["weeks"] = "weeks"
    weeks: int = Field(ge=1, le=26)
    anchor: date

    @model_validator(mode="after")
    def _anchor_is_a_weekday(self) -> Self:
        if self.anchor.weekday() >= len(WORKING_WEEK):
            raise ValueError("Choose a first sitting from Monday to Friday.")
        return self


class Monthly(Value):
    """Sits once a month, such as on the second Tuesday."""

    every: Literal["month"] = "month"
    week: Literal["first", "second", "third", "fourth", "last"]
    weekday: Weekday


Cadence = Annotated[Daily | EveryWeeks | Monthly, Field(discriminator="every")]


class Clocks(Value):
    """What is due when, counted from the sitting in working days.

    Referrals close at ``cut_off_time`` on the day ``cut_off_days`` before it. Agenda and research are due at
    ``due_time`` so many days before it, minutes at ``due_time`` so many days after. Nothing that must come
    before a sitting is due later than its start.
    """

    cut_off_days: int = Field(default=0, ge=0, le=60)
    cut_off_time: LocalTime = time(16, 0)
    agenda_days: int = Field(default=8, ge=0, le=60)
    research_days: int = Field(default=2, ge=0, le=60)
    minutes_days: int = Field(default=3, ge=0, le=60)
    due_time: LocalTime = time(17, 0)


class QuorumRule(Value):
    """How many agencies must be there, and of which kinds. There is no national figure."""

    minimum_agencies: int = Field(default=3, ge=1, le=100)
    required_kinds: tuple[Code, ...] = ()


class Criterion(Value):
    """A ground on which a case may go on to MARAC, by its code."""

    code: Code
    text: str = Field(min_length=1, max_length=200)


LOCAL_CRITERIA = (
    Criterion(code="particularly_complex", text="The case is particularly complex"),
    Criterion(code="not_engaging", text="The family is not engaging with services"),
    Criterion(code="further_discussion", text="The partnership needs to discuss it further"),
)

STANDARD_OUTCOMES: Mapping[ForumKind, tuple[Outcome, ...]] = MappingProxyType(
    {
        ForumKind.HRDA: (
            Outcome.PLAN_AGREED,
            Outcome.TO_MARAC,
            Outcome.TO_SUPPORT,
            Outcome.DEFERRED,
            Outcome.NO_FURTHER_ACTION,
        ),
        ForumKind.MARAC: (
            Outcome.HEARD_WITH_PLAN,
            Outcome.DEFERRED,
            Outcome.STEPPED_DOWN,
            Outcome.TRANSFERRED,
            Outcome.NO_FURTHER_ACTION,
        ),
        ForumKind.MATAC: (Outcome.PLAN_AGREED, Outcome.DEFERRED, Outcome.NO_FURTHER_ACTION),
        ForumKind.STALKING_CLINIC: (Outcome.PLAN_AGREED, Outcome.DEFERRED, Outcome.NO_FURTHER_ACTION),
    }
)


class Forum(Value):
    """A forum's settings; kept as JSON. ``capacity`` None means no limit.

    skips: dates on which it does not sit, and nothing is put in their place. outcomes: those it may reach.
    escalation_criteria: the partnership's own, for sending a case on to MARAC.
    """

    kind: ForumKind
    name: str = Field(min_length=1, max_length=200)
    cadence: Cadence
    starts_at: LocalTime
    skips: tuple[date, ...] = ()
    holiday_rule: HolidayRule = HolidayRule.NEXT_WORKING_DAY
    clocks: Clocks = Clocks()
    capacity: int | None = Field(default=None, ge=1, le=500)
    minutes_per_case: int = Field(default=15, ge=1, le=240)
    overflow: Overflow = Overflow.NEXT_SITTING
    quorum: QuorumRule = QuorumRule()
    agenda_order: tuple[Section, ...] = STANDARD_ORDER
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    escalation_criteria: tuple[Criterion, ...] = ()

    @model_validator(mode="after")
    def _every_section_has_one_place(self) -> Self:
        if sorted(self.agenda_order) != sorted(Section):
            raise ValueError(f"Give the agenda order as each of these once: {', '.join(Section)}.")
        return self


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting: its date in London, and its start and deadlines as UTC moments."""

    date: date
    starts_at: datetime
    cut_off: datetime
    agenda_due: datetime
    research_due: datetime
    minutes_due: datetime


def standard_hrda(name: str = "HRDA") -> Forum:
    """Every working day at 09:30. Referrals close that morning: a night's referrals make the next list."""
    return Forum(
        kind=ForumKind.HRDA,
        name=name,
        cadence=Daily(),
        starts_at=time(9, 30),
        holiday_rule=HolidayRule.SKIP,
        clocks=Clocks(cut_off_time=time(8, 30), agenda_days=0, research_days=0, minutes_days=1),
        minutes_per_case=10,
        outcomes=STANDARD_OUTCOMES[ForumKind.HRDA],
        escalation_criteria=LOCAL_CRITERIA,
    )


def standard_marac(anchor: date, name: str = "MARAC") -> Forum:
    """Every fortnight from ``anchor`` (Monday to Friday) at 09:30, eighteen cases of twelve minutes."""
    return Forum(
        kind=ForumKind.MARAC,
        name=name,
        cadence=EveryWeeks(weeks=2, anchor=anchor),
        starts_at=time(9, 30),
        clocks=Clocks(cut_off_days=9),
        capacity=18,
        minutes_per_case=12,
        outcomes=STANDARD_OUTCOMES[ForumKind.MARAC],
    )


def sits_on(forum: Forum, day: date, calendar: Calendar = ENGLAND) -> bool:
    """True if the forum sits on ``day``: by its cadence, or moved there from a closed day by its rule."""
    if _blocked(forum, day, calendar):
        return False
    if falls_on(forum.cadence, day):
        return True
    if forum.holiday_rule is HolidayRule.SKIP:
        return False
    back = -ONE_DAY if forum.holiday_rule is HolidayRule.NEXT_WORKING_DAY else ONE_DAY
    for distance in range(1, FURTHEST_MOVE + 1):
        origin = day + distance * back
        if not _blocked(forum, origin, calendar):
            return False
        if falls_on(forum.cadence, origin) and origin not in forum.skips:
            return True
    return False


def sitting_on(forum: Forum, day: date, calendar: Calendar = ENGLAND) -> Sitting:
    """The start and deadlines of a sitting on ``day``, whether or not the cadence has one then."""
    clocks = forum.clocks
    starts_at = at_local(day, forum.starts_at)

    def before(days: int, at: time) -> datetime:
        when = day if days == 0 else add_working_days(day, -days, calendar)
        return min(at_local(when, at), starts_at)

    minutes_day = day if clocks.minutes_days == 0 else add_working_days(day, clocks.minutes_days, calendar)
    return Sitting(
        date=day,
        starts_at=starts_at,
        cut_off=before(clocks.cut_off_days, clocks.cut_off_time),
        agenda_due=before(clocks.agenda_days, clocks.due_time),
        research_due=before(clocks.research_days, clocks.due_time),
        minutes_due=max(at_local(minutes_day, clocks.due_time), starts_at),
    )


def upcoming_dates(forum: Forum, start: date, days: int, calendar: Calendar = ENGLAND) -> Iterator[date]:
    """The dates on which the forum sits among ``days`` calendar days from ``start``."""
    return (day for day in days_from(start, days) if sits_on(forum, day, calendar))


def sittings(forum: Forum, start: date, end: date, calendar: Calendar = ENGLAND) -> tuple[Sitting, ...]:
    """Every sitting from ``start`` to ``end``, both included, in order; none if ``end`` comes first."""
    days = (end - start) // timedelta(days=1) + 1
    return tuple(sitting_on(forum, day, calendar) for day in upcoming_dates(forum, start, days, calendar))


def _blocked(forum: Forum, day: date, calendar: Calendar) -> bool:
    return day in forum.skips or not is_working_day(day, calendar)


def falls_on(cadence: Daily | EveryWeeks | Monthly, day: date) -> bool:
    """Whether the cadence has a sitting on that day, closed or not."""
    weekday = day.weekday()
    if weekday >= len(WORKING_WEEK):
        return False
    match cadence:
        case Daily():
            return WORKING_WEEK[weekday] in cadence.weekdays
        case EveryWeeks():
            days = (day - cadence.anchor).days
            return days >= 0 and days % (7 * cadence.weeks) == 0
        case Monthly():
            return WORKING_WEEK[weekday] is cadence.weekday and _is_week_of_month(day, cadence.week)


def _is_week_of_month(day: date, week: str) -> bool:
    if week == "last":
        return (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 == ("first", "second", "third", "fourth").index(week)
