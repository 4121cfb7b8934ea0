"""Partner systems: their clients are kept by administrators, and get tokens by what they prove."""

from typing import Any

import asyncpg

from tests.systems import system_of
from tests.world import World

FORM = {"name": "Patient records", "purpose": "Sends referrals from the emergency department.", "scopes": ["refer"]}


async def entries(superuser: asyncpg.Connection, world: World, verb: str) -> list[Any]:
    return list(
        await superuser.fetch(
            "SELECT actor_id, subjects, purpose FROM audit WHERE partnership_id = $1 AND verb = $2 ORDER BY id",
            world.partnership_id,
            verb,
        )
    )


async def test_a_client_is_added_given_a_secret_and_gets_a_token_that_works(
    world: World, superuser: asyncpg.Connection
) -> None:
    system = await system_of(world, "police_admin", scopes=["look_up", "refer"])
    answer = await system.ask()
    assert answer.status_code == 200
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "look_up refer")
    assert answer.headers["cache-control"] == "no-store"
    me = await system.get("/me", told["access_token"])
    assert (me.status_code, me.json()["is_system"]) == (200, True)
    (entry,) = await entries(superuser, world, "client.token_issued")
    assert (str(entry["actor_id"]), entry["purpose"]) == (system.user_id, "client_secret")
    assert system.client_id in map(str, entry["subjects"])
    kept = (await world["police_admin"].get(f"/clients/{system.client_id}")).json()
    assert kept["last_used_at"] == kept["credentials"][0]["last_used_at"] is not None
