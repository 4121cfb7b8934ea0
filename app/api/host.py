"""Refuse a request that does not say to whom it is in a way that everybody reads alike. Pure ASGI, on each request."""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem

_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._-]+|\[(?P<v6>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{1,5}))?")
_HIGHEST_PORT: Final = 65535


class PlainHost:
    """ASGI, around what answers: 400 for a Host header that is given twice, or is no name or address with a port.

    Addresses are put together with it, and taken apart again: one with a slash in it would stand for another path, and
    one with a stray bracket for none. None at all is let through, as programs that only ask for health leave it out.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            said = [value for name, value in scope["headers"] if name == b"host"]
            if len(said) > 1 or (said and not is_plain(said[0])):
                text = "The Host header must be given once, and be a name or an address, with or without a port."
                await problem(400, "bad_host", text)(scope, receive, send)
                return
        await self._app(scope, receive, send)


@lru_cache(maxsize=256)
def is_plain(host: bytes) -> bool:
    """Whether this is a name or an address that a URL can hold, with or without a port."""
    found = _HOST.fullmatch(host)
    if found is None or int(found["port"] or 0) > _HIGHEST_PORT:
        return False
    try:
        return found["v6"] is None or bool(IPv6Address(found["v6"].decode()))
    except ValueError:
        return False
