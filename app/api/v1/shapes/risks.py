"""What is answered about risks."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Shape
from app.domain.risks import About


class RiskNamed(Shape):
    """A risk as it was named."""

    id: UUID
    agenda_item_id: UUID
    agency: str
    about: About
    party_id: UUID | None
    risk: str
    named_at: datetime
