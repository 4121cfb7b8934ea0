"""Somebody leaves who saw a system's secret: nothing stops in the night, and whoever keeps the system is told."""

from typing import Any
from uuid import UUID

from app.db.ids import new_id
from app.domain.access import Role
from tests.integration.test_accounts import tab_of
from tests.systems import Key, System, system_of, token_of
from tests.world import Person, World


async def second_admin(world: World, agency: str, role: Role) -> Person:
    """Another administrator, who has been there for a while."""
    form = {
        "name": "Ann Weaver",
        "email": f"{new_id()}@example.org",
        "roles": [role],
        "agency_id": str(world.agencies[agency]),
    }
    made = await world["partnership_admin"].post("/users", form)
    assert made.status_code == 201, made.text
    return await world.sign_in(UUID(made.json()["id"]), world.agencies[agency], like="police_admin")


async def leave(world: World, person: Person) -> None:
    answer = await world["partnership_admin"].post(f"/users/{person.user_id}/end")
    assert answer.status_code == 200, answer.text


async def drawn_by(world: World, person: Person, system: System) -> str:
    """Another secret, which this person sees."""
    answer = await person.post(f"/clients/{system.client_id}/secrets", {})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def told(person: Person) -> list[tuple[str, str]]:
    items = (await person.get("/notices")).json()["items"]
    return [(each["kind"], each["about"]) for each in items]


async def kept(person: Person, system: System) -> dict[str, Any]:
    found: dict[str, Any] = (await person.get(f"/clients/{system.client_id}")).json()
    return found


async def flagged(person: Person) -> set[str]:
    """The accounts whose secret should be changed."""
    items = (await person.get("/accounts?limit=200")).json()["items"]
    return {each["id"] for each in items if each["secret_seen_by_leaver"]}


async def test_administrators_are_told_of_each_secret_that_somebody_saw_who_leaves(world: World) -> None:
    ann = await second_admin(world, "police", Role.AGENCY_ADMINISTRATOR)
    system = await system_of(world)
    seen = await drawn_by(world, ann, system)
    await leave(world, ann)
    for who in ("police_admin", "partnership_admin"):
        assert await told(world[who]) == [("secret.seen_by_leaver", system.client_id)]
        assert await flagged(world[who]) == {system.user_id}
    assert await told(world["officer"]) == []
    marked = {each["id"]: each["seen_by_leaver"] for each in (await kept(world["police_admin"], system))["credentials"]}
    assert marked == {system.secret_id: False, seen: True}
    assert await token_of(system), "nothing stops by itself"
    await world["police_admin"].post(f"/clients/{system.client_id}/credentials/{seen}/end")
    assert await flagged(world["police_admin"]) == set()


async def test_the_pages_say_so_until_the_secret_has_ended(world: World) -> None:
    ann = await second_admin(world, "police", Role.AGENCY_ADMINISTRATOR)
    system = await system_of(world)
    seen = await drawn_by(world, ann, system)
    said = "Its secret was seen by somebody who has left: change it."
    async with await tab_of(world["police_admin"]) as tab:
        assert said not in (await tab.get(f"/systems/{system.client_id}")).text
        await leave(world, ann)
        assert said in (await tab.get(f"/systems/{system.client_id}")).text
        for page in ("/systems", "/people"):
            assert "Change its secret" in (await tab.get(page)).text
        assert "seen by somebody who has left" in (await tab.get(f"/people/{system.user_id}")).text
        assert "Somebody has left who saw a system’s secret" in (await tab.get("/home")).text
        assert f"/systems/{system.client_id}" in (await tab.get("/notices")).text
        await tab.get(f"/systems/{system.client_id}")
        await tab.post(f"/systems/{system.client_id}/credentials/{seen}/end")
        assert said not in (await tab.get(f"/systems/{system.client_id}")).text
        assert "Change its secret" not in (await tab.get("/people")).text


async def test_who_only_registered_a_public_key_or_saw_what_has_ended_takes_nothing_with_them(world: World) -> None:
    ann = await second_admin(world, "police", Role.AGENCY_ADMINISTRATOR)
    system = await system_of(world)
    await ann.post(f"/clients/{system.client_id}/keys", {"jwk": Key("one").jwk})
    gone = await drawn_by(world, ann, system)
    await ann.post(f"/clients/{system.client_id}/credentials/{gone}/end")
    await leave(world, ann)
    assert await told(world["police_admin"]) == []
    assert await flagged(world["police_admin"]) == set()


async def test_an_agency_that_leaves_takes_what_its_people_saw_of_others_systems(world: World) -> None:
    ann = await second_admin(world, "health", Role.PARTNERSHIP_ADMINISTRATOR)
    theirs = await system_of(world)
    await drawn_by(world, ann, theirs)
    own = await system_of(world, "partnership_admin", agency_id=str(world.agencies["health"]), secret=False)
    await drawn_by(world, ann, own)
    ended = await world["partnership_admin"].post(f"/agencies/{world.agencies['health']}/end")
    assert ended.status_code == 200
    assert await told(world["police_admin"]) == [("secret.seen_by_leaver", theirs.client_id)]
    assert await flagged(world["police_admin"]) == {theirs.user_id}


async def test_an_agencys_administrator_sees_which_tokens_their_systems_were_given_and_refused_and_no_others(
    world: World,
) -> None:
    system, other = await system_of(world), await system_of(world, "partnership_admin")
    for each in (system, other):
        await token_of(each)
        assert (await each.ask(secret="wrong")).status_code == 401
    answer = await world["police_admin"].get("/audit?scope=administration&verb=client")
    verbs = [(each["verb"], each["purpose"]) for each in answer.json()["items"]]
    assert verbs == [("client.refused", "invalid_client"), ("client.token_issued", "client_secret")]
    plain = (await world["police_admin"].get("/audit?scope=administration")).json()["items"]
    assert {each["verb"].partition(".")[0] for each in plain} == {"administration"}
    everywhere = await world["partnership_admin"].get("/audit?scope=administration&verb=client")
    assert len(everywhere.json()["items"]) == 4
    async with await tab_of(world["police_admin"]) as tab:
        page = (await tab.get(f"/people/{system.user_id}")).text
    assert "Given a token, with a secret" in page
    assert "Refused a token" in page


async def test_the_partnerships_administrators_see_in_the_trail_who_changed_a_provider(world: World) -> None:
    other = await second_admin(world, "health", Role.PARTNERSHIP_ADMINISTRATOR)

    async def verbs(who: Person) -> set[str]:
        answer = await who.get("/audit?scope=administration&limit=200")
        return {each["verb"] for each in answer.json()["items"]}

    async with await tab_of(other) as tab:
        assert (await tab.get("/single-sign-on")).status_code == 200
    assert "single_sign_on.read" in await verbs(world["partnership_admin"])
    assert "single_sign_on.read" not in await verbs(world["police_admin"])
