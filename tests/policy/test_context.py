"""Whoever is cut off, at whatever moment, leaves nothing of who they were to whoever borrows the connection next."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.pool import open_database
from app.db.session import Credentials, Database, UnitOfWork
from app.db.statements import sql
from app.db.transaction import Unavailable
from app.db.vault import Vault
from app.risk.instruments import load_catalogue
from tests.world import World

CONNECTIONS = 3
CUT_OFF = 400
SETTINGS = ("partnership", "user", "agency", "principals", "roles", "excluded", "now")

WHO = sql("SELECT actor_user() AS who, actor_partnership() AS partnership, pg_backend_pid() AS backend")
SEEN = sql("SELECT array_agg(id) AS ids FROM case_file")
LEFT = "SELECT " + ", ".join(f"current_setting('roundtable.{name}', true)" for name in SETTINGS)


@pytest.fixture
async def small(server_urls: tuple[str, str]) -> AsyncIterator[Database]:
    """The service's own way to the database, with fewer connections than there are people."""
    vault = Vault({"test": bytes(32)}, {"test": bytes(32)})
    async with open_database(server_urls[1], load_catalogue(), vault, connections=CONNECTIONS) as database:
        yield database


async def look(uow: UnitOfWork) -> tuple[UUID, UUID, frozenset[UUID]]:
    """Who PostgreSQL takes the actor to be, and what it shows them, in several steps to be cut off between."""
    row = await uow.row(WHO)
    assert row is not None
    seen = await uow.value(SEEN)
    uow.record("case.listed", subjects=seen or ())
    await uow.flush()
    again = await uow.row(WHO)
    assert again is not None
    assert again["who"] == row["who"]
    return row["who"], row["partnership"], frozenset(seen or ())


async def cut_off_at_random(database: Database, who: Credentials, chance: random.Random, world: World) -> bool:
    """Begin to look, and be cancelled within some milliseconds; returns whether it was over before that."""
    looking = asyncio.create_task(database.run(who, look, world.clock(), new_id()))
    await asyncio.sleep(chance.random() * 0.012)
    looking.cancel()
    try:
        actor, partnership, _ = await looking
    except asyncio.CancelledError:
        return False
    assert (actor, partnership) == (who.user_id, who.partnership_id)
    return True


async def people(world: World) -> dict[Credentials, frozenset[UUID]]:
    """Four who see different things, and what each sees."""
    first = UUID((await world.refer("officer"))["case"]["id"])
    second = UUID((await world.refer("nurse", victim="Nina Alder", yes=3))["case"]["id"])
    shown = {}
    for name in ("officer", "nurse", "coordinator", "auditor"):
        who = Credentials(world.partnership_id, world[name].user_id)
        shown[who] = (await world.database.run(who, look, world.clock(), new_id()))[2]
    assert first in set().union(*shown.values())
    assert second in set().union(*shown.values())
    assert len(set(shown.values())) > 2, "they must see different things, or nothing could be mistaken"
    return shown


async def nothing_is_left(database: Database) -> None:
    """Hold every connection of the pool at once, and look at each as it lies."""
    pool = database._pool  # behind the service's back: no unit of work would show what was left
    held = [await pool.acquire(timeout=10) for _ in range(CONNECTIONS)]
    try:
        for connection in held:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("SELECT pg_current_xact_id_if_assigned()") is None
            assert set(await connection.fetchrow(LEFT)) <= {None, ""}
            assert await connection.fetchval("SELECT count(*) FROM case_file") == 0
            assert await connection.fetchval("SELECT count(*) FROM audit") == 0
    finally:
        for connection in held:
            await pool.release(connection)


async def everybody_sees_their_own(database: Database, shown: dict[Credentials, frozenset[UUID]], world: World) -> None:
    for who, seen in shown.items():
        assert await database.run(who, look, world.clock(), new_id()) == (who.user_id, who.partnership_id, seen)


async def test_hundreds_who_are_cancelled_at_any_moment_leave_nothing_behind(world: World, small: Database) -> None:
    shown = await people(world)
    chance = random.Random(2026)  # noqa: S311  # the same moments in each run, as far as a machine allows
    over = 0
    for _ in range(CUT_OFF // 20):
        crowd = [cut_off_at_random(small, chance.choice(list(shown)), chance, world) for _ in range(20)]
        over += sum(await asyncio.gather(*crowd))
        await everybody_sees_their_own(small, shown, world)
    assert over < CUT_OFF, "nobody was cut off"
    await nothing_is_left(small)


async def test_connections_that_drop_in_the_middle_leave_nothing_behind(
    world: World, small: Database, superuser: asyncpg.Connection
) -> None:
    shown = await people(world)
    ended = asyncio.Event()
    looking: asyncio.Queue[int] = asyncio.Queue()

    async def be_looked_at(uow: UnitOfWork) -> None:
        row = await uow.row(WHO)
        assert row is not None
        looking.put_nowait(row["backend"])
        await uow.value(sql("SELECT count(*) FROM case_file"))
        await ended.wait()
        await uow.value(SEEN)

    for _ in range(8):
        ended.clear()
        crowd = [
            asyncio.create_task(small.run(who, be_looked_at, world.clock(), new_id()))
            for who in list(shown)[:CONNECTIONS]
        ]
        backends = [await looking.get() for _ in crowd]
        await superuser.execute("SELECT pg_terminate_backend(b) FROM unnest($1::int[]) b", backends)
        ended.set()
        for each in crowd:
            with pytest.raises(Unavailable):
                await each
        await everybody_sees_their_own(small, shown, world)
    await nothing_is_left(small)


async def test_a_use_case_that_fails_or_swallows_a_failure_leaves_nothing_behind(world: World, small: Database) -> None:
    shown = await people(world)

    async def fail(uow: UnitOfWork) -> None:
        await uow.value(SEEN)
        raise ZeroDivisionError

    async def swallow(uow: UnitOfWork) -> None:
        with suppress(asyncpg.PostgresError):
            await uow.value(sql("SELECT 1 / 0"))

    for who in shown:
        with pytest.raises(ZeroDivisionError):
            await small.run(who, fail, world.clock(), new_id())
        with pytest.raises(Unavailable):
            await small.run(who, swallow, world.clock(), new_id())
    await everybody_sees_their_own(small, shown, world)
    await nothing_is_left(small)
