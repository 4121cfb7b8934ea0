"""Work that waits, to look at: overdue, for today and for later; once for each partnership."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.glass import used
from tests.world import SHARING, World, referral_form

_MADE: dict[UUID, "Waiting"] = {}
_EARLIER = datetime(2026, 11, 16, 11, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Actions of housing's, by id."""

    owed: str
    done: str


def at(page: str) -> Callable[[World], Awaitable[str]]:
    """What leads to a page, in which ``{owed}`` and ``{done}`` are actions."""

    async def arrange(world: World) -> str:
        made = await arranged(world)
        return page.format(owed=made.owed, done=made.done)

    return arrange


async def arranged(world: World) -> Waiting:
    """A family with a plan, one that a service is asked to support, and one whose case was opened in an emergency."""
    if world.partnership_id not in _MADE:
        now = world.clock.moment
        world.clock.moment = _EARLIER
        _MADE[world.partnership_id] = await _arrange(world)
        world.clock.moment = now
    return _MADE[world.partnership_id]


async def _arrange(world: World) -> Waiting:
    coordinator = world["coordinator"]
    case = (await world.refer(**_referred("Tess Marlowe", yes=5)))["case"]
    promised: list[str] = []
    for what, due_on in (
        ("Fit new locks and a letter-box guard, and confirm the date with the IDVA.", "2026-11-18"),
        ("Move the tenancy into her name, and tell her when it is done.", "2026-11-23"),
        ("Have the lights behind the house mended.", "2026-11-19"),
        ("Ring the landlord about the back door.", "2026-11-20"),
        ("Bring a personal alarm to the school.", "2026-12-18"),
    ):
        form = {"what": what, "agency_id": str(world.agencies["housing"]), "due_on": due_on, "sharing": SHARING}
        owner = {"owner_id": str(world["housing_rep"].user_id)} if len(promised) % 2 == 0 else {}
        answer = await coordinator.post(f"/cases/{case['id']}/actions", form | owner)
        assert answer.status_code == 201, answer.text
        promised.append(answer.json()["id"])
    told = {"status": "done", "reason": "All three lamps work."}
    done = await coordinator.post(f"/actions/{promised[2]}/updates", told, headers={"If-Match": '"1"'})
    assert done.status_code == 201, done.text
    await used(world, "nurse", case)
    await world.refer(**_referred("Orla Pennington", yes=18))
    return Waiting(promised[0], promised[2])


def _referred(victim: str, yes: int) -> dict[str, Any]:
    form = referral_form(yes=yes)
    return {
        "victim": victim,
        "yes": yes,
        "incident": {**form["incident"], "occurred_on": "2026-11-15"},
        "assessment": {**form["assessment"], "assessed_at": "2026-11-16T02:40:00+00:00"},
    }
