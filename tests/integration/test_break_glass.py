"""A case opened in an emergency: to one person, with a reason and an end, and told to others at once."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.glass import EMERGENCY, WHY, keep_from, kinds, opens, opens_by_name, restrict, reviews, sees, trail, used
from tests.world import World, referral_form


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A case that police referred at medium risk, so that a nurse does not see it."""
    found: dict[str, Any] = (await world.refer(yes=10))["case"]
    return found


async def test_an_emergency_opens_a_case_to_one_person_for_its_hours_and_no_longer(
    world: World, case: dict[str, Any]
) -> None:
    assert not await sees(world, "nurse", case)
    use = await used(world, "nurse", case)
    assert (use["case"], use["open"], use["reason"]) == ({"id": case["id"], "reference": case["reference"]}, True, WHY)
    assert await sees(world, "nurse", case)
    assert not await sees(world, "recovery_rep", case)
    world.clock.forward(minutes=119, seconds=59)
    assert await sees(world, "nurse", case)
    world.clock.forward(seconds=1)
    assert not await sees(world, "nurse", case)
    assert (await world["nurse"].get(f"/break-glass/{use['id']}")).json()["open"] is False


async def test_why_a_case_is_open_says_that_it_was_an_emergency_and_until_when(
    world: World, case: dict[str, Any]
) -> None:
    use = await used(world, "nurse", case)
    access = (await world["coordinator"].get(f"/cases/{case['id']}/access")).json()["items"]
    assert [(each["person"], each["until"]) for each in access if each["reason"] == "break_glass"] == [
        ("Nurse", use["until_at"])
    ]


async def test_a_name_and_a_date_of_birth_are_enough_whatever_their_case_and_accents(
    world: World, case: dict[str, Any]
) -> None:
    answer = await opens_by_name(world, "nurse", given_name="MÁYA", family_name="thornbury")
    assert answer.status_code == 201, answer.text
    assert answer.json()["case"]["id"] == case["id"]


async def test_a_perpetrator_leads_to_the_case_as_well(world: World, case: dict[str, Any]) -> None:
    dale = {"given_name": "Dale", "family_name": "Harrow", "date_of_birth": "1988-01-30"}
    assert (await opens_by_name(world, "nurse", **dale)).json()["case"]["id"] == case["id"]


