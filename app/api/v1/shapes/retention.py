"""What is answered about how long cases are kept."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from app.api.v1.shapes import Named, Page, Shape
from app.api.v1.shapes.rules import RuleSet, Version
from app.domain.lifecycle import State
from app.domain.retention import Decision, Kind, RetentionRules, Standing


class RetainedCase(Shape):
    """A case by what names nobody in it."""

    id: UUID
    reference: str


class _Retained(Shape):
    case: RetainedCase
    state: State
    high_risk: bool
    children: bool
    last_referred_at: datetime
    ended_at: datetime | None = Field(description="When it was closed or handed over; null while it is worked on.")
    due_on: date | None = Field(description="When its period is over.")
    kind: Kind | None = Field(description="The kind whose period is the longest of those that apply.")
    years: int | None
    standing: Standing


class RetainedLine(_Retained):
    """A case in a list. `decided_by`: of the newest decision that stands."""

    held_until: date | None
    keep_until: date | None
    decided_by: str | None


class RetentionCounts(Shape):
    """How many cases there are of each standing, for you."""

    due: int
    proposed: int
    approved: int
    held: int
    kept: int
    erased: int


class RetentionPage(Page):
    """A page of cases with one standing."""

    items: list[RetainedLine]
    counts: RetentionCounts


class LegalHold(Shape):
    """While it stands nothing of the case is erased. `until_on`: the day on which it ends by itself."""

    id: UUID
    version: int
    because: str
    until_on: date | None
    from_at: datetime
    made_by: str
    lifted_at: datetime | None
    lifted_by: str | None


class RetentionReview(Shape):
    """One decision about one end of the case. `done_at`: when what was approved was carried out."""

    id: UUID
    version: int
    ended_at: datetime
    decision: Decision
    keep_until: date | None
    because: str
    decided_at: datetime
    decided_by: Named
    approved_at: datetime | None
    approved_by: str | None
    dropped_at: datetime | None
    dropped_by: str | None
    done_at: datetime | None


class PeriodsSet(RuleSet[RetentionRules]):
    """Periods, from a day on."""


class PeriodsByDate(Shape):
    """What holds today, what is planned, and every change, the newest first. `holds` null: `starting` holds."""

    rule: str
    version: Version
    starting: RetentionRules
    holds: PeriodsSet | None
    planned: list[PeriodsSet]
    changes: list[PeriodsSet]


class Retention(_Retained):
    """One case: where it stands, its holds, and what was decided of it, the newest first."""

    holds: list[LegalHold]
    reviews: list[RetentionReview]
