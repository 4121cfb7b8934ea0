"""Passkeys in a real browser, on a virtual device that knows its owner's finger."""

from urllib.parse import unquote

from app.db.session import Database
from tests.browser.conftest import Windows
from tests.browser.windows import PHONE, Window, sign_in
from tests.passkeys import enrol
from tests.world import World

NO_PASSKEY = "No passkey was used. It was cancelled, it took too long, or there is none here."
REFUSED = ("status of 409", "status of 422")


async def press(window: Window, button: str, to: str) -> None:
    """Press a passkey's button, and wait for the page that it leads to."""
    await window.page.get_by_role("button", name=button).click()
    await window.page.wait_for_url(f"{window.base}{to}")


async def told(window: Window) -> str:
    """What the block says is wrong, once it says something."""
    problem = window.page.locator("[data-passkey-problem]")
    await problem.wait_for(state="visible")
    return await problem.inner_text()


async def test_somebody_adds_a_passkey_signs_in_and_confirms_by_it_and_removes_it(
    world: World, windows: Windows, database: Database
) -> None:
    page = f"/sign-in?partnership=t-{world.partnership_id}&next=/account/passkeys"
    async with windows(key=await sign_in(database, world["officer"]), expected=REFUSED) as window:
        device = await window.authenticator()
        await window.go("/account/passkeys/add")
        await window.page.fill("#name", "Work laptop")
        await press(window, "Make a passkey", "/account/passkeys")
        assert "Work laptop" in await window.page.locator("main").inner_text()
        (credential,) = await device.credentials()
        assert credential["isResidentCredential"]

        await window.go("/account/passkeys/add")
        await window.page.get_by_role("button", name="Make a passkey").click()
        assert "This device already has a passkey for you" in await told(window)

        # The browser offers it unasked, and this device's owner takes every offer.
        await window.context.clear_cookies()
        await window.go(page)
        await window.page.wait_for_url(f"{window.base}/account/passkeys")

        await window.context.clear_cookies()
        await device.recognise(False)
        await window.go(page)
        await window.page.get_by_role("button", name="Sign in with a passkey").click()
        assert NO_PASSKEY in await told(window)
        await window.check()
        await device.recognise(True)
        await press(window, "Sign in with a passkey", "/account/passkeys")

        world.clock.forward(minutes=16)
        await window.page.get_by_role("link", name="Remove").click()
        await window.page.wait_for_url(f"{window.base}/confirm?**")
        await press(window, "Confirm with your passkey", unquote(window.path.partition("next=")[2]))
        assert "This is the only way that you can sign in." in await window.page.locator("main").inner_text()

        await enrol(world, "officer")
        await window.page.reload()
        await window.page.get_by_role("button", name="Remove the passkey").click()
        assert window.path == "/account/passkeys"
        assert "Work laptop" not in await window.page.locator("main").inner_text()

        await window.context.clear_cookies()
        await window.go(page)
        assert await told(window) == "This passkey did not work. Try again, use another, or choose another way."


async def test_without_javascript_each_page_says_what_to_do_instead(
    world: World, windows: Windows, database: Database
) -> None:
    await enrol(world, "officer")
    async with windows(javascript=False, size=PHONE, key=await sign_in(database, world["officer"])) as window:
        for path, instead in (
            ("/account/passkeys/add", "Switch it on for this site, or use another browser."),
            ("/confirm", "Confirm in another way, or sign out and use another browser."),
        ):
            await window.go(path)
            assert instead in await window.page.locator("[data-passkey-without]").inner_text()
            assert not await window.page.locator("[data-passkey-button]").is_visible()
    async with windows(javascript=False, size=PHONE) as window:
        await window.go(f"/sign-in?partnership=t-{world.partnership_id}")
        assert "Use one of the other ways below." in await window.page.locator("[data-passkey-without]").inner_text()
        assert not await window.page.locator("[data-passkey-button]").is_visible()
