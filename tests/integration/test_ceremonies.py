"""What a browser begins and finishes: once, in time, by itself, and as what it was begun."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, Database
from app.domain.ceremonies import BeginAgain, CeremonyKey, CeremonyKind
from app.services import ceremonies
from tests.world import Clock, World

JOIN, OPENID = CeremonyKind.JOIN, CeremonyKind.OPENID
DATA = {"state": "once", "about": ["Maya Thornbury"]}


async def _begin(world: World, minutes: int = 10) -> CeremonyKey:
    return await world.database.run_as_system(
        world.partnership_id, ceremonies.begin, world.clock(), JOIN, DATA, minutes
    )


async def _finish(world: World, key: CeremonyKey | None, kind: CeremonyKind = JOIN) -> dict[str, object]:
    return await world.database.run_as_system(world.partnership_id, ceremonies.finish, world.clock(), key, kind)


async def test_what_was_begun_is_finished_once(world: World) -> None:
    key = CeremonyKey.parse((await _begin(world)).text)
    assert await _finish(world, key) == DATA
    with pytest.raises(BeginAgain):
        await _finish(world, key)


async def test_of_many_who_finish_at_once_one_does(world: World) -> None:
    key = await _begin(world)
    ended = await asyncio.gather(*(_finish(world, key) for _ in range(8)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in ended) == ["BeginAgain"] * 7 + ["dict"]


async def test_a_look_finishes_nothing(world: World) -> None:
    key = await _begin(world)
    looked = await world.database.run_as_system(world.partnership_id, ceremonies.look, world.clock(), key, JOIN)
    assert looked == await _finish(world, key) == DATA


async def test_another_secret_kind_partnership_or_none_finishes_nothing(world: World, database: Database) -> None:
    key = await _begin(world)
    wrong = [replace(key, secret=bytes(32)), replace(key, partnership_id=uuid4()), replace(key, ceremony_id=uuid4())]
    for each in (*wrong, None, CeremonyKey.parse(None), CeremonyKey.parse(key.text[:-1])):
        with pytest.raises(BeginAgain):
            await _finish(world, each)
    with pytest.raises(BeginAgain):
        await _finish(world, key, OPENID)
    with pytest.raises(BeginAgain):
        await database.run_as_system(wrong[1].partnership_id, ceremonies.finish, world.clock(), wrong[1], JOIN)
    assert await _finish(world, key) == DATA


async def test_it_is_too_late_when_its_minutes_are_over(world: World, clock: Clock) -> None:
    key, late = await _begin(world, minutes=5), await _begin(world, minutes=5)
    clock.forward(minutes=4, seconds=59)
    assert await _finish(world, key) == DATA
    clock.forward(seconds=1)
    with pytest.raises(BeginAgain):
        await _finish(world, late)


async def test_nobody_else_finishes_what_somebody_signed_in_began(world: World, database: Database) -> None:
    def who(name: str) -> Credentials:
        return Credentials(world.partnership_id, world[name].user_id)

    key = await database.run(who("officer"), ceremonies.begin, world.clock(), new_id(), JOIN, DATA, 5)
    with pytest.raises(BeginAgain):
        await database.run(who("nurse"), ceremonies.finish, world.clock(), new_id(), key, JOIN)
    assert await database.run(who("officer"), ceremonies.finish, world.clock(), new_id(), key, JOIN) == DATA


async def test_the_database_holds_neither_the_secret_nor_what_is_remembered(
    world: World, superuser: asyncpg.Connection
) -> None:
    key = await _begin(world)
    row = await superuser.fetchval("SELECT t::text FROM ceremony t WHERE id = $1", UUID(str(key.ceremony_id)))
    assert key.secret.hex() not in row
    assert b"Maya".hex() not in row
