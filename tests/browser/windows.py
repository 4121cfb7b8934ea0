"""Hands for tests in a browser: windows of any size, with JavaScript or not, signed in or not, and watched closely."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it says nothing of its types
from playwright.async_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Request, ViewportSize

from app.db.ids import new_id
from app.db.session import Credentials, Database
from app.domain.sessions import Lifetimes, SessionKey
from app.services import sessions
from app.web.cookies import Cookie, name_of
from tests.browser.markup import faults
from tests.world import Person

PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=900)
# The narrowest that WCAG 2.2 asks for: no sideways scrolling.
NARROWEST = 320


@dataclass
class Window:
    """A browser window with one tab, and whatever went wrong in it."""

    page: Page
    context: BrowserContext
    base: str
    javascript: bool = True
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
        """Fail unless the page is accessible as far as a program can tell, well formed, and as wide as its window."""
        if self.javascript:  # axe is a script as well
            await check_axe(self.page)
        assert faults(await self._as_sent()) == []
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.path} is {wide} pixels wider than its window"
        assert await self.page.locator("h1").count() == 1, f"{self.path} has not one main heading"

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

    async def _as_sent(self) -> str:
        """The page's HTML. Got again where that is safe, since a browser mends what it shows."""
        answer = await self.context.request.get(self.page.url, headers={"accept": "text/html"})
        return await answer.text()


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


@asynccontextmanager
async def window(
    browser: Browser,
    base: str,
    *,
    javascript: bool = True,
    size: ViewportSize = DESKTOP,
    key: SessionKey | None = None,
    expected: tuple[str, ...] = (),
) -> AsyncIterator[Window]:
    """A new window that shares nothing with others. When it closes, nothing may have gone wrong in it.

    Wrong is: an error in the console, an exception in a script, a request to any other host. expected: parts of
    complaints that are meant to be made, such as ``the server responded with a status of 403``.
    """
    context = await browser.new_context(java_script_enabled=javascript, viewport=size, reduced_motion="reduce")
    try:
        if key is not None:
            secure = base.startswith("https:")
            await context.add_cookies(
                [{"name": name_of(Cookie.SESSION, secure=secure), "value": key.text, "url": base}]
            )
        page = await context.new_page()
        made = Window(page, context, base, javascript)

        def hear(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                made.complaints.append(f"console: {message.text}")

        def watch(request: Request) -> None:
            if not request.url.startswith((f"{base}/", "data:")):
                made.complaints.append(f"asked elsewhere: {request.url}")

        page.on("console", hear)
        page.on("pageerror", lambda error: made.complaints.append(f"exception: {error}"))
        context.on("request", watch)
        page.set_default_timeout(10_000)
        yield made
        heard = [each for each in made.complaints if not any(part in each for part in expected)]
        assert heard == []
    finally:
        await context.close()


async def check_axe(page: Page) -> None:
    """Fail when axe finds the page hard to use for somebody."""
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


async def sign_in(database: Database, person: Person) -> SessionKey:
    """A session as if somebody had just signed in with a passkey."""
    who = Credentials(person.partnership_id, person.user_id)
    return await database.run(who, sessions.begin, person.clock(), new_id(), ["passkey"], "Chromium", Lifetimes())
