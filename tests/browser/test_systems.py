"""An administrator's pages for the programs that call in their agency's name."""

import json

import pytest

from app.db.session import Database
from tests.browser.conftest import Windows
from tests.browser.windows import DESKTOP, PHONE, Window, check_axe, sign_in
from tests.systems import Key, System
from tests.world import World


async def _add(window: Window) -> None:
    page = window.page
    await window.go("/systems")
    await page.get_by_role("button", name="Add a system").click()
    await page.get_by_label("Name").fill("Emergency department records")
    await page.get_by_label("Why does it call Roundtable?").fill("A nurse completes the checklist there.")
    await page.get_by_label("Look up").check()
    await page.get_by_role("checkbox", name="Refer").check()
    await page.get_by_role("button", name="Add the system").click()
    await page.get_by_role("heading", name="Emergency department records").wait_for()


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
async def test_a_system_is_added_given_a_secret_that_is_shown_once_and_the_secret_is_ended(
    javascript: bool, windows: Windows, world: World, database: Database
) -> None:
    key = await sign_in(database, world["police_admin"])
    size = PHONE if javascript else DESKTOP
    async with windows(javascript=javascript, size=size, key=key, expected=("status of 422",)) as window:
        page = window.page
        await _add(window)
        await page.get_by_role("button", name="Add a secret").click()
        await page.get_by_label("90 days").check()
        await page.get_by_role("button", name="Show the secret").click()
        client_id, secret = await page.locator("code.rt-code").all_inner_texts()
        if javascript:
            await check_axe(page)
        system = System(world, client_id, "", "", secret)
        assert (await system.ask(scope="refer")).status_code == 200
        await page.get_by_role("button", name="I have kept it").click()
        assert secret not in await page.content()
        await page.get_by_role("link", name=f"End secret {secret[-4:]}").click()
        await page.get_by_role("button", name="End it").click()
        await page.get_by_text("It has ended").wait_for()
        assert (await system.ask()).status_code == 401


async def test_a_private_key_is_refused_in_words_and_its_public_half_is_taken(
    windows: Windows, world: World, database: Database
) -> None:
    key = await sign_in(database, world["police_admin"])
    async with windows(javascript=False, key=key, expected=("status of 422",)) as window:
        page = window.page
        await _add(window)
        await page.get_by_role("button", name="Add a public key").click()
        jwk = Key("2026-11").jwk
        await page.get_by_label("Public key", exact=True).fill(json.dumps({**jwk, "d": "AAAA"}))
        await page.get_by_role("button", name="Add the key").click()
        assert "private half" in await page.locator(".govuk-error-summary").inner_text()
        await page.get_by_label("Public key", exact=True).fill(json.dumps(jwk))
        await page.get_by_role("button", name="Add the key").click()
        await page.get_by_role("rowheader", name="Key 2026-11").wait_for()
        await page.get_by_role("link", name="Take nothing from").click()
        await page.get_by_role("button", name="End it").click()
        await page.get_by_text("The system was ended").wait_for()


async def test_who_has_been_away_from_the_screen_shows_again_who_they_are_before_a_system_is_added(
    windows: Windows, world: World, database: Database
) -> None:
    key = await sign_in(database, world["police_admin"])
    world.clock.forward(minutes=20)
    async with windows(javascript=False, key=key, expected=("status of 422",)) as window:
        await window.go("/systems/add")
        assert window.path == "/confirm?next=/systems/add"
