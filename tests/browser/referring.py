"""Referrals to look at: one hardly begun, one filled in, one sent, and one about somebody who is known."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from tests.world import World, referral_form

_CHILD = {
    "given_name": "Isla",
    "family_name": "Thornbury",
    "estimated_age": 4,
    "relationships": [{"to": "victim", "relationship": "daughter"}],
    "lives_with": ["victim"],
}
# Pages that only look share these; a partnership is as good as another.
_kept: dict[tuple[UUID, str], str] = {}


async def _draft(world: World, name: str, form: dict[str, Any]) -> str:
    key = (world.partnership_id, name)
    if key not in _kept:
        made = await world["officer"].post("/referrals", form)
        assert made.status_code == 201, made.text
        _kept[key] = made.json()["id"]
    return _kept[key]


async def begun(world: World) -> str:
    """The id of a draft in which hardly anything is."""
    return await _draft(world, "begun", {"victim": {"known_as": "Maya"}, "perpetrators": [{"known_as": "Dale"}]})


async def filled_in(world: World) -> str:
    """The id of a draft that lacks nothing, with two numbers, a child, and answers that raise markers."""
    form = referral_form(yes=18, victim="Orla Penhale", children=[_CHILD], sharing=world["officer"].sharing)
    form["victim"]["contact"]["phones"].append({"number": "01632 960555", "kind": "work", "safe": False})
    return await _draft(world, "filled in", form)


async def sent(world: World) -> str:
    """The id of a referral that was sent."""
    key = (world.partnership_id, "sent")
    if key not in _kept:
        _kept[key] = (await world.refer(yes=18, victim="Nia Colwall", children=[_CHILD]))["referral_id"]
    return _kept[key]


async def known(world: World) -> str:
    """The id of a draft about somebody whom the officer has referred before."""
    await sent(world)
    form = {"victim": {"given_name": "Nia", "family_name": "Colwall", "date_of_birth": "1991-04-17"}}
    return await _draft(world, "known", form)


def at(page: str, draft: Callable[[World], Awaitable[str]]) -> Callable[[World], Awaitable[str]]:
    """Arranges the page of that draft, such as ``/check``."""

    async def arrange(world: World) -> str:
        return f"/refer/{await draft(world)}{page}"

    return arrange
