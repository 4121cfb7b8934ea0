"""What is answered about the trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.api.v1.shapes import Named, Page, Shape


class AuditEntry(Shape):
    """Who did what, for which agency and in which roles. `actor` is null for the service's own upkeep.

    `detail`: words about the act, where there were any and they have not been erased.
    """

    id: UUID
    at: datetime
    verb: str
    purpose: str | None
    case_id: UUID | None
    roles: list[str]
    actor: Named | None
    agency: Named | None
    detail: dict[str, Any] | None


class AuditPage(Page):
    """A page of the trail."""

    items: list[AuditEntry]


class AuditHead(Shape):
    """A seal's outside: its number, how many entries there were, and a signed root over where every chain stood.

    `root` is in hexadecimal, `public_key` (Ed25519) and `signature` in base64. `text` is all of it, as it is kept.
    """

    partnership_id: UUID
    number: int
    at: datetime
    entries: int
    root: str
    public_key: str
    signature: str
    text: str
