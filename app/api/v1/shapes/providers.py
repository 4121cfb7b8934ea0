"""What the partnership's administrator is answered about identity providers."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Shape
from app.domain.providers import Trust


class ProviderKept(Shape):
    """A provider without its secret. `comes_back_to`: the path, at this service's address, to register there as the
    redirect URI. `trust`: whom it lets in, and how surely it proves them."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    comes_back_to: str
    trust: Trust
    ended_at: datetime | None
    version: int


class ProvidersKept(Shape):
    """Every provider there is or was, those in use first."""

    items: list[ProviderKept]
