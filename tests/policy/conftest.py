"""The scene that the tests of row security share."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from tests.direct import DirectClient
from tests.policy.scene import TELLING, Place, Scene, insert
from tests.world import Clock, World, build_world


@pytest.fixture(scope="module")
async def scene(app: FastAPI, clock: Clock, server_urls: tuple[str, str]) -> AsyncIterator[Scene]:
    """Made once: every test rolls back what it does."""
    clock.reset()
    async with DirectClient(app) as client:
        worlds = [await build_world(app, client, clock) for _ in range(2)]
        cases = [(await world.refer())["case"] for world in worlds]
    made = Scene(
        people=_places(worlds[0]),
        strangers=_places(worlds[1]),
        case_id=UUID(cases[0]["id"]),
        reference=cases[0]["reference"],
        other_case_id=UUID(cases[1]["id"]),
        app_url=server_urls[1],
        superuser_url=server_urls[0].replace("roundtable_owner@", "postgres@"),
    )
    superuser = await asyncpg.connect(made.superuser_url)
    await superuser.execute("SET session_replication_role = replica")  # rows without what they refer to
    tables = [table for table in TELLING if table.name not in ("case_file", "person")]
    try:
        for table in tables:
            await insert(superuser, table, made.row(table))
        yield made
    finally:
        await made.close()
        for table in tables:
            await superuser.execute(f"DELETE FROM {table.name} WHERE partnership_id = $1", worlds[0].partnership_id)
        await superuser.close()


def _places(world: World) -> dict[str, Place]:
    return {name: Place(each.partnership_id, each.user_id, each.agency_id) for name, each in world.people.items()}
