"""Clients of an IDVA to look at: one with whom much was done, one who is new, one whose support ended."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.world import SHARING, World

_MADE: dict[UUID, dict[str, str]] = {}


def at(page: str) -> Callable[[World], Awaitable[str]]:
    """What leads to a page, in which ``{client}``, ``{new}``, ``{ended}``, ``{step}`` and ``{date}`` are ids."""

    async def arrange(world: World) -> str:
        if world.partnership_id not in _MADE:
            now = world.clock.moment
            _MADE[world.partnership_id] = await _arrange(world)
            world.clock.moment = now
        return page.format(**_MADE[world.partnership_id])

    return arrange


async def _client(world: World, victim: str, **changes: Any) -> str:
    him = {"given_name": "Corin", "family_name": f"Of {victim}", "relationship": "husband"}
    case: str = (await world.refer(victim=victim, perpetrators=[him], **changes))["case"]["id"]
    told = {"user_id": str(world["idva"].user_id), "sharing": SHARING}
    allocated = await world["coordinator"].request("PUT", f"/cases/{case}/idva", json=told, headers={"If-Match": "*"})
    assert allocated.status_code == 200, allocated.text
    return case


async def _arrange(world: World) -> dict[str, str]:
    idva, now = world["idva"], world.clock.moment
    case = await _client(world, "Tamsin Greave")
    day = (now + timedelta(days=1)).date().isoformat()
    agency = str(world.agencies["idva"])
    for path, body in (
        ("contact-attempts", {"outcome": "no_answer"}),
        ("contact-attempts", {"outcome": "reached", "note": "Ten minutes, while the children were asleep."}),
        ("idva-support/severity", {"stage": "start", "physical": "high", "control": "high", "economic": "standard"}),
        ("idva-support/severity", {"stage": "during", "physical": "none", "control": "moderate", "economic": "high"}),
        ("privileged-notes", {"note": "Thinks of her aunt's house.\nHas told nobody."}),
        ("actions", {"what": "Sit with her at court on the day.", "agency_id": agency, "working_days": 1}),
        ("safety-plan", {"what": "Keep a charged phone in the shed.", "who": "Me", "status": "done"}),
    ):
        world.clock.forward(minutes=2)
        made = await idva.post(f"/cases/{case}/{path}", body)
        assert made.status_code == 201, made.text
    plan = {"what": "Keep a bag with my papers at my sister's.", "who": "Me", "by_on": day}
    step = (await idva.post(f"/cases/{case}/safety-plan", plan)).json()["id"]
    hearing = {"kind": "court", "held_on": day, "starts": "10:00", "what": "Non-molestation order, first hearing."}
    date_id = (await idva.post(f"/cases/{case}/key-dates", hearing)).json()["id"]
    times = {
        "safe_to_call": "yes",
        "windows": [{"days": [1, 2, 3, 4, 5], "starts": "10:00", "ends": "14:00"}],
        "who_must_not_know": "His mother, next door.",
        "say": "Say: the surgery. Hang up if a man answers.",
        "voicemail": "no",
        "letter": "no",
    }
    assert (await idva.put(f"/cases/{case}/safe-times", times, 0)).status_code == 200
    words = {"said": "I am not afraid of him by day. I am afraid of the nights.", "wishes": "A lock on the back door."}
    assert (await idva.put(f"/cases/{case}/client-voice", words, 0)).status_code == 200
    new = await _client(world, "Bryony Tarleton")
    ended = await _client(world, "Delphine Marsh")
    told = {
        "reason": "goals_met",
        "outcomes": ["risk_reduced", "safer_home"],
        "safer": "yes",
        "less_afraid": "not_sure",
    }
    over = await idva.post(f"/cases/{ended}/idva-support/end", told, headers={"If-Match": "*"})
    assert over.status_code == 200, over.text
    return {"client": case, "new": new, "ended": ended, "step": step, "date": date_id}
