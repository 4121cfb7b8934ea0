"""What holds of every page and every error: headers, where it leads, weight, and what it asks of the database."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.db.session import Database
from app.db.transaction import Unavailable
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.web.cookies import Cookie
from app.web.forms import LARGEST_FORM
from app.web.visit import policy
from tests.browser.pages import PAGES
from tests.counted import counted
from tests.tabs import Tab, key_of
from tests.web.statements import MOST, STATEMENTS
from tests.world import Clock, World, build_world

AFTER_A_FIRST_VISIT = 30_000
NEUTRAL = "https://www.bbc.co.uk/weather"
# Forms that are sent again and again from one page, or whose answer shows what only that answer shows: why is said
# where each is.
AGAIN = re.compile(
    r"data-refer=|action=\"(/search|/search/contact|/cases/[^/]+/contacts|/account/recovery-codes|/sign-out)\""
)
_FORM = re.compile(r"<form([^>]*)>(.*?)</form>", re.S)
_SCRIPT = re.compile(r"<script([^>]*)>")
_ADDRESS = re.compile(r' (?:href|src|action|data-\w+)="([^"]*)"')
_NONCE = re.compile(r"'nonce-([^']+)'")


@pytest.fixture(scope="module")
async def town(app: FastAPI, clock: Clock) -> World:
    """A partnership shared by all pages, which only look."""
    clock.reset()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return await build_world(app, httpx.AsyncClient(transport=transport, base_url="http://roundtable.test"), clock)


def faults(answer: httpx.Response) -> Iterator[str]:
    """What is wrong with any page."""
    page, headers = answer.text, answer.headers
    nonce = _NONCE.search(headers.get("content-security-policy", ""))
    if nonce is None or headers["content-security-policy"] != policy(nonce[1]):
        yield "its policy is another"
    elif any(f'nonce="{nonce[1]}"' not in each for each in _SCRIPT.findall(page)):
        yield "a script has no nonce"
    for name, wanted in (
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
    ):
        if headers.get(name) != wanted:
            yield f"{name} is {headers.get(name)}"
    outside = {each for each in _ADDRESS.findall(page) if re.match(r"[a-z]+:|//", each)}
    if outside - {NEUTRAL}:
        yield f"it leads to {outside}"
    if int(headers["content-length"]) > AFTER_A_FIRST_VISIT:
        yield f"it weighs {headers['content-length']}"
    for told, inside in _FORM.findall(page):
        if 'method="post"' in told and 'name="csrf"' not in inside:
            yield f"a form has no token: {told}"


def pressed_twice(answer: httpx.Response) -> Iterator[str]:
    """Which forms of somebody who is signed in could be acted on twice."""
    for told, inside in _FORM.findall(answer.text):
        form = told if "action=" in told else f'{told} action="{answer.url.path}"'
        if 'method="post"' in told and 'name="once"' not in inside and not AGAIN.search(form):
            yield f"a form is acted on as often as it is sent: {told}"


async def test_every_page_keeps_to_what_holds_of_all(
    tab: Tab, town: World, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[str] = []
    async with counted(monkeypatch) as sent:
        for shown in PAGES:
            clock.reset()
            path = await shown.path_in(town)
            tab.client.cookies.clear()
            if shown.who:
                tab.client.cookies.set(Cookie.SESSION, (await key_of(database, town[shown.who])).text)
            before = sent()
            answer = await tab.get(path)
            asked = sent() - before
            found = list(faults(answer))
            if answer.status_code != shown.status:
                found.append(f"it is answered with {answer.status_code}")
            if shown.who:
                found += pressed_twice(answer)
            if asked > STATEMENTS.get(shown.name, MOST):
                found.append(f"it sends {asked} statements")
            wrong += [f"{shown.name}: {each}" for each in found]
    assert not wrong, "\n".join(wrong)


ERRORS: dict[int, Exception] = {
    403: Forbidden("Your role does not allow this."),
    404: NotFound("case"),
    409: Conflict("The meeting is over."),
    412: Stale("meeting"),
    422: Invalid([]),
    500: RuntimeError("a fault of ours"),
    503: Unavailable(),
}


@pytest.mark.parametrize("status", ERRORS)
async def test_every_error_of_a_service_is_a_page_like_others(
    status: int, tab: Tab, town: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise ERRORS[status]

    tab.client.cookies.set(Cookie.SESSION, (await key_of(database, town["officer"])).text)
    monkeypatch.setattr(Database, "run", fails)
    answer = await tab.get("/home")
    assert answer.status_code == status
    assert list(faults(answer)) == []
    assert answer.text.count("<h1") == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/sign-in", "email=%ff", 400),
        ("POST", "/sign-in", "csrf=forged", 403),
        ("GET", "/nowhere", "", 404),
        ("GET", "/cases/not-an-id", "", 404),
        ("DELETE", "/sign-in", "", 405),
        ("GET", "/join", "", 410),
        ("POST", "/sign-in", "email=" + "x" * LARGEST_FORM, 413),
    ],
    ids=lambda each: str(each)[:20],
)
async def test_every_request_that_goes_wrong_is_answered_by_a_page_like_others(
    method: str, path: str, body: str, status: int, tab: Tab
) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"} if body else {}
    answer = await tab.client.request(method, path, content=body, headers=headers)
    assert answer.status_code == status
    assert list(faults(answer)) == []
    assert answer.text.count("<h1") == 1


# Seen from her side: what is filled in with her, read to her, or shows how she is reached. And what is not.
NEAR_HER = (
    "refer",
    "refer-victim",
    "refer-questions",
    "refer-check",
    "client-words",
    "client-plan",
    "client-step",
    "client-my-plan",
    "client-safe-times",
    "client-change",
    "case-questions",
    "case-contacts",
)
NOT_NEAR_HER = ("home-practitioner", "case", "client-notes", "caseload", "meeting", "people", "account")


async def test_where_she_may_stand_near_there_is_a_way_out_that_needs_no_script(
    tab: Tab, town: World, clock: Clock, database: Database
) -> None:
    ways = {}
    for shown in PAGES:
        if shown.name in (*NEAR_HER, *NOT_NEAR_HER):
            clock.reset()
            path = await shown.path_in(town)
            tab.client.cookies.set(Cookie.SESSION, (await key_of(database, town[shown.who or "officer"])).text)
            ways[shown.name] = re.findall(r"<a href=\"([^\"]+)\"[^>]*noreferrer[^>]*>", (await tab.get(path)).text)
    assert {name: found for name, found in ways.items() if found} == {name: [NEUTRAL] for name in NEAR_HER}
    assert ways.keys() >= set(NOT_NEAR_HER)
