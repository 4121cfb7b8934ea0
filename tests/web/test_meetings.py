"""Meetings on pages: what waits, the list, what is sent, and a meeting from its start to its minutes."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.db.session import Database
from tests.tabs import Tab, problems
from tests.web.test_home import sign_in
from tests.world import SHARING, World

CHILD = {"given_name": "Isla", "family_name": "Thornbury", "date_of_birth": "2018-05-02"}


@pytest.fixture
async def tab(app: FastAPI) -> AsyncIterator[Tab]:
    async with Tab(app) as made:
        yield made


def hidden(answer: httpx.Response, name: str) -> str:
    """What a hidden field of the page says."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, name
    return found[1]


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


async def test_a_whole_meeting_is_run_on_pages(tab: Tab, world: World, database: Database) -> None:
    meeting, _ = await on_list(world)
    at = f"/meetings/{meeting}"
    await sign_in(tab, database, world["coordinator"])
    listing = await tab.get("/meetings")
    assert "Research is missing from 10 agencies" in listing.text
    shown = await tab.get(at)
    assert shown.status_code == 200
    assert shown.text.index("Families with children") < shown.text.index("Adults only")
    assert "10 agencies were reminded" in (await tab.get((await tab.post(f"{at}/chase")).headers["location"])).text
    assert (await send(tab, f"{at}/publish")).headers["location"] == at
    world.clock.set(2026, 11, 23, 9, 30)
    await sign_in(tab, database, world["coordinator"])
    run = await tab.get(f"{at}/run")
    assert "There is no quorum yet" in run.text
    refused = await tab.post(f"{at}/start", version=hidden(run, "version"))
    assert refused.status_code == 422
    assert "There is no quorum" in problems(refused)
    for who in ("safeguarding", "health_rep", "triage"):
        await tab.get(f"{at}/attendance")
        added = await tab.post(f"{at}/attendance/add", user_id=str(world[who].user_id), standing="present")
        assert added.status_code == 303, added.text
    statement = await tab.get(f"{at}/statement")
    await tab.post(f"{at}/statement", version=hidden(statement, "version"))
    run = await tab.get(f"{at}/run")
    assert "The quorum is met" in run.text
    assert (await tab.post(f"{at}/start", version=hidden(run, "version"))).status_code == 303
    for item in await items_of(world, meeting):
        path = f"{at}/items/{item['id']}"
        page = await tab.get(path)
        assert page.status_code == 200
        kept = {"version": hidden(page, "version"), "seen": hidden(page, "seen")}
        victim = next(each for each in item["people"] if each["role"] == "victim")
        risky = {"risk": "He has her work address.", "about": f"victim:{victim['id']}"}
        done = {"what": "Fit new locks at the home", "agency_id": str(world.agencies["housing"]), "by": "Friday"}
        noted = await tab.post(path, **kept, do="action", minutes="She spoke.", safety_plan="", **risky, **done)
        assert noted.headers["location"] == path, problems(noted)
        page = await tab.get(path)
        for words in ("He has her work address.", "Fit new locks", "Friday 27 November 2026", "She spoke."):
            assert words in page.text
        decided = await send(tab, f"{path}/outcome", outcome="plan_agreed")
        assert decided.status_code == 303, problems(decided)
    assert decided.headers["location"] == f"{at}/run"
    await tab.get(f"{at}/run")
    assert (await tab.post(f"{at}/end")).headers["location"] == f"{at}/minutes"
    minutes = await tab.get(f"{at}/minutes")
    assert "City Housing" in minutes.text
    assert (await send(tab, f"{at}/minutes")).status_code == 303
    assert "Plan agreed and monitored" in (await tab.get(f"{at}/minutes")).text
