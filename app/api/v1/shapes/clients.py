"""What administrators are answered about clients."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Named, Page, Shape
from app.domain.clients import CredentialKind, Scopes


class PublicKeyShape(Shape):
    """The public half of a client's key, as a JWK. `n` and `e` for RSA, `crv`, `x` and `y` for P-256."""

    kty: str
    kid: str
    alg: str
    use: str
    n: str | None = None
    e: str | None = None
    crv: str | None = None
    x: str | None = None
    y: str | None = None


class CredentialShape(Shape):
    """A secret or a key, live until it ends or is ended. `hint`: the last letters of a secret, the `kid` of a key.
    `seen_by_leaver`: whoever was shown this secret when it was drawn has left, so it should be changed."""

    id: UUID
    kind: CredentialKind
    hint: str
    added_at: datetime
    added_by: str | None
    until: datetime
    last_used_at: datetime | None
    ended_at: datetime | None
    live: bool
    seen_by_leaver: bool
    public_key: PublicKeyShape | None


class ClientKept(Shape):
    """A client, as administrators keep it: what it is for, what it may do, and what it proves itself with."""

    id: UUID
    name: str
    purpose: str
    scopes: Scopes
    agency: Named
    user: Named
    added_at: datetime
    added_by: str | None
    ended_at: datetime | None
    last_used_at: datetime | None
    credentials: list[CredentialShape]
    version: int


class ClientPage(Page):
    """Clients, newest first."""

    items: list[ClientKept]


class SecretShown(Shape):
    """A secret that was drawn: this once. `secret` null: this was asked for before, and it is not shown again."""

    id: UUID
    client_id: UUID
    secret: str | None
    hint: str
    until: datetime
