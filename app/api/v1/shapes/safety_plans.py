"""What is answered about safety plans."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Shape
from app.api.v1.shapes.contact_attempts import AttemptBy
from app.domain.safety_plans import PlanStatus


class PlanStepKept(Shape):
    """A step of the plan as it stands."""

    id: UUID
    version: int
    what: str
    who: str | None
    by_on: date | None
    status: PlanStatus
    done_on: date | None


class PlanStep(PlanStepKept):
    """A step, with who wrote it down."""

    by: AttemptBy
    at: datetime
