"""What is answered about dates that matter to a client's safety."""

from datetime import date
from uuid import UUID

from app.api.v1.shapes import Shape
from app.api.v1.shapes.contact_attempts import AttemptBy
from app.domain.key_dates import DateKind


class KeyDateKept(Shape):
    """A date as it stands. `dropped`: it will not take place after all."""

    id: UUID
    version: int
    kind: DateKind
    held_on: date
    starts: str | None
    what: str | None
    dropped: bool


class KeyDate(KeyDateKept):
    """A date, with who wrote it down."""

    by: AttemptBy
