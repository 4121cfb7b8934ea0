"""Words: a partnership says things in its own words from a day on, and what was said before stays known."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from app.db.session import Database, UnitOfWork
from app.domain.letters import LetterKind
from app.services import letters
from tests.tabs import Tab, problems, read, sign_in
from tests.world import World

HELP = "Ring the partnership office on 01632 960123."


@pytest.fixture
async def tab(app: FastAPI, world: World, database: Database) -> AsyncIterator[Tab]:
    async with Tab(app) as made:
        await sign_in(made, database, world["partnership_admin"])
        yield made


async def sets(tab: Tab, word: str, text: str, since: str = "2026-11-21", **more: str) -> str:
    """Change some words, through the page that shows how they will look; what the last page says."""
    await tab.get(f"/words/{word}")
    told = {"text": text, "effective_from": since, "because": "The board agreed it.", "version": "1", **more}
    shown = await tab.post(f"/words/{word}", **told)
    if shown.status_code != 200:
        return problems(shown)
    assert text in read(shown)
    done = await tab.post(f"/words/{word}", sure="yes", **told)
    assert done.status_code == 303, done.text
    return read(await tab.get("/words"))


async def test_a_new_statement_is_asked_of_everybody_from_its_day_on(tab: Tab, world: World) -> None:
    meetings = (await world["coordinator"].get("/meetings")).json()["items"]
    path = f"/meetings/{meetings[0]['id']}/confidentiality"
    before = (await world["health_rep"].get(path)).json()
    said = await sets(tab, "statement", "Tell nobody.", since="2026-11-23")
    assert "From Monday 23 November 2026" in said
    assert (await world["health_rep"].get(path)).json()["statement"] == before["statement"]
    world.clock.set(2026, 11, 23)
    after = (await world["health_rep"].get(path)).json()
    assert (before["version"], after["version"], after["statement"]) == ("1", "2", "Tell nobody.")


async def test_whoever_set_it_and_why_is_said(tab: Tab) -> None:
    said = await sets(tab, "marking", "OFFICIAL")
    assert "Set by Partnership Admin" in said
    assert "Why: The board agreed it." in said


async def test_whom_to_ask_stands_at_the_foot_of_mails_in_plain_letters(
    tab: Tab, world: World, database: Database
) -> None:
    assert "Use plain letters" in await sets(tab, "help", "Ring the partnership’s office.")
    await sets(tab, "help", HELP, version="0")

    async def write(uow: UnitOfWork) -> None:
        letters.write(uow, LetterKind.RESET, "somebody@police.example", link="https://x.example")

    await database.run_as_system(world.partnership_id, write, world.clock())
    taken = await database.run_as_system(world.partnership_id, letters.take_up, world.clock())
    assert taken is not None
    assert taken.help == HELP


async def test_a_marking_is_one_line_and_short(tab: Tab) -> None:
    assert "Shorten this to 60 characters" in await sets(tab, "marking", "x" * 61)
    assert "Write it on one line" in await sets(tab, "marking", "OFFICIAL\nSENSITIVE")


async def test_nothing_is_set_for_days_that_are_past(tab: Tab) -> None:
    assert "Choose today or a later day" in await sets(tab, "marking", "OFFICIAL", since="2026-11-20")


async def test_what_is_planned_can_be_taken_back_with_a_reason(tab: Tab) -> None:
    await sets(tab, "marking", "OFFICIAL", since="2026-12-01")
    await tab.get("/words/marking/take-back/2026-12-01")
    missing = await tab.post("/words/marking/take-back/2026-12-01", effective_from="2026-12-01", because="")
    assert "say why" in problems(missing).lower()
    done = await tab.post("/words/marking/take-back/2026-12-01", effective_from="2026-12-01", because="Not yet.")
    assert done.status_code == 303
    assert "Tuesday 1 December 2026" not in read(await tab.get("/words")).partition("Every change")[0]


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(tab: Tab) -> None:
    await sets(tab, "marking", "OFFICIAL")
    told = {"text": "SECRET", "effective_from": "2026-11-21", "because": "x", "version": "1", "sure": "yes"}
    assert (await tab.post("/words/marking", **told)).status_code == 412


async def test_words_are_the_partnership_administrators(tab: Tab, world: World, database: Database) -> None:
    for who in ("police_admin", "chair", "auditor"):
        await sign_in(tab, database, world[who])
        for path in ("/words", "/words/marking", "/words/marking/take-back/2026-12-01"):
            assert (await tab.get(path)).status_code == 403, (who, path)
