"""Whether a form was sent from a page of ours: no other site may have a signed-in browser send one."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from starlette.requests import Request

from app.domain.errors import Forbidden


class FromElsewhere(Forbidden):
    """The page that sent this was opened in another session, or was not ours at all."""

    code = "from_elsewhere"

    def __init__(self) -> None:
        super().__init__("This page was open too long or came from elsewhere. Nothing was changed.")


class OpenBefore(FromElsewhere):
    """The page that sent this is of the session that this browser's present one replaced: the same person's.

    What was typed may be shown to them again. It is not acted on: they may have been given, or have shown, something
    since that this page did not know of.
    """


def check_origin(request: Request, ours: str) -> None:
    """Raise FromElsewhere when the browser says that another site had it send this.

    ours: scheme and host, such as ``https://roundtable.example``. Browsers leave out the one header over plain HTTP,
    and our referrer policy makes the other 'null'; so what they do not say is left to the form's token.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "null")
    if site not in ("same-origin", "none") or origin not in ("null", ours):
        raise FromElsewhere


def masked(token: str) -> str:
    """A form's token as one page carries it: different in each, so that how well a page packs tells nothing of it."""
    plain = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    pad = secrets.token_bytes(len(plain))
    return _text(pad + _mixed(pad, plain))


def unmasked(sent: str) -> str:
    """The token that a page carried; empty if that was none of ours."""
    try:
        both = urlsafe_b64decode(sent.encode("ascii") + b"=" * (-len(sent) % 4))
    except (Base64Error, ValueError):
        return ""
    half = len(both) // 2
    return _text(_mixed(both[:half], both[half:])) if len(both) == 2 * half else ""


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _text(told: bytes) -> str:
    return urlsafe_b64encode(told).rstrip(b"=").decode()
