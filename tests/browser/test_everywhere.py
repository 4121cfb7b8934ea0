"""What holds on every page, where only a browser can tell: pressing twice, waiting, being signed out, leaving."""

import asyncio
import json
from io import BytesIO
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect
from pypdf import PdfReader

from app.db.session import Database
from app.services import sessions
from tests.browser import casework, clients
from tests.browser.conftest import Windows
from tests.browser.windows import PHONE, SHAPE, Window, sign_in
from tests.integration.test_stay import as_oneself
from tests.world import Clock, World

NEUTRAL = "https://www.bbc.co.uk/weather"
SAID = "He has said that he will be waiting."


class Slowly:
    """Holds back whatever form is sent, until it is let go."""

    def __init__(self) -> None:
        self.sent = 0
        self.gate = asyncio.Event()

    async def __call__(self, route: Route) -> None:
        if route.request.method == "POST":
            self.sent += 1
            await self.gate.wait()
        await route.continue_()


# Presses twice before anything was said and once when something is, then is told, as by a browser that had put the page
# aside whole, that somebody came back to it. In one go: a page that is being left answers no more questions.
_PRESSING = """async () => {
  const button = document.querySelector("main form button");
  const said = () => document.querySelector("body > [role=status]")?.textContent ?? "";
  const stands = () => [button.textContent.trim(), button.ariaDisabled, button.ariaBusy, said()];
  const before = stands();
  button.click();
  button.click();
  for (let n = 0; n < 200 && !said(); n += 1) await new Promise((done) => setTimeout(done, 20));
  button.click();
  const meanwhile = stands();
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  return [meanwhile, before, stands()];
}"""


async def test_a_form_that_takes_long_says_so_and_is_sent_once_and_not_locked_for_whoever_comes_back(
    windows: Windows, world: World, database: Database
) -> None:
    async with windows(key=await sign_in(database, world["officer"])) as window:
        page, slowly = window.page, Slowly()
        await window.go("/refer")
        await page.route("**/refer", slowly)
        meanwhile, before, after = await page.evaluate(_PRESSING)
        assert meanwhile == ["Working…", "true", "true", "Working…"]
        assert before == after == ["Start a referral", None, None, ""]
        slowly.gate.set()
        await page.wait_for_url("**/victim")
        assert slowly.sent == 1


async def _kept(page: Page) -> str:
    return str(await page.evaluate("JSON.stringify(sessionStorage)"))


async def test_what_was_typed_is_hidden_from_everybody_else_and_back_for_whoever_typed_it(
    windows: Windows, world: World, database: Database
) -> None:
    path = await clients.at("/caseload/{client}/notes")(world)
    idva = world["idva"]
    key = await sign_in(database, idva)
    async with windows(size=PHONE, key=key, expected=("status of 404", "status of 403")) as window:
        page = window.page
        async with page.expect_request("**/stay"):
            await window.go(path)
        await page.fill("#note", SAID)
        async with page.expect_navigation(url=lambda url: "/sign-in" in url):
            await as_oneself(idva, key, sessions.end_own)
        assert SAID not in await page.content()
        stored = await _kept(page)
        assert SAID not in stored
        assert set(json.loads(next(iter(json.loads(stored).values())))) == {"salt", "iv", "data"}

        # Somebody else signs in at the same desk: a colleague who may open the same page.
        for who, shown in (("coordinator", False), ("idva", True)):
            await window.hold(await sign_in(database, world[who]))
            if not shown:
                await window.go("/home")
                opened = await page.evaluate("key => roundtable.open(sessionStorage[key])", f"typed:{path}")
                assert opened is None
                continue
            await window.go(path)
            await expect(page.get_by_text("What you typed before you were signed out is back.")).to_be_visible()
            assert await page.input_value("#note") == SAID
            assert await _kept(page) == "{}"
            await window.check()


async def test_without_a_connection_a_page_that_nobody_is_at_is_covered_when_its_time_is_up(
    windows: Windows, world: World, database: Database
) -> None:
    path = await clients.at("/caseload/{client}/notes")(world)
    key = await sign_in(database, world["idva"])
    async with windows(key=key, expected=("ERR_INTERNET_DISCONNECTED",), alone=True) as window:
        page = window.page
        await page.clock.install()
        # Listens from the first: what is told once more takes half a minute to come.
        await page.add_init_script(
            "told = new Promise(done => new BroadcastChannel('roundtable-stay').onmessage = () => done())"
        )
        await window.go(path)
        await page.fill("#note", SAID)
        await page.evaluate("told")
        await window.context.set_offline(True)
        await page.clock.fast_forward("29:00")
        await page.keyboard.press("Tab")
        await page.clock.fast_forward("01:30")
        assert await page.input_value("#note") == SAID, "whoever is there types on"
        async with page.expect_event("requestfailed", lambda request: "/stay/ended" in request.url):
            await page.clock.fast_forward("03:00")
        await expect(page.locator("#note")).to_have_count(0)
        await expect(page.locator("body")).not_to_contain_text(SAID)


