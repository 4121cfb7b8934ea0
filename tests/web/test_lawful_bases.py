"""The register and the agreements as pages: added, revised and ended from a day on, with how often each is used."""

import re
from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.session import Database
from tests.counted import counted
from tests.glass import restrict
from tests.tabs import Tab, problems, read, sign_in
from tests.world import World

NEW = {"code": "court_order", "title": "Court order", "help": "When a court says so.", "article_6": "Article 6(1)(c)"}


@pytest.fixture
async def tab(app: FastAPI, world: World, database: Database) -> AsyncIterator[Tab]:
    async with Tab(app) as made:
        await sign_in(made, database, world["partnership_admin"])
        yield made


async def path_of(tab: Tab, title: str) -> str:
    """Where the list leads for an entry."""
    text = (await tab.get("/lawful-bases")).text
    found = re.search(rf'href="(/lawful-bases/[^"]+)">{title}', text)
    assert found, title
    return found[1]


async def test_an_entry_is_added_revised_and_ended_and_its_versions_stay_known(tab: Tab, world: World) -> None:
    await tab.get("/lawful-bases/add")
    made = await tab.post("/lawful-bases/add", effective_from="2026-11-21", **NEW)
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    await tab.get(f"{path}/revise")
    changed = {**NEW, "title": "Order of a court"}
    revised = await tab.post(f"{path}/revise", effective_from="2026-12-01", **changed)
    assert revised.status_code == 303, problems(revised)
    said = read(await tab.get(path))
    assert "until Tuesday 1 December 2026" in said
    assert "Version 2" in said
    later = revised.headers["location"]
    await tab.get(f"{later}/end")
    assert (await tab.post(f"{later}/end", on="2027-01-01")).status_code == 303
    assert "until Friday 1 January 2027" in read(await tab.get(later))


async def test_nothing_is_put_in_force_for_days_that_are_past(tab: Tab) -> None:
    await tab.get("/lawful-bases/add")
    refused = await tab.post("/lawful-bases/add", effective_from="2026-11-20", **NEW)
    assert refused.status_code == 422
    assert "Give today or a later day" in problems(refused)


async def test_how_often_each_was_shared_on_is_counted_but_for_restricted_cases(tab: Tab, world: World) -> None:
    case = (await world.refer())["case"]
    path = await path_of(tab, "Public task")
    used = re.search(r"Used in 12 months\s+(\d+|Once)", read(await tab.get(path)))
    assert used
    await restrict(world, case)
    assert "Used in 12 months Not used" in read(await tab.get(path))


async def test_an_agreement_that_ends_soon_says_so_until_the_next_is_written_down(
    tab: Tab, world: World, superuser: asyncpg.Connection
) -> None:
    ends = date(2027, 1, 10)
    await superuser.execute(
        "UPDATE sharing_agreement SET effective_until = $2 WHERE partnership_id = $1", world.partnership_id, ends
    )
    path = await path_of(tab, "Information sharing agreement, 2.1")
    assert "no other is written down that holds then" in read(await tab.get(path))
    proposed = (await tab.get("/lawful-bases/agreements/add")).text
    assert 'value="2027-01-10"' in proposed
    wrong = {"title": "Next", "version": "3", "effective_from": "2027-01-10", "effective_until": "2027-01-01"}
    assert "Give the day on which it begins" in problems(await tab.post("/lawful-bases/agreements/add", **wrong))
    right = {**wrong, "effective_until": ""}
    assert (await tab.post("/lawful-bases/agreements/add", **right)).status_code == 303
    assert "Ends soon" not in read(await tab.get("/lawful-bases"))


async def test_the_page_is_one_statement_however_long_the_register(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    async with counted(monkeypatch) as statements:
        assert (await tab.get("/lawful-bases")).status_code == 200
        assert statements() <= 2


async def test_what_is_not_there_is_not_found(tab: Tab) -> None:
    nowhere = "0193e0a0-0000-7000-8000-000000000000"
    for path in (f"/lawful-bases/{nowhere}", f"/lawful-bases/agreements/{nowhere}", f"/lawful-bases/{nowhere}/end"):
        assert (await tab.get(path)).status_code == 404, path


async def test_the_register_is_kept_by_the_partnerships_administrators(
    tab: Tab, world: World, database: Database
) -> None:
    for who in ("police_admin", "coordinator", "auditor"):
        await sign_in(tab, database, world[who])
        for path in ("/lawful-bases", "/lawful-bases/add", "/lawful-bases/agreements/add"):
            assert (await tab.get(path)).status_code == 403, (who, path)
