"""What the layout does in a real browser, whose headers and cookies no other client imitates quite."""

import pytest

from app.db.session import Database
from tests.browser.conftest import Windows
from tests.browser.windows import DESKTOP, PHONE, Window, sign_in
from tests.world import Clock, World


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
async def test_a_browser_signs_out_by_a_form_of_ours_and_is_told(
    javascript: bool, windows: Windows, town: World, clock: Clock, database: Database
) -> None:
    clock.reset()
    async with windows(javascript=javascript, key=await sign_in(database, town["officer"])) as window:
        await window.go("/home")
        await window.page.get_by_role("button", name="Sign out").click()
        await window.page.get_by_text("You are signed out.").wait_for()
        await window.go("/home")
        assert window.path == "/sign-in?next=/home"


async def test_another_site_cannot_have_the_browser_sign_out(
    windows: Windows, town: World, clock: Clock, database: Database, base: str
) -> None:
    clock.reset()
    expected = ("asked elsewhere", "status of 403")
    async with windows(key=await sign_in(database, town["officer"]), expected=expected) as window:
        elsewhere = f"<form action='{base}/sign-out' method='post'><button>Win</button></form>"
        await window.page.route(
            "http://evil.example/", lambda route: route.fulfill(body=elsewhere, content_type="text/html")
        )
        await window.page.goto("http://evil.example/")
        await window.page.get_by_role("button").click()
        await window.page.get_by_role("heading", name="Nothing was changed").wait_for()
        assert await window.go("/home") == 200
        assert window.path == "/home"


async def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(phone: Window, town: World, clock: Clock) -> None:
    clock.reset()
    await phone.hold(None)
    await phone.go(f"/sign-in?partnership=t-{town.partnership_id}")
    await phone.page.get_by_role("button", name="Sign in", exact=True).click()
    summary = phone.page.locator(".govuk-error-summary")
    await summary.wait_for()
    assert await summary.evaluate("summary => summary === document.activeElement")
    assert (await phone.page.title()).startswith("Error: ")
    await summary.get_by_role("link").first.click()
    assert await phone.page.evaluate("document.activeElement.tagName") == "INPUT"
    phone.nothing_went_wrong(("status of 422",))


async def test_whoever_uses_a_keyboard_skips_the_navigation(phone: Window) -> None:
    await phone.hold(None)
    await phone.go("/")
    await phone.page.keyboard.press("Tab")
    await phone.page.keyboard.press("Enter")
    assert phone.path == "/#main"
    assert await phone.page.evaluate("document.activeElement.id") == "main"


async def test_on_a_phone_the_navigation_folds_and_without_javascript_it_lies_open(
    phone: Window, windows: Windows, town: World, clock: Clock, database: Database
) -> None:
    clock.reset()
    key = await sign_in(database, town["partnership_admin"])
    await phone.hold(key)
    await phone.go("/home")
    link = phone.page.get_by_role("navigation").get_by_role("link", name="Administration")
    assert not await link.is_visible()
    await phone.page.get_by_role("button", name="Menu").click()
    assert await link.is_visible()
    async with windows(javascript=False, size=PHONE, key=key) as window:
        await window.go("/home")
        assert await window.page.get_by_role("navigation").get_by_role("link", name="Administration").is_visible()


async def test_nothing_is_lost_when_a_page_is_magnified_four_times(windows: Windows, town: World) -> None:
    quarter = {"width": DESKTOP["width"] // 4, "height": DESKTOP["height"] // 4}
    async with windows(size=quarter) as window:  # as a browser lays a page out that is magnified to 400%
        await window.go(f"/sign-in?partnership=t-{town.partnership_id}")
        await window.check()
