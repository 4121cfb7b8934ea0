"""What a page weighs on the wire, over real HTTP: little at first, and next to nothing after that."""

import gzip
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.db.session import Database
from app.domain.sessions import form_token
from app.web.assets import asset
from app.web.cookies import Cookie
from app.web.forgery import masked, unmasked
from app.web.packing import packed
from tests.api.real_http import served
from tests.browser import casework, clients, referring, sittings
from tests.tabs import key_of
from tests.world import World

FIRST = 150_000
AFTER = 30_000
_FILES = re.compile(r'(?:src|href|data-frontend)="(/static/[^"]+)"')
# The heaviest of each kind. What every page weighs by itself is asked in test_everywhere.py.
HEAVY = (
    ("officer", referring.at("/questions", referring.filled_in)),
    ("coordinator", casework.at("/cases/{case}")),
    ("coordinator", sittings.at(lambda each: f"/meetings/{each.going}/items/{each.going_item}")),
    ("idva", clients.at("/caseload/{client}")),
)


@pytest.fixture
async def wire(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with served(app) as made, httpx.AsyncClient(base_url=f"http://127.0.0.1:{made.port}") as client:
        yield client


async def weigh(wire: httpx.AsyncClient, path: str) -> tuple[int, str]:
    """What came over the wire, head and body, and what it says."""
    async with wire.stream("GET", path, headers={"accept": "text/html"}) as answer:
        await answer.aread()
        assert answer.status_code == 200, (path, answer.headers.get("location"))
        head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
        return head + answer.num_bytes_downloaded, answer.text


async def test_a_first_visit_and_those_after_it_are_light_on_a_phone(
    wire: httpx.AsyncClient, world: World, database: Database
) -> None:
    for who, arrange in HEAVY:
        path = await arrange(world)
        key = await key_of(database, world[who])
        wire.cookies.set(Cookie.SESSION, key.text)
        page, text = await weigh(wire, path)
        files = {unescape(each) for each in _FILES.findall(text)}
        assert len(files) > 3
        assert page < AFTER, (path, page)
        assert page + sum([(await weigh(wire, each))[0] for each in files]) < FIRST, path


@pytest.mark.parametrize("name", ["roundtable.css", "roundtable.js", "mark.svg"])
async def test_a_file_is_kept_for_ever_under_the_name_of_its_content_and_no_longer_under_another(
    wire: httpx.AsyncClient, name: str
) -> None:
    kept = await wire.get(asset(name))
    loose = await wire.get(f"/static/{name}")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert loose.headers["cache-control"] == "no-cache"
    assert kept.headers["content-encoding"] == "gzip"
    plain = await wire.get(asset(name), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == kept.content
    unchanged = {"if-modified-since": kept.headers["last-modified"]}
    assert (await wire.get(asset(name), headers=unchanged)).status_code == 304


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("br", None), ("gzip;q=0", None), ("", None)],
)
async def test_a_page_is_packed_for_whoever_can_unpack_it(
    wire: httpx.AsyncClient, accepts: str, encoding: str | None
) -> None:
    answer = await wire.get("/sign-in", headers={"accept-encoding": accepts})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.text.startswith("<!DOCTYPE html>")


def test_what_is_packed_is_of_another_length_each_time_and_says_the_same() -> None:
    told = b"the same " * 50
    many = [packed(told) for _ in range(50)]
    assert len({len(each) for each in many}) > 10
    assert {gzip.decompress(each) for each in many} == {told}


async def test_no_two_pages_carry_the_same_secret(wire: httpx.AsyncClient, world: World, database: Database) -> None:
    key = await key_of(database, world["officer"])
    wire.cookies.set(Cookie.SESSION, key.text)
    pages = [(await wire.get("/refer")).text for _ in range(2)]
    for secret in (r'name="csrf" value="([^"]+)"', r'name="once" value="([^"]+)"', r'nonce="([^"]+)"'):
        drawn = [set(re.findall(secret, page)) for page in pages]
        assert [len(each) for each in drawn] == [1, 1]
        assert drawn[0] != drawn[1]
    assert not any(key.form_token in page or key.text in page for page in pages)


@given(st.binary(min_size=32, max_size=32))
def test_a_masked_token_is_another_each_time_and_is_told_all_the_same(secret: bytes) -> None:
    token = form_token(secret)
    one, other = masked(token), masked(token)
    assert one != other
    assert unmasked(one) == unmasked(other) == token
