"""Signing in by way of a provider in a real browser: every page on the way can be used by anyone."""

import pytest
from fastapi import FastAPI

from app.domain.providers import SecondFactor
from tests.accounts import account_of
from tests.browser.conftest import Windows
from tests.browser.windows import PHONE, sign_in
from tests.openid.fixtures import started, trusted
from tests.openid.provider import Provider
from tests.openid.visitor import added
from tests.world import World

providers = pytest.fixture(scope="session")(started)
trusting = pytest.fixture(trusted)


async def test_somebody_links_their_organisations_account_and_then_signs_in_by_it_and_a_code(
    trusting: FastAPI, world: World, providers: tuple[Provider, Provider], windows: Windows, base: str
) -> None:
    police = await added(world, providers[0], origin=base)
    await police.trust(second_factor=SecondFactor.NEVER)
    account = await account_of(world, "officer")
    elsewhere = f"asked elsewhere: {police.provider.issuer}"
    key = await sign_in(world.database, world["officer"])
    async with windows(key=key, size=PHONE, expected=(elsewhere,)) as window:
        await window.go("/account/single-sign-on")
        await window.page.get_by_role("button", name="Link it").click()
        await window.check()
        await window.page.get_by_role("button", name="Continue to Wessex Police").click()
        await window.page.get_by_text("account is linked").wait_for()
        await window.check()
        await window.page.get_by_role("button", name="Sign out").click()
        await window.page.wait_for_url("**/sign-in*")
        await window.go(f"/sign-in?partnership={account.slug}")
        await window.page.get_by_role("button", name="Sign in with Wessex Police").click()
        await window.page.get_by_role("textbox", name="Code").fill(account.code)
        await window.check()
        await window.page.get_by_role("button", name="Sign in", exact=True).click()
        await window.page.wait_for_url("**/home")


async def test_somebody_whom_nobody_knows_is_told_so_without_javascript(
    trusting: FastAPI, world: World, providers: tuple[Provider, Provider], windows: Windows, base: str
) -> None:
    police = await added(world, providers[0], origin=base)
    expected = (f"asked elsewhere: {police.provider.issuer}", "status of 403")
    async with windows(javascript=False, expected=expected) as window:
        await window.go(f"/sign-in?partnership=t-{world.partnership_id}")
        await window.page.get_by_role("button", name="Sign in with Wessex Police").click()
        await window.page.get_by_text("does not know that account").wait_for()
        await window.check()
