"""How long a case is kept once it has ended: periods by kind, legal holds, and the decision that people take.

There is no national period for these records, so every period is the partnership's own setting, with a day from which
it holds. Nothing here erases anything: when a period is over, somebody looks, and decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.domain.clock import local_date
from app.domain.errors import FieldProblem
from app.domain.fields import Day, Form, Line
from app.domain.rules import FromDay

MOST_YEARS = 100
_LEAP_DAY = (2, 29)


class Kind(StrEnum):
    """What a period is for. A case may be of two kinds; it is kept for the longer."""

    HIGH_RISK = "high_risk"
    BELOW_HIGH = "below_high"
    CHILDREN = "children"
    TRANSFERRED = "transferred"


Years = Annotated[int, Field(ge=1, le=MOST_YEARS)]


class RetentionRules(BaseModel):
    """For how many whole years a case of each kind is kept, from the day on which it ended.

    Seven years for all is where a partnership starts, and not a figure that any guidance gives.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = "1"
    high_risk: Years = 7
    below_high: Years = 7
    children: Years = 7
    transferred: Years = 7

    def years(self, kind: Kind) -> int:
        """The years for one kind."""
        found: int = getattr(self, kind.value)
        return found


STARTING_RULES = RetentionRules()
"""What holds until the partnership has set its own."""


RULE = "retention"
"""The name of the rule that the periods are kept as."""


class Decision(StrEnum):
    """What a review decides."""

    KEEP = "keep"
    ERASE = "erase"


class Standing(StrEnum):
    """Where a case stands. Of several that would fit it is the first in this order."""

    OPEN = "open"
    ERASED = "erased"
    HELD = "held"
    NOT_DUE = "not_due"
    APPROVED = "approved"
    PROPOSED = "proposed"
    KEPT = "kept"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Ended:
    """What a period hangs on. at: the moment at which the case was closed, or handed to another area."""

    at: datetime
    high_risk: bool
    children: bool
    transferred: bool

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Of which kinds the case is."""
        grade = Kind.HIGH_RISK if self.high_risk else Kind.BELOW_HIGH
        main = Kind.TRANSFERRED if self.transferred else grade
        return (main, Kind.CHILDREN) if self.children else (main,)


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: until the day before ``until_on``; None: until somebody lifts it."""

    until_on: date | None
    lifted: bool = False

    def stands(self, today: date) -> bool:
        """Whether nothing of the case may be erased today."""
        return not self.lifted and (self.until_on is None or self.until_on > today)


@dataclass(frozen=True, slots=True)
class Review:
    """One decision. ended_at: the end of the case that it was taken about; a case that was opened again needs another.

    dropped: turned down or withdrawn.
    """

    decision: Decision
    ended_at: datetime
    keep_until: date | None = None
    approved: bool = False
    done: bool = False
    dropped: bool = False


def due_on(ended_on: date, years: int) -> date:
    """The first day on which so many years have gone by: the same date, and 1 March where that year has no 29 February.

    Raises ValueError beyond the years that ``date`` can hold.
    """
    if (ended_on.month, ended_on.day) == _LEAP_DAY and not _is_leap(ended_on.year + years):
        return date(ended_on.year + years, 3, 1)
    return ended_on.replace(year=ended_on.year + years)


def ended_by(today: date, years: int) -> date:
    """The other way round: whatever ended on that day or before is due today, and nothing that ended later."""
    year = today.year - years
    if (today.month, today.day) == _LEAP_DAY and not _is_leap(year):
        return date(year, 2, 28)
    return today.replace(year=year)


def review_on(case: Ended, rules: RetentionRules) -> tuple[date, Kind]:
    """When somebody is to look at a case, and the kind that makes it so: the longest of its periods."""
    ended_on = local_date(case.at)
    kind = max(case.kinds, key=rules.years)
    return due_on(ended_on, rules.years(kind)), kind


def standing(
    case: Ended | None, rules: RetentionRules, holds: Iterable[Hold], reviews: Iterable[Review], today: date
) -> Standing:
    """Where a case stands today. case: None while it is worked on. reviews: the newest first.

    An approval is of no effect while a hold stands, once the case is worked on again, or when a longer period was set
    since: only what is APPROVED may be erased.
    """
    held = any(each.stands(today) for each in holds)
    if case is None:
        return Standing.HELD if held else Standing.OPEN
    newest = next((each for each in reviews if not each.dropped and each.ended_at == case.at), None)
    if newest is not None and newest.done:
        return Standing.ERASED
    if held:
        return Standing.HELD
    if review_on(case, rules)[0] > today:
        return Standing.NOT_DUE
    if newest is None:
        return Standing.DUE
    if newest.decision is Decision.ERASE:
        return Standing.APPROVED if newest.approved else Standing.PROPOSED
    return Standing.KEPT if newest.keep_until is not None and newest.keep_until > today else Standing.DUE


def holds_from(told: Iterable[Mapping[str, Any]]) -> list[Hold]:
    """Holds as JSON has them."""
    return [Hold(_day(each["until_on"]), each["lifted_at"] is not None) for each in told]


def reviews_from(told: Iterable[Mapping[str, Any]]) -> list[Review]:
    """Decisions as JSON has them, in the order in which they come."""
    return [
        Review(
            Decision(each["decision"]),
            datetime.fromisoformat(each["ended_at"]),
            _day(each["keep_until"]),
            approved=each["approved_at"] is not None,
            done=each["done_at"] is not None,
            dropped=each["dropped_at"] is not None,
        )
        for each in told
    ]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


Why = Annotated[Line, Field(title="Why")]


class HoldForm(Form):
    """Keep everything of a case, whatever its period. until_on: the day on which the hold ends by itself."""

    because: Why
    until_on: Day | None = Field(None, title="Ends on")

    def problems(self, today: date) -> tuple[FieldProblem, ...]:
        """What is wrong with it on that day."""
        if self.until_on is not None and self.until_on <= today:
            return (FieldProblem("/until_on", "in_the_past", "Give a day after today, or leave it empty."),)
        return ()


class ReviewForm(Form):
    """What is decided of a case whose period is over. keep_until: when somebody is to look again."""

    decision: Decision
    keep_until: Day | None = Field(None, title="Look again on")
    because: Why

    def problems(self, today: date) -> tuple[FieldProblem, ...]:
        """What is wrong with it on that day."""
        if self.decision is Decision.ERASE:
            return ()
        if self.keep_until is None:
            text = "Give the day on which somebody is to look at the case again."
            return (FieldProblem("/keep_until", "required", text),)
        if not today < self.keep_until <= due_on(today, MOST_YEARS):
            return (FieldProblem("/keep_until", "out_of_range", "Give a day after today, and within 100 years."),)
        return ()


class YearsKept(Form):
    """The periods, in whole years."""

    high_risk: Years = Field(title="High risk")
    below_high: Years = Field(title="Below high risk")
    children: Years = Field(title="With children")
    transferred: Years = Field(title="Handed to another area")


class PeriodsForm(FromDay, YearsKept):
    """The periods from a day on, and why."""

    def rules(self, version: str) -> RetentionRules:
        """The rules themselves."""
        return RetentionRules(version=version, **{kind.value: getattr(self, kind.value) for kind in Kind})


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
