"""Each use of break-glass is reviewed once, by somebody else, and stays on the list until it is."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.glass import kinds, reviews, sees, trail, used
from tests.world import World


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A case that police referred at medium risk, so that a nurse does not see it."""
    found: dict[str, Any] = (await world.refer(yes=10))["case"]
    return found


async def test_somebody_else_reviews_a_use_once(world: World, case: dict[str, Any]) -> None:
    use = await used(world, "nurse", case)
    (unreviewed,) = (await world["auditor"].get("/break-glass?reviewed=false")).json()["items"]
    assert unreviewed == use
    reviewed = await reviews(world, "auditor", use)
    assert reviewed.status_code == 200, reviewed.text
    assert reviewed.json()["review"]["reviewer"]["name"] == "Auditor"
    assert await sees(world, "nurse", case)
    assert (await reviews(world, "auditor", use)).status_code == 412
    assert (await reviews(world, "auditor", use, version="*")).status_code == 409
    assert (await world["auditor"].get("/break-glass?reviewed=false")).json()["items"] == []
    shown = (await world["nurse"].get(f"/break-glass/{use['id']}")).json()
    assert shown["review"]["finding"] == "justified"


async def test_a_review_needs_the_version_that_was_read_and_its_words(world: World, case: dict[str, Any]) -> None:
    use = await used(world, "nurse", case)
    told = {"finding": "justified", "review": "It was."}
    assert (await world["auditor"].post(f"/break-glass/{use['id']}/review", told)).status_code == 428
    blank = await reviews(world, "auditor", use, review=" ")
    assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "/review")
    for who in ("nurse", "coordinator", "chair"):
        assert (await reviews(world, who, use)).status_code == 403


async def test_nobody_reviews_what_they_opened_with_another_account_of_theirs(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    use = await used(world, "nurse", case)
    for who, email in (("nurse", "jo@health.example"), ("auditor", "Jo@Health.Example")):
        await superuser.execute("UPDATE app_user SET email = $2 WHERE id = $1", world[who].user_id, email)
    refused = await reviews(world, "auditor", use)
    assert (refused.status_code, "with another account of yours" in refused.json()["detail"]) == (403, True)


async def test_two_reviews_at_once_are_one(world: World, case: dict[str, Any]) -> None:
    use = await used(world, "nurse", case)
    both = await asyncio.gather(
        reviews(world, "auditor", use, version="*"), reviews(world, "auditor", use, "not_justified", version="*")
    )
    assert [each.status_code for each in both].count(200) == 1
    assert {each.status_code for each in both} <= {200, 409, 412}


async def test_nobody_reviews_their_own_use_and_the_database_holds_to_it(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    await superuser.execute(
        "INSERT INTO user_role (partnership_id, id, user_id, role, given_at) VALUES ($1, $2, $3, $4, now())",
        world.partnership_id,
        uuid4(),
        world["nurse"].user_id,
        "governance_auditor",
    )
    use = await used(world, "nurse", case)
    assert (await reviews(world, "nurse", use)).status_code == 403
    with pytest.raises(asyncpg.CheckViolationError):
        await superuser.execute(
            "UPDATE break_glass SET reviewed_at = now(), reviewed_by = user_id, finding = 'justified', review = '' "
            "WHERE id = $1",
            UUID(use["id"]),
        )
    assert (await reviews(world, "auditor", use)).status_code == 200


async def test_a_use_that_was_not_justified_ends_and_is_told_to_the_agencys_administrators(
    world: World,
) -> None:
    case = (await world.refer("health_rep", yes=10))["case"]
    use = await used(world, "safeguarding", case)
    assert (await reviews(world, "auditor", use, "not_justified")).json()["open"] is False
    assert not await sees(world, "safeguarding", case)
    (notice,) = (await world["police_admin"].get("/notices")).json()["items"]
    assert (notice["kind"], notice["about"]) == ("break_glass.not_justified", str(world["safeguarding"].user_id))
    assert notice["case"] is None
    assert await kinds(world, "partnership_admin") == []


async def test_where_an_agency_has_no_administrator_the_partnerships_are_told(
    world: World, case: dict[str, Any]
) -> None:
    use = await used(world, "nurse", case)
    await reviews(world, "auditor", use, "not_justified")
    assert await kinds(world, "partnership_admin") == ["break_glass.not_justified"]


async def test_an_unreviewed_use_stays_on_the_list_and_is_overdue_after_two_working_days(
    world: World, case: dict[str, Any]
) -> None:
    use = await used(world, "nurse", case)  # a Saturday
    assert use["review_due_on"] == "2026-11-24"
    world.clock.set(2026, 11, 24, 23)
    (waiting,) = (await world["auditor"].get("/break-glass?reviewed=false")).json()["items"]
    assert waiting["overdue"] is False
    world.clock.set(2026, 11, 25, 0, 1)
    assert (await world["auditor"].get(f"/break-glass/{use['id']}")).json()["overdue"] is True
    world.clock.set(2027, 11, 25)
    (waiting,) = (await world["auditor"].get("/break-glass?reviewed=false")).json()["items"]
    assert waiting["overdue"] is True
    assert (await world["auditor"].get("/break-glass?open=true")).json()["items"] == []


async def test_the_list_holds_ones_own_uses_and_those_of_ones_cases_newest_first(
    world: World, case: dict[str, Any]
) -> None:
    other = (await world.refer("health_rep", yes=10, victim="Ines Marlow"))["case"]
    first, second = await used(world, "nurse", case), await used(world, "recovery_rep", other)

    async def listed(who: str, query: str = "") -> list[str]:
        return [each["id"] for each in (await world[who].get(f"/break-glass{query}")).json()["items"]]

    assert await listed("nurse") == [first["id"]]
    assert await listed("recovery_rep") == [second["id"]]
    assert await listed("health_rep") == [second["id"]]
    assert await listed("coordinator") == await listed("auditor") == [second["id"], first["id"]]
    page = (await world["auditor"].get("/break-glass?limit=1")).json()
    assert [each["id"] for each in page["items"]] == [second["id"]]
    assert await listed("auditor", f"?limit=1&cursor={page['next']}") == [first["id"]]
    assert (await world["nurse"].get(f"/break-glass/{second['id']}")).status_code == 404


async def test_the_auditor_knows_of_the_case_no_more_than_its_reference(world: World, case: dict[str, Any]) -> None:
    use = await used(world, "nurse", case)
    shown = await world["auditor"].get(f"/break-glass/{use['id']}")
    assert shown.json()["case"] == {"id": case["id"], "reference": case["reference"]}
    assert "Thornbury" not in shown.text
    assert (await world["auditor"].get(f"/cases/{case['id']}")).status_code in (403, 404)


async def test_every_look_at_uses_is_in_the_trail(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    use = await used(world, "nurse", case)
    await world["auditor"].get("/break-glass")
    await world["auditor"].get(f"/break-glass/{use['id']}")
    await reviews(world, "auditor", use, "not_justified")
    told = [(verb, purpose) for verb, _, purpose in await trail(superuser, world, "auditor")]
    assert [each for each in told if each[0].startswith("break_glass")] == [
        ("break_glass.listed", None),
        ("break_glass.read", None),
        ("break_glass.reviewed", "not_justified"),
        ("break_glass.ended", None),
    ]
    entries = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    assert {"break_glass.used", "break_glass.listed", "break_glass.reviewed"} <= {each["verb"] for each in entries}
