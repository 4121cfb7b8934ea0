"""What is answered about outcomes."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Shape
from app.api.v1.shapes.referrals import RouteShape
from app.domain.lifecycle import Outcome, State


class CaseDecided(Shape):
    """The case after its outcome."""

    id: UUID
    reference: str
    state: State
    version: int


class ItemDecided(Shape):
    """An item with its outcome, and where that leads the case."""

    id: UUID
    meeting_id: UUID
    case: CaseDecided
    kind: str
    status: str
    version: int
    outcome: Outcome | None
    outcome_reason: str | None
    criteria: list[str]
    deferred_to: date | None
    decided_at: datetime | None
    minutes: str | None
    safety_plan: str | None
    route: RouteShape | None
