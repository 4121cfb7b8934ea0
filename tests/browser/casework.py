"""Cases to look at: one on which much has happened, and one that is restricted; once for each partnership."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.glass import keep_from, restrict, used
from tests.world import SHARING, World

_MADE: dict[UUID, "Casework"] = {}


@dataclass(frozen=True, slots=True)
class Casework:
    """Cases by id, and what hangs on them."""

    case: str
    assessment: str
    supported: str
    offer: str
    restricted: str
    emergency: str
    use: str


def at(page: str) -> Callable[[World], Awaitable[str]]:
    """What leads to a page, in which ``{case}`` and the others are ids."""

    async def arrange(world: World) -> str:
        if world.partnership_id not in _MADE:
            now = world.clock.moment
            world.clock.forward(hours=-1)
            _MADE[world.partnership_id] = await _arrange(world)
            world.clock.moment = now
        made = _MADE[world.partnership_id]
        return page.format(**{name: getattr(made, name) for name in Casework.__slots__})

    return arrange


async def overseen(world: World) -> str:
    """What the auditor asks about the case on which much has happened."""
    case_id = await at("{case}")(world)
    reference = (await world["coordinator"].get(f"/cases/{case_id}")).json()["reference"]
    return f"/oversight?reference={reference}&since=2026-01-01&until=2026-12-31"


async def alike(world: World) -> str:
    """Two records of one name in two cases, to compare."""
    parties = []
    for yes in (4, 5):
        case = await _case(world, "Ada Winterbourne", yes=yes)
        parties.append((await world["coordinator"].get(f"/cases/{case['id']}")).json()["parties"][0]["id"])
    return f"/matches/{parties[1]}/{parties[0]}"


async def _case(world: World, victim: str, **changes: Any) -> dict[str, Any]:
    him = {"given_name": "Piers", "family_name": f"Of {victim}", "relationship": "husband"}
    made: dict[str, Any] = (await world.refer(victim=victim, perpetrators=[him], **changes))["case"]
    return made


async def _arrange(world: World) -> Casework:
    children = [{"given_name": "Leo", "family_name": "Ashcombe", "date_of_birth": "2019-03-02"}]
    case = await _case(world, "Orla Ashcombe", children=children)
    path = f"/cases/{case['id']}"
    world.clock.forward(minutes=20)
    coordinator = world["coordinator"]
    version = (await coordinator.get(path)).json()["version"]
    await coordinator.put(f"{path}/idva", {"user_id": str(world["idva"].user_id)}, version=version)
    for what, due in (("Fit new locks and tell the IDVA when it is done", 2), ("Photograph her injuries", 1)):
        told = {"what": what, "agency_id": str(world.agencies["housing"]), "working_days": due, "sharing": SHARING}
        assert (await coordinator.post(f"{path}/actions", told)).status_code == 201
    await keep_from(world, case, "chair")
    item = (await coordinator.get(path)).json()["meetings"][0]["agenda_item_id"]
    risk = {"about": "staff", "risk": "He keeps two dogs at the door."}
    assert (await world["health_rep"].post(f"/agenda-items/{item}/risks", risk)).status_code == 201
    assessment = (await coordinator.get(path)).json()["assessments"][0]["id"]
    supported = await _case(world, "Nell Pargeter", yes=4)
    offer = (await coordinator.get(f"/cases/{supported['id']}")).json()["support_offers"][0]["id"]
    restricted = await _case(world, "Edie Marchbanks")
    await restrict(world, restricted)
    emergency = await _case(world, "Wren Halloran", yes=5)
    use = await used(world, "nurse", emergency)
    return Casework(case["id"], assessment, supported["id"], offer, restricted["id"], emergency["id"], use["id"])
