"""People who can sign in: with a password, an app that shows codes, and recovery codes."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pyotp

from app.db.session import Credentials, UnitOfWork
from app.services import authenticators, confirmation, recovery_codes
from tests.tabs import Tab
from tests.world import Person, World

PASSWORD = "kettle orbit plum"


@dataclass
class Account:
    """Somebody with a password, an app and recovery codes."""

    world: World
    person: Person
    email: str
    secret: str
    codes: list[str]

    @property
    def slug(self) -> str:
        return f"t-{self.world.partnership_id}"

    @property
    def code(self) -> str:
        """What the app shows now."""
        return pyotp.TOTP(self.secret).at(self.world.clock())

    async def sign_in(self, tab: Tab, **fields: str) -> httpx.Response:
        await tab.get(f"/sign-in?partnership={self.slug}")
        told = {"email": self.email, "password": PASSWORD, "code": self.code, **fields}
        return await tab.post(f"/sign-in?partnership={self.slug}", **told)

    async def can_sign_in(self, **fields: str) -> bool:
        """Whether they can, from a browser that was never here."""
        async with Tab(self.person.app) as tab:
            return (await self.sign_in(tab, **fields)).status_code == 303

    async def next_code(self) -> str:
        """One that has not been used: half a minute later."""
        self.world.clock.forward(seconds=30)
        return self.code


async def account_of(world: World, who: str) -> Account:
    """Give somebody all that they need to sign in."""
    person = world[who]
    hashed = await person.app.state.passwords.make(PASSWORD)

    async def enrol(uow: UnitOfWork) -> authenticators.Enrolment:
        await confirmation.keep_password(uow, hashed)
        return await authenticators.begin(uow)

    async def finish(uow: UnitOfWork, made: authenticators.Enrolment) -> list[str]:
        await authenticators.finish(uow, made.id, pyotp.TOTP(made.secret).at(uow.now - timedelta(seconds=30)))
        return await recovery_codes.renew(uow)

    credentials = Credentials(world.partnership_id, person.user_id)
    made = await world.database.run(credentials, enrol, world.clock(), UUID(int=1))
    codes = await world.database.run(credentials, finish, world.clock(), UUID(int=2), made)
    slug = next(slug for slug, agency_id in world.agencies.items() if agency_id == person.agency_id)
    return Account(world, person, f"{who}@{slug}.example", made.secret, codes)


async def trail(superuser: asyncpg.Connection, world: World, verb: str) -> list[asyncpg.Record]:
    """What a partnership's trail says that was done, in order: by whom, to whom, and for what."""
    sql = "SELECT actor_id, subjects, purpose FROM audit WHERE partnership_id = $1 AND verb = $2 ORDER BY id"
    return list(await superuser.fetch(sql, world.partnership_id, verb))
