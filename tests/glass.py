"""Hands for tests of what emergencies open: to open, review, keep apart, and look behind the service's back."""

from typing import Any

import asyncpg
import httpx

from tests.world import World

EMERGENCY = {"basis": "vital_interests"}
WHY = "She is at the front desk with her children and I do not know who else is at risk."


async def opens(world: World, who: str, case_reference: str, **more: Any) -> httpx.Response:
    told = {"reference": case_reference, "reason": WHY, "hours": 2, "sharing": EMERGENCY, **more}
    return await world[who].post("/break-glass", told)


async def opens_by_name(world: World, who: str, **changes: str) -> httpx.Response:
    person = {"given_name": "Maya", "family_name": "Thornbury", "date_of_birth": "1991-04-17", **changes}
    return await world[who].post("/break-glass", {"person": person, "reason": WHY, "hours": 2, "sharing": EMERGENCY})


async def used(world: World, who: str, case: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await opens(world, who, case["reference"], **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def reviews(world: World, who: str, use: dict[str, Any], finding: str = "justified", **more: Any) -> Any:
    headers = {"If-Match": more.pop("version", f'"{use["version"]}"')}
    told = {"finding": finding, "review": "The nurse rang the ward at once.", **more}
    return await world[who].post(f"/break-glass/{use['id']}/review", told, headers=headers)


async def sees(world: World, who: str, case: dict[str, Any]) -> bool:
    return (await world[who].get(f"/cases/{case['id']}")).status_code == 200


async def keep_from(world: World, case: dict[str, Any], who: str) -> None:
    told = {"user_id": str(world[who].user_id), "because": "Her cousin."}
    answer = await world["coordinator"].post(f"/cases/{case['id']}/exclusions", told)
    assert answer.status_code == 201, answer.text


async def restrict(world: World, case: dict[str, Any]) -> None:
    told = {"because": "A party works in an agency."}
    answer = await world["coordinator"].post(f"/cases/{case['id']}/restriction", told)
    assert answer.status_code == 201, answer.text


async def kinds(world: World, who: str) -> list[str]:
    return [each["kind"] for each in (await world[who].get("/notices")).json()["items"]]


async def trail(superuser: asyncpg.Connection, world: World, who: str) -> list[tuple[str, Any, Any]]:
    rows = await superuser.fetch(
        "SELECT verb, case_id, purpose FROM audit WHERE partnership_id = $1 AND actor_id = $2 ORDER BY id",
        world.partnership_id,
        world[who].user_id,
    )
    return [tuple(row) for row in rows]
