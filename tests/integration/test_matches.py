"""Two records that may be one person: shown to a coordinator, joined only by one, and graded again once joined."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg

from tests.world import World, referral_form

NOWHERE = "0193e0a0-0000-7000-8000-000000000000"


async def pairs(world: World) -> list[dict[str, Any]]:
    answer = await world["coordinator"].get("/matches")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def decide(world: World, pair: dict[str, Any], same: bool, who: str = "coordinator") -> Any:
    told = {"party_id": pair["party"]["party_id"], "other_party_id": pair["other"]["party_id"], "same": same}
    told["sharing"] = world[who].sharing
    return await world[who].post("/matches", told)


async def the_pair(world: World, role: str) -> dict[str, Any]:
    return next(each for each in await pairs(world) if each["party"]["role"] == role)


async def two_cases(world: World, **later: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same family referred twice without a reference, the second time after another incident."""
    first = await world.refer(yes=4)
    world.clock.set(2026, 12, 10)
    incident = {"occurred_on": "2026-12-09", "narrative": "He came back and broke the door."}
    return first, await world.refer(yes=4, incident=incident, **later)


async def test_the_same_name_in_two_cases_is_a_pair_with_the_reason(world: World) -> None:
    first, second = await two_cases(world)
    found = await pairs(world)
    assert {each["party"]["role"] for each in found} == {"victim", "perpetrator"}
    victim = await the_pair(world, "victim")
    assert (victim["party"]["case_id"], victim["other"]["case_id"]) == (second["case"]["id"], first["case"]["id"])
    assert victim["why"] == ["same name", "same date of birth"]


async def test_people_who_share_nothing_are_no_pair(world: World) -> None:
    await world.refer(yes=4)
    other = {"known_as": "Otto Vane", "date_of_birth": "1970-02-02", "relationship": "husband"}
    victim = {"known_as": "Ines Marlow", "date_of_birth": "1985-06-06", "safe_contact": {"safe_to_call": "no"}}
    sent = await world["officer"].post(
        "/referrals?submit=true", {**referral_form(yes=4), "victim": victim, "perpetrators": [other]}
    )
    assert sent.status_code == 201, sent.text
    assert await pairs(world) == []


async def test_only_a_coordinator_sees_or_decides_pairs(world: World) -> None:
    await two_cases(world)
    pair = await the_pair(world, "victim")
    for who in ("officer", "chair", "idva"):
        assert (await world[who].get("/matches")).status_code == 403
        assert (await decide(world, pair, True, who)).status_code == 403


async def test_two_records_said_to_be_different_are_not_shown_again(world: World) -> None:
    await two_cases(world)
    pair = await the_pair(world, "perpetrator")
    kept = await decide(world, pair, False)
    assert (kept.status_code, kept.json()["person_reference"]) == (201, None)
    assert [each["party"]["role"] for each in await pairs(world)] == ["victim"]
    assert (await decide(world, pair, False)).status_code == 409


async def test_joined_records_share_the_older_reference_and_both_cases_say_so(world: World) -> None:
    first, second = await two_cases(world)
    older = first["people"][0]["person_reference"]
    joined = await decide(world, await the_pair(world, "victim"), True)
    assert (joined.status_code, joined.json()["person_reference"]) == (201, older), joined.text
    for case in (first["case"], second["case"]):
        shown = (await world["coordinator"].get(f"/cases/{case['id']}")).json()
        assert shown["parties"][0]["person_reference"] == older
        assert len(shown["other_cases"]) == 1
        events = (await world["coordinator"].get(f"/cases/{case['id']}/timeline")).json()["items"]
        assert "case.person_joined" in [each["kind"] for each in events]
    assert [each["party"]["role"] for each in await pairs(world)] == ["perpetrator"]


async def test_a_reference_given_out_before_the_join_still_leads_to_the_person(world: World) -> None:
    first, second = await two_cases(world)
    await decide(world, await the_pair(world, "victim"), True)
    form = referral_form(yes=15, note="A third time.")
    form["victim"]["person_reference"] = second["people"][0]["person_reference"]
    sent = await world["officer"].post("/referrals?submit=true", form)
    assert sent.status_code == 201, sent.text
    assert sent.json()["case"]["joined"]
    assert sent.json()["people"][0]["person_reference"] == first["people"][0]["person_reference"]


