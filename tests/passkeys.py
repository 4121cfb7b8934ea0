"""Hands for tests of passkeys: somebody with a passkey on a device, and a tab that runs the page's script."""

import re
from html import unescape
from typing import Any, Self
from uuid import UUID

import httpx

from app.db.ids import new_id
from app.db.session import Credentials
from app.domain.passkeys import Made, Passkey
from app.domain.sessions import Lifetimes
from app.services import passkeys, sessions
from app.services.webauthn import Party
from app.web.cookies import Cookie
from tests.authenticator import Authenticator
from tests.tabs import Tab
from tests.world import World

HOST = "roundtable.test"
ORIGIN = f"http://{HOST}"
PARTY = Party(ORIGIN)
REFUSED = "This passkey did not work. Try again, use another, or choose another way."
AGAIN = "This took too long, was finished already, or was begun in another browser. Begin again."
_TOKEN = re.compile(r'(?:data-csrf|name="csrf" value)="([^"]+)"')


class Scripted(Tab):
    """A tab that runs the page's script, with a device at hand."""

    async def send(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"x-csrf-token": self.csrf, "accept": "*/*"}
        return await self.client.post(path, json=body, headers=headers)

    async def open(self, path: str) -> Self:
        found = _TOKEN.search((await self.get(path)).text)
        assert found, path
        self.csrf = unescape(found[1])
        return self

    async def begin(self, path: str) -> dict[str, Any]:
        answer = await self.send(path, {})
        assert answer.status_code == 200, answer.text
        options: dict[str, Any] = answer.json()
        return options


class Enrolled:
    """Somebody of the world with a passkey on a device."""

    def __init__(self, world: World, who: str, device: Authenticator) -> None:
        self.world, self.who, self.device = world, who, device
        self.person = world[who]
        self.asked = f"?partnership=t-{world.partnership_id}"

    async def options(self, tab: Scripted) -> dict[str, Any]:
        await tab.open(f"/sign-in{self.asked}")
        return await tab.begin(f"/sign-in/passkey/begin{self.asked}")

    async def finish(self, tab: Scripted, shown: dict[str, Any]) -> httpx.Response:
        return await tab.send(f"/sign-in/passkey/finish{self.asked}", shown)

    async def sign_in(self, tab: Scripted, **wrong: Any) -> httpx.Response:
        return await self.finish(tab, self.device.show(await self.options(tab), wrong.pop("origin", ORIGIN), **wrong))


async def enrol(world: World, who: str, device: Authenticator | None = None) -> Enrolled:
    """With the passkey made as the page makes it, but without a page."""
    found = Enrolled(world, who, device or Authenticator())
    credentials = Credentials(world.partnership_id, found.person.user_id)
    begun = await world.database.run(credentials, passkeys.to_make, world.clock(), new_id(), PARTY)
    made = Made.model_validate(found.device.make(begun.options, ORIGIN))
    await world.database.run(credentials, passkeys.add, world.clock(), new_id(), begun.key, made, PARTY)
    return found


async def two_passkeys(world: World, who: str) -> UUID:
    """Somebody with two passkeys at least, of which one may go; the id of one."""
    credentials = Credentials(world.partnership_id, world[who].user_id)

    async def kept() -> list[Passkey]:
        return await world.database.run(credentials, passkeys.mine, world.clock(), new_id())

    for _ in range(2 - len(await kept())):
        await enrol(world, who)
    return (await kept())[0].id


async def hold_session(world: World, who: str, tab: Scripted, *, confirmed: bool = True) -> None:
    """Have the tab signed in as somebody, who has just shown who they are or has not."""
    credentials = Credentials(world.partnership_id, world[who].user_id)
    key = await world.database.run(
        credentials, sessions.begin, world.clock(), new_id(), ["passkey"], "Firefox", Lifetimes()
    )
    tab.client.cookies.set(Cookie.SESSION, key.text, domain=HOST)
    if not confirmed:
        world.clock.forward(minutes=16)


def said(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    return answer.status_code, (body.get("errors") or [{"message": body.get("detail")}])[0]["message"]
