"""Links by which somebody sets up how they sign in: the first time, again, or only their password.

A link's secret is in the link and nowhere else; the database holds a digest of it.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.domain import base64url
from app.domain.errors import Conflict
from app.domain.fields import Email, Form
from app.domain.passwords import Typed

SECRET_BYTES: Final = 32
_TOKEN_BYTES: Final = 16 + SECRET_BYTES


class LinkKind(StrEnum):
    """What a link is for. Whoever made it says how far it goes: see ``Link``."""

    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that can be used.

    made_by: the administrator who made it; None when the person asked for it themself, or the command line made it.
    """

    id: UUID
    user_id: UUID
    kind: LinkKind
    made_by: UUID | None

    @property
    def password_only(self) -> bool:
        """Whether it sets a new password and nothing else.

        Whoever reads somebody's mail can ask for a reset in their name: that alone must never let them in, so the
        second factor stays, and nobody is signed in by it.
        """
        return self.kind is LinkKind.RESET and self.made_by is None


INVITATION_LASTS: Final = timedelta(days=7)
RESET_LASTS: Final = timedelta(days=1)
"""One that an administrator hands over."""
ASKED_LASTS: Final = timedelta(hours=1)
"""One that was asked for at the page, and comes by mail."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a link reaches somebody. origin: what it begins with. mails: whether a mail server is set."""

    origin: str
    mails: bool


@dataclass(frozen=True, slots=True)
class LinkToken:
    """What a link holds: the partnership, in which it is looked for, and the secret."""

    partnership_id: UUID
    secret: bytes

    @property
    def text(self) -> str:
        """As the link holds it."""
        return base64url.encode(self.partnership_id.bytes + self.secret)

    @classmethod
    def parse(cls, text: str) -> "LinkToken | None":
        """The token in a link; None if it is no such thing."""
        try:
            parts = base64url.decode(text)
        except ValueError:
            return None
        return cls(UUID(bytes=parts[:16]), parts[16:]) if len(parts) == _TOKEN_BYTES else None

    @property
    def digest(self) -> bytes:
        """What the database keeps of the secret."""
        return sha256(self.secret).digest()

    def at(self, origin: str) -> str:
        """The whole link. It may be shown once and mailed, and kept nowhere."""
        return f"{origin}/join/{self.text}"


class LinkOver(Conflict):
    """There is no such link, or it was used, replaced or ended, or is too old. Says nothing about which."""

    code = "link_over"

    def __init__(self) -> None:
        super().__init__(
            "This link can no longer be used. Ask your agency's administrator for a new one. If you have used it "
            "already, sign in."
        )


class JoinForm(Form):
    """A password and an app, set up together: neither counts without the other."""

    new_password: Typed
    code: Typed


class ResetForm(Form):
    """A new password by a link that does nothing else."""

    new_password: Typed


class ForgottenForm(Form):
    """Whose password was forgotten."""

    email: Email
