"""Meetings to look at: one open for cases, one going on, and one whose minutes are out; once for each partnership."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.world import World

CHILD = {"given_name": "Isla", "family_name": "Thornbury", "date_of_birth": "2018-05-02"}
_MADE: dict[UUID, "Sittings"] = {}


@dataclass(frozen=True, slots=True)
class Sittings:
    """Meetings by id, an item of each that has not ended, and a document that was made."""

    over: str
    going: str
    going_item: str
    open: str
    open_item: str
    export: str


def at(page: Callable[[Sittings], str]) -> Callable[[World], Awaitable[str]]:
    """What leads to one of their pages."""

    async def arrange(world: World) -> str:
        return page(await arranged(world))

    return arrange


async def arranged(world: World) -> Sittings:
    """The three of them."""
    if world.partnership_id not in _MADE:
        _MADE[world.partnership_id] = await _arrange(world)
        world.clock.reset()
    return _MADE[world.partnership_id]


async def move(world: World, meeting: str, verb: str, body: Any = None) -> None:
    """Move a meeting on, whatever its version."""
    answer = await world["coordinator"].post(f"/meetings/{meeting}/{verb}", body, headers={"If-Match": "*"})
    assert answer.status_code < 300, answer.text


async def start(world: World, meeting: str) -> list[dict[str, Any]]:
    """Send the agenda, and begin on the day itself; what is on the list."""
    coordinator = world["coordinator"]
    shared = {"sharing": coordinator.sharing}
    await move(world, meeting, "lock")
    await move(world, meeting, "publish", shared)
    begins = datetime.fromisoformat((await coordinator.get(f"/meetings/{meeting}")).json()["starts_at"])
    world.clock.moment = begins
    people = [
        {"agency_id": str(world[who].agency_id), "user_id": str(world[who].user_id), "standing": "present"}
        for who in ("safeguarding", "health_rep", "triage")
    ]
    people.append({"agency_id": str(world.agencies["housing"]), "name": "Petra Vance", "standing": "observer"})
    path = f"/meetings/{meeting}/attendance"
    there = await coordinator.request("PUT", path, json={"people": people}, headers={"If-Match": "*"})
    assert there.status_code == 200, there.text
    await move(world, meeting, "start")
    found: list[dict[str, Any]] = (await coordinator.get(f"/meetings/{meeting}/agenda")).json()["items"]
    return found


async def _arrange(world: World) -> Sittings:
    coordinator, health = world["coordinator"], world["health_rep"]
    over = await _listed(world, "2026-12-14", {"victim": "Nadia Fenwick"})
    (item,) = await start(world, over)
    await _plan(world, item)
    await _decide(world, item)
    await move(world, over, "end")
    await move(world, over, "minutes", {"sharing": coordinator.sharing})
    asked = await coordinator.post(f"/meetings/{over}/exports", {"document": "minutes", "format": "pdf"})
    await world.app.state.exports.idle()

    family = {"victim": "Ana Pereira", "children": [CHILD]}
    going = await _listed(world, "2026-12-15", family, {"victim": "Joan Mercer", "yes": 20})
    items = await start(world, going)
    known = {
        "known": True,
        "facts": "Two attendances at the emergency department in October.",
        "shared_facts": "Attended the emergency department twice in October with injuries to the face.",
        "release": True,
        "sharing": health.sharing,
    }
    for item in items:
        told = await health.put(f"/agenda-items/{item['id']}/research", known, version=0)
        assert told.status_code == 200, told.text
        await _plan(world, item)
    await _decide(world, items[0])

    child = {"victim": "Maya Thornbury", "children": [CHILD], "yes": 18}
    opened = await _listed(world, "2026-12-16", child, {"victim": "Cerys Whitlock"})
    listed = (await coordinator.get(f"/meetings/{opened}/agenda")).json()["items"]
    return Sittings(over, going, items[1]["id"], opened, listed[0]["id"], asked.json()["id"])


async def _listed(world: World, day: str, *families: dict[str, Any]) -> str:
    """These families on the list of that day, and nobody whom another test referred."""
    world.clock.reset()
    coordinator = world["coordinator"]
    found = await coordinator.get(f"/meetings?forum={world.forums['hrda']}&from={day}&to={day}")
    meeting: str = found.json()["items"][0]["id"]
    for each in families:
        case = (await world.refer(**each))["case"]["id"]
        wanted = {"case_id": case, "reason": "To be looked at", "sharing": coordinator.sharing}
        await move(world, meeting, "items", wanted)
    return meeting


async def _plan(world: World, item: dict[str, Any]) -> None:
    coordinator = world["coordinator"]
    action = {
        "what": "Fit new locks and a camera at the home",
        "agency_id": str(world.agencies["housing"]),
        "working_days": 2,
        "agenda_item_id": item["id"],
    }
    promised = await coordinator.post(
        f"/cases/{item['case']['id']}/actions", {**action, "sharing": coordinator.sharing}
    )
    assert promised.status_code == 201, promised.text
    for person in item["people"]:
        risk = {"about": person["role"], "party_id": person["id"], "risk": "He knows where the school is."}
        named = await coordinator.post(f"/agenda-items/{item['id']}/risks", risk)
        assert named.status_code == 201, named.text


async def _decide(world: World, item: dict[str, Any]) -> None:
    coordinator = world["coordinator"]
    told = {"outcome": "plan_agreed", "sharing": coordinator.sharing}
    decided = await coordinator.post(f"/agenda-items/{item['id']}/outcome", told, headers={"If-Match": "*"})
    assert decided.status_code == 200, decided.text