@pytest.mark.parametrize("wrong", [{"date_of_birth": "1991-04-18"}, {"given_name": "May"}, {"family_name": "Thorn"}])
async def test_a_name_or_a_date_that_only_resembles_opens_nothing(
    world: World, case: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert case
    assert (await opens_by_name(world, "nurse", **wrong)).status_code == 404


async def test_a_name_that_fits_two_victims_cases_opens_neither(world: World, case: dict[str, Any]) -> None:
    await world.refer(yes=10, victim="Ines Marlow")
    dale = {"given_name": "Dale", "family_name": "Harrow", "date_of_birth": "1988-01-30"}
    answer = await opens_by_name(world, "nurse", **dale)
    assert (answer.status_code, answer.json()["code"]) == (409, "several_cases")
    assert not await sees(world, "nurse", case)


async def test_auditors_hear_of_a_name_that_fits_several_families_since_whoever_asked_learned_of_them(
    world: World, case: dict[str, Any]
) -> None:
    assert case
    await world.refer(yes=10, victim="Ines Marlow")
    await opens_by_name(world, "nurse", given_name="Dale", family_name="Harrow", date_of_birth="1988-01-30")
    (told,) = (await world["auditor"].get("/notices")).json()["items"]
    assert (told["kind"], told["about"]) == ("break_glass.several", str(world["nurse"].user_id))
    assert told["case"] is None
    assert await kinds(world, "coordinator") == []


async def test_hidden_and_absent_cases_are_one_answer_and_leave_one_trail(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    other = (await world.refer(yes=10, victim="Ines Marlow"))["case"]
    await keep_from(world, case, "nurse")
    await restrict(world, other)
    answers = [
        await opens(world, "nurse", "C-ZZZZZZZZ"),
        await opens(world, "nurse", case["reference"]),
        await opens(world, "nurse", other["reference"]),
        await opens_by_name(world, "nurse", given_name="Nobody"),
        await opens_by_name(world, "nurse"),
        await opens_by_name(world, "nurse", given_name="Ines", family_name="Marlow"),
    ]
    assert {(each.status_code, each.content) for each in answers} == {(404, answers[0].content)}
    told = await trail(superuser, world, "nurse")
    by_reference = [("break_glass.tried", None, "by_reference"), ("denied.not_found", None, "break_glass.use")]
    by_person = [("break_glass.tried", None, "by_person"), by_reference[1]]
    assert told == by_reference * 3 + by_person * 3
    for who in ("auditor", "coordinator"):
        assert await kinds(world, who) == []
    assert (await world["auditor"].get("/break-glass")).json()["items"] == []


async def test_a_restriction_takes_the_case_from_whoever_opened_it_in_an_emergency(
    world: World, case: dict[str, Any]
) -> None:
    use = await used(world, "nurse", case)
    await restrict(world, case)
    assert not await sees(world, "nurse", case)
    for who in ("nurse", "auditor"):
        assert (await world[who].get("/break-glass")).json()["items"] == []
        assert (await world[who].get(f"/break-glass/{use['id']}")).status_code == 404
        assert (await world[who].get("/notices")).json()["items"] == []


async def test_a_conflict_declared_behind_the_glass_closes_the_case_for_good(
    world: World, case: dict[str, Any]
) -> None:
    use = await used(world, "nurse", case)
    assert (await world["nurse"].post(f"/cases/{case['id']}/conflicts", {})).status_code == 201
    assert not await sees(world, "nurse", case)
    assert (await world["nurse"].get(f"/break-glass/{use['id']}")).status_code == 404
    assert (await world["nurse"].post(f"/break-glass/{use['id']}/end")).status_code == 404
    assert (await opens(world, "nurse", case["reference"])).status_code == 404
    assert (await world["auditor"].get(f"/break-glass/{use['id']}")).status_code == 200


async def test_the_lead_and_the_auditors_are_told_in_the_same_transaction(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    headers = {"If-Match": "*"}
    told = {"user_id": str(world["idva"].user_id), "sharing": referral_form()["sharing"]}
    given = await world["coordinator"].request("PUT", f"/cases/{case['id']}/idva", json=told, headers=headers)
    assert given.status_code == 200, given.text
    use = await used(world, "nurse", case)
    for who in ("idva", "coordinator", "auditor"):
        (notice,) = (await world[who].get("/notices")).json()["items"]
        assert (notice["kind"], notice["about"], notice["case"]["id"]) == ("break_glass.used", use["id"], case["id"])
        assert notice["case"]["reference"] == case["reference"]
        assert (await world[who].get(f"/break-glass/{use['id']}")).json()["reason"] == WHY
    for who in ("chair", "nurse", "police_admin"):
        assert await kinds(world, who) == []
    written = await superuser.fetch(
        "SELECT DISTINCT xmin::text FROM (SELECT xmin FROM notice WHERE case_id = $1 UNION ALL "
        "SELECT xmin FROM break_glass WHERE case_id = $1 UNION ALL "
        "SELECT xmin FROM case_grant WHERE case_id = $1 AND reason = 'break_glass' UNION ALL "
        "SELECT xmin FROM audit WHERE case_id = $1 AND verb = 'break_glass.used') w",
        UUID(case["id"]),
    )
    assert len(written) == 1


async def test_the_reason_is_kept_with_the_use_and_out_of_the_trail(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    await used(world, "nurse", case)
    told = [each for each in await trail(superuser, world, "nurse") if each[0] == "break_glass.used"]
    assert told == [("break_glass.used", UUID(case["id"]), "by_reference")]


async def test_a_case_that_is_open_already_needs_no_emergency(world: World, case: dict[str, Any]) -> None:
    answer = await opens(world, "coordinator", case["reference"])
    assert (answer.status_code, case["reference"] in answer.json()["detail"]) == (409, True)
    assert (await opens_by_name(world, "coordinator")).status_code == 409
    await used(world, "nurse", case)
    assert (await opens(world, "nurse", case["reference"])).status_code == 409


@pytest.mark.parametrize("who", ["auditor", "police_admin", "partnership_admin", "operator", "system"])
async def test_only_people_who_do_casework_may(world: World, case: dict[str, Any], who: str) -> None:
    assert (await opens(world, who, case["reference"])).status_code == 403
    assert (await opens(world, who, "C-ZZZZZZZZ")).status_code == 403


@pytest.mark.parametrize("who", ["police_admin", "partnership_admin", "operator", "system"])
async def test_uses_are_seen_by_no_administrator_operator_or_system(
    world: World, case: dict[str, Any], who: str
) -> None:
    use = await used(world, "nurse", case)
    assert (await world[who].get("/break-glass")).status_code == 403
    assert (await world[who].get(f"/break-glass/{use['id']}")).status_code == 403
    assert (await reviews(world, who, use)).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"reason": "Emergency."}, "/reason"),
        ({"reason": " "}, "/reason"),
        ({"hours": 0}, "/hours"),
        ({"hours": 25}, "/hours"),
        ({"reference": "R-12"}, "/reference"),
        ({"reference": None}, "/reference"),
        ({"person": {"given_name": "?", "family_name": "?", "date_of_birth": "1991-04-17"}}, "/person"),
    ],
)
async def test_a_form_that_cannot_be_meant_is_refused_at_its_field_and_counts_as_no_try(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection, wrong: dict[str, Any], pointer: str
) -> None:
    answer = await opens(world, "nurse", case["reference"], **wrong)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert "break_glass.tried" not in [each[0] for each in await trail(superuser, world, "nurse")]


