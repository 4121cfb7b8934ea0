"""Addresses within this service."""

import re
from functools import lru_cache
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Match

HOME: Final = "/home"

# A path of ours and nothing that a browser would read as another host: no scheme, no second slash, no backslash, no
# control character or space, which some strip.
_LOCAL = re.compile(r"/(?![/\\])[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,500}")


def local(path: str | None, otherwise: str = HOME) -> str:
    """The path, if it stays within this service; otherwise the other."""
    return path if path is not None and _LOCAL.fullmatch(path) and "//" not in path else otherwise


def opens(request: Request, path: str) -> bool:
    """Whether there is a page at this path, to be got without sending anything."""
    return _opens(request.app, path)


@lru_cache(maxsize=1000)
def _opens(app: Starlette, path: str) -> bool:
    # Asking every route takes a millisecond, and each page asks after several paths.
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": [], "app": app}
    return any(route.matches(scope)[0] is Match.FULL for route in app.routes)


def way_back(request: Request) -> str:
    """The page that a request came from, as far as can be told: its own address, if that is a page."""
    path = request.url.path
    return local(path) if opens(request, path) else HOME


def address(request: Request) -> str:
    """As ``way_back``; of a page that somebody opened, with what its link had chosen there."""
    path, query = request.url.path, request.url.query
    whole = f"{path}?{query}" if query and request.method == "GET" else path
    return local(whole, way_back(request)) if opens(request, path) else HOME
