"""Static files, named by their content, so that a browser may keep them for ever and never shows an old one."""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"

_FOR_EVER = "public, max-age=31536000, immutable"
_SERVED = frozenset({".css", ".js", ".svg", ".png", ".woff2"})
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
        current = scope["query_string"] == f"v={_DIGESTS.get(path)}".encode()
        response.headers["cache-control"] = _FOR_EVER if current else "no-cache"
        return response
