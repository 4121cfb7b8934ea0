"""Putting the demonstration into a database: once, and where it was cut short, from there on."""

from collections.abc import Callable
from datetime import UTC, datetime

from app.db.ids import new_id
from app.db.session import Database, UnitOfWork
from app.db.statements import sql
from app.domain.clock import local_date
from app.seeds.people import SOUTHMERE, STORY_SPAN, DemoPartnership, found_demo, founded_on
from app.services.once import Document, once

TOLD = "demonstration, the end"
EVERY = 300

_ENDED = sql("SELECT true FROM idempotency WHERE partnership_id = :partnership AND user_id = :user AND key = :key")


async def is_told(database: Database, partnership: DemoPartnership = SOUTHMERE) -> bool:
    """Whether the story is all there."""
    if await founded_on(database, partnership) is None:
        return False

    async def look(uow: UnitOfWork) -> bool:
        return bool(await uow.value(_ENDED, user=uow.actor.user, key=TOLD))

    return await database.run(partnership.as_user("coordinator"), look, datetime.now(UTC), new_id())


async def seed_demo(
    database: Database,
    now: datetime,
    say: Callable[[str], None] = lambda _: None,
    partnership: DemoPartnership = SOUTHMERE,
) -> bool:
    """Tell the story of the demonstration, unless it has been told. Returns whether anything was done.

    ``say`` hears what is going on, now and then. The same day tells the same story.
    """
    if await is_told(database, partnership):
        return False
    # These take a while to load, and only now are needed.
    from app.seeds.sittings import hold
    from app.seeds.story import tell_everything
    from app.seeds.teller import Teller

    await found_demo(database, now, partnership)
    founded = await founded_on(database, partnership)
    assert founded is not None  # noqa: S101  # just done
    teller = Teller(database, local_date(founded) + STORY_SPAN, hold, partnership)
    tell_everything(teller)
    said = 0

    def progress(done: int) -> None:
        nonlocal said
        if done // EVERY > said:
            said = done // EVERY
            say(f"telling the demonstration's story: {done} things have happened")

    await teller.run(progress)
    await end_of_story(database, partnership, teller.now)
    return True


async def end_of_story(database: Database, partnership: DemoPartnership, now: datetime) -> None:
    """Remember that everything has been told."""

    async def nothing() -> Document:
        return Document(b"{}")

    async def end(uow: UnitOfWork) -> None:
        await once(uow, TOLD, "", 200, nothing)

    await database.run(partnership.as_user("coordinator"), end, now, new_id())


async def seed_year(database: Database, now: datetime, say: Callable[[str], None] = lambda _: None) -> bool:
    """Live through a whole year of a partnership of its own, unless that has been done."""
    from app.seeds.year import live_year

    return await live_year(database, now, say)
