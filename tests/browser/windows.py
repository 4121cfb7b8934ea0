"""Hands for tests in a browser: windows of any size, with JavaScript or not, signed in or not, and watched closely."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
)

from app.db.ids import new_id
from app.db.session import Credentials, Database
from app.domain.sessions import Lifetimes, SessionKey
from app.services import sessions
from app.web.cookies import Cookie, name_of
from tests.browser.markup import faults
from tests.browser.validity import check_later
from tests.world import Person

PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=900)
# The narrowest that WCAG 2.2 asks for: no sideways scrolling.
NARROWEST = ViewportSize(width=320, height=844)

# Tells what is wrong with the shape of the page that is shown.
SHAPE = (Path(__file__).parent / "shape.js").read_text()
# Only what is wrong is sent back: what is right is a hundred times as much.
_AXE = """axe.run({resultTypes: ["violations"], elementRef: false}).then(({violations}) => ({violations}))"""


@dataclass
class Window:
    """A browser window with one tab, and whatever went wrong in it."""

    page: Page
    context: BrowserContext
    base: str
    javascript: bool = True
    answer: Response | None = None
    """What the page that is shown came in."""
    complaints: list[str] = field(default_factory=list)

    async def go(self, path: str) -> int:
        """Open a path of the service. Returns the status."""
        answer = await self.page.goto(self.base + path)
        assert answer is not None
        return answer.status

    @property
    def path(self) -> str:
        """Where the tab is."""
        return self.page.url.removeprefix(self.base)

    async def check(self) -> None:
        """Fail unless the page is accessible as far as a program can tell, and as wide as its window.

        Whether it is valid HTML is told when the tests are over, of all pages at once.
        """
        if self.javascript:  # axe is a script as well
            await check_axe(self.page)
        assert self.answer is not None
        sent = await self.answer.text()
        assert faults(sent) == []
        check_later(self.path, sent)
        await self.check_shape()

    async def check_shape(self) -> None:
        """Fail unless the page fits its window, with its text spaced out too, and can be pressed and tabbed through."""
        assert await self.page.evaluate(SHAPE) == [], self.path

    async def authenticator(self) -> "Authenticator":
        """Plug in a virtual authenticator, such as a phone or a laptop that knows its owner's fingerprint."""
        devtools = await self.context.new_cdp_session(self.page)
        await devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return Authenticator(devtools, added["authenticatorId"])

    async def hold(self, key: SessionKey | None) -> None:
        """Be signed in by this session and no other; with none, be nobody."""
        await self.context.clear_cookies()
        if key is not None:
            name = name_of(Cookie.SESSION, secure=self.base.startswith("https:"))
            await self.context.add_cookies([{"name": name, "value": key.text, "url": self.base}])

    def nothing_went_wrong(self, expected: tuple[str, ...] = ()) -> None:
        """Fail if the console held an error, a script failed, or another host was asked; but for what is expected."""
        heard = [each for each in self.complaints if not any(part in each for part in expected)]
        self.complaints.clear()
        assert heard == [], heard

    def watch(self) -> None:
        """From now on, note whatever goes wrong, and each page as it was sent."""
        self.context.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        self.page.on("response", self._answered)

    def unwatch(self) -> None:
        """Note nothing more: other windows may share what this one had."""
        self.context.remove_listener("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", "data:")):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            self.answer = response


@dataclass(frozen=True, slots=True)
class Authenticator:
    """A virtual authenticator: it holds passkeys, and says yes at once."""

    devtools: CDPSession
    id: str

    async def credentials(self) -> list[dict[str, object]]:
        """The passkeys in it."""
        found = await self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    async def recognise(self, owner: bool) -> None:
        """From now on, find that the fingerprint is the owner's, or that it is not."""
        await self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": owner})


# What windows share, by browser and whether it runs scripts: a new one takes longer than most pages, and gets anew
# whatever style sheets and scripts they have in common. Nothing of whoever had a window before is left in it.
_contexts: dict[tuple[Browser, bool], BrowserContext] = {}


@asynccontextmanager
async def window(
    browser: Browser,
    base: str,
    *,
    javascript: bool = True,
    size: ViewportSize = DESKTOP,
    key: SessionKey | None = None,
    expected: tuple[str, ...] = (),
    alone: bool = False,
) -> AsyncIterator[Window]:
    """A new window with cookies of its own, one at a time. When it closes, nothing may have gone wrong in it.

    expected: parts of complaints that are meant to be made, such as ``status of 403``. alone: it is to share nothing,
    since it stays open beside others, or what is done to it cannot be undone.
    """
    kept = None if alone else _contexts.pop((browser, javascript), None)
    context = kept or await _context(browser, javascript)
    made = Window(await context.new_page(), context, base, javascript)
    try:
        await made.page.set_viewport_size(size)
        made.watch()
        await made.hold(key)
        yield made
        made.nothing_went_wrong(expected)
    finally:
        made.unwatch()
        if alone or (browser, javascript) in _contexts:
            await context.close()
        else:
            for page in context.pages:
                await page.close()
            await context.unroute_all()
            await context.set_offline(False)
            _contexts[browser, javascript] = context


async def _context(browser: Browser, javascript: bool) -> BrowserContext:
    context = await browser.new_context(java_script_enabled=javascript, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    # Half a megabyte: sent once, and not again for each page.
    await context.add_init_script(AXE_SCRIPT)
    return context


async def check_axe(page: Page) -> None:
    """Fail when axe finds the page hard to use for somebody."""
    found = AxeResults(await page.evaluate(_AXE))
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


async def sign_in(database: Database, person: Person) -> SessionKey:
    """A session as if somebody had just signed in with a passkey."""
    who = Credentials(person.partnership_id, person.user_id)
    return await database.run(who, sessions.begin, person.clock(), new_id(), ["passkey"], "Chromium", Lifetimes())
