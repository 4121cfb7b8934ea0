"""Administration: one page that leads to all of it and says what waits, to each administrator their own."""

import re
from datetime import date

import asyncpg
import pytest

from app.db.session import Database, UnitOfWork
from app.services.lawful_bases import add_agreement
from tests.counted import counted
from tests.tabs import Tab, places, read, sign_in
from tests.world import World

_PLACE = re.compile(r'rt-places__name" href="([^"]+)"')


async def test_the_header_has_one_place_for_all_that_administrators_keep(
    tab: Tab, world: World, database: Database
) -> None:
    for who in ("partnership_admin", "police_admin"):
        await sign_in(tab, database, world[who])
        there = places((await tab.get("/administration")).text)
        assert "/administration" in there
        assert there.isdisjoint({"/people", "/systems", "/agencies", "/single-sign-on", "/words", "/lawful-bases"})


async def test_the_page_leads_to_all_that_one_may_keep_and_each_place_opens(
    tab: Tab, world: World, database: Database
) -> None:
    await sign_in(tab, database, world["partnership_admin"])
    kept = _PLACE.findall((await tab.get("/administration")).text)
    assert {"/people", "/systems", "/agencies", "/forums", "/rules", "/words", "/lawful-bases", "/retention"} <= {*kept}
    for path in kept:
        assert (await tab.get(path)).status_code == 200, path
    await sign_in(tab, database, world["police_admin"])
    assert {*_PLACE.findall((await tab.get("/administration")).text)} == {"/people", "/systems"}


async def test_others_have_no_such_page(tab: Tab, world: World, database: Database) -> None:
    for who in ("officer", "auditor", "coordinator"):
        await sign_in(tab, database, world[who])
        assert (await tab.get("/administration")).status_code == 403, who


async def test_an_agreement_that_ends_within_sixty_days_with_none_after_it_is_said(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    async def sign(uow: UnitOfWork, since: date) -> None:
        add_agreement(uow, title="The next", version="3", effective_from=since)

    await sign_in(tab, database, world["partnership_admin"])
    assert "Nothing. Everything that you keep is in order." in read(await tab.get("/administration"))
    for until, said in ((date(2027, 1, 21), False), (date(2027, 1, 20), True)):
        await superuser.execute(
            "UPDATE sharing_agreement SET effective_until = $2 WHERE partnership_id = $1", world.partnership_id, until
        )
        assert ("Information sharing agreement, 2.1, ends on" in read(await tab.get("/administration"))) is said
    await database.run_as_system(world.partnership_id, sign, world.clock(), date(2027, 1, 20))
    assert "ends on" not in read(await tab.get("/administration"))


async def test_a_sitting_on_a_bank_holiday_is_said_by_its_name(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    changed = await superuser.execute(
        "UPDATE meeting SET held_on = '2026-12-25' WHERE id = (SELECT id FROM meeting WHERE partnership_id = $1 "
        "AND forum_id = $2 ORDER BY held_on DESC LIMIT 1)",
        world.partnership_id,
        world.forums["marac"],
    )
    assert changed == "UPDATE 1"
    await sign_in(tab, database, world["partnership_admin"])
    said = read(await tab.get("/administration"))
    assert "is planned for Christmas Day" in said
    assert "Friday 25 December 2026 is a bank holiday" in said
    await sign_in(tab, database, world["police_admin"])
    assert "Christmas" not in read(await tab.get("/administration"))


async def test_accounts_that_nobody_used_for_ninety_days_are_counted_to_each_administrator_of_their_own(
    tab: Tab, world: World, database: Database
) -> None:
    world.clock.forward(days=91)
    await sign_in(tab, database, world["police_admin"])
    assert "2 accounts were not used for 90 days" in read(await tab.get("/administration"))


async def test_the_page_is_a_few_statements_however_much_there_is(
    tab: Tab, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(tab, database, world["partnership_admin"])
    async with counted(monkeypatch) as statements:
        await tab.get("/administration")
        assert statements() <= 3
