"""Hands on a keyboard and nothing else, and a referral written by them."""

from typing import Any

from tests.browser.windows import Window

# By its id, or by what is written on it.
_FOCUSED = "(() => { const e = document.activeElement; return [e.id, e.innerText?.trim() ?? '']; })()"
# How many times Tab is to be pressed, or fewer: a group of radios is one stop. 1 where the way is not that simple.
_TO_GO = """wanted => {
  const stops = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }))
    .filter((e, n, all) => e.type !== "radio" || all[n - 1]?.name !== e.name);
  const now = document.activeElement;
  const from = stops.findIndex((e) => e === now || (e.type === "radio" && e.name === now.name));
  const to = stops.findIndex((e, n) => n > from && (e.id === wanted || e.innerText?.trim() === wanted));
  return from < 0 || to < 0 ? 1 : to - from;
}"""
YES = (1, 2, 3, 5, 13, 14, 18, 24, 27)
OPEN = (7, 21, 22, 23, 26)


class Keys:
    """Hands on a keyboard, and nothing else."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.keyboard = window.page.keyboard

    async def to(self, wanted: str) -> None:
        """Press Tab until the focus is on what has this id or says this."""
        for _ in range(await self.window.page.evaluate(_TO_GO, wanted) - 1):
            await self.keyboard.press("Tab")
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
        """Fill in the three boxes of a date."""
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


async def who_she_is(keys: Keys) -> None:
    """The first page."""
    await keys.write(given_name="Maya", family_name="Thornbury")
    await keys.day("date_of_birth", "17", "4", "1991")


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


async def incident(keys: Keys) -> None:
    """What happened; not saved yet."""
    await keys.day("occurred_on", "20", "11", "2026")
    await keys.write(narrative="He held her by the neck in the kitchen.")


async def questions(keys: Keys, numbers: Any = range(1, 28)) -> None:
    """Answer these of the 27."""
    for n in numbers:
        if n not in OPEN:
            await keys.choose(f"q{n}", 0 if n in YES else 1)


async def last_pages(keys: Keys, window: Window, listed: str) -> None:
    """From judgement to the answer, which says what the case is listed for."""
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
    for said in ("High risk: your professional judgement", "Strangulation", listed, "IDVA"):
        assert said in result
