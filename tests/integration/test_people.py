"""Looking somebody up before referring or asking: only what the searcher may see, and no name in an address."""

from typing import Any

import asyncpg
import pytest

from app.domain.access import DESK_ROLES
from tests.world import Person, World

ALWAYS = "Every new name is checked against earlier records. Carry on."


async def search(who: Person, **told: Any) -> dict[str, Any]:
    answer = await who.post("/people/search", told)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_somebody_known_is_found_with_the_reason_and_what_they_were_asked(world: World) -> None:
    sent = await world.refer(yes=4)
    found = await search(world["advocate"], given_name="MAYA", family_name="Thórnbury", date_of_birth="1991-04-17")
    [person] = found["items"]
    assert person["person_reference"] == sent["people"][0]["person_reference"]
    assert person["why"] == ["same name", "same date of birth"]
    assert person["cases"] == [
        {"id": sent["case"]["id"], "reference": sent["case"]["reference"], "state": "stepped_down", "role": "victim"}
    ]
    assert person["asked_recently"][0]["sentence"].endswith("by Imran Shah, Wessex Police.")


@pytest.mark.parametrize(
    "told",
    [
        {"known_as": "thornbury maya"},
        {"known_as": "Someone Else", "aliases": ["Maya Thornbury"]},
        {"given_name": "Maya", "date_of_birth": "1991-04-17"},
    ],
)
async def test_order_aliases_and_part_of_a_name_find_somebody(world: World, told: dict[str, Any]) -> None:
    await world.refer(yes=4)
    assert [each["name"] for each in (await search(world["advocate"], **told))["items"]] == ["Maya Thornbury"]


async def test_a_person_in_two_cases_is_found_once_with_both(world: World) -> None:
    cases = [(await world.refer(who, yes=4))["case"]["id"] for who in ("officer", "advocate")]
    coordinator = world["coordinator"]
    pairs = (await coordinator.get("/matches")).json()["items"]
    victims = next(each for each in pairs if each["party"]["role"] == "victim")
    assert len((await search(coordinator, known_as="Maya Thornbury"))["items"]) == 2
    ids = {"party_id": victims["party"]["party_id"], "other_party_id": victims["other"]["party_id"]}
    await coordinator.post("/matches", {**ids, "same": True})
    [person] = (await search(coordinator, known_as="Maya Thornbury"))["items"]
    assert [each["id"] for each in person["cases"]] == cases[::-1]


async def test_the_words_are_the_same_whether_anyone_was_found_hidden_or_absent(world: World) -> None:
    await world.refer(yes=4)
    assert (await search(world["coordinator"], known_as="Maya Thornbury"))["said"] == ALWAYS
    hidden = await search(world["nurse"], known_as="Maya Thornbury")
    absent = await search(world["nurse"], known_as="Nobody Atall")
    assert hidden == absent == {"items": [], "said": ALWAYS}


async def test_a_search_needs_a_name_and_keeps_to_its_fields(world: World) -> None:
    nameless = await world["officer"].post("/people/search", {"date_of_birth": "1991-04-17"})
    assert nameless.json()["errors"][0]["pointer"] == "/given_name"
    surplus = await world["officer"].post("/people/search", {"known_as": "Maya", "nickname": "May"})
    assert surplus.json()["errors"][0]["code"] == "unknown_field"
    broken = await world["officer"].post("/people/search", {"known_as": "Ma\x00ya"})
    assert broken.json()["errors"][0]["code"] == "bad_character"


async def test_being_found_is_in_the_cases_trail(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    await search(world["advocate"], known_as="Maya Thornbury")
    trail = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    assert ("people.searched", "Advocate") in [(each["verb"], each["actor"]) for each in trail]


async def test_names_are_looked_up_through_the_index_and_inside_what_the_actor_sees(
    world: World, superuser: asyncpg.Connection
) -> None:
    await world.refer(yes=4)
    shared = "SELECT * FROM parties_sharing(ARRAY['name:maya thornbury'], 10)"
    async with superuser.transaction():
        await superuser.execute("SET LOCAL ROLE roundtable_app")
        for who, expected in (("advocate", 1), ("nurse", 0)):
            person = world[who]
            roles = sorted(DESK_ROLES)
            await superuser.fetchrow("SELECT * FROM enter($1, $2, $3)", world.partnership_id, person.user_id, roles)
            assert len(await superuser.fetch(shared)) == expected
    async with superuser.transaction():
        await superuser.execute("SET LOCAL ROLE roundtable_owner")
        await superuser.execute("SET LOCAL enable_seqscan = off")
        plan = await superuser.fetch("EXPLAIN SELECT id FROM party WHERE name_keys && ARRAY['name:maya thornbury']")
    assert "ix_party_name_keys" in "\n".join(row[0] for row in plan)
