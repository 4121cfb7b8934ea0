"""What people do in a browser by what they see: buttons, links and the menu; and what a meeting is made of."""

import re

from tests.browser.windows import Window


async def press(window: Window, name: str, rest: str = "") -> None:
    """Press the first button that begins with this, and wait for the page that it leads to."""
    async with window.page.expect_navigation():
        await window.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}{rest}")).first.click()


async def follow(window: Window, name: str, rest: str = "") -> None:
    """Follow the first link that begins with this."""
    async with window.page.expect_navigation():
        await window.page.get_by_role("link", name=re.compile(f"^{re.escape(name)}{rest}")).first.click()


async def menu(window: Window, place: str) -> None:
    """Go to a place of the navigation, which a phone folds away."""
    if not await window.page.locator("nav").get_by_role("link", name=place).first.is_visible():
        await window.page.get_by_text("Menu", exact=True).click()
    async with window.page.expect_navigation():
        await window.page.locator("nav").get_by_role("link", name=place, exact=True).first.click()


async def says(window: Window, *words: str) -> None:
    """Fail unless the page says all of this."""
    text = " ".join((await window.page.inner_text("main")).split())
    for each in words:
        assert each in text, f"{each!r} is not on {window.path}: {text[:2000]}"


async def enter(window: Window, *keys: str) -> None:
    """Type, key by key or text by text, and send the form with the last."""
    *typed, last = keys
    for each in typed:
        if each == "Tab":
            await window.page.keyboard.press(each)
        else:
            await window.page.keyboard.type(each)
    async with window.page.expect_navigation():
        await window.page.keyboard.press(last)


async def plan_as_it_is_said(window: Window) -> None:
    """On a case in a meeting on Monday 23 November: two actions and a risk, by the keyboard."""
    page, here = window.page, window.path
    await page.fill("#minutes", "The school has seen bruises.")
    await page.focus("#what")
    for what, by in (("Fit new locks at the home", "2 days"), ("Visit the family with the IDVA", "tomorrow")):
        # The focus is where the next action begins, so that nobody reaches for a mouse.
        assert await page.evaluate("document.activeElement.id") == "what"
        await enter(window, what, "Tab", "City Hou", "Tab", by, "Enter")
        assert window.path.startswith(here)
    await page.select_option("#about", "staff")
    await page.focus("#risk")
    await enter(window, "He has a key to the house.", "Enter")
    await says(
        window,
        "He has a key to the house. (Community Safety)",
        "City Housing, by Wednesday 25 November 2026: Fit new locks at the home",
        "City Housing, by Tuesday 24 November 2026: Visit the family with the IDVA",
    )
    assert await page.input_value("#minutes") == "The school has seen bruises."
    await window.check()


async def outcome(window: Window) -> None:
    """Decide it; what only another outcome asks is not there to be seen."""
    page = window.page
    assert not await page.get_by_label("To which day?").is_visible()
    await page.get_by_label("Deferred to a named date").check()
    assert await page.get_by_label("To which day?").is_visible()
    await page.get_by_label("Plan agreed and monitored").check()
    await window.check()
    await press(window, "Record the outcome")


async def lunch_hour(window: Window, families: int) -> None:
    """Answer for so many families: all but one are not known, and for that one a return is written."""
    page = window.page
    unknown = page.get_by_role("button", name=re.compile("^Not known.*C-"))
    for left in range(families - 1, 0, -1):
        await press(window, "Not known")
        assert await unknown.count() == left
    await follow(window, "Known: write a return")
    await page.get_by_label("Yes", exact=True).check()
    await page.fill("#facts", "Seen by the crisis team on 3 November, at the request of his GP.")
    await page.fill("#shared_facts", "Seen by the crisis team this month.")
    await window.check()
    await press(window, "Release to the meeting")
    await says(window, "Nothing waits for you")
