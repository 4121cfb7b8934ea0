"""Cases past the time to be kept, words that are planned, and an agreement: once for each partnership."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.world import World, referral_form

_MADE: dict[UUID, "Retained"] = {}
_ANY = {"If-Match": "*"}
_SINCE = {"effective_from": "2026-12-01", "because": "The board agreed it in November."}


@dataclass(frozen=True, slots=True)
class Retained:
    """Cases by id: to decide, on hold, and with a proposal that waits; an entry of the register and an agreement."""

    due: str
    held: str
    proposed: str
    basis: str
    agreement: str


def at(page: str) -> Callable[[World], Awaitable[str]]:
    """What leads to a page, in which ``{due}`` and the others are ids."""

    async def arrange(world: World) -> str:
        if world.partnership_id not in _MADE:
            _MADE[world.partnership_id] = await _arrange(world)
        made = _MADE[world.partnership_id]
        return page.format(**{name: getattr(made, name) for name in Retained.__slots__})

    return arrange


async def _arrange(world: World) -> Retained:
    admin, auditor = world["partnership_admin"], world["auditor"]
    now = world.clock.moment
    world.clock.forward(days=-400)
    due, held, proposed = [await _closed(world, name) for name in ("Iris Wold", "Nora Pell", "Tess Arbor")]
    world.clock.moment = now
    years = {"high_risk": 1, "below_high": 1, "children": 1, "transferred": 1}
    today = {"effective_from": str(now.date()), "because": "To be looked at."}
    for since in (today, _SINCE):
        await _sent(admin, "/retention/periods/changes", {**years, **since})
    await _sent(auditor, f"/retention/{held}/holds", {"because": "An inquest was opened.", "until_on": "2027-06-01"})
    await _sent(auditor, f"/retention/{proposed}/reviews", {"decision": "erase", "because": "Nobody needs it."})
    await _sent(admin, "/words/marking/changes", {"text": "OFFICIAL", **_SINCE})
    bases = (await admin.get("/lawful-bases/register")).json()["items"]
    agreements = (await admin.get("/sharing-agreements")).json()["items"]
    return Retained(due, held, proposed, bases[0]["id"], agreements[0]["id"])


async def _closed(world: World, victim: str) -> str:
    form = referral_form(yes=4, victim=victim)
    then = world.clock() - timedelta(hours=1)
    told: dict[str, Any] = {
        "incident": {"occurred_on": str(then.date()), "narrative": "He followed her home."},
        "assessment": {**form["assessment"], "assessed_at": str(then)},
    }
    case = (await world.refer("officer", yes=4, victim=victim, **told))["case"]["id"]
    await _sent(world["coordinator"], f"/cases/{case}/moves", {"move": "close", "reason": "She is safe."})
    return str(case)


async def _sent(who: Any, path: str, form: dict[str, Any]) -> None:
    answer = await who.post(path, form, headers=_ANY)
    assert answer.status_code in (200, 201), answer.text
