"""What is answered about cases opened in an emergency."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from app.api.v1.shapes import Named, Page, Shape
from app.domain.break_glass import Finding


class CaseOpened(Shape):
    """The case that was opened, by what names nobody in it."""

    id: UUID
    reference: str


class BreakGlassReview(Shape):
    """What somebody else found of a use."""

    finding: Finding
    review: str
    reviewed_at: datetime
    reviewer: Named


class BreakGlassUse(Shape):
    """One use: who opened which case, when, why and until when. `open`: they can read it now."""

    id: UUID
    version: int
    case: CaseOpened
    person: Named
    agency: Named
    reason: str
    used_at: datetime
    until_at: datetime
    ended_at: datetime | None = Field(description="When it was given up, or taken away by its review, before its end.")
    open: bool
    review_due_on: date
    overdue: bool = Field(description="Not reviewed on the day after `review_due_on`, in London.")
    review: BreakGlassReview | None


class BreakGlassPage(Page):
    """A page of uses."""

    items: list[BreakGlassUse]
