"""What is answered about restricted cases, to those on their lists."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Named, Shape


class NamedPerson(Shape):
    """Somebody on the list. `may_lift`: they may change the list and lift the restriction."""

    id: UUID
    name: str
    agency: Named
    since: datetime
    may_lift: bool


class Restriction(Shape):
    """A standing restriction, and for whom the case exists."""

    id: UUID
    version: int
    because: str
    since: datetime
    made_by: str
    named: list[NamedPerson]


class RestrictionLifted(Shape):
    """The case is open again to whoever has a reason to see it."""

    case_id: UUID
    restricted: bool
