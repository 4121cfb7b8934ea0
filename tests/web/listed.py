"""Families on a list, for tests of the pages on which a meeting is made ready and run."""

from typing import Any

import httpx

from tests.tabs import Tab, hidden
from tests.world import SHARING, World

CHILD = {"given_name": "Isla", "family_name": "Thornbury", "date_of_birth": "2018-05-02"}


async def on_list(world: World, cases: int = 2) -> tuple[str, list[dict[str, Any]]]:
    """An HRDA with families on its list, the last of them with a child."""
    made = [
        await world.refer(victim=f"Maya Thornbury{n}", children=[CHILD] if n == cases - 1 else []) for n in range(cases)
    ]
    return made[0]["route"]["meeting_id"], made


async def items_of(world: World, meeting: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world["coordinator"].get(f"/meetings/{meeting}/agenda")).json()["items"]
    return found


async def send(tab: Tab, path: str, **fields: str) -> httpx.Response:
    """Open a page that sends something on a basis, and send it."""
    page = await tab.get(path)
    assert page.status_code == 200, page.text
    return await tab.post(path, **SHARING, version=hidden(page, "version"), **fields)
