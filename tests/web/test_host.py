"""To whom a request is: a Host header that is no plain name or address is refused everywhere, and breaks nothing."""

from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from app.api.host import is_plain
from app.db.session import Database
from app.web.cookies import Cookie
from tests.tabs import Tab
from tests.world import World

ODD = ("", "[", "]", "[::1", "[::1]x", "[zz]", "[1:2]", "a b", "a/api/v1/me", "a?b", "a#b", "a@b", "a:", "a:99999", "é")
PLAIN = ("roundtable.test", "127.0.0.1:8000", "[::1]:8000", "web_1", "localhost")
ASKED = (
    ("GET", "/"),
    ("GET", "/reference"),
    ("GET", "/health"),
    ("GET", "/nowhere"),
    ("GET", "/sign-in"),
    ("GET", "/home"),
    ("GET", "/api/v1/me"),
    ("GET", "/api/v1/cases?limit=1"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/passkey/begin"),
    ("POST", "/oauth/token"),
    ("POST", "/api/v1/referrals"),
)


@pytest.fixture
async def visitor(app: FastAPI, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://roundtable.test") as made:
        yield made


@pytest.mark.parametrize("host", ODD)
async def test_an_odd_host_is_refused_wherever_it_is_sent(visitor: httpx.AsyncClient, host: str) -> None:
    for method, path in ASKED:
        answer = await visitor.request(method, path, headers=[(b"host", host.encode())])
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_host"), path
        assert "Host header" in answer.json()["detail"]
        assert answer.headers["cache-control"] == "no-store"


async def test_two_hosts_are_refused(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/health", headers=[("host", "roundtable.test"), ("host", "evil.example")])
    assert answer.status_code == 400


@pytest.mark.parametrize("host", PLAIN)
async def test_a_plain_host_is_taken(visitor: httpx.AsyncClient, host: str) -> None:
    assert (await visitor.get("/health", headers={"host": host})).status_code == 200


async def test_without_a_host_health_is_told_and_no_passkey_is_asked_for(app: FastAPI, world: World) -> None:
    assert (await bare(app, "GET", "/health"))[0] == 200
    async with Tab(app) as tab:
        await tab.get(f"/sign-in?partnership=t-{world.partnership_id}")
        sent = {
            "x-csrf-token": tab.csrf,
            "cookie": f"{Cookie.VISITOR}={tab.client.cookies[Cookie.VISITOR]}",
            "content-type": "application/json",
            "accept": "application/json",
        }
        path = f"/sign-in/passkey/begin?partnership=t-{world.partnership_id}"
        status, body = await bare(app, "POST", path, sent, b"{}")
        assert (status, b"malformed" in body) == (400, True)
        assert (await bare(app, "POST", path, {**sent, "host": "roundtable.test"}, b"{}"))[0] == 200


@given(st.binary(max_size=40) | st.text("a0.-_[]:/?#@ \\", max_size=30).map(str.encode))
def test_whatever_is_taken_for_a_host_leaves_the_path_what_it_was(host: bytes) -> None:
    if is_plain(host):
        scope = {"type": "http", "scheme": "http", "path": "/cases", "query_string": b"", "headers": [(b"host", host)]}
        request = Request(scope)
        assert (request.url.path, request.url.query) == ("/cases", "")
        assert request.url.hostname


async def bare(
    app: FastAPI, method: str, path: str, headers: MutableMapping[str, str] | None = None, body: bytes = b""
) -> tuple[int, bytes]:
    """Ask with these headers and no others."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.0",
        "method": method,
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.1", 50000),
        "root_path": "",
    }
    answered: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        answered.append(message)

    await app(scope, receive, send)
    return answered[0]["status"], b"".join(each.get("body", b"") for each in answered[1:])
