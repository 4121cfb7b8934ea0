"""A browser's tab without a browser: it keeps cookies, shows pages, and sends their forms with the token in them."""

import re
from html import unescape
from types import TracebackType
from typing import Self

import httpx
from fastapi import FastAPI

from app.db.ids import new_id
from app.db.session import Credentials, Database
from app.domain.sessions import Lifetimes, SessionKey
from app.services import sessions
from app.web.cookies import Cookie
from tests.world import Person

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_PROBLEM = re.compile(r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', re.S)
_MAIN = re.compile(r"<main.*</main>", re.S)
_TAG = re.compile(r"<[^>]+>")


class Tab:
    """address: where it is on the network."""

    def __init__(self, app: FastAPI, address: str = "192.0.2.1") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50000))
        headers = {"accept": "text/html", "user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
        self.client = httpx.AsyncClient(transport=transport, base_url="http://roundtable.test", headers=headers)
        self.csrf = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return self._seen(await self.client.get(path))

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the page that was last opened."""
        return self._seen(await self.client.post(path, data={"csrf": self.csrf, **fields}))

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        found = _CSRF.search(answer.text)
        if found:
            self.csrf = unescape(found[1])
        return answer


def problems(answer: httpx.Response) -> str:
    """What the page says is wrong, as text; empty if nothing."""
    found = _PROBLEM.search(answer.text)
    return " ".join(unescape(_TAG.sub(" ", found[1])).split()) if found else ""


def words(page: str) -> str:
    """What a page says in its main part, without its markup."""
    found = _MAIN.search(page)
    assert found
    return " ".join(unescape(_TAG.sub(" ", found[0])).split())


def read(answer: httpx.Response) -> str:
    """The same of an answer, which must be a page, with or without something to mend."""
    assert answer.status_code in (200, 422), (answer.status_code, answer.headers.get("location"))
    return words(answer.text)


def hidden(answer: httpx.Response, name: str) -> str:
    """What a hidden field of a page says."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, name
    return found[1]


async def see(tab: Tab, path: str) -> str:
    """Open a page, and read it."""
    return read(await tab.get(path))


async def key_of(database: Database, person: Person) -> SessionKey:
    """A session of somebody who signed in by a passkey just now."""
    who = Credentials(person.partnership_id, person.user_id)
    return await database.run(who, sessions.begin, person.clock(), new_id(), ["passkey"], "Firefox", Lifetimes())


def hold(tab: Tab, key: SessionKey) -> None:
    """Give the browser a session."""
    tab.client.cookies.set(Cookie.SESSION, key.text, domain="roundtable.test")


async def sign_in(tab: Tab, database: Database, person: Person) -> SessionKey:
    """Begin a session in this browser."""
    key = await key_of(database, person)
    hold(tab, key)
    return key


def places(page: str) -> set[str]:
    """Where the navigation leads."""
    return set(re.findall(r'govuk-service-navigation__link" href="([^"]+)"', page))
