"""Chores that nobody asks for: each is done at the start of a process, and again at intervals, in every partnership.

Any number of processes may run them: a chore finds out for itself whether there is anything left to do.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db.session import Database, UnitOfWork
from app.db.signet import Signet
from app.domain.seals import Head
from app.services import meetings, seals, sessions

log = logging.getLogger("roundtable.upkeep")

_NOBODY = UUID(int=0)
SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Chore:
    """What is done in one partnership, run as the system, and how often. ``do`` decides if it is due.

    where: which partnerships are visited; each of them, unless something else is said.
    """

    name: str
    every: timedelta
    do: Callable[[Database, UUID, datetime], Awaitable[None]]
    where: Callable[[UnitOfWork], Awaitable[Sequence[UUID]]] = seals.partnerships


def sealing(signet: Signet, every: timedelta) -> Chore:
    """Seal the trail while it moves, and only if the newest seal that this process saw is still there."""
    newest: dict[UUID, Head | None] = {}

    async def do(database: Database, partnership_id: UUID, now: datetime) -> None:
        due: datetime | None = now - every
        known = newest.get(partnership_id)
        while await database.run_as_system(partnership_id, seals.seal, now, signet, unless_since=due, known=known):
            due = None
        newest[partnership_id] = await database.run_as_system(partnership_id, seals.newest, now)

    return Chore("sealing", every, do)


def planning() -> Chore:
    """Put every forum's coming sittings into its diary."""

    async def do(database: Database, partnership_id: UUID, now: datetime) -> None:
        await database.run_as_system(partnership_id, meetings.plan_ahead, now)

    return Chore("planning", timedelta(hours=1), do)


def forgetting() -> Chore:
    """Drop what can be used no more: ended sessions, abandoned ceremonies, answers kept for repeats, made documents."""

    async def do(database: Database, partnership_id: UUID, now: datetime) -> None:
        await database.run_as_system(partnership_id, sessions.forget_old, now)

    return Chore("forgetting", timedelta(hours=1), do)


async def once(database: Database, clock: Callable[[], datetime], chore: Chore) -> None:
    """Visit the partnerships; what goes wrong in one is logged, by its kind, and the next is visited."""
    for partnership_id in await database.run_as_system(_NOBODY, chore.where, clock()):
        try:
            await chore.do(database, partnership_id, clock())
        except Exception as error:  # whatever it is, the others must have their turn
            log.error("%s of partnership %s failed: %s", chore.name, partnership_id, type(error).__name__)


@asynccontextmanager
async def upkeep(database: Database, clock: Callable[[], datetime], chores: Iterable[Chore]) -> AsyncIterator[None]:
    """The chores of this process, let go of at the end."""
    tasks = [asyncio.create_task(_again_and_again(database, clock, each)) for each in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(database: Database, clock: Callable[[], datetime], chore: Chore) -> None:
    while True:
        wait = chore.every
        try:
            await once(database, clock, chore)
        except Exception as error:  # the database may be back soon
            log.error("%s failed: %s", chore.name, type(error).__name__)
            wait = min(wait, SOON)
        await asyncio.sleep(wait.total_seconds())
