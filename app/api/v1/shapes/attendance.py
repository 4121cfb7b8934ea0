"""What is answered about the confidentiality statement."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Shape


class Acceptance(Shape):
    """Somebody present, and whether they accepted the statement."""

    attendance_id: UUID
    name: str
    agency: str
    accepted_at: datetime | None
    version: str | None


class Confidentiality(Shape):
    """The statement in force. `accepted`: by you, in this version."""

    statement: str
    version: str
    accepted: bool
    people: list[Acceptance]
