"""What is answered about attempts to reach a client."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Shape
from app.domain.contact_attempts import AttemptOutcome, Means


class AttemptBy(Shape):
    """Who wrote something down, and for which agency."""

    name: str
    agency: str


class ContactAttempt(Shape):
    """An attempt to reach the client."""

    id: UUID
    at: datetime
    means: Means
    outcome: AttemptOutcome
    note: str | None
    by: AttemptBy


class AttemptLogged(Shape):
    """The attempt that was logged. `first_reached_at`: when the clock of first contact stopped; null: it runs on."""

    id: UUID
    at: datetime
    means: Means
    outcome: AttemptOutcome
    note: str | None
    first_reached_at: datetime | None
