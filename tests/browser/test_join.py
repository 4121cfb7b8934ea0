"""Joining by a link, and asking for a new password, in a real browser with and without JavaScript."""

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI

from tests.accounts import account_of
from tests.browser.conftest import Windows
from tests.browser.windows import DESKTOP, PHONE, Window
from tests.links import MAILED, link_for, mailed, newcomer
from tests.world import World

NEW = "lantern mosaic heron"
BOTH_WAYS = pytest.mark.parametrize(("javascript", "size"), [(True, PHONE), (False, DESKTOP)], ids=["js", "no-js"])
REFUSED = ("status of 422", "status of 410")


@pytest.fixture
def mailing(app: FastAPI) -> Iterator[None]:
    """As if a mail server were set."""
    before = app.state.delivery
    app.state.delivery = MAILED
    yield
    app.state.delivery = before


async def press(window: Window, button: str, **fields: str) -> None:
    """Fill in the form that has these fields, and send it."""
    for name, value in fields.items():
        await window.page.fill(f"#{name}", value)
    await window.page.get_by_role("button", name=button, exact=True).click()
    await window.page.wait_for_load_state()


async def said(window: Window) -> str:
    return await window.page.locator(".govuk-error-summary").inner_text()


@BOTH_WAYS
async def test_somebody_joins_with_a_password_and_an_app(
    javascript: bool, size: Any, world: World, windows: Windows
) -> None:
    link = await link_for(world, await newcomer(world))
    async with windows(javascript=javascript, size=size, expected=REFUSED) as window:
        await window.go(link or "")
        assert window.path == "/join", "the secret is not in the address"
        await window.check()
        await press(window, "Use a password and an app")
        secret = (await window.page.locator(".rt-key code").inner_text()).replace(" ", "")
        await window.check()
        await press(window, "Finish", new_password="short", code="000000")
        assert "Use at least 12 characters" in await said(window)
        await press(window, "Finish", new_password=NEW, code="000000")
        assert "not the code" in await said(window)
        assert await window.page.input_value("#new_password") == ""
        await window.check()
        await press(window, "Finish", new_password=NEW, code=pyotp.TOTP(secret).at(world.clock()))
        codes = await window.page.locator(".rt-codes").inner_text()
        assert len(set(re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", codes))) == 10
        await window.check()
        await press(window, "I have kept them")
        assert window.path == "/home"
        assert await window.go(link or "") == 410
        await window.check()


async def test_somebody_joins_with_a_passkey(world: World, windows: Windows) -> None:
    link = await link_for(world, await newcomer(world))
    async with windows() as window:
        device = await window.authenticator()
        await window.go(link or "")
        await press(window, "Use a passkey")
        await window.check()
        await window.page.get_by_role("button", name="Make a passkey").click()
        await window.page.wait_for_url("**/home")
        assert len(await device.credentials()) == 1
        assert "Add a second passkey" in await window.page.locator(".govuk-notification-banner").inner_text()


async def test_without_javascript_the_page_for_a_passkey_says_what_to_do(world: World, windows: Windows) -> None:
    link = await link_for(world, await newcomer(world))
    async with windows(javascript=False, size=PHONE) as window:
        await window.go(link or "")
        await press(window, "Use a passkey")
        assert "Go back and choose another way" in await window.page.locator("main").inner_text()
        assert not await window.page.get_by_role("button", name="Make a passkey").is_visible()


@BOTH_WAYS
async def test_a_forgotten_password_is_replaced_by_mail_and_the_code_is_still_asked_for(
    javascript: bool, size: Any, world: World, windows: Windows, mailing: None
) -> None:
    officer = await account_of(world, "officer")
    async with windows(javascript=javascript, size=size, expected=REFUSED) as window:
        await window.go(f"/sign-in?partnership={officer.slug}")
        await window.page.get_by_role("link", name="I cannot sign in").click()
        await window.check()
        await press(window, "Send me a link", email="not an address")
        assert "name@example.org" in await said(window)
        await press(window, "Send me a link", email=officer.email)
        assert await window.page.locator("h1").inner_text() == "Look at your mail"
        await window.check()

        (link,) = await mailed(world)
        await window.go(link)
        assert await window.page.locator("h1").inner_text() == "Choose a new password"
        await window.check()
        await press(window, "Change password", new_password="password1234")
        assert "guessed first" in await said(window)
        await press(window, "Change password", new_password=NEW)
        assert window.path == "/sign-in"
        assert "Your password was changed" in await window.page.locator(".govuk-notification-banner").inner_text()
    assert await officer.can_sign_in(password=NEW)
