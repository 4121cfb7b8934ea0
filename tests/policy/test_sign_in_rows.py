"""Row security on what people and systems sign in by, straight in SQL: nobody gives themselves, or takes, more."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from app.db.tables import metadata
from tests.policy.scene import NOW, Scene

CLIENT = (
    "INSERT INTO api_client (partnership_id, id, user_id, agency_id, name, purpose, scopes, created_at) "
    "VALUES ($1, $2, $3, $4, 'x', 'x', '{refer}', now())"
)
SESSION = (
    "INSERT INTO session (partnership_id, id, user_id, kind, client_id, credential_id, scopes, methods, created_at, "
    "seen_at, until_at) VALUES ($1, gen_random_uuid(), $2, 'client', $3, $3, $4, '{client_secret}', now(), now(), "
    "now() + interval '10 minutes')"
)


@pytest.mark.parametrize("who", ["police_admin", "partnership_admin", None])
async def test_no_client_acts_as_a_person(scene: Scene, who: str | None) -> None:
    officer = scene.people["officer"]
    async with scene.as_app(who) as connection:
        await connection.execute("SELECT set_config('roundtable.partnership', $1, true)", str(officer.partnership_id))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(CLIENT, officer.partnership_id, uuid4(), officer.user_id, officer.agency_id)


async def test_a_system_begins_no_session_that_may_do_more_than_its_client(scene: Scene) -> None:
    system, client_id = scene.people["system"], uuid4()
    ours = {"partnership_id": system.partnership_id, "id": client_id, "created_at": NOW}
    client = {**ours, "user_id": system.user_id, "agency_id": system.agency_id, "name": "x", "purpose": "x"}
    credential = {**ours, "client_id": client_id, "kind": "key", "hint": "x", "public_key": "{}"}
    facts = [
        (metadata.tables["api_client"], {**client, "scopes": ["refer"]}),
        (metadata.tables["api_credential"], credential),
    ]
    async with scene.supposing("system", facts) as connection:
        told: tuple[UUID, ...] = (system.partnership_id, system.user_id, client_id)
        await connection.execute(SESSION, *told, ["refer"])
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(SESSION, *told, ["refer", "read_case"])


async def test_nobody_says_of_a_session_that_there_is_that_its_holder_has_confirmed(scene: Scene) -> None:
    async with scene.as_app("officer") as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE session SET confirmed_until = now() + interval '1 hour'")


@pytest.mark.parametrize(("role", "ended"), [("idva", 1), ("partnership_administrator", 0)])
async def test_an_agencys_administrator_ends_the_sessions_of_those_whom_they_keep(
    scene: Scene, role: str, ended: int
) -> None:
    officer = scene.people["officer"]
    held = {
        "partnership_id": officer.partnership_id,
        "id": uuid4(),
        "user_id": officer.user_id,
        "role": role,
        "given_at": NOW,
    }
    async with scene.supposing("police_admin", [(metadata.tables["user_role"], held)]) as connection:
        done = await connection.execute(
            "UPDATE session SET ended_at = now(), ended_because = 'administrator' "
            "WHERE partnership_id = $1 AND user_id = $2",
            officer.partnership_id,
            officer.user_id,
        )
    assert done == f"UPDATE {ended}"
