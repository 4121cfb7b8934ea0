"""An agency that joins a forum sees what is listed for later, told of it like the others; one that leaves does not."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.glass import keep_from, restrict, sees, trail
from tests.integration.test_forums import act, sitting
from tests.world import SHARING, World


async def leaves(world: World, agency: str, day: str = "2026-11-21") -> None:
    done = await act(world, "hrda", f"seats/{world.agencies[agency]}/end", {"from_day": day})
    assert done.status_code == 200, done.text
    world.clock.forward(minutes=1)


async def joins(world: World, agency: str, day: str = "2026-11-21") -> None:
    done = await act(world, "hrda", "seats", {"agency_id": str(world.agencies[agency]), "from_day": day})
    assert done.status_code == 200, done.text


async def entries(world: World, case: dict[str, Any], agency: str) -> list[dict[str, Any]]:
    found = (await world["coordinator"].get(f"/cases/{case['id']}/disclosures")).json()["items"]
    return [
        each for each in found if str(world.agencies[agency]) in [each_of["id"] for each_of in each["to"]["agencies"]]
    ]


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A case that was listed while housing did not sit there."""
    await leaves(world, "housing")
    found: dict[str, Any] = (await world.refer())["case"]
    world.clock.forward(minutes=1)
    assert not await sees(world, "housing_rep", found)
    return found


async def test_an_agency_that_joins_sees_what_is_listed_for_a_meeting_to_come(
    world: World, case: dict[str, Any]
) -> None:
    await joins(world, "housing")
    assert await sees(world, "housing_rep", case)


async def test_it_is_told_in_the_ledger_on_the_basis_on_which_the_case_was_listed(
    world: World, case: dict[str, Any]
) -> None:
    await joins(world, "housing")
    (first,), (told,) = [await entries(world, case, agency) for agency in ("health", "housing")]
    for same in ("basis", "necessity", "proportionality", "sender", "purpose"):
        assert told[same] == first[same], same
    assert (told["act"], told["items"]) == ("listed", ["case"])
    assert told["detail"] == "It was listed before City Housing sat on HRDA, and opened when it joined."


async def test_the_trail_of_the_case_says_who_opened_it(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    await joins(world, "housing")
    assert ("information.shared", case["id"], "listed") in [
        (verb, str(about), purpose) for verb, about, purpose in await trail(superuser, world, "partnership_admin")
    ]


async def test_nobody_sees_a_case_that_they_are_kept_from_because_their_agency_joined(
    world: World, case: dict[str, Any]
) -> None:
    await keep_from(world, case, "housing")
    await joins(world, "housing")
    assert await sees(world, "housing_rep", case)
    assert not await sees(world, "housing", case)


async def test_a_restricted_case_stays_with_those_who_are_named_and_opens_when_it_is_lifted(
    world: World, case: dict[str, Any]
) -> None:
    await restrict(world, case)
    await joins(world, "housing")
    assert not await sees(world, "housing_rep", case)
    assert await entries(world, case, "housing") == []
    lifted = await world["coordinator"].post(
        f"/cases/{case['id']}/restriction/lift", {"sharing": SHARING}, headers={"If-Match": "*"}
    )
    assert lifted.status_code == 200, lifted.text
    assert await sees(world, "housing_rep", case)
    assert len(await entries(world, case, "housing")) == 1


async def test_a_case_that_the_administrator_is_kept_from_opens_all_the_same(
    world: World, case: dict[str, Any]
) -> None:
    await keep_from(world, case, "partnership_admin")
    await joins(world, "housing")
    assert await sees(world, "housing_rep", case)


async def test_a_seat_from_a_later_day_opens_nothing_that_is_listed_before_it(
    world: World, case: dict[str, Any]
) -> None:
    await joins(world, "housing", "2026-11-24")
    assert not await sees(world, "housing_rep", case)


async def test_a_seat_that_is_taken_back_before_it_began_closes_at_once_what_it_opened(
    world: World, case: dict[str, Any]
) -> None:
    await joins(world, "housing", "2026-11-22")
    assert await sees(world, "housing_rep", case)
    await leaves(world, "housing")
    assert not await sees(world, "housing_rep", case)


async def test_an_end_that_is_planned_can_come_sooner_though_the_agency_is_to_sit_again(
    world: World, case: dict[str, Any]
) -> None:
    assert await sees(world, "health_rep", case)
    await leaves(world, "health", "2026-11-24")
    await joins(world, "health", "2026-12-01")
    assert await sees(world, "health_rep", case)
    await leaves(world, "health")
    assert not await sees(world, "health_rep", case)
    seats = (await world["partnership_admin"].get(f"/forums/{world.forums['hrda']}")).json()["seats"]
    assert str(world.agencies["health"]) not in [each["agency"]["id"] for each in seats if not each["until"]]


async def test_an_agreement_that_has_ended_is_not_named_for_what_is_told_now(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    named = "SELECT count(agreement_id) FROM disclosure WHERE partnership_id = $1"
    before = await superuser.fetchval(named, world.partnership_id)
    assert before > 0
    await superuser.execute(
        "UPDATE sharing_agreement SET effective_until = '2026-11-21' WHERE partnership_id = $1", world.partnership_id
    )
    await joins(world, "housing")
    assert len(await entries(world, case, "housing")) == 1
    assert await superuser.fetchval(named, world.partnership_id) == before


async def test_a_meeting_that_is_over_is_not_opened(world: World, case: dict[str, Any]) -> None:
    world.clock.set(2026, 11, 23, 11)
    await joins(world, "housing", "2026-11-23")
    assert not await sees(world, "housing_rep", case)


async def test_what_was_shared_on_no_basis_that_still_holds_stays_closed(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    await superuser.execute(
        "UPDATE lawful_basis SET effective_until = '2026-11-21' WHERE partnership_id = $1", world.partnership_id
    )
    await joins(world, "housing")
    assert not await sees(world, "housing_rep", case)


async def test_an_agency_that_leaves_while_a_meeting_is_late_to_begin_loses_what_is_listed_there(
    world: World, case: dict[str, Any]
) -> None:
    assert await sees(world, "health_rep", case)
    assert (await sitting(world, "hrda", "2026-11-23"))["status"] == "scheduled"
    world.clock.set(2026, 11, 23, 11)
    await leaves(world, "health", "2026-11-23")
    assert not await sees(world, "health_rep", case)
    assert await sees(world, "mh_rep", case)


async def test_a_case_that_was_being_listed_while_an_agency_joined_is_opened_to_it(
    world: World, superuser: asyncpg.Connection
) -> None:
    await leaves(world, "housing")
    joining = superuser.transaction()
    await joining.start()
    await superuser.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('seats ' || $1, 0))", str(world.forums["hrda"])
    )
    await superuser.execute(
        "INSERT INTO forum_member (partnership_id, id, forum_id, agency_id, from_at) VALUES ($1, $2, $3, $4, $5)",
        *(world.partnership_id, uuid4(), world.forums["hrda"], world.agencies["housing"], world.clock()),
    )
    listing = asyncio.create_task(world.refer())
    waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory')"
    while not listing.done() and not await superuser.fetchval(waiting):  # noqa: ASYNC110  # no event tells of a lock
        await asyncio.sleep(0.01)
    assert not listing.done()
    await joining.commit()
    assert await sees(world, "housing_rep", (await listing)["case"])
