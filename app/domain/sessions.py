"""Sessions: what a signed-in browser, a printed token and a partner system act through, and for how long.

The cookie's text is all that a browser holds. The database holds a digest of its secret, so whoever reads the database
cannot sign in with what they find.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.errors import Forbidden

SECRET_BYTES: Final = 32
_KEY_BYTES: Final = 3 * 16 + SECRET_BYTES
_CSRF: Final = b"roundtable form"


class SessionKind(StrEnum):
    """What a session is held by."""

    WEB = "web"
    """A browser's cookie."""
    TOKEN = "token"  # noqa: S105  # a kind, no secret
    """A token printed by the command line, for the people of a demonstration."""
    CLIENT = "client"
    """An access token of a partner system."""


class EndReason(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    ENDED_ELSEWHERE = "ended_elsewhere"
    """By the same person, from another session."""
    RENEWED = "renewed"
    """Replaced by a new one, since what it may do changed."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a reason, no secret
    ADMINISTRATOR = "administrator"
    """By an administrator, or because the person, their agency or the client was ended."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long sessions in a browser last: without a request, whatever happens, and a confirmation of who it is."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    confirmed: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Session:
    """The session that a request acts through, as the database knows it at this moment.

    scopes: the verbs that a partner system's client is held to; None for people. confirmed: whoever holds it has shown
    who they are a moment ago (a browser that is left open has not). reissue: what they may do has grown since it began,
    so its holder is to be given a new one.
    """

    id: UUID
    kind: SessionKind
    scopes: frozenset[str] | None
    confirmed: bool
    reissue: bool = False


class ConfirmFirst(Forbidden):
    """Allowed, once whoever asks has shown again who they are."""

    code = "confirm_first"

    def __init__(self) -> None:
        super().__init__("Confirm that it is you first: this needs your passkey, or your password and a code, again.")


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What a browser's cookie holds: where its session is, and the secret that proves it."""

    partnership_id: UUID
    user_id: UUID
    session_id: UUID
    secret: bytes

    @property
    def text(self) -> str:
        """As the cookie holds it."""
        parts = self.partnership_id.bytes + self.user_id.bytes + self.session_id.bytes + self.secret
        return urlsafe_b64encode(parts).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> "SessionKey | None":
        """The key in a cookie; None if it is no such thing."""
        try:
            parts = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            return None
        if len(parts) != _KEY_BYTES:
            return None
        return cls(UUID(bytes=parts[:16]), UUID(bytes=parts[16:32]), UUID(bytes=parts[32:48]), parts[48:])

    @property
    def digest(self) -> bytes:
        """What the database keeps of the secret."""
        return hashlib.sha256(self.secret).digest()

    @property
    def form_token(self) -> str:
        """What each form of this session carries, so that no other site can send one."""
        return form_token(self.secret)


def form_token(secret: bytes) -> str:
    """The token for forms that belongs to a cookie's secret. It tells nothing about the secret."""
    return urlsafe_b64encode(hmac.digest(secret, _CSRF, "sha256")).rstrip(b"=").decode()


def form_token_holds(secret: bytes, sent: str) -> bool:
    """Whether a form was given to the holder of this cookie."""
    return same(form_token(secret), sent)


def same(token: str, sent: str) -> bool:
    """Whether what was sent is this token, in a time that does not say how much of it was right."""
    return hmac.compare_digest(token.encode(errors="replace"), sent.encode(errors="replace"))
