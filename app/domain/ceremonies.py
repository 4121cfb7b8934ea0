"""Ceremonies: what a browser begins in one request and finishes in another, once, and within minutes."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.domain import base64url
from app.domain.errors import Conflict

SECRET_BYTES: Final = 32
_KEY_BYTES: Final = 2 * 16 + SECRET_BYTES


class CeremonyKind(StrEnum):
    """What was begun. One kind is never finished as another."""

    PASSKEY_SIGN_IN = "passkey_sign_in"
    PASSKEY_CONFIRM = "passkey_confirm"
    """Showing again, by a passkey, who one is."""
    PASSKEY_ADD = "passkey_add"
    OPENID = "openid"
    """Away at a provider, to come back from it."""
    SECOND = "second"
    """Known to a provider that asks for no second factor, which is asked for here."""
    JOIN = "join"
    """Setting up how one signs in, by a link."""


class BeginAgain(Conflict):
    """It is too late for this, or it was finished before, or another browser began it. Says nothing about which."""

    code = "begin_again"

    def __init__(self) -> None:
        super().__init__("This took too long, was finished already, or was begun in another browser. Begin again.")


@dataclass(frozen=True, slots=True)
class CeremonyKey:
    """What a browser's cookie holds meanwhile: which ceremony it began, and the secret that proves it."""

    partnership_id: UUID
    ceremony_id: UUID
    secret: bytes

    @property
    def text(self) -> str:
        """As the cookie holds it."""
        return base64url.encode(self.partnership_id.bytes + self.ceremony_id.bytes + self.secret)

    @classmethod
    def parse(cls, text: str | None) -> "CeremonyKey | None":
        """The key in a cookie; None if it is no such thing."""
        try:
            parts = base64url.decode(text or "")
        except ValueError:
            return None
        if len(parts) != _KEY_BYTES:
            return None
        return cls(UUID(bytes=parts[:16]), UUID(bytes=parts[16:32]), parts[32:])

    @property
    def digest(self) -> bytes:
        """What the database keeps of the secret."""
        return sha256(self.secret).digest()
