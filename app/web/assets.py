"""Static files, named by their content, so that a browser may keep them for ever and never shows an old one."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.web.packing import ENCODING, packed, takes_packed

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"

_FOR_EVER = "public, max-age=31536000, immutable"
_SERVED = frozenset({".css", ".js", ".svg", ".png", ".woff2"})
_PACKED = frozenset({".css", ".js", ".svg"})
_HARDEST = 9
_DIGESTS = {
    path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    for path in sorted(FOLDER.rglob("*"))
    if path.suffix in _SERVED
}


def asset(path: str) -> str:
    """The address of a static file, such as ``roundtable.css``. KeyError if there is no such file."""
    return f"{PREFIX}/{path}?v={_DIGESTS[path]}"


class Assets(StaticFiles):
    """The static folder. Only an address that names the content may be kept; others are checked each time."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or the usual 404."""
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and path.endswith(tuple(_PACKED)):
            response = _as_taken(path, response, scope)
        current = scope["query_string"] == f"v={_DIGESTS.get(path)}".encode()
        response.headers["cache-control"] = _FOR_EVER if current else "no-cache"
        return response


def _as_taken(path: str, response: FileResponse, scope: Scope) -> Response:
    """The file, packed if whoever asks can unpack it."""
    if takes_packed(Headers(scope=scope)):
        kept = {name: response.headers[name] for name in ("content-type", "last-modified")}
        return Response(_pack(path), headers=kept | {"content-encoding": ENCODING, "vary": "Accept-Encoding"})
    response.headers["vary"] = "Accept-Encoding"
    return response


@cache
def _pack(path: str) -> bytes:
    """Packed once, when it is first asked for: all of them at the start would hold that up by a second."""
    return packed((FOLDER / path).read_bytes(), _HARDEST)