async def test_whoever_signs_out_leaves_nothing_behind(windows: Windows, world: World, database: Database) -> None:
    async with windows(key=await sign_in(database, world["idva"])) as window:
        await window.go("/home")
        await window.page.evaluate("sessionStorage.setItem('typed:/x', 'sealed')")
        async with window.page.expect_navigation():
            await window.page.get_by_role("button", name="Sign out").click()
        assert await _kept(window.page) == "{}"


async def test_every_sheet_that_is_printed_says_whose_it_is_and_how_it_is_marked(
    phone: Window, town: World, clock: Clock, database: Database
) -> None:
    clock.reset()
    path = await casework.at("/cases/{case}/timeline")(town)
    await phone.hold(await sign_in(database, town["coordinator"]))
    await phone.go(path)
    sheets = [
        " ".join(each.extract_text().split()) for each in PdfReader(BytesIO(await phone.page.pdf(format="A6"))).pages
    ]
    assert len(sheets) > 1
    for sheet in sheets:
        assert "OFFICIAL-SENSITIVE Opened by Coordinator, Community Safety, Saturday 21 November 2026 at 03:10" in sheet
        assert "Sign out" not in sheet


@pytest.mark.parametrize("how", ["press", "keys", "link"])
async def test_a_page_is_left_at_once_for_one_that_says_nothing(
    how: str, windows: Windows, world: World, database: Database
) -> None:
    path = await clients.at("/caseload/{client}/words")(world)
    key = await sign_in(database, world["idva"])
    expected = (f"asked elsewhere: {NEUTRAL}",)
    async with windows(size=PHONE, key=key, javascript=how != "link", expected=expected) as window:
        page = window.page
        heard: list[Any] = []

        async def answer(route: Route) -> None:
            heard.append(await route.request.all_headers())
            await route.fulfill(body="<h1>Weather</h1>", content_type="text/html")

        await window.context.route(NEUTRAL, answer)
        await window.go("/home")
        await window.go(path)
        if how == "keys":
            for left in ("2 more times", "1 more time "):
                await page.keyboard.press("Shift")
                await expect(page.get_by_text(f"Shift, press {left}")).to_be_attached()
            await page.keyboard.press("Shift")
        else:
            await page.locator("[data-exit]").click()
        await page.wait_for_url(NEUTRAL)
        assert "referer" not in heard[0]
        if how != "link":
            await page.go_back()
            assert window.path == "/home"


async def test_letters_written_with_shift_leave_nothing(windows: Windows, world: World, database: Database) -> None:
    path = await clients.at("/caseload/{client}/words")(world)
    async with windows(key=await sign_in(database, world["idva"])) as window:
        await window.go(path)
        await window.page.locator("textarea").first.click()
        for each in ("Shift+A", "Shift+B", "Shift+C", "Shift+D"):
            await window.page.keyboard.press(each)
        assert window.path == path
        assert (await window.page.locator("textarea").first.input_value()).endswith("ABCD")


@pytest.mark.parametrize(
    ("inside", "criterion"),
    [
        ("", None),
        ("<div style='width: 500px'>Wide</div>", "1.4.10"),
        ("<p style='white-space: nowrap; font: 16px monospace'>A line that just fits here</p>", "1.4.10"),
        ("<div style='overflow: hidden; height: 20px; line-height: 20px; width: 150px'>Just as high</div>", "1.4.12"),
        ("<a href='/a' style='font-size: 9px'>A</a> <a href='/b' style='font-size: 9px'>B</a>", None),
        ("<button style='font-size: 9px; padding: 0'>A</button><button style='padding: 0'>B</button>", "2.5.8"),
        ("<button style='outline: none; padding: 10px'>A button</button>", "2.4.7"),
        ("<p style='position: fixed; inset: 0; background: #fff'>Over all</p><a href='/'>Home</a>", "2.4.11"),
    ],
)
async def test_each_fault_of_a_pages_shape_is_found(phone: Window, inside: str, criterion: str | None) -> None:
    await phone.page.goto("about:blank")  # where no policy of ours forbids the styles below
    await phone.page.set_content(f"<!DOCTYPE html><html lang='en'><body><main><h1>Shape</h1>{inside}</main></body>")
    found = {str(each).rpartition("(")[2].rstrip(")") for each in await phone.page.evaluate(SHAPE)}
    assert found == ({criterion} if criterion else set())
