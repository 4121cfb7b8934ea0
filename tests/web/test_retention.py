"""Retention as pages: what is due is found and decided, two people erase, and nobody is named."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.db.session import Database
from tests.counted import counted
from tests.glass import restrict
from tests.integration.test_retention import closed, decides
from tests.tabs import Tab, problems, read, sign_in
from tests.world import World


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A case whose time is over today."""
    found = await closed(world)
    world.clock.set(2033, 11, 21)
    return found


@pytest.fixture
async def tab(app: FastAPI, world: World, database: Database, case: dict[str, Any]) -> AsyncIterator[Tab]:
    async with Tab(app) as made:
        await sign_in(made, database, world["auditor"])
        yield made


async def test_one_proposes_and_another_approves(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    path = f"/retention/{case['id']}"
    assert case["reference"] in read(await tab.get("/retention"))
    await tab.get(f"{path}/decide")
    missing = await tab.post(f"{path}/decide", decision="keep", keep_until="", because="A claim may come.")
    assert "day on which somebody is to look" in problems(missing)
    assert (await tab.post(f"{path}/decide", decision="erase", keep_until="", because="x")).status_code == 303
    own = await tab.get(path)
    assert "Somebody else must approve it" in read(own)
    assert "Approve the erasure" not in read(own)
    await sign_in(tab, database, world["partnership_admin"])
    shown = await tab.get(f"{path}/approve")
    assert "Auditor proposed it" in read(shown)
    action = shown.text.partition(f'action="{path}/reviews/')[2].partition('"')[0]
    assert (await tab.post(f"{path}/reviews/{action}", version="1")).status_code == 303
    assert "Its erasure is approved" in read(await tab.get(path))


async def test_a_hold_is_put_on_by_reference_and_lifted(tab: Tab, case: dict[str, Any]) -> None:
    await tab.get("/retention")
    found = await tab.post("/retention/find", reference=case["reference"].lower())
    path = found.headers["location"]
    assert path == f"/retention/{case['id']}"
    await tab.get(f"{path}/hold")
    assert (await tab.post(f"{path}/hold", because="An inquest.", until_on="")).status_code == 303
    held = await tab.get(path)
    assert "On hold" in read(held)
    hold = held.text.partition(f'action="{path}/holds/')[2].partition('"')[0]
    assert (await tab.post(f"{path}/holds/{hold}", version="1")).status_code == 303
    assert "To decide" in read(await tab.get(path))


async def test_a_restricted_case_and_none_are_one_answer_to_whoever_looks_for_it(
    tab: Tab, world: World, case: dict[str, Any]
) -> None:
    await restrict(world, case)
    await tab.get("/retention")
    hidden = await tab.post("/retention/find", reference=case["reference"])
    absent = await tab.post("/retention/find", reference="C-22222222")
    assert problems(hidden) == problems(absent) != ""
    assert (await tab.get(f"/retention/{case['id']}")).status_code == 404
    assert case["reference"] not in read(await tab.get("/retention"))


async def test_periods_are_set_from_a_day_on_by_the_administrator_and_read_by_who_decides(
    tab: Tab, world: World, database: Database
) -> None:
    assert "Nobody has set these yet" in read(await tab.get("/retention/periods"))
    assert (await tab.get("/retention/periods/change")).status_code == 403
    await sign_in(tab, database, world["partnership_admin"])
    await tab.get("/retention/periods/change")
    told = {"high_risk": "10", "below_high": "7", "children": "10", "transferred": "7", "because": "The board."}
    assert "0" in problems(
        await tab.post("/retention/periods/change", **{**told, "high_risk": "0"}, effective_from="x")
    )
    done = await tab.post("/retention/periods/change", version="0", effective_from="2033-11-21", **told)
    assert done.status_code == 303, problems(done)
    assert "High risk 10 years" in read(await tab.get("/retention/periods"))


async def test_the_list_is_a_few_statements_however_long(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    async with counted(monkeypatch) as statements:
        assert (await tab.get("/retention")).status_code == 200
        assert statements() <= 4


async def test_others_are_not_shown_what_is_due(tab: Tab, world: World, database: Database) -> None:
    for who in ("officer", "police_admin", "idva"):
        await sign_in(tab, database, world[who])
        assert (await tab.get("/retention")).status_code == 403, who


async def test_whoever_looks_after_retention_finds_on_home_what_waits(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["chair"])
    assert "Nothing waits for you to decide." in (await tab.get("/home")).text
    for who in ("coordinator", "auditor", "partnership_admin"):
        await sign_in(tab, database, world[who])
        home = (await tab.get("/home")).text
        assert '<a class="govuk-link rt-places__name" href="/retention">1 case is past the time to be kept</a>' in home
    for who in ("officer", "idva", "police_admin", "health_rep"):
        await sign_in(tab, database, world[who])
        assert "/retention" not in (await tab.get("/home")).text, who


async def test_what_one_proposed_waits_for_others_and_not_for_oneself(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await decides(world["coordinator"], case)
    await sign_in(tab, database, world["auditor"])
    assert "1 erasure waits to be approved" in (await tab.get("/home")).text
    await sign_in(tab, database, world["coordinator"])
    home = read(await tab.get("/home"))
    assert "waits to be approved" not in home
    assert "See what is kept, or put a case on hold" in home


async def test_a_coordinator_who_keeps_their_agency_finds_retention_where_administration_begins(
    tab: Tab, world: World, database: Database
) -> None:
    for who in ("coordinator", "police_admin"):
        if who == "coordinator":
            path = f"/users/{world[who].user_id}/roles"
            given = await world["partnership_admin"].post(path, {"role": "agency_administrator"})
            assert given.status_code in (200, 201), given.text
        await sign_in(tab, database, world[who])
        page = (await tab.get("/administration")).text
        assert ('href="/retention"' in page) is (who == "coordinator")
        assert ("1 case is past the time to be kept" in page) is (who == "coordinator")
