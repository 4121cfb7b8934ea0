"""What the service keeps in a browser: the names and the flags of its cookies."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

VISITOR_BYTES: Final = 32
_LONGEST_SAID: Final = 300


class Cookie(StrEnum):
    """Each of them, as it is called without its prefix."""

    SESSION = "roundtable"
    """The key of a session."""
    BEFORE = "roundtable-before"
    """The token of the forms of the same person's session that this one replaced: those in other tabs."""
    VISITOR = "roundtable-visitor"
    """Random: ties forms to a browser that is not signed in."""
    DEVICE = "roundtable-device"
    """Long-lived: this browser has signed somebody in before."""
    PASSKEY = "roundtable-passkey"
    OPENID = "roundtable-openid"
    SECOND = "roundtable-second"
    JOIN = "roundtable-join"
    """Each of the four: the key of a ceremony that this browser has begun. They do not disturb each other."""
    SAID = "roundtable-said"
    """One sentence for the next page."""


def name_of(cookie: Cookie, *, secure: bool) -> str:
    """The name in the browser. With the prefix, it takes the cookie from this host over https and from nobody else."""
    return f"__Host-{cookie}" if secure else cookie.value


def read(request: Request, cookie: Cookie, *, secure: bool) -> str | None:
    """What the browser sent; None if it sent none."""
    return request.cookies.get(name_of(cookie, secure=secure))


def write(response: Response, cookie: Cookie, value: str | None, *, secure: bool, seconds: int | None = None) -> None:
    """Have the browser keep it, until it is closed or for so many seconds; with no value, forget it."""
    response.set_cookie(
        name_of(cookie, secure=secure),
        value or "",
        max_age=seconds if value is not None else 0,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def new_visitor() -> str:
    """A visitor's cookie."""
    return urlsafe_b64encode(secrets.token_bytes(VISITOR_BYTES)).rstrip(b"=").decode()


def visitor_after(secret: bytes) -> str:
    """What a browser holds once it is signed out, by the secret of the session that ended: the same in all its tabs."""
    return urlsafe_b64encode(hmac.digest(secret, b"roundtable visitor", "sha256")).rstrip(b"=").decode()


def visitor_secret(text: str | None) -> bytes | None:
    """The secret in a visitor's cookie; None if it is no such thing."""
    secret = _decoded(text or "")
    return secret if secret is not None and len(secret) == VISITOR_BYTES else None


def said_text(sentence: str, secret: bytes) -> str:
    """A sentence as the cookie holds it, which only the holder of the secret is shown."""
    return urlsafe_b64encode(_mark(sentence.encode(), secret) + sentence.encode()).rstrip(b"=").decode()


def said(text: str, secret: bytes) -> str | None:
    """The sentence in a cookie; None if it was not written here, for the holder of this secret."""
    whole = _decoded(text) if len(text) <= _LONGEST_SAID * 8 else None
    if whole is None or not hmac.compare_digest(whole[:32], _mark(whole[32:], secret)):
        return None
    return whole[32:].decode(errors="replace")


def _mark(sentence: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"roundtable said" + sentence, "sha256")


def _decoded(text: str) -> bytes | None:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        return None
