"""What the partnership's administrator is answered about agencies."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Shape


class AgencyKept(Shape):
    """An agency, as the partnership keeps it. `slug`: its short name, as commands know it. `people`: who work there."""

    id: UUID
    name: str
    slug: str
    kind: str
    added_at: datetime
    suspended_at: datetime | None
    suspended_because: str | None
    ended_at: datetime | None
    people: int


class AgenciesKept(Shape):
    """Every agency there is or was, by name; those that have left last."""

    items: list[AgencyKept]
