"""Somebody at a browser: here, and at a provider."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.tables.sign_in import openid_identity, openid_provider
from app.domain.providers import JoiningRule, NewProvider, SecondFactor, Trust
from app.domain.sessions import Lifetimes
from app.services import providers, sessions
from app.web.cookies import Cookie
from tests.openid.provider import Browser, Provider
from tests.tabs import Tab
from tests.world import Person, World

ORIGIN = "http://roundtable.test"
SECRET = "a secret: 50% +/= & more"
ANN: dict[str, Any] = {
    "name": "Ann Weaver",
    "email": "ann.weaver@police.example",
    "email_verified": True,
    "groups": ["ops"],
}
_PERSON = re.compile(r'class="rt-header__person">.*?<b>([^<]+)</b>')


class Visitor(Tab):
    """One browser. elsewhere: the same browser, as the providers see it."""

    def __init__(self, app: FastAPI, elsewhere: Browser) -> None:
        super().__init__(app)
        self.elsewhere = elsewhere
        self.page = ""

    async def through(self, path: str) -> httpx.Response:
        """Go to a page that leads to a provider, sign in there, and come back."""
        away = await self.get(path)
        assert away.status_code == 303, away.text
        return await self.get(self.elsewhere.go(away.headers["location"]))

    async def who(self) -> str | None:
        """The name at the top of the home page; None when nobody is signed in."""
        answer = await self.get("/home")
        found = _PERSON.search(answer.text)
        return found[1] if answer.status_code == 200 and found else None

    def link_to(self, site: str) -> str:
        """Where the link on this page leads that leads to that site."""
        found = re.search(f'href="({re.escape(site)}[^"]*)"', self.page)
        assert found, "there is no such link on this page"
        return unescape(found[1])

    @property
    def session(self) -> str | None:
        """The session's cookie."""
        return self.client.cookies.get(Cookie.SESSION)

    @session.setter
    def session(self, text: str | None) -> None:
        assert text is not None
        if self.session:
            self.client.cookies.delete(Cookie.SESSION)
        self.client.cookies.set(Cookie.SESSION, text, domain="roundtable.test", path="/")

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        self.page = answer.text
        return super()._seen(answer)


async def signed_in(world: World, who: str, elsewhere: Browser) -> Visitor:
    """A browser in which somebody has just signed in."""
    person = world[who]
    found = Visitor(world.app, elsewhere)
    key = await world.database.run(
        _credentials(person), sessions.begin, world.clock(), new_id(), ["passkey"], "A browser", Lifetimes()
    )
    found.session = key.text
    return found


@dataclass
class Trusted:
    """A provider that the partnership has added."""

    id: UUID
    world: World
    provider: Provider

    @property
    def way_in(self) -> str:
        """The address of its button on the sign-in page."""
        return f"/sign-in/with/{self.id}?partnership=t-{self.world.partnership_id}"

    async def trust(
        self, *rules: JoiningRule, second_factor: SecondFactor = SecondFactor.ALWAYS, amr: tuple[str, ...] = ()
    ) -> None:
        """Say whom it lets in, and how far."""
        rules_and_more = Trust(rules=rules, second_factor=second_factor, amr=amr).model_dump(mode="json")

        async def change(uow: UnitOfWork) -> None:
            await uow.change(openid_provider, self.id, rules=rules_and_more)

        await self.world.database.run_as_system(self.world.partnership_id, change, self.world.clock())

    async def links(self, who: str, subject: str = "ann-1") -> None:
        """Somebody has linked what they are there."""

        async def link(uow: UnitOfWork) -> None:
            told = {"issuer": self.provider.issuer, "subject": subject, "created_at": uow.now}
            uow.add(openid_identity, provider_id=self.id, user_id=uow.actor.user, **told)

        await self.world.database.run(_credentials(self.world[who]), link, self.world.clock(), new_id())


async def added(
    world: World, provider: Provider, name: str = "Wessex Police", origin: str = ORIGIN, **told: Any
) -> Trusted:
    """The partnership trusts the provider, which lets Ann sign in; each knows the other."""
    found = Trusted(new_id(), world, provider)
    back = f"{origin}/sign-in/back/{found.id}"
    known = {"client_id": "round:table", "client_secret": SECRET, "redirect_uris": [back]}
    fresh = {"sub": "ann-1", "claims": ANN, "amr": ["pwd", "otp"], "in_token": True, "decline": False, **told}
    provider.tell(at=world.clock(), clients=[known], **fresh)
    form = NewProvider.model_validate(
        {"id": found.id, "name": name, "issuer": provider.issuer, "client_id": "round:table", "client_secret": SECRET}
    )

    async def do(use_case: Any, *args: Any, **kwargs: Any) -> Any:
        who = _credentials(world["partnership_admin"])
        return await world.database.run(who, use_case, world.clock(), new_id(), *args, **kwargs)

    await providers.add(do, world.app.state.openid, world.clock(), form)
    return found


def rule(world: World, agency: str = "police", *roles: str, claim: str = "groups", value: str = "ops") -> JoiningRule:
    """Whoever has this value joins that agency."""
    return JoiningRule.model_validate(
        {"claim": claim, "one_of": [value], "agency_id": world.agencies[agency], "roles": list(roles)}
    )


def _credentials(person: Person) -> Credentials:
    return Credentials(person.partnership_id, person.user_id)


async def trail(superuser: asyncpg.Connection, world: World, like: str = "sign_in.%") -> list[tuple[str, str]]:
    rows = await superuser.fetch(
        "SELECT verb, purpose FROM audit WHERE partnership_id = $1 AND verb LIKE $2 ORDER BY id",
        world.partnership_id,
        like,
    )
    return [(row["verb"], row["purpose"]) for row in rows]


async def people(superuser: asyncpg.Connection, world: World, email: str = ANN["email"]) -> int:
    counted: int = await superuser.fetchval(
        "SELECT count(*) FROM app_user WHERE partnership_id = $1 AND email = $2", world.partnership_id, email
    )
    return counted
