"""What is answered about how severe the abuse is."""

from datetime import date
from uuid import UUID

from app.api.v1.shapes import Shape
from app.api.v1.shapes.contact_attempts import AttemptBy
from app.domain.severity import Stage


class SeveritySeen(Shape):
    """How severe each kind of abuse was. `kinds`: each as `physical:high`."""

    stage: Stage
    seen_on: date
    kinds: list[str]
    by: AttemptBy


class SeverityRecorded(Shape):
    """What was recorded."""

    id: UUID
    stage: Stage
    seen_on: date
    kinds: list[str]