async def test_ten_tries_in_a_day_are_all_and_the_answer_says_whom_to_ring(world: World, case: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(opens(world, "nurse", "C-ZZZZZZZZ") for _ in range(12)))
    assert sorted(each.status_code for each in answers) == [404] * 10 + [409] * 2
    refused = await opens(world, "nurse", case["reference"])
    assert (refused.status_code, refused.json()["code"]) == (409, "break_glass_limit")
    assert "Community Safety" in refused.json()["detail"]
    assert (await opens(world, "recovery_rep", case["reference"])).status_code == 201
    world.clock.forward(hours=24)
    assert (await opens(world, "nurse", case["reference"])).status_code == 201


async def test_five_uses_in_a_day_are_all(world: World, case: dict[str, Any]) -> None:
    for name in ("Ines Marlow", "Orla Finch", "Priya Vance", "Tess Ardent", "Una Bexley"):
        other = (await world.refer(yes=10, victim=name))["case"]
        await used(world, "nurse", other)
    refused = await opens(world, "nurse", case["reference"])
    assert (refused.status_code, refused.json()["code"]) == (409, "break_glass_limit")
    assert refused.content == (await opens(world, "nurse", "C-ZZZZZZZZ")).content


async def test_two_at_once_by_one_person_are_one_use_and_by_two_are_two(world: World, case: dict[str, Any]) -> None:
    twice = await asyncio.gather(*(opens(world, "nurse", case["reference"]) for _ in range(2)))
    assert sorted(each.status_code for each in twice) == [201, 409]
    others = await asyncio.gather(*(opens(world, who, case["reference"]) for who in ("recovery_rep", "probation_rep")))
    assert [each.status_code for each in others] == [201, 201]
    assert len((await world["auditor"].get("/break-glass")).json()["items"]) == 3
    assert await kinds(world, "auditor") == ["break_glass.used"] * 3


async def test_a_repeat_with_the_same_key_is_the_same_use(world: World, case: dict[str, Any]) -> None:
    form = {"reference": case["reference"], "reason": WHY, "hours": 2, "sharing": EMERGENCY}
    first, second = [
        await world["nurse"].post("/break-glass", form, headers={"Idempotency-Key": "at-the-desk"}) for _ in range(2)
    ]
    assert (first.status_code, second.status_code, first.content == second.content) == (201, 201, True)
    assert len((await world["nurse"].get("/break-glass")).json()["items"]) == 1


async def test_a_case_given_up_early_is_closed_at_the_next_request(world: World, case: dict[str, Any]) -> None:
    use = await used(world, "nurse", case)
    world.clock.forward(minutes=5)
    assert (await world["coordinator"].post(f"/break-glass/{use['id']}/end")).status_code == 403
    ended = await world["nurse"].post(f"/break-glass/{use['id']}/end")
    assert (ended.status_code, ended.json()["open"]) == (200, False)
    assert not await sees(world, "nurse", case)
    world.clock.forward(minutes=5)
    again = await world["nurse"].post(f"/break-glass/{use['id']}/end")
    assert again.content == ended.content
    assert (await world["recovery_rep"].post(f"/break-glass/{use['id']}/end")).status_code == 404
