"""A visit: who it is, which forms are taken, what the browser keeps, and which page answers an error."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from jinja2 import ChoiceLoader, DictLoader
from pydantic import SecretStr
from starlette.responses import Response

from app.api.problems import register_problems
from app.api.security_headers import GuardedApp
from app.db.transaction import Unavailable
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Stale, Unauthenticated
from app.domain.fields import Form, Line
from app.domain.sessions import ConfirmFirst
from app.web import render
from app.web.cookies import Cookie
from app.web.forms import blank
from app.web.pages import register_pages
from app.web.visit import AtVisit, Site
from tests.tabs import Tab, problems

ERRORS = {
    "forbidden": Forbidden("Your role does not allow this."),
    "absent": NotFound("case"),
    "conflict": Conflict("The meeting is over."),
    "stale": Stale("meeting"),
    "invalid": Invalid([FieldProblem("/x", "bad", "Write it so.")]),
    "unavailable": Unavailable(),
    "signed-out": Unauthenticated(),
    "confirm": ConfirmFirst(),
}


class Named(Form):
    name: Line
    password: SecretStr | None = None


def shop(site: Site) -> FastAPI:
    """A service of three pages, with no database."""
    app = GuardedApp(docs_url=None, redoc_url=None, openapi_url=None)
    pages = APIRouter()

    @pages.get("/form")
    async def ask(visit: AtVisit) -> Response:
        return visit.page("sample.html", form=blank(Named))

    @pages.post("/form")
    async def take(visit: AtVisit) -> Response:
        form = visit.form(Named, name="Enter a name")
        if form.value is None:
            return visit.page("sample.html", 422, form=form)
        visit.say("It was saved.")
        return visit.to(visit.next or "/form")

    @pages.post("/script")
    async def script(visit: AtVisit) -> Response:
        return visit.data({"name": (await visit.json(Named)).name})

    @pages.get("/errors/{name}")
    async def fail(name: str) -> None:
        raise ERRORS[name]

    @pages.get("/numbers/{number}")
    async def number(number: int) -> None: ...

    app.include_router(pages)
    register_problems(app)
    register_pages(app, site)
    return app


SAMPLE = """
{% extends "base.html" %}{% from "fields.html" import text, password, button %}
{% block title %}Sample{% endblock %}
{% block main %}
<h1 class="govuk-heading-l">Sample</h1>
<form method="post" novalidate>{{ csrf_field() }}
{{ text(form, "name", "Name") }}{{ password(form, "password", "Password") }}{{ button("Save") }}
</form>
{% endblock %}
"""


@pytest.fixture
def _sample(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = render._PAGES.loader
    assert loader is not None
    monkeypatch.setattr(render._PAGES, "loader", ChoiceLoader([loader, DictLoader({"sample.html": SAMPLE})]))


@pytest.fixture
async def tab(_sample: None) -> AsyncIterator[Tab]:
    """A browser before the service as somebody tries it at home."""
    async with Tab(shop(Site())) as made:
        yield made


@pytest.fixture
async def secure(_sample: None) -> AsyncIterator[Tab]:
    """A browser before the service as it is deployed."""
    async with Tab(shop(Site("https://roundtable.test"))) as made:
        made.client.base_url = httpx.URL("https://roundtable.test")
        yield made


def cookies_set(answer: httpx.Response) -> dict[str, str]:
    """The flags of each cookie that was set, by name."""
    found = (line.partition("=") for line in answer.headers.get_list("set-cookie"))
    return {name: rest.partition(";")[2].strip() for name, _, rest in found}


async def test_a_form_of_ours_is_taken_and_the_next_page_says_so_once(tab: Tab) -> None:
    await tab.get("/form")
    answer = await tab.post("/form", name="Rosa")
    assert (answer.status_code, answer.headers["location"]) == (303, "/form")
    assert "It was saved." in (await tab.get("/form")).text
    assert "It was saved." not in (await tab.get("/form")).text


async def test_a_form_with_a_problem_comes_back_with_what_was_typed_and_without_secrets(tab: Tab) -> None:
    await tab.get("/form")
    answer = await tab.post("/form", name="", password="correct horse")
    assert answer.status_code == 422
    assert problems(answer) == "Enter a name"
    assert "<title>Error: Sample" in answer.text
    assert "correct horse" not in answer.text


async def test_a_visitor_gets_a_cookie_only_with_a_form_and_keeps_it(tab: Tab) -> None:
    assert not cookies_set(await tab.get("/errors/absent"))
    assert set(cookies_set(await tab.get("/form"))) == {"roundtable-visitor"}
    assert not cookies_set(await tab.get("/form"))


async def test_over_https_each_cookie_is_of_this_host_only_and_out_of_reach_of_scripts(secure: Tab) -> None:
    await secure.get("/form")
    told = cookies_set(await secure.post("/form", name="Rosa"))
    assert set(told) == {"__Host-roundtable-said"}
    flags = {each.strip().lower() for each in told["__Host-roundtable-said"].split(";")}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= flags
    assert not any(each.startswith("domain") for each in flags)


async def test_over_https_a_cookie_without_the_prefix_is_not_believed(secure: Tab) -> None:
    planted = {"cookie": f"{Cookie.VISITOR}=" + "A" * 43}
    answer = await secure.client.get("/form", headers=planted)
    assert set(cookies_set(answer)) == {"__Host-roundtable-visitor"}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://roundtable.test:8080"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    ],
    ids=lambda each: " ".join(each.values()),
)
async def test_a_form_that_another_site_sends_is_refused_though_it_has_the_token(
    tab: Tab, headers: dict[str, str]
) -> None:
    await tab.get("/form")
    answer = await tab.client.post("/form", data={"csrf": tab.csrf, "name": "Rosa"}, headers=headers)
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    assert 'href="/form"' in answer.text


@pytest.mark.parametrize(
    "token", [None, "", "x", "é", "A" * 43, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)
async def test_a_form_without_this_browsers_token_is_refused(tab: Tab, token: str | None) -> None:
    await tab.get("/form")
    answer = await tab.client.post("/form", data={"name": "Rosa", **({} if token is None else {"csrf": token})})
    assert answer.status_code == 403


async def test_a_form_from_another_browser_is_refused(tab: Tab) -> None:
    await tab.get("/form")
    tab.client.cookies.clear()
    await tab.client.get("/form")
    assert (await tab.post("/form", name="Rosa")).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"origin": "http://roundtable.test"}, {"origin": "null"}, {"sec-fetch-site": "same-origin"}]
)
async def test_what_browsers_say_of_our_own_pages_is_no_obstacle(tab: Tab, headers: dict[str, str]) -> None:
    await tab.get("/form")
    answer = await tab.client.post("/form", data={"csrf": tab.csrf, "name": "Rosa"}, headers=headers)
    assert answer.status_code == 303


async def test_a_script_of_ours_sends_the_token_in_a_header(tab: Tab) -> None:
    await tab.get("/form")
    refused = await tab.client.post("/script", json={"name": "Rosa"})
    taken = await tab.client.post("/script", json={"name": "Rosa"}, headers={"x-csrf-token": tab.csrf})
    assert (refused.status_code, taken.status_code, taken.json()) == (403, 200, {"name": "Rosa"})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"name": 1}', b"\xff"])
async def test_whatever_a_script_sends_is_refused_in_words(tab: Tab, body: bytes) -> None:
    await tab.get("/form")
    headers = {"x-csrf-token": tab.csrf, "content-type": "application/json", "accept": "application/json"}
    answer = await tab.client.post("/script", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_may_not_send_its_visitor_to_another_site(tab: Tab) -> None:
    await tab.get("/form")
    answer = await tab.post("/form", name="Rosa", next="//evil.example/")
    assert answer.headers["location"] == "/home"


async def test_what_the_next_page_is_to_say_cannot_be_made_up(tab: Tab) -> None:
    await tab.get("/form")
    tab.client.cookies.set(Cookie.SAID, "UGF5IHRoZSBmaW5lIGF0IGV2aWwuZXhhbXBsZQ")
    assert "fine" not in (await tab.get("/form")).text


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("forbidden", 403, "Your role does not allow this."),
        ("absent", 404, "Page not found"),
        ("conflict", 409, "The meeting is over."),
        ("stale", 412, "Somebody else changed this"),
        ("invalid", 422, "Write it so."),
        ("unavailable", 503, "Nothing was changed."),
    ],
)
async def test_each_refusal_is_a_page_that_says_what_to_do(tab: Tab, name: str, status: int, says: str) -> None:
    answer = await tab.get(f"/errors/{name}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert says in answer.text
    assert re.search(r'<a class="govuk-link" href="/', answer.text)


async def test_a_program_gets_the_same_refusal_as_a_problem(tab: Tab) -> None:
    answer = await tab.client.get("/errors/conflict", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_an_address_that_cannot_be_is_not_found_rather_than_explained(tab: Tab) -> None:
    assert (await tab.get("/numbers/seven")).status_code == 404


@pytest.mark.parametrize(("name", "to"), [("signed-out", "/sign-in"), ("confirm", "/confirm")])
async def test_whoever_must_show_who_they_are_is_sent_there_and_comes_back(tab: Tab, name: str, to: str) -> None:
    answer = await tab.get(f"/errors/{name}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{to}?next=/errors/{name}")


@pytest.mark.parametrize("cookie", ["x", "", "A" * 106, "A" * 200, "é", '"', "A" * 108 + "="])
async def test_a_cookie_that_is_no_key_is_nobody(tab: Tab, cookie: str) -> None:
    answer = await tab.client.get("/home", headers={b"cookie": f"{Cookie.SESSION}={cookie}".encode()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/home")
