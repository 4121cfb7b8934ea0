"""Signing in, confirming, and keeping one's password, app and codes, in a real browser with and without JavaScript."""

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI

from app.domain.throttle import RULES, Bucket
from app.web.face import DemoPerson
from app.web.visit import Site
from tests.accounts import PASSWORD, Account, account_of
from tests.browser.conftest import Windows
from tests.browser.windows import DESKTOP, PHONE, Window, check_axe
from tests.tabs import Tab
from tests.world import World

NEW = "lantern mosaic heron"
BOTH_WAYS = pytest.mark.parametrize(("javascript", "size"), [(True, PHONE), (False, DESKTOP)], ids=["js", "no-js"])
REFUSED = ("status of 422", "status of 429", "status of 404")


@pytest.fixture
async def officer(world: World) -> Account:
    return await account_of(world, "officer")


@pytest.fixture
def demonstration(app: FastAPI, officer: Account) -> Iterator[None]:
    """As if the service had been started as one, with one invented person."""
    before = app.state.site, app.state.demo_people
    app.state.site, app.state.demo_people = Site(demo=True), [DemoPerson(officer.email, "Officer", "Refers a case")]
    yield
    app.state.site, app.state.demo_people = before


async def press(window: Window, button: str) -> None:
    """Press the first button of this name, and wait for the page that it leads to."""
    async with window.page.expect_navigation():
        await window.page.get_by_role("button", name=button, exact=True).first.click()


async def fill(window: Window, button: str, **fields: str) -> None:
    """Fill in the form that has these fields, and send it."""
    for name, value in fields.items():
        await window.page.fill(f"#{name}", value)
    await press(window, button)


async def signs_in(officer: Account, window: Window, **fields: str) -> None:
    told = {"email": officer.email, "password": PASSWORD, "code": officer.code, **fields}
    await window.go(f"/sign-in?partnership={officer.slug}&next=/account/app")
    await fill(window, "Sign in", **told)


@BOTH_WAYS
async def test_somebody_signs_in_sets_up_a_new_phone_and_changes_their_password(
    javascript: bool, size: Any, officer: Account, windows: Windows
) -> None:
    clock = officer.world.clock
    async with windows(javascript=javascript, size=size, expected=REFUSED) as window:
        await signs_in(officer, window, password="not my password")
        assert await window.page.title() == "Error: Sign in – Roundtable"
        assert await window.page.input_value("#email") == officer.email
        assert await window.page.input_value("#password") == ""
        await window.check()
        await fill(window, "Sign in", password=PASSWORD, code=officer.code)

        assert window.path == "/account/app"
        await press(window, "Set up another app")
        secret = (await window.page.locator(".rt-key code").inner_text()).replace(" ", "")
        assert await window.page.locator("svg.rt-square").is_visible()
        await window.check()
        await fill(window, "Finish", code="000000")
        await fill(window, "Finish", code=pyotp.TOTP(secret).at(clock()))

        await window.go("/account/recovery-codes")
        await press(window, "Make ten new codes")
        assert len(set(re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", await window.page.content()))) == 10
        if javascript:
            await check_axe(window.page)

        clock.forward(minutes=16)
        await window.go("/account/app")
        assert window.path == "/confirm?next=/account/app"
        await fill(window, "Confirm", password=PASSWORD, code=pyotp.TOTP(secret).at(clock()))
        assert window.path == "/account/app"

        clock.forward(seconds=30)
        await window.go("/account/password")
        code = pyotp.TOTP(secret).at(clock())
        await fill(window, "Change password", password=PASSWORD, code=code, new_password="Password1234")
        assert "guessed first" in await window.page.locator(".govuk-error-summary").inner_text()
        await fill(window, "Change password", password=PASSWORD, code=code, new_password=NEW)
        assert await window.go("/home") == 200


async def test_whoever_tried_too_often_is_told_when_to_try_again(officer: Account, windows: Windows) -> None:
    async with Tab(officer.person.app) as tab:
        for _ in range(RULES[Bucket.ACCOUNT].tries):
            await officer.sign_in(tab, code="000000")
    async with windows(expected=REFUSED) as window:
        await signs_in(officer, window)
        assert "Try again at 3:20am" in await window.page.locator(".govuk-error-summary").inner_text()
        await window.check()


async def test_in_a_demonstration_one_press_is_enough_and_the_page_says_so(
    officer: Account, windows: Windows, demonstration: None, superuser: Any
) -> None:
    await superuser.execute("UPDATE partnership SET demo = true WHERE id = $1", officer.world.partnership_id)
    async with windows(javascript=False, size=PHONE) as window:
        await window.go(f"/sign-in?partnership={officer.slug}")
        assert "only in this demonstration" in await window.page.locator("main").inner_text()
        await window.check()
        await press(window, "Officer")
        assert window.path == "/home"
        officer.world.clock.forward(minutes=16)
        await window.go("/account/app")
        await press(window, "Confirm")
        assert window.path == "/account/app"
