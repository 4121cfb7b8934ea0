"""What is answered about the trail."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Named, Page, Shape


class AuditEntry(Shape):
    """Who did what, for which agency and in which roles. `actor` is null for the service's own upkeep."""

    id: UUID
    at: datetime
    verb: str
    purpose: str | None
    case_id: UUID | None
    roles: list[str]
    actor: Named | None
    agency: Named | None


class AuditPage(Page):
    """A page of the trail."""

    items: list[AuditEntry]
