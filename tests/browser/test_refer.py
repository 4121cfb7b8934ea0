"""A referral by the keyboard alone on a phone without JavaScript; with it, an officer's day (test_days) has one."""

from playwright.async_api import expect

from app.db.session import Database
from tests.browser.conftest import Windows
from tests.browser.keyboard import Keys, first_pages, incident, last_pages, questions, who_she_is
from tests.browser.windows import DESKTOP, PHONE, sign_in
from tests.world import World


async def test_an_officer_refers_by_keyboard_without_javascript(
    world: World, database: Database, windows: Windows
) -> None:
    key = await sign_in(database, world["officer"])
    async with windows(size=PHONE, key=key, javascript=False) as window:
        keys, page = Keys(window), window.page
        await window.go("/refer")
        await keys.press("Start a referral")
        await who_she_is(keys)
        await keys.press("Save and continue")
        await first_pages(keys)
        await incident(keys)
        await keys.press("Save and continue")
        await keys.press("Save and continue")
        panel = page.locator("[data-label=Strangulation]")
        await questions(keys, range(1, 18))
        await expect(panel).to_be_hidden()
        await questions(keys, [18])
        await expect(panel).to_be_visible()
        await questions(keys, range(19, 28))
        await keys.press("Save and show the score")
        assert "Score 9 of 27. 5 not answered: could reach 14." in await page.inner_text("#score")
        await keys.press("Save and continue")
        await last_pages(keys, window, "HRDA, Monday 23 November 2026 at 09:30")


async def test_what_is_typed_is_saved_by_itself_and_is_gone_from_the_tab_when_its_writer_signs_out(
    world: World, database: Database, windows: Windows
) -> None:
    key = await sign_in(database, world["officer"])
    async with windows(size=DESKTOP, key=key, expected=("status of 422",)) as window:
        page = window.page
        await window.go("/refer")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Start a referral").click()
        await page.fill("#given_name", "Maya")
        await expect(page.get_by_role("status")).to_have_text("Saved.")
        assert await page.evaluate("Object.keys(sessionStorage)") == []
        await window.go(window.path)
        assert await page.input_value("#given_name") == "Maya"

        await page.fill("#date_of_birth", "no day")  # which cannot be saved, and is kept
        await page.wait_for_function("Object.keys(sessionStorage).length === 1")
        assert "no day" not in await page.evaluate("JSON.stringify(sessionStorage)")
        await window.go(window.path)
        assert await page.input_value("#date_of_birth") == "no day"
        async with page.expect_navigation():
            await page.get_by_role("button", name="Sign out").click()
        assert await page.evaluate("Object.keys(sessionStorage)") == []
