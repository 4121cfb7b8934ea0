"""Notices: told at once to a person or a role, the unseen first, and naming nobody."""

import asyncio
from typing import Any

import pytest

from tests.glass import EMERGENCY
from tests.world import World

WHY = "Maya Thornbury is at the front desk and I must know who is at risk."


async def break_glass(world: World, victim: str = "Maya Thornbury") -> dict[str, Any]:
    """A nurse opens a case that somebody else referred; the use."""
    case = (await world.refer(yes=10, victim=victim))["case"]
    told = {"reference": case["reference"], "reason": WHY, "hours": 1, "sharing": EMERGENCY}
    answer = await world["nurse"].post("/break-glass", told)
    assert answer.status_code == 201, answer.text
    use: dict[str, Any] = answer.json()
    return use


async def notices(world: World, who: str, query: str = "") -> list[dict[str, Any]]:
    answer = await world[who].get(f"/notices{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_notice_names_nobody(world: World) -> None:
    use = await break_glass(world)
    answer = await world["auditor"].get("/notices")
    assert answer.json()["items"][0]["about"] == use["id"]
    for name in ("Thornbury", "Harrow", "Nurse", "front desk"):
        assert name not in answer.text


async def test_a_notice_to_a_role_is_for_whoever_holds_it_and_nobody_else(world: World) -> None:
    await break_glass(world)
    (notice,) = await notices(world, "coordinator")
    for who in ("nurse", "chair", "officer", "partnership_admin", "system"):
        assert await notices(world, who) == []
        answer = await world[who].post(f"/notices/{notice['id']}/seen")
        absent = await world[who].post("/notices/0193e0a0-0000-7000-8000-000000000000/seen")
        assert (answer.status_code, answer.content) == (404, absent.content)


async def test_the_operator_has_no_notices(world: World) -> None:
    assert (await world["operator"].get("/notices")).status_code == 403


async def test_a_notice_that_was_seen_goes_behind_those_that_were_not(world: World) -> None:
    for victim in ("Maya Thornbury", "Ines Marlow", "Orla Finch"):
        await break_glass(world, victim)
    third, second, first = await notices(world, "auditor")
    seen = await world["auditor"].post(f"/notices/{third['id']}/seen")
    assert (seen.status_code, seen.json()["seen_by"]["name"]) == (200, "Auditor")
    assert [each["id"] for each in await notices(world, "auditor")] == [second["id"], first["id"], third["id"]]


async def test_to_see_a_notice_again_changes_nothing(world: World) -> None:
    await break_glass(world)
    (notice,) = await notices(world, "auditor")
    once = await world["auditor"].post(f"/notices/{notice['id']}/seen")
    world.clock.forward(minutes=5)
    again = await world["auditor"].post(f"/notices/{notice['id']}/seen")
    assert again.content == once.content
    both = await asyncio.gather(*(world["auditor"].post(f"/notices/{notice['id']}/seen") for _ in range(2)))
    assert {each.content for each in both} == {once.content}


async def test_pages_hold_every_notice_once_though_some_are_seen_between_them(world: World) -> None:
    for victim in ("Maya Thornbury", "Ines Marlow", "Orla Finch", "Priya Vance"):
        await break_glass(world, victim)
    everything = [each["id"] for each in await notices(world, "auditor")]
    page = (await world["auditor"].get("/notices?limit=2")).json()
    found = [each["id"] for each in page["items"]]
    await world["auditor"].post(f"/notices/{found[1]}/seen")
    page = (await world["auditor"].get(f"/notices?limit=2&cursor={page['next']}")).json()
    assert found + [each["id"] for each in page["items"]] == everything


@pytest.mark.parametrize("cursor", ["x", "seen.x", "new.0193e0a0-0000-7000-8000-000000000000", "."])
async def test_a_cursor_that_is_none_of_ours_is_refused(world: World, cursor: str) -> None:
    answer = await world["auditor"].get(f"/notices?cursor={cursor}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bad_cursor")


async def test_reading_and_seeing_notices_is_in_the_cases_trail(world: World) -> None:
    use = await break_glass(world)
    (notice,) = await notices(world, "auditor")
    await world["auditor"].post(f"/notices/{notice['id']}/seen")
    entries = (await world["coordinator"].get(f"/cases/{use['case']['id']}/trail")).json()["items"]
    by_auditor = [each["verb"] for each in entries if each["actor"] == "Auditor"]
    assert by_auditor == ["notice.seen", "notice.listed"]
