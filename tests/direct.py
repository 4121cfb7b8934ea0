"""An HTTP client that hands ordinary requests to the service without the work that only a network needs.

The service gets the same scope, headers and bytes as by httpx's own transport; whatever is not an ordinary request
(odd addresses, cookies, files, streams) goes that way. It is for tests, which make tens of thousands of requests.
"""

import asyncio
import json as encoder
import re
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any

import httpx
from fastapi import FastAPI

_ORDINARY = re.compile(r"(?P<path>/[\w./-]*)(?:\?(?P<query>[\w=&.,:-]*))?", re.ASCII)
_HOST = "roundtable.test"
_BASE = f"http://{_HOST}"
_HEADERS = {
    "host": _HOST,
    "accept": "*/*",
    "accept-encoding": "gzip, deflate",
    "connection": "keep-alive",
    "user-agent": "tests",
}


class Answer(httpx.Response):
    """A response that makes the request it answers only when that is looked at."""

    asked: tuple[str, str]

    @property
    def request(self) -> httpx.Request:
        return httpx.Request(*self.asked)

    @request.setter
    def request(self, _: httpx.Request) -> None:
        raise AttributeError("what was asked is in `asked`")


class DirectClient(httpx.AsyncClient):
    """A client of one service; a failure of the service is a 500, as it is over a network."""

    def __init__(self, app: FastAPI) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url=_BASE)
        self._app = app

    async def request(
        self, method: str, url: Any, *, json: Any = None, headers: Any = None, params: Any = None, **more: Any
    ) -> httpx.Response:
        found = _ORDINARY.fullmatch(url) if isinstance(url, str) else None
        plain = isinstance(headers, Mapping | None) and not (params or more or len(self.cookies))
        if found is None or not plain or "//" in url or "/." in url:
            return await super().request(method, url, json=json, headers=headers, params=params, **more)
        body, sent = b"", dict(_HEADERS)
        if json is not None:
            body = encoder.dumps(json, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
            sent |= {"content-length": str(len(body)), "content-type": "application/json"}
        elif method in ("POST", "PUT", "PATCH"):
            sent["content-length"] = "0"
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "headers": [(name.encode("ascii"), value.encode("ascii")) for name, value in sent.items()],
            "scheme": "http",
            "path": found["path"],
            "raw_path": found["path"].encode(),
            "query_string": (found["query"] or "").encode(),
            "server": (_HOST, None),
            "client": ("127.0.0.1", 123),
            "root_path": "",
        }
        answer = await _asked(self._app, scope, body)
        answer.asked = (method, f"{_BASE}{url}")
        if "set-cookie" in answer.headers:
            self.cookies.extract_cookies(answer)
        return answer


async def _asked(app: FastAPI, scope: MutableMapping[str, Any], body: bytes) -> Answer:
    arriving = [{"type": "http.request", "body": body, "more_body": False}]
    answered = asyncio.Event()
    status = 500
    headers: list[tuple[bytes, bytes]] = []
    parts: list[bytes] = []

    async def receive() -> Any:
        if arriving:
            return arriving.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message.get("headers", [])
        elif message["type"] == "http.response.body":
            assert not answered.is_set()
            if scope["method"] != "HEAD":
                parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                answered.set()

    with suppress(Exception):  # the service has answered, or that it did not is a 500
        await app(scope, receive, send)
    return Answer(status, headers=headers, content=b"".join(parts))
