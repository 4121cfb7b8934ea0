"""A meeting as it goes, in a real browser: by keyboard, with scripts and without, from the start to the minutes."""

import re
from typing import Any

import pytest

from app.db.session import Database
from tests.browser.conftest import Windows
from tests.browser.sittings import CHILD, start
from tests.browser.windows import DESKTOP, PHONE, Window, sign_in
from tests.world import World

BOTH_WAYS = pytest.mark.parametrize(("javascript", "size"), [(True, DESKTOP), (False, PHONE)], ids=["js", "no-js"])


async def press(window: Window, button: str) -> None:
    """Press the first button of this name, and wait for the page that it leads to."""
    async with window.page.expect_navigation():
        await window.page.get_by_role("button", name=button).first.click()


async def enter(window: Window, *keys: str) -> None:
    """Type, key by key or text by text, and send the form with the last."""
    *typed, last = keys
    for each in typed:
        if each in ("Tab",):
            await window.page.keyboard.press(each)
        else:
            await window.page.keyboard.type(each)
    async with window.page.expect_navigation():
        await window.page.keyboard.press(last)


async def going(world: World) -> tuple[str, list[dict[str, Any]]]:
    """A meeting that has started, with two families on its list."""
    made = await world.refer(victim="Ana Pereira", children=[CHILD])
    await world.refer(victim="Joan Mercer")
    meeting: str = made["route"]["meeting_id"]
    return meeting, await start(world, meeting)


@BOTH_WAYS
async def test_a_plan_is_typed_as_it_is_said_and_the_next_case_comes_up(
    windows: Windows, world: World, database: Database, javascript: bool, size: Any
) -> None:
    meeting, (first, second) = await going(world)
    key = await sign_in(database, world["coordinator"])
    async with windows(javascript=javascript, size=size, key=key) as window:
        page = window.page
        await window.go(f"/meetings/{meeting}/run")
        await page.get_by_role("button", name="Next case").click()
        assert window.path == f"/meetings/{meeting}/items/{first['id']}"
        await page.fill("#minutes", "The school has seen bruises.")
        await page.focus("#what")
        for what, by in (("Fit new locks at the home", "2 days"), ("Visit the family with the IDVA", "tomorrow")):
            # The focus is where the next action begins, so that nobody reaches for a mouse.
            assert await page.evaluate("document.activeElement.id") == "what"
            await enter(window, what, "Tab", "City Hou", "Tab", by, "Enter")
            assert window.path.startswith(f"/meetings/{meeting}/items/{first['id']}")
        await page.select_option("#about", "staff")
        await page.focus("#risk")
        await enter(window, "He has a key to the house.", "Enter")
        text = await page.inner_text("main")
        assert "He has a key to the house. (Community Safety)" in text
        assert "Fit new locks at the home City Housing, by Wednesday 25 November 2026" in text
        assert "Visit the family with the IDVA City Housing, by Tuesday 24 November 2026" in text
        assert await page.input_value("#minutes") == "The school has seen bruises."
        await window.check()
        await press(window, "Decide the outcome")
        assert window.path == f"/meetings/{meeting}/items/{first['id']}/outcome"
        assert not await page.get_by_label("To which day?").is_visible()
        await page.get_by_label("Deferred to a named date").check()
        assert await page.get_by_label("To which day?").is_visible()
        await page.get_by_label("Plan agreed and monitored").check()
        await window.check()
        await press(window, "Record the outcome")
        assert window.path == f"/meetings/{meeting}/items/{second['id']}"
        await window.go(f"/meetings/{meeting}/run")
        assert "Agencies that came only for the children may leave" in await page.inner_text("main")
        await page.get_by_text("End the meeting").first.click()
        await press(window, "End the meeting")
        assert window.path == f"/meetings/{meeting}/minutes"
        assert "What each agency promised" in await page.inner_text("main")
        await window.check()


async def test_each_person_accepts_the_statement_on_their_own_device_and_is_there_by_that(
    windows: Windows, world: World, database: Database
) -> None:
    made = await world.refer(victim="Ana Pereira")
    meeting = made["route"]["meeting_id"]
    async with windows(size=PHONE, key=await sign_in(database, world["mh_rep"])) as window:
        await window.go(f"/meetings/{meeting}/run")
        await window.page.get_by_role("link", name="Confidentiality statement").click()
        await press(window, "I have read this, and accept it")
        assert re.search(r"Mh Rep, Mental Health Trust: accepted at", await window.page.inner_text("main"))
        await window.check()


@BOTH_WAYS
async def test_a_lunch_hour_of_research(
    windows: Windows, world: World, database: Database, javascript: bool, size: Any
) -> None:
    for n in range(4):
        await world.refer(victim=f"Maya Thornbury{n}")
    key = await sign_in(database, world["mh_rep"])
    async with windows(javascript=javascript, size=size, key=key) as window:
        page = window.page
        await window.go("/research")
        for left in (3, 2):
            await press(window, "Not known")
            assert await page.get_by_role("button", name=re.compile("^Not known.*C-")).count() == left
        await page.get_by_role("link", name=re.compile("^Known: write a return")).first.click()
        await page.get_by_label("Yes").check()
        await page.fill("#facts", "Seen by the crisis team on 3 November.")
        await page.fill("#shared_facts", "Seen by the crisis team this month.")
        await window.check()
        await press(window, "Release to the meeting")
        assert await page.get_by_role("button", name=re.compile("^Not known.*C-")).count() == 1
        await press(window, "Not known")
        assert "Nothing waits for you" in await page.inner_text("main")
        await window.check()
