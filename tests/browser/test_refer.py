"""An officer at ten past three: a referral by the keyboard alone, on a phone, while the signal comes and goes."""

from typing import Any

import pytest
from playwright.async_api import expect

from app.db.session import Database
from tests.browser.conftest import Windows
from tests.browser.windows import DESKTOP, PHONE, Window, sign_in
from tests.world import World

# How the one that has the focus is told: by its id, or by what is written on it.
_FOCUSED = "(() => { const e = document.activeElement; return [e.id, e.innerText?.trim() ?? '']; })()"
YES = (1, 2, 3, 5, 13, 14, 18, 24, 27)
OPEN = (7, 21, 22, 23, 26)
OFFLINE = ("ERR_INTERNET_DISCONNECTED", "status of 422", "status of 412")


class Keys:
    """Hands on a keyboard, and nothing else."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.keyboard = window.page.keyboard

    async def to(self, wanted: str) -> None:
        """Press Tab until the focus is on what has this id or says this."""
        for _ in range(120):
            await self.keyboard.press("Tab")
            if wanted in await self.window.page.evaluate(_FOCUSED):
                return
        raise AssertionError(f"the keyboard does not reach {wanted!r} on {self.window.path}")

    async def write(self, **fields: str) -> None:
        """Fill in fields in the order of the page."""
        for name, text in fields.items():
            await self.to(name)
            await self.keyboard.insert_text(text)

    async def day(self, name: str, day: str, month: str, year: str) -> None:
        await self.write(**{name: day, f"{name}-month": month, f"{name}-year": year})

    async def choose(self, name: str, place: int = 0) -> None:
        """Choose one of several: the first, or so many further on."""
        await self.to(name)
        await self.keyboard.press("Space")
        for _ in range(place):
            await self.keyboard.press("ArrowDown")

    async def press(self, words: str) -> None:
        """Press a button or follow a link, and wait for the page that it leads to."""
        await self.to(words)
        async with self.window.page.expect_navigation():
            await self.keyboard.press("Enter")
        await self.window.page.wait_for_load_state()


async def first_pages(keys: Keys) -> None:
    """How to reach her, who causes the harm, no children, nobody else."""
    await keys.choose("safe_to_call")
    await keys.write(when="10:00 to 14:00", who_must_not_know="He looks at her phone.")
    await keys.choose("voicemail", 1)
    await keys.write(phone_0="07700 900123")
    await keys.press("Save and continue")
    await keys.write(given_name="Dale", family_name="Harrow", relationship="former partner")
    await keys.press("Save and continue")
    await keys.press("Continue")
    await keys.press("There are none: continue")
    await keys.press("There are none: continue")


async def last_pages(keys: Keys, window: Window) -> None:
    """From judgement to the answer."""
    await keys.choose("level", 1)
    await keys.write(rationale="Her voice was hoarse, and he has said when he will come back.")
    await keys.press("Save and continue")
    await keys.choose("aware")
    await keys.write(views="She wants him to leave her alone.")
    await keys.press("Save and continue")
    await keys.press("Save and continue")  # the basis that is proposed
    await keys.write(role="Police constable", phone="01632 960101")
    await keys.press("Save and continue")
    assert window.path.endswith("/check")
    text = await window.page.inner_text("main")
    assert "Still missing" not in text
    for said in ("Maya", "17 April 1991", "07700 900123", "He held her by the neck", "9 of 27", "Her voice was hoarse"):
        assert said in text
    await keys.press("Send the referral")
    result = await window.page.inner_text("main")
    for said in ("High risk: your professional judgement", "Strangulation", "HRDA, Monday 23 November 2026 at 09:30"):
        assert said in result


async def incident(keys: Keys) -> None:
    await keys.day("occurred_on", "20", "11", "2026")
    await keys.write(narrative="He held her by the neck in the kitchen.")


async def questions(keys: Keys, numbers: Any = range(1, 28)) -> None:
    for n in numbers:
        if n not in OPEN:
            await keys.choose(f"q{n}", 0 if n in YES else 1)


async def test_an_officer_refers_by_keyboard_on_a_phone_and_two_lost_connections_lose_nothing(
    world: World, database: Database, windows: Windows
) -> None:
    key = await sign_in(database, world["officer"])
    async with windows(size=PHONE, key=key, expected=OFFLINE) as window:
        keys, page = Keys(window), window.page
        await window.go("/refer")
        await keys.press("Start a referral")
        await keys.write(given_name="Maya", family_name="Thornbury")
        await keys.day("date_of_birth", "17", "4", "1991")

        # The signal goes as the page is saved: it says so, keeps everything, and goes on by itself when it is back.
        await window.context.set_offline(True)
        await keys.to("Save and continue")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("No connection. What you typed is kept")
        async with page.expect_navigation(url="**/contact"):
            await window.context.set_offline(False)
        assert "Every new name is checked against earlier records. Carry on." in await page.inner_text("main")

        await first_pages(keys)
        # It goes again, and the page is opened anew before anything was saved.
        await incident(keys)
        here = window.path
        await window.context.set_offline(True)
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            await page.reload()
        await window.context.set_offline(False)
        await window.go(here)
        assert await page.input_value("#narrative") == "He held her by the neck in the kitchen."
        assert await page.input_value("#occurred_on-year") == "2026"
        await keys.press("Save and continue")
        await keys.press("Save and continue")

        panel = page.locator("[data-label=Strangulation]")
        await questions(keys, range(1, 18))
        await expect(panel).to_be_hidden()
        await questions(keys, [18])
        await expect(panel).to_be_visible()
        assert "medical check tonight" in await panel.inner_text()
        await questions(keys, range(19, 28))
        score = page.locator("#score")
        await expect(score).to_contain_text("Score 9 of 27. 5 not answered: could reach 14.")
        await expect(score).to_contain_text("Critical markers: 4.")
        await window.check()
        await keys.press("Save and continue")

        await last_pages(keys, window)
        assert await page.evaluate("Object.keys(sessionStorage)") == []
        assert await page.evaluate("Object.keys(localStorage)") == []


async def test_an_officer_refers_by_keyboard_without_javascript(
    world: World, database: Database, windows: Windows
) -> None:
    key = await sign_in(database, world["officer"])
    async with windows(size=PHONE, key=key, javascript=False) as window:
        keys, page = Keys(window), window.page
        await window.go("/refer")
        await keys.press("Start a referral")
        await keys.write(given_name="Maya", family_name="Thornbury")
        await keys.day("date_of_birth", "17", "4", "1991")
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
        await last_pages(keys, window)


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
