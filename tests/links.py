"""Hands for links: people who were added and have never been here, and links for them as others make them."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pyotp

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.domain.letters import LetterKind
from app.domain.sign_in_links import Delivery
from app.services import invitations, letters, partnerships, resets
from tests.authenticator import Authenticator
from tests.tabs import Tab, problems
from tests.world import World

ORIGIN = "http://roundtable.test"
BY_HAND = Delivery(ORIGIN, mails=False)
MAILED = Delivery(ORIGIN, mails=True)
NEW = "lantern mosaic heron"
OVER = "This link cannot be used"
_SECRET = re.compile(r'<p class="govuk-body rt-key"><code>([A-Z2-7 ]+)</code>')
_CODES = re.compile(r"<li><code>([\w-]+)</code></li>")
_SCRIPT_TOKEN = re.compile(r'data-csrf="([^"]+)"')


def who(world: World, name: str) -> Credentials:
    return Credentials(world.partnership_id, world[name].user_id)


async def newcomer(world: World, agency: str = "police", **more: Any) -> UUID:
    """Somebody who was added and has never been here."""

    async def add(uow: UnitOfWork) -> UUID:
        told = {"name": "Rowan Ashdown", "email": "rowan@police.example", "roles": [], **more}
        return await partnerships.add_user(uow, world.agencies[agency], **told)

    return await world.database.run_as_system(world.partnership_id, add, world.clock())


async def link_for(world: World, user_id: UUID, by: str = "police_admin", delivery: Delivery = BY_HAND) -> str | None:
    made = await world.database.run(who(world, by), invitations.invite, world.clock(), new_id(), user_id, delivery)
    return made.removeprefix(ORIGIN) if made else None


async def asked_link(world: World, email: str) -> str | None:
    """What the mail to somebody who has forgotten their password holds; None if none comes, or one without a link."""
    await world.database.run_as_system(world.partnership_id, resets.ask, world.clock(), email, "192.0.2.7")
    return next(iter(await mailed(world)), None)


async def mailed(world: World) -> list[str]:
    """The links for new passwords that upkeep mails now."""
    run = world.database.run_as_system
    links = []
    while taken := await run(world.partnership_id, letters.take_up, world.clock()):
        if taken.kind is LetterKind.ASKED:
            await run(world.partnership_id, resets.answer, world.clock(), taken, MAILED)
        else:
            await run(world.partnership_id, letters.sent, world.clock(), taken)
        if taken.kind is LetterKind.RESET:
            links.append(taken.link.removeprefix(ORIGIN))
    return links


async def begin_app(tab: Tab, link: str) -> tuple[str, str]:
    """Choose a password and an app. The page to finish at, and the app's secret."""
    assert (await tab.get(link)).headers["location"] == "/join"
    assert "Choose how to sign in" in (await tab.get("/join")).text
    path = (await tab.post("/join/app")).headers["location"]
    secret = _SECRET.search((await tab.get(path)).text)
    assert secret
    return path, secret[1].replace(" ", "")


def code_of(secret: str, world: World) -> str:
    return pyotp.TOTP(secret).at(world.clock())


async def join(tab: Tab, link: str, world: World, password: str = NEW) -> tuple[str, list[str]]:
    """All the way with a password and an app. The app's secret, and the recovery codes."""
    path, secret = await begin_app(tab, link)
    done = await tab.post(path, new_password=password, code=code_of(secret, world))
    assert done.status_code == 200, problems(done)
    return secret, _CODES.findall(done.text)


async def is_over(tab: Tab, link: str) -> bool:
    answer = await tab.get(link)
    if answer.status_code == 303:
        answer = await tab.get("/join")
    return answer.status_code == 410 and OVER in answer.text


async def with_passkey(tab: Tab, link: str, device: Authenticator) -> dict[str, Any]:
    """All the way with a passkey. What the device was asked."""
    await tab.get(link)
    page = (await tab.get("/join/passkey")).text
    found = _SCRIPT_TOKEN.search(page)
    assert found
    headers = {"x-csrf-token": unescape(found[1]), "accept": "*/*"}

    async def send(path: str, body: dict[str, Any]) -> httpx.Response:
        return await tab.client.post(path, json=body, headers=headers)

    options: dict[str, Any] = (await send("/join/passkey/begin", {})).json()
    done = await send("/join/passkey/finish", device.make(options, ORIGIN))
    assert (done.status_code, done.json()) == (200, {"to": "/home"}), done.text
    return options
