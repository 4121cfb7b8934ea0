"""People and agencies kept in a real browser, with and without scripts; and open pages covered when access ends."""

import asyncio

import pytest
from playwright.async_api import expect

from app.db.session import Database
from tests.browser.conftest import Windows
from tests.browser.windows import DESKTOP, PHONE, sign_in
from tests.world import World


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
async def test_an_administrator_invites_somebody_gives_them_a_role_and_ends_their_access(
    javascript: bool, windows: Windows, world: World, database: Database
) -> None:
    key = await sign_in(database, world["police_admin"])
    async with windows(javascript=javascript, size=PHONE if javascript else DESKTOP, key=key) as here:
        page = here.page
        await here.go("/people")
        await page.get_by_role("button", name="Invite somebody").click()
        await page.get_by_label("Name", exact=True).fill("Ann Weaver")
        await page.get_by_label("Email address").fill("ann.weaver@police.example")
        await page.get_by_label("Practitioner", exact=True).check()
        await page.get_by_role("button", name="Invite them").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ann Weaver")
        await here.check()
        await page.get_by_role("link", name="Give a role").click()
        await page.get_by_label("IDVA").check()
        await page.get_by_role("button", name="Give the role").click()
        await expect(page.get_by_text("The role was given.")).to_be_visible()
        await page.get_by_role("link", name="Make a new sign-in link").click()
        await page.get_by_role("button", name="Make the link").click()
        await expect(page.locator("#link")).to_contain_text("/join/")
        await page.get_by_role("button", name="Done").click()
        await page.get_by_role("button", name="End their access").click()
        await page.get_by_role("button", name="End their access").click()
        await expect(page.get_by_text("Their access has ended.")).to_be_visible()
        await here.check()


async def test_what_is_wrong_with_an_invitation_is_listed_and_linked_to_its_field(
    windows: Windows, world: World, database: Database
) -> None:
    key = await sign_in(database, world["police_admin"])
    async with windows(key=key, expected=("status of 422",)) as here:
        await here.go("/people/invite")
        await here.page.get_by_role("button", name="Invite them").click()
        summary = here.page.locator(".govuk-error-summary")
        await expect(summary).to_be_focused()
        await summary.get_by_role("link", name="Enter their email address").click()
        await expect(here.page.get_by_label("Email address")).to_be_focused()
        await here.check()


async def test_every_tab_is_covered_as_soon_as_access_ends_and_says_why(
    windows: Windows, world: World, database: Database
) -> None:
    """Ten tabs of one browser hold one connection between them."""
    key = await sign_in(database, world["officer"])
    async with windows(key=key) as here:
        asked: list[str] = []
        here.context.on("request", lambda request: asked.append(request.url.removeprefix(here.base)))
        async with here.page.expect_request("**/stay"):
            await here.go("/account")
        others = [await here.context.new_page() for _ in range(2)]
        for each in others:
            await each.goto(f"{here.base}/home")
        pages = (here.page, *others)
        await asyncio.gather(*(each.wait_for_load_state() for each in pages))
        assert asked.count("/stay") == 1
        await world["police_admin"].post(f"/users/{world['officer'].user_id}/end")
        await asyncio.gather(*(each.wait_for_url(lambda url: "/sign-in" in url) for each in pages))
        told = [await each.get_by_text("You were signed out by an administrator.").count() for each in pages]
        assert sum(told) >= 1


async def test_who_does_nothing_is_asked_and_stays_signed_in_by_one_press(
    windows: Windows, world: World, database: Database
) -> None:
    key = await sign_in(database, world["officer"])
    world.clock.forward(minutes=28, seconds=30)
    async with windows(key=key) as here:
        # Opening the page is a request: the limit begins anew, and runs down again.
        await here.go("/account")
        world.clock.forward(minutes=28, seconds=30)
        world.app.state.watch.close()  # the page's connection is made anew, and told how long there is left
        dialog = here.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("In less than 2 minutes you will be signed out")
        await here.check()
        await dialog.get_by_role("button", name="Stay signed in").click()
        await expect(dialog).to_have_count(0)
        world.clock.forward(minutes=29)
        assert await here.go("/account") == 200
        assert here.path == "/account"


async def test_without_scripts_the_next_page_says_why(windows: Windows, world: World, database: Database) -> None:
    key = await sign_in(database, world["officer"])
    async with windows(key=key, javascript=False) as here:
        await here.go("/account")
        world.clock.forward(minutes=31)
        await here.go("/account")
        await expect(here.page.get_by_text("you had done nothing here for a while")).to_be_visible()
        await here.check()


async def test_an_agency_is_locked_out_and_let_in_again(windows: Windows, world: World, database: Database) -> None:
    key = await sign_in(database, world["partnership_admin"])
    async with windows(key=key, javascript=False) as here:
        page = here.page
        await here.go("/agencies")
        await page.get_by_role("link", name="Solent Hospitals").click()
        await page.get_by_role("button", name="Lock it out").click()
        await page.get_by_label("Why?").fill("A laptop was stolen.")
        await page.get_by_role("button", name="Lock them out").click()
        await expect(page.get_by_text("Locked out since")).to_be_visible()
        await here.check()
        await page.get_by_role("button", name="Let it in again").click()
        await here.check()
        await page.get_by_role("button", name="Let it in again").click()
        await expect(page.get_by_text("The agency is let in again.")).to_be_visible()
