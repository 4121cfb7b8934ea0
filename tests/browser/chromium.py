"""The browser that tests and screenshots use: which one, and how it is started."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright

NO_BROWSER = "NO BROWSER: no page was tried in one. Install Chromium, or set ROUNDTABLE_CHROMIUM to its program."

# The first is Chromium without what draws on a screen: it takes a third of the processor's time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    # Each page is looked at once: compiling its scripts well takes longer than running them badly. What was compiled
    # for one page is kept for the next.
    "--js-flags=--no-opt --no-maglev --no-flush-bytecode",
    "--no-first-run",
)


class NoBrowser(Exception):
    """There is no Chromium here."""

    def __init__(self) -> None:
        super().__init__(NO_BROWSER)


def program(playwright: Playwright) -> str:
    """The browser's program: the one that is set, one on the PATH, or Playwright's own. Raises NoBrowser."""
    chosen = os.environ.get("ROUNDTABLE_CHROMIUM")
    own = playwright.chromium.executable_path
    for found in (chosen, *map(shutil.which, _NAMES), own):
        if found and Path(found).is_file():
            return found
    raise NoBrowser


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser, without a screen. Raises NoBrowser."""
    async with async_playwright() as playwright:
        # Chromium's sandbox refuses to start for root, as whom containers run.
        flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = await playwright.chromium.launch(executable_path=program(playwright), args=flags)
        try:
            yield browser
        finally:
            await browser.close()