async def test_somebody_is_still_named_where_a_case_keeps_the_reference_from_before_the_join(
    world: World, superuser: asyncpg.Connection
) -> None:
    first = await world.refer(yes=4)
    world.clock.set(2026, 12, 10)
    second = await world.refer("health_rep", yes=4)
    party = "SELECT person_id FROM party WHERE case_id = $1 AND role = 'victim'"
    before = await superuser.fetchval(party, UUID(second["case"]["id"]))
    await decide(world, await the_pair(world, "victim"), True)
    # As when whoever joined the two could not see this case.
    keep = "UPDATE party SET person_id = $2 WHERE case_id = $1 AND role = 'victim'"
    await superuser.execute(keep, UUID(second["case"]["id"]), before)
    assert (await world["health_rep"].get(f"/cases/{first['case']['id']}")).status_code == 404
    shown = (await world["health_rep"].get(f"/cases/{second['case']['id']}")).json()
    assert [each["role"] for each in shown["parties"]] == ["victim", "perpetrator"]
    assert shown["parties"][0]["person_reference"] == second["people"][0]["person_reference"]


async def test_what_is_said_of_one_case_does_not_name_the_other(world: World) -> None:
    first, second = await two_cases(world)
    await decide(world, await the_pair(world, "victim"), True)
    for one, other in ((first, second), (second, first)):
        timeline = (await world["coordinator"].get(f"/cases/{one['case']['id']}/timeline")).text
        assert other["case"]["id"] not in timeline
        assert other["case"]["reference"] not in timeline


async def test_a_joined_later_case_is_a_repeat_and_goes_to_a_meeting(world: World) -> None:
    _, second = await two_cases(world)
    assert (second["repeat"], second["case"]["state"]) == (False, "stepped_down")
    body = (await decide(world, await the_pair(world, "victim"), True)).json()
    assert body["case"]["id"] == second["case"]["id"]
    assert (body["case"]["level"], body["case"]["state"]) == ("high", "at_triage")
    assert body["route"]["forum_kind"] == "hrda"
    assert "risk.repeat.any_abuse" in {each["rule"] for each in body["reasons"]}
    shown = (await world["coordinator"].get(f"/cases/{second['case']['id']}")).json()
    assert (shown["repeat"], shown["grounds"], shown["version"]) == (True, ["repeat"], body["case"]["version"])


async def test_the_same_victim_and_another_perpetrator_is_no_repeat(world: World) -> None:
    other = {"given_name": "Otto", "family_name": "Vane", "date_of_birth": "1970-02-02", "relationship": "husband"}
    await two_cases(world, perpetrators=[other])
    body = (await decide(world, await the_pair(world, "victim"), True)).json()
    assert (body["case"], body["route"]) == (None, None)


async def test_after_twelve_months_a_joined_case_is_no_repeat(world: World) -> None:
    await world.refer(yes=4)
    world.clock.set(2027, 12, 10)
    await world.refer(yes=4, incident={"occurred_on": "2027-12-09", "narrative": "Shouting again."})
    assert (await decide(world, await the_pair(world, "victim"), True)).json()["case"] is None


async def test_assessments_follow_the_person_they_are_about(world: World) -> None:
    first = await world.refer(yes=4)
    world.clock.forward(hours=1)
    second = await world.refer("advocate", yes=5)
    await decide(world, await the_pair(world, "victim"), True)
    shown = (await world["coordinator"].get(f"/cases/{second['case']['id']}/assessments")).json()
    assert {each["case_id"] for each in shown["asked_recently"][0]["assessments"]} == {
        first["case"]["id"],
        second["case"]["id"],
    }


async def test_two_decisions_at_once_are_one(world: World) -> None:
    await two_cases(world)
    pair = await the_pair(world, "victim")
    both = await asyncio.gather(*(decide(world, pair, True) for _ in range(2)))
    assert sorted(each.status_code for each in both) == [201, 409]


async def test_records_that_cannot_be_joined_are_refused_in_words(world: World) -> None:
    sent = await world.refer(yes=4)
    parties = (await world["coordinator"].get(f"/cases/{sent['case']['id']}")).json()["parties"]
    mine, other = parties[0]["id"], parties[1]["id"]

    async def refused(one: str, two: str) -> int:
        told = {"party_id": one, "other_party_id": two, "same": True}
        return (await world["coordinator"].post("/matches", told)).status_code

    assert await refused(mine, mine) == 422
    assert await refused(mine, other) == 409
    assert await refused(mine, NOWHERE) == 404
