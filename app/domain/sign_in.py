"""Signing in with a password and a code: what is typed, what is answered, and which browsers are known."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Email, Form
from app.domain.passwords import Typed

DEVICE_BYTES: Final = 16
MARK_BYTES: Final = 16
# So many people may share a desk before the one who has been away longest is forgotten.
_MOST_MARKS: Final = 20


class Method(StrEnum):
    """How somebody proved who they are, as sessions and the trail name it."""

    PASSWORD = "password"  # noqa: S105  # a method, no secret
    """A password and the code of an app."""
    RECOVERY_CODE = "recovery_code"
    """A password and a recovery code."""
    PASSKEY = "passkey"
    OPENID = "openid"
    DEMO = "demo"
    """One press, in a demonstration."""


def _filled(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise PydanticCustomError("missing", "Fill this in.")
    return value


class SignInForm(Form):
    """All three at once: which of them was wrong is never said."""

    email: Annotated[Email, BeforeValidator(_filled)]
    password: Typed
    code: Typed


class ConfirmForm(Form):
    """What somebody who is signed in shows again."""

    password: Typed
    code: Typed


class NewPasswordForm(Form):
    """A new password. The old one and a code are asked for where there is an old one."""

    password: Typed | None = None
    code: Typed | None = None
    new_password: Typed


class CodeForm(Form):
    """The first code of an app, which shows that it works."""

    code: Typed


class NotRight(Invalid):
    """The e-mail, the password or the code is wrong; or there is nobody with that e-mail. Never says which."""

    code = "not_right"

    def __init__(self, *, asked_email: bool = True) -> None:
        text = (
            "Your email address, password or code is not right. Check all three and try again."
            if asked_email
            else "Your password or code is not right. Check both and try again."
        )
        field = "/email" if asked_email else "/password"
        super().__init__([FieldProblem(field, self.code, text)], text)


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser that has signed somebody in keeps: its own number, and a mark for each account.

    A mark is a keyed digest of the number and the account, so that nobody can make one, or tell from one whose it is.
    It lets nobody in; it only has tries counted apart from those made elsewhere.
    """

    number: bytes
    marks: tuple[bytes, ...] = ()

    @property
    def text(self) -> str:
        """As the cookie holds it."""
        return urlsafe_b64encode(self.number + b"".join(self.marks)).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> "Browser | None":
        """The browser in a cookie; None if it is no such thing."""
        try:
            parts = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            return None
        marks = parts[DEVICE_BYTES:]
        if len(parts) < DEVICE_BYTES or len(marks) % MARK_BYTES or len(marks) > _MOST_MARKS * MARK_BYTES:
            return None
        starts = range(0, len(marks), MARK_BYTES)
        return cls(parts[:DEVICE_BYTES], tuple(marks[start : start + MARK_BYTES] for start in starts))

    def marked(self, mark: bytes) -> "Browser":
        """The same with this mark as its newest."""
        others = (each for each in self.marks if each != mark)
        return Browser(self.number, (mark, *others)[:_MOST_MARKS])
