"""Hands for links: people who were added and have never been here, and links for them as others make them."""

from typing import Any
from uuid import UUID

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.domain.letters import LetterKind
from app.domain.sign_in_links import Delivery
from app.services import invitations, letters, partnerships, resets
from tests.world import World

ORIGIN = "http://roundtable.test"
BY_HAND = Delivery(ORIGIN, mails=False)
MAILED = Delivery(ORIGIN, mails=True)


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
