"""Offers of support: accepted, or declined and offered again. Nobody is dropped."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.world import SHARING, Person, World

# The world's standard and medium cases are offered to its domestic abuse service.
ASKED = "advocate"


async def offered(world: World, yes: int = 4) -> dict[str, Any]:
    result = await world.refer(yes=yes)
    (offer,) = await offers(world[ASKED], "status=offered")
    assert offer["case"]["id"] == result["case"]["id"]
    return offer


async def offers(who: Person, query: str = "") -> list[dict[str, Any]]:
    answer = await who.get(f"/support-offers?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def answer(who: Person, offer: dict[str, Any], verb: str, version: int | None = 1, **form: Any) -> Any:
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    return await who.post(f"/support-offers/{offer['id']}/{verb}", form or None, headers=headers)


async def test_an_offer_waits_for_the_agency_that_was_asked_and_for_nobody_else(world: World) -> None:
    offer = await offered(world)
    assert (offer["service"], offer["status"], offer["late"]) == ("pippa", "offered", False)
    assert await offers(world["housing_rep"]) == []
    assert [each["id"] for each in await offers(world["coordinator"])] == [offer["id"]]
    assert await offers(world["coordinator"], "agency=mine") == []


async def test_accepting_keeps_the_case_open_to_the_service(world: World) -> None:
    offer = await offered(world)
    accepted = await answer(world[ASKED], offer, "accept")
    assert accepted.status_code == 200, accepted.text
    assert (accepted.json()["status"], accepted.json()["answered_by"]) == ("accepted", "Advocate")
    assert [each["id"] for each in await offers(world[ASKED], "status=accepted")] == [offer["id"]]
    assert (await answer(world[ASKED], offer, "accept", version=2)).status_code == 409


async def test_declining_needs_a_reason_and_closes_the_case_to_that_service(world: World) -> None:
    offer = await offered(world)
    bare = await world[ASKED].post(
        f"/support-offers/{offer['id']}/decline", {"reason": "  "}, headers={"If-Match": '"1"'}
    )
    assert [each["pointer"] for each in bare.json()["errors"]] == ["/reason"]
    declined = await answer(world[ASKED], offer, "decline", reason="No worker until January.")
    assert declined.status_code == 200, declined.text
    assert declined.json()["reason"] == "No worker until January."
    assert await offers(world[ASKED]) == []


async def test_a_declined_case_stays_before_the_coordinator_until_it_is_offered_again(world: World) -> None:
    offer = await offered(world)
    assert await offers(world["coordinator"], "status=declined") == []
    await answer(world[ASKED], offer, "decline", reason="No worker until January.")
    (waiting,) = await offers(world["coordinator"], "status=declined")
    assert waiting["id"] == offer["id"]
    path = f"/cases/{offer['case']['id']}/support-offers"
    again = await world["coordinator"].post(
        path, {"service": "victim_support", "agency_id": str(world.agencies["housing"]), "sharing": SHARING}
    )
    assert again.status_code == 201, again.text
    assert await offers(world["coordinator"], "status=declined") == []
    assert [each["id"] for each in await offers(world["housing_rep"])] == [again.json()["id"]]
    again = await world["coordinator"].post(path, {"service": "pippa", "sharing": SHARING})
    assert again.status_code == 201, again.text


async def test_a_service_that_has_the_case_is_not_asked_twice(world: World) -> None:
    offer = await offered(world)
    path = f"/cases/{offer['case']['id']}/support-offers"
    assert (await world["coordinator"].post(path, {"service": "pippa"})).status_code == 409
    other = {"service": "gp_iris", "sharing": SHARING}
    both = await asyncio.gather(*(world["coordinator"].post(path, other) for _ in range(2)))
    assert sorted(each.status_code for each in both) == [201, 409]


async def test_an_offer_names_a_service_and_an_agency_that_exist(world: World) -> None:
    path = f"/cases/{(await offered(world))['case']['id']}/support-offers"
    wrong = await world["coordinator"].post(path, {"service": "pippa", "agency_id": str(uuid4())})
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/agency_id"]
    wrong = await world["coordinator"].post(path, {"service": "prayer"})
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/service"]
    assert (await world["officer"].post(path, {"service": "pippa"})).status_code == 403
    assert (await world["chair"].post(f"/cases/{uuid4()}/support-offers", {"service": "pippa"})).status_code == 404


async def test_only_the_agency_that_was_asked_answers_and_says_which_version(world: World) -> None:
    offer = await offered(world)
    assert (await answer(world["housing_rep"], offer, "accept")).status_code == 404
    assert (await answer(world["coordinator"], offer, "accept")).status_code == 403
    assert (await answer(world[ASKED], offer, "accept", version=None)).status_code == 428
    assert (await answer(world[ASKED], offer, "accept", version=3)).status_code == 412


async def test_accepting_and_declining_at_once_is_one_answer(world: World) -> None:
    offer = await offered(world)
    both = await asyncio.gather(
        answer(world[ASKED], offer, "accept"), answer(world[ASKED], offer, "decline", reason="No worker.")
    )
    assert sorted(each.status_code for each in both)[0] == 200
    assert sorted(each.status_code for each in both)[1] in (404, 412)


async def test_an_offer_is_late_from_the_day_after_it_should_have_been_answered(world: World) -> None:
    offer = await offered(world)
    assert offer["accept_by"] == "2026-11-27"
    world.clock.set(2026, 11, 28)
    assert [each["late"] for each in await offers(world["coordinator"])] == [True]


async def test_answers_and_looks_are_in_the_trail(world: World, superuser: asyncpg.Connection) -> None:
    offer = await offered(world)
    await answer(world[ASKED], offer, "decline", reason="No worker until January.")
    rows = await superuser.fetch(
        "SELECT verb FROM audit WHERE actor_id = $1 AND (case_id = $2 OR $2 = ANY(subjects)) ORDER BY id",
        world[ASKED].user_id,
        UUID(offer["case"]["id"]),
    )
    assert [row["verb"] for row in rows] == ["support.listed", "support.declined"]
