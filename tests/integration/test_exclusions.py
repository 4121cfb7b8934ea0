"""Conflicts of interest: for whoever is kept apart, the case does not exist, and nothing tells them that it did."""

from typing import Any

import asyncpg
import pytest

from tests.world import World

NOWHERE = "00000000-0000-7000-8000-000000000000"


async def declare(world: World, who: str, case_id: str) -> None:
    answer = await world[who].post(f"/cases/{case_id}/conflicts", {"because": "I went to school with her."})
    assert answer.status_code == 201, answer.text


async def record(world: World, whom: str, case_id: str, by: str = "coordinator") -> dict[str, Any]:
    told = {"user_id": str(world[whom].user_id), "because": "His sister is the victim."}
    answer = await world[by].post(f"/cases/{case_id}/exclusions", told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_from_the_moment_of_declaring_a_conflict_the_case_does_not_exist(world: World) -> None:
    case = (await world.refer())["case"]
    assert (await world["idva"].get(f"/cases/{case['id']}")).status_code == 200
    await declare(world, "idva", case["id"])
    for part in ("", "/timeline", "/access", "/trail", "/contacts", "/exclusions", "/restriction", "/assessments"):
        hidden = await world["idva"].get(f"/cases/{case['id']}{part}")
        absent = await world["idva"].get(f"/cases/{NOWHERE}{part}")
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content), part
    assert (await world["idva"].get("/cases")).json()["items"] == []
    assert (await world["coordinator"].get(f"/cases/{case['id']}")).status_code == 200


async def test_a_declared_conflict_cannot_be_undone_by_whoever_declared_it(world: World) -> None:
    case = (await world.refer())["case"]
    await declare(world, "chair", case["id"])
    listed = (await world["coordinator"].get(f"/cases/{case['id']}/exclusions")).json()["items"]
    assert [(each["kind"], each["person"]["name"]) for each in listed] == [("declared", "Chair")]
    end = f"/cases/{case['id']}/exclusions/{listed[0]['id']}/end"
    assert (await world["chair"].post(end, headers={"If-Match": "*"})).status_code == 404
    ended = await world["coordinator"].post(end, headers={"If-Match": '"1"'})
    assert ended.status_code == 200, ended.text
    assert ended.json()["ended_by"] == "Coordinator"
    assert (await world["chair"].get(f"/cases/{case['id']}")).status_code == 200
