"""The face: a page for people at each address outside the API, and nothing on it from anywhere else."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace

import httpx
import pytest
from fastapi import Response

from app.api.problems import register_problems
from app.api.security_headers import GuardedApp, SecurityHeaders
from app.web import face
from app.web.assets import FOLDER, asset
from app.web.face import DemoPerson, TourStep, register_face
from app.web.pages import register_pages
from app.web.visit import Site

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ROSA = DemoPerson("rosa.adeyemi@idva.example", "Rosa Adeyemi", "IDVA")
PAGES = ("/", "/reference", "/nowhere", "/broken")


async def healthy() -> bool:
    return True


async def without_database() -> bool:
    return False


async def broken() -> bool:
    raise OSError("connection refused by 192.0.2.1")


async def silent() -> bool:
    await asyncio.Event().wait()
    return True


def service(
    health: Callable[[], Awaitable[bool]] = healthy, people: tuple[DemoPerson, ...] = (ROSA,)
) -> httpx.AsyncClient:
    """A client of a service that has little but the face."""
    app = GuardedApp(docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")

    @app.get("/api/v1/me")
    async def me() -> dict[str, str]:
        return {}

    @app.get("/api/v1/cases")
    async def cases(limit: int) -> dict[str, int]:
        return {"limit": limit}

    @app.get("/broken", include_in_schema=False)
    @app.get("/api/v1/broken", include_in_schema=False)
    async def fault() -> None:
        raise RuntimeError("her name is Sarah")

    @app.get("/kept", include_in_schema=False)
    async def kept() -> Response:
        return Response(headers={"cache-control": "private, max-age=60"})

    register_problems(app)
    register_face(
        app, health=health, people=people, tour=(face.WHO_AM_I, TourStep("Look:", "/api/v1/cases?limit=5&a=b"))
    )
    register_pages(app, Site(demo=bool(people)))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@pytest.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    async with service() as client:
        client.headers.update(BROWSER)
        yield client


class Parsed(HTMLParser):
    """What a browser would fetch or run because of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [value for name, value in attrs if name in {"href", "src", "action", "srcset"} and value]
        self.addresses += [value for name, value in attrs if name == "data-openapi" and value]
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not found.get("src")):
            self.inline.append(tag)


