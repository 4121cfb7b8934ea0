"""What is answered about those who are kept from a case."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Named, Shape
from app.domain.exclusions import ExclusionKind


class ConflictDeclared(Shape):
    """What declaring a conflict of interest means. It names nothing: there is nothing more to see."""

    said: str


class Exclusion(Shape):
    """Somebody who is, or was, kept from the case."""

    id: UUID
    version: int
    kind: ExclusionKind
    person: Named
    agency: Named
    because: str | None
    since: datetime
    until: datetime | None
    made_by: str
    ended_by: str | None


class Exclusions(Shape):
    """Everyone who is, or was, kept from the case, newest first."""

    items: list[Exclusion]
