"""Partner systems' clients: administrators keep them, and what is ended or taken from one is gone at once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.tables.sign_in import api_client
from app.domain.clients import SECRET_PREFIX, digest_of
from app.services import sessions
from tests.systems import Key, System, system_of, token_of
from tests.world import World

FORM = {"name": "Patient records", "purpose": "Sends referrals from the emergency department.", "scopes": ["refer"]}


async def add(world: World, who: str, **changes: Any) -> Any:
    return await world[who].post("/clients", {**FORM, **changes})


async def kept(world: World, system: System, who: str = "police_admin") -> Any:
    return (await world[who].get(f"/clients/{system.client_id}")).json()


async def works(system: System, token: str) -> bool:
    answer = await system.get("/me", token)
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


async def test_an_agencys_administrator_adds_a_system_of_their_own_agency(world: World) -> None:
    answer = await add(world, "police_admin")
    assert answer.status_code == 201
    client = answer.json()
    assert (client["purpose"], client["scopes"], client["credentials"]) == (FORM["purpose"], ["refer"], [])
    assert client["agency"]["id"] == str(world.agencies["police"])
    assert client["added_by"] == "Police Admin"
    listed = (await world["police_admin"].get("/clients")).json()["items"]
    assert [each["id"] for each in listed] == [client["id"]]
    user = (await world["police_admin"].get(f"/users/{client['user']['id']}")).json()
    assert (user["is_system"], [each["role"] for each in user["roles"]]) == (True, ["partner_system"])


async def test_only_the_partnerships_administrator_keeps_other_agencies_systems(world: World) -> None:
    health = str(world.agencies["health"])
    refused = await add(world, "police_admin", agency_id=health)
    assert (refused.status_code, "own agency" in refused.json()["detail"]) == (403, True)
    added = await add(world, "partnership_admin", agency_id=health)
    assert added.status_code == 201
    path = f"/clients/{added.json()['id']}"
    assert (await world["police_admin"].get(path)).status_code == 404
    assert (await world["police_admin"].post(f"{path}/secrets", {})).status_code == 404
    assert (await world["police_admin"].post(f"{path}/end")).status_code == 404
    assert (await world["police_admin"].get("/clients")).json()["items"] == []
    assert (await world["partnership_admin"].get(path)).status_code == 200


@pytest.mark.parametrize("who", ["officer", "coordinator", "auditor", "system", "operator"])
async def test_nobody_but_administrators_keeps_systems(world: World, who: str) -> None:
    assert (await add(world, who)).status_code == 403
    assert (await world[who].get("/clients")).status_code == 403


async def test_a_client_can_only_be_held_to_what_a_system_may_do(world: World) -> None:
    for scopes, code in ((["export"], "not_a_scope"), (["refer", "administer_agency"], "not_a_scope"), ([], "too_few")):
        answer = await add(world, "police_admin", scopes=scopes)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


async def test_a_client_can_act_as_a_system_that_is_there_and_that_ends_with_its_last_client(world: World) -> None:
    first = await system_of(world)
    second = await system_of(world, user_id=first.user_id, name="Its successor")
    assert second.user_id == first.user_id
    token = await token_of(second)
    assert (await world["police_admin"].post(f"/clients/{first.client_id}/end")).status_code == 200
    assert await works(second, token)
    assert (await world["police_admin"].post(f"/clients/{second.client_id}/end")).status_code == 200
    assert not await works(second, token)
    assert (await world["police_admin"].get(f"/users/{first.user_id}")).json()["ended_at"]
    for user_id in (first.user_id, str(world["nurse"].user_id), str(uuid4()), str(world["system"].user_id)):
        refused = await add(world, "police_admin", user_id=user_id)
        assert [each["pointer"] for each in refused.json()["errors"]] == ["/user_id"]


async def test_of_a_secret_only_a_digest_is_kept_and_a_repeated_request_does_not_show_it_again(
    world: World, superuser: asyncpg.Connection
) -> None:
    system = await system_of(world, secret=False)
    path, headers = f"/clients/{system.client_id}/secrets", {"Idempotency-Key": str(uuid4())}
    first = (await world["police_admin"].post(path, {}, headers=headers)).json()
    assert first["secret"].startswith(SECRET_PREFIX)
    assert len(first["secret"]) == len(SECRET_PREFIX) + 43  # 256 bits
    assert first["hint"] == first["secret"][-4:]
    again = await world["police_admin"].post(path, {}, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == {**first, "secret": None}
    row = await superuser.fetchrow("SELECT * FROM api_credential WHERE id = $1", UUID(first["id"]))
    assert row is not None
    assert row["digest"] == digest_of(first["secret"])
    assert first["secret"] not in str(dict(row))
    assert first["secret"] not in str(await kept(world, system))


async def test_a_client_has_two_secrets_at_a_time_so_that_one_can_take_the_others_place(world: World) -> None:
    admin, system = world["police_admin"], await system_of(world)
    path = f"/clients/{system.client_id}"
    answers = await asyncio.gather(*(admin.post(f"{path}/secrets", {}) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409]
    new = next(each.json() for each in answers if each.status_code == 201)
    assert (await system.ask()).status_code == 200
    assert (await system.ask(secret=new["secret"])).status_code == 200
    assert (await admin.post(f"{path}/credentials/{system.secret_id}/end")).status_code == 200
    assert (await system.ask()).status_code == 401
    assert (await system.ask(secret=new["secret"])).status_code == 200
    assert (await admin.post(f"{path}/secrets", {})).status_code == 201
    assert (await admin.post(f"{path}/credentials/{system.secret_id}/end")).status_code == 409
    assert (await admin.post(f"{path}/credentials/{uuid4()}/end")).status_code == 404


async def test_a_secret_is_good_to_the_end_of_its_last_day_in_london_and_for_a_year_if_nothing_is_said(
    world: World,
) -> None:
    system = await system_of(world, secret=False)
    path = f"/clients/{system.client_id}/secrets"
    world.clock.set(2026, 6, 1)
    usual = (await world["police_admin"].post(path, {})).json()
    assert datetime.fromisoformat(usual["until"]) == datetime(2027, 6, 1, 23, tzinfo=UTC)
    drawn = (await world["police_admin"].post(path, {"last_day": "2026-06-02"})).json()
    world.clock.set(2026, 6, 2, 22, 59)
    assert (await system.ask(secret=drawn["secret"])).status_code == 200
    world.clock.set(2026, 6, 2, 23, 0)
    assert (await system.ask(secret=drawn["secret"])).status_code == 401
    for last_day in ("2026-06-02", "2029-01-01"):
        refused = await world["police_admin"].post(path, {"last_day": last_day})
        assert [each["pointer"] for each in refused.json()["errors"]] == ["/last_day"]


async def test_two_keys_with_names_of_their_own_are_taken_and_a_bad_one_is_refused_in_words(world: World) -> None:
    system = await system_of(world, secret=False)
    admin, path = world["police_admin"], f"/clients/{system.client_id}/keys"
    one, two = Key("one"), Key("two")
    assert (await admin.post(path, {"jwk": one.jwk})).status_code == 201
    for jwk, words in (({**two.jwk, "d": "AAAA"}, "private half"), ({**two.jwk, "kid": "one"}, "another name")):
        refused = await admin.post(path, {"jwk": jwk})
        assert refused.status_code == 422
        assert words in refused.json()["errors"][0]["message"]
    assert (await admin.post(path, {"jwk": two.jwk})).status_code == 201
    assert (await admin.post(path, {"jwk": Key("three").jwk})).status_code == 409
    keys = [(each["hint"], each["public_key"]["x"]) for each in (await kept(world, system))["credentials"]]
    assert keys == [("two", two.jwk["x"]), ("one", one.jwk["x"])]


ENDS: dict[str, Callable[[System], tuple[str, str, Any]]] = {
    "the client": lambda s: ("police_admin", f"/clients/{s.client_id}/end", None),
    "the secret": lambda s: ("police_admin", f"/clients/{s.client_id}/credentials/{s.secret_id}/end", None),
    "its system": lambda s: ("police_admin", f"/users/{s.user_id}/end", None),
    "its agency": lambda s: ("partnership_admin", f"/agencies/{s.agency_id}/suspend", {"because": "Stolen."}),
}


@pytest.mark.parametrize("what", ENDS)
async def test_whatever_is_ended_of_a_system_its_tokens_open_nothing_from_the_next_request_on(
    world: World, what: str
) -> None:
    system = await system_of(world)
    token = await token_of(system)
    assert await works(system, token)
    who, path, body = ENDS[what](system)
    assert (await world[who].post(path, body)).status_code == 200
    assert not await works(system, token)
    assert (await system.ask()).status_code == 401


async def test_a_system_whose_role_was_taken_may_do_nothing(world: World) -> None:
    system = await system_of(world)
    token = await token_of(system)
    body = {"family_name": "Harrow"}
    assert (await system.call("POST", "/people/search", token, json=body)).status_code != 403
    path = f"/users/{system.user_id}/roles/partner_system/end"
    assert (await world["police_admin"].post(path)).status_code == 200
    assert (await system.call("POST", "/people/search", token, json=body)).status_code == 403


async def test_a_client_that_loses_a_scope_loses_its_tokens_and_one_that_gains_keeps_them(world: World) -> None:
    system = await system_of(world, scopes=["refer", "read"])
    token = await token_of(system)
    path = f"/clients/{system.client_id}"
    more = {**FORM, "scopes": ["refer", "read", "look_up"]}
    assert (await world["police_admin"].put(path, more, version=1)).status_code == 200
    assert await works(system, token)
    assert (await system.get("/agencies", token)).status_code == 403  # what it was given is what it has
    assert (await world["police_admin"].put(path, FORM, version=1)).status_code == 412
    assert (await world["police_admin"].put(path, FORM, version=2)).json()["scopes"] == ["refer"]
    assert not await works(system, token)
    assert (await system.ask(scope="read")).json()["error"] == "invalid_scope"


async def test_no_token_that_was_asked_for_while_its_secret_was_ended_works_afterwards(world: World) -> None:
    system = await system_of(world)
    path = f"/clients/{system.client_id}/credentials/{system.secret_id}/end"
    *asked, ended = await asyncio.gather(
        *(system.ask() for _ in range(6)), world["police_admin"].post(path), return_exceptions=False
    )
    assert ended.status_code == 200
    given = [each.json()["access_token"] for each in asked if each.status_code == 200]
    assert {each.status_code for each in asked} <= {200, 401}
    assert [await works(system, each) for each in given] == [False] * len(given)


async def test_each_act_is_in_the_trail_with_the_client_and_without_its_name(
    world: World, superuser: asyncpg.Connection
) -> None:
    system = await system_of(world)
    await kept(world, system)
    await world["police_admin"].put(f"/clients/{system.client_id}", FORM, version=1)
    await world["police_admin"].post(f"/clients/{system.client_id}/credentials/{system.secret_id}/end")
    await world["police_admin"].post(f"/clients/{system.client_id}/end")
    rows = await superuser.fetch(
        "SELECT verb, purpose FROM audit WHERE partnership_id = $1 AND $2 = ANY (subjects) ORDER BY id",
        world.partnership_id,
        UUID(system.client_id),
    )
    assert [(row["verb"].partition(".")[2], row["purpose"]) for row in rows] == [
        ("client_added", None),
        ("client_credential_added", "secret"),
        ("client_read", None),
        ("client_changed", None),
        ("client_credential_ended", "secret"),
        ("client_ended", None),
    ]


async def test_postgresql_lets_no_administrator_write_another_agencys_client(world: World) -> None:
    police, health = world["police_admin"], world["health_rep"]

    async def work(uow: UnitOfWork) -> None:
        row = {"name": "x", "purpose": "x", "scopes": ["read"], "created_at": uow.now, "version": 1}
        uow.add(api_client, user_id=health.user_id, agency_id=health.agency_id, made_by=police.user_id, **row)
        await uow.flush()

    for who in (police, health):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await world.database.run(Credentials(world.partnership_id, who.user_id), work, world.clock(), new_id())


async def test_of_what_a_system_was_let_in_by_upkeep_keeps_the_newest(
    app: FastAPI, world: World, superuser: asyncpg.Connection
) -> None:
    system = await system_of(world)
    for _ in range(3):
        await system.ask()
        world.clock.forward(minutes=11)
    world.clock.forward(days=2)
    await world.database.run_as_system(world.partnership_id, sessions.forget_old, world.clock())
    left = await superuser.fetchval("SELECT count(*) FROM session WHERE client_id = $1", UUID(system.client_id))
    assert left == 1