async def test_it_says_that_it_is_healthy_when_the_database_answers(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/")
    assert page.status_code == 200
    assert "Healthy" in page.text
    assert "Not working" not in page.text


@pytest.mark.parametrize("health", [without_database, broken, silent])
async def test_it_says_that_it_is_not_when_the_database_refuses_fails_or_is_silent(
    health: Callable[[], Awaitable[bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face, "HEALTH_SECONDS", 0.01)
    async with service(health) as client:
        page = await client.get("/")
    assert page.status_code == 503
    assert "Not working" in page.text
    assert "192.0.2.1" not in page.text


async def test_the_demonstration_names_whom_to_sign_in_as(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/")).text
    assert "Demonstration" in page
    assert "./roundtable token --as rosa.adeyemi@idva.example" in page
    assert "IDVA" in page


async def test_a_real_service_names_nobody() -> None:
    async with service(people=()) as client:
        page = (await client.get("/")).text
    assert "emonstration" not in page
    assert "sign in as" not in page
    assert "@" not in page
    assert "./roundtable token --as EMAIL" in page


async def test_names_are_shown_as_text_whatever_is_in_them() -> None:
    async with service(people=(DemoPerson("a@b.example", "<script>alert(1)</script>", "\"'&"),)) as client:
        page = (await client.get("/")).text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_each_command_shown_asks_for_an_address_that_answers(visitor: httpx.AsyncClient) -> None:
    page = unescape((await visitor.get("/")).text)
    asked = re.findall(r'curl -H "Authorization: Bearer \$TOKEN" "([^"]+)"', page)
    assert asked == ["http://127.0.0.1:8000/api/v1/me", "http://127.0.0.1:8000/api/v1/cases?limit=5&a=b"]
    for address in asked:
        assert (await visitor.get(address)).status_code == 200


@pytest.mark.parametrize("host", ["roundtable.example", "roundtable.example:8443", "[::1]:8000", "127.0.0.1"])
async def test_commands_name_the_address_by_which_the_visitor_came(visitor: httpx.AsyncClient, host: str) -> None:
    page = unescape((await visitor.get("/", headers={"host": host})).text)
    assert f'"http://{host}/api/v1/me"' in page


@pytest.mark.parametrize("host", ['x"; rm -rf ~; "', "$(id)", "`id`", "a b", "", "a\\b", "host:8000/x"])
async def test_a_host_that_a_shell_would_run_is_never_shown(visitor: httpx.AsyncClient, host: str) -> None:
    answer = await visitor.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "curl" not in answer.text


@pytest.mark.parametrize("path", PAGES)
async def test_everything_a_page_needs_is_served_from_here(visitor: httpx.AsyncClient, path: str) -> None:
    parsed = Parsed((await visitor.get(path)).text)
    assert parsed.inline == []
    assert len(parsed.addresses) > 4
    for address in parsed.addresses:
        assert re.match(r"/(?!/)|#", address), address
        if not address.startswith("#") and address != "/sign-in":  # which asks a database, and there is none here
            assert (await visitor.get(address)).status_code == 200, address


def test_no_style_sheet_fetches_anything_or_carries_the_governments_font_or_crest() -> None:
    sheets = {path: path.read_text() for path in FOLDER.rglob("*.css")}
    assert {path.name for path in sheets} >= {"govuk-frontend.min.css", "swagger-ui.css", "roundtable.css"}
    for path, sheet in sheets.items():
        assert re.findall(r"url\((?!\s*[\"']?data:)[^)]{0,40}", sheet) == [], path
        assert not re.search(r"@import|@font-face|GDS|crest\.|crown\.", sheet), path


def test_what_others_wrote_is_kept_with_its_licence() -> None:
    for folder in (FOLDER / "vendor").iterdir():
        if folder.is_dir():
            assert list(folder.glob("LICENSE*")), folder


async def test_a_file_named_by_its_content_may_be_kept_for_ever(visitor: httpx.AsyncClient) -> None:
    address = asset("roundtable.css")
    file = await visitor.get(address)
    assert hashlib.sha256(file.content).hexdigest().startswith(address.partition("?v=")[2])
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("query", ["", "?v=", "?v=0000000000000000", "?v=None"])
async def test_a_file_under_any_other_name_is_checked_each_time(visitor: httpx.AsyncClient, query: str) -> None:
    file = await visitor.get(f"/static/roundtable.css{query}")
    assert file.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["", "nothing.css", "..%2fassets.py", "%2e%2e/assets.py", "vendor", "%00"])
async def test_nothing_but_the_static_files_is_served(visitor: httpx.AsyncClient, path: str) -> None:
    assert (await visitor.get(f"/static/{path}")).status_code == 404


def test_a_template_cannot_name_a_file_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        asset("nothing.css")


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/broken", 500), ("/static/nothing.css", 404)])
async def test_a_browser_that_meets_an_error_gets_a_page(visitor: httpx.AsyncClient, path: str, status: int) -> None:
    page = await visitor.get(path)
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'href="/"' in page.text
    assert "Sarah" not in page.text


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/broken", 500)])
async def test_a_program_that_meets_an_error_gets_a_problem(visitor: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await visitor.get(path, headers={"accept": "*/*"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(("path", "status"), [("/api", 404), ("/api/v1/nowhere", 404), ("/api/v1/broken", 500)])
async def test_the_api_answers_with_problems_even_in_a_browser(
    visitor: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await visitor.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_fault_that_is_shown_as_a_page_is_still_noted(
    visitor: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await visitor.get("/broken")
    assert any("unforeseen RuntimeError" in line for line in caplog.messages)


async def test_the_reference_describes_the_api_and_not_the_face(visitor: httpx.AsyncClient) -> None:
    assert 'data-openapi="/api/v1/openapi.json"' in (await visitor.get("/reference")).text
    assert set((await visitor.get("/api/v1/openapi.json")).json()["paths"]) == {"/api/v1/me", "/api/v1/cases"}


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/me", "/api/v1/nowhere", "/api/v1/broken", asset("mark.svg")])
async def test_every_answer_tells_the_browser_to_do_no_more_than_show_it(visitor: httpx.AsyncClient, path: str) -> None:
    headers = (await visitor.get(path)).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == "'self'"
    page = path in PAGES and path != "/reference"
    assert re.fullmatch(r"'nonce-[A-Za-z0-9_-]{22}'" if page else "'self'", rules["script-src"])
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["img-src"] == ("'self' data:" if path == "/reference" else "'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]
    assert all(len(headers.get_list(name)) == 1 for name in headers if name != "set-cookie")


async def test_each_page_has_a_nonce_of_its_own_and_every_script_on_it_carries_it(visitor: httpx.AsyncClient) -> None:
    seen = set()
    for _ in range(3):
        page = await visitor.get("/")
        nonce = re.search(r"'nonce-([^']+)'", page.headers["content-security-policy"])
        assert nonce
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert len(scripts) > 1
        assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
        seen.add(nonce[1])
    assert len(seen) == 3


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/me", "/api/v1/nowhere"])
async def test_no_answer_is_kept_unless_it_says_so(visitor: httpx.AsyncClient, path: str) -> None:
    assert (await visitor.get(path)).headers["cache-control"] == "no-store"
    assert (await visitor.get("/kept")).headers["cache-control"] == "private, max-age=60"


async def test_https_is_insisted_on_only_over_https(visitor: httpx.AsyncClient) -> None:
    assert "strict-transport-security" not in (await visitor.get("/")).headers
    assert "strict-transport-security" in (await visitor.get("https://roundtable.example/")).headers


async def test_what_is_not_http_passes_untouched() -> None:
    seen = SimpleNamespace()

    async def inner(scope: object, receive: object, send: object) -> None:
        seen.given = (scope, receive, send)

    async def nothing(*_: object) -> dict[str, object]:
        return {}

    scope = {"type": "websocket"}
    await SecurityHeaders(inner)(scope, nothing, nothing)  # type: ignore[arg-type]  # stand-ins for a real server
    assert seen.given == (scope, nothing, nothing)
