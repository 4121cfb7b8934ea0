"""Open streams: whoever's session ends is told at once, by whichever process; nobody is told anything else."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.db.ids import new_id
from app.db.session import Credentials, Database
from app.db.watch import Watch, watching
from app.domain.sessions import EndReason, SessionKey
from app.domain.stay import Ending, ending
from app.services import sessions
from app.web.cookies import Cookie
from tests.api.real_http import Wire, served
from tests.integration.test_accounts import browser_of
from tests.tabs import Tab
from tests.world import Person, World


@pytest.fixture(scope="module")
async def wire(app: FastAPI) -> AsyncIterator[Wire]:
    async with served(app) as found:
        yield found


@dataclass
class Stream:
    """A page's connection, as it is read."""

    reader: asyncio.StreamReader

    async def event(self) -> tuple[str, Any]:
        """The next event and its data; ``("", None)`` once the stream is closed."""
        name = ""
        while line := await asyncio.wait_for(self.reader.readline(), 10):
            text = line.decode().strip()
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                return name, json.loads(text.removeprefix("data: "))
        return "", None


@asynccontextmanager
async def stream(wire: Wire, key: SessionKey | None) -> AsyncIterator[Stream]:
    """Open a page's connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    cookie = f"Cookie: {Cookie.SESSION}={key.text}\r\n" if key else ""
    writer.write(f"GET /stay HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{cookie}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    assert head.startswith("http/1.1 200")
    assert "content-type: text/event-stream" in head
    try:
        yield Stream(reader)
    finally:
        writer.close()


async def as_oneself(person: Person, key: SessionKey, use_case: Any, *args: Any) -> Any:
    who = Credentials(key.partnership_id, key.user_id, key.session_id, key.digest)
    database: Database = person.app.state.database
    return await database.run(who, use_case, person.clock(), new_id(), *args)


async def end_everywhere(world: World) -> None:
    await world["police_admin"].post(f"/accounts/{world['officer'].user_id}/sessions/end")


async def end_person(world: World) -> None:
    await world["police_admin"].post(f"/users/{world['officer'].user_id}/end")


async def lock_out(world: World) -> None:
    path = f"/agencies/{world.agencies['police']}/suspend"
    await world["partnership_admin"].post(path, {"because": "A laptop was stolen."})


@pytest.mark.parametrize("end", [end_everywhere, end_person, lock_out])
async def test_an_open_page_is_told_at_once_that_its_session_has_ended(end: Any, wire: Wire, world: World) -> None:
    async with stream(wire, await browser_of(world["officer"])) as page:
        assert await page.event() == ("idle", 1800)
        await end(world)
        assert await page.event() == ("ended", "administrator")
        assert await page.event() == ("", None)


async def test_signing_out_elsewhere_is_told_with_its_reason(wire: Wire, world: World) -> None:
    officer = world["officer"]
    here, there = await browser_of(officer), await browser_of(officer)
    async with stream(wire, here) as page:
        await page.event()
        await as_oneself(officer, there, sessions.end, here.session_id)
        assert await page.event() == ("ended", "elsewhere")


async def test_a_session_under_a_new_key_is_closed_quietly_so_that_the_page_asks_again(
    wire: Wire, world: World
) -> None:
    officer = world["officer"]
    key = await browser_of(officer)
    async with stream(wire, key) as page:
        await page.event()
        renewed = await as_oneself(officer, key, sessions.renew)
        assert await page.event() == ("", None)
    async with stream(wire, renewed) as page:
        assert (await page.event())[0] == "idle"
    # A browser that never got its new key is signed out in the end.
    world.clock.forward(minutes=2)
    async with stream(wire, key) as page:
        assert await page.event() == ("ended", "renewed")


async def test_watching_is_no_activity(wire: Wire, world: World, superuser: asyncpg.Connection) -> None:
    key = await browser_of(world["officer"])
    world.clock.forward(minutes=20)
    async with stream(wire, key) as page:
        assert await page.event() == ("idle", 600)
    world.clock.forward(minutes=10)
    async with stream(wire, key) as page:
        assert await page.event() == ("ended", "idle")


async def test_saying_that_one_is_there_is_activity(world: World) -> None:
    officer = world["officer"]
    key = await browser_of(officer)
    async with Tab(officer.app) as tab:
        tab.client.cookies.set(Cookie.SESSION, key.text)
        await tab.get("/account")
        world.clock.forward(minutes=29)
        stayed = await tab.client.post("/stay", headers={"x-csrf-token": tab.csrf, "accept": "application/json"})
        assert stayed.json() == {"left": 1800}
        world.clock.forward(minutes=31)
        late = await tab.client.post("/stay", headers={"x-csrf-token": tab.csrf, "accept": "application/json"})
        assert late.status_code == 401


@pytest.mark.parametrize("what", ["nobody's", "another's secret"])
async def test_who_proves_no_session_is_told_only_that_there_is_none(what: str, wire: Wire, world: World) -> None:
    key = None
    if what == "another's secret":
        real = await browser_of(world["officer"])
        key = SessionKey(real.partnership_id, real.user_id, real.session_id, b"\0" * 32)
    async with stream(wire, key) as page:
        assert await page.event() == ("ended", None)
        assert await page.event() == ("", None)


async def test_who_is_kept_from_a_case_hears_nothing_of_it(wire: Wire, world: World, app: FastAPI) -> None:
    """The process wakes up, looks, and says nothing."""
    case = (await world.refer())["case"]["id"]
    watch: Watch = app.state.watch
    async with stream(wire, await browser_of(world["idva"])) as page:
        await page.event()
        with watch.on(world.partnership_id, world["idva"].user_id) as changes:
            told = {"user_id": str(world["idva"].user_id), "because": "They are neighbours."}
            assert (await world["coordinator"].post(f"/cases/{case}/exclusions", told)).status_code == 201
            assert await changes.next(10)
        await world["partnership_admin"].post(f"/users/{world['idva'].user_id}/end")
        assert await page.event() == ("ended", "administrator")


async def test_an_end_by_one_process_is_heard_by_another(
    world: World, app: FastAPI, server_urls: tuple[str, str]
) -> None:
    """Two services over one database: one ends, the other's pages are told."""
    state = app.state
    async with watching(server_urls[1]) as watch, served(app) as wire:
        app.state.watch, kept = watch, state.watch
        try:
            async with stream(wire, await browser_of(world["officer"])) as page:
                await page.event()
                await end_everywhere(world)
                assert await page.event() == ("ended", "administrator")
        finally:
            app.state.watch = kept


async def test_a_watch_that_lost_its_connection_looks_again_and_hears_again(
    world: World, server_urls: tuple[str, str], superuser: asyncpg.Connection
) -> None:
    """Whatever was told meanwhile was told to nobody."""
    officer = world["officer"]
    async with watching(server_urls[1]) as watch:
        with watch.on(world.partnership_id, officer.user_id) as changes:
            assert await changes.next(10)  # connected
            await superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'roundtable watch'"
            )
            assert await changes.next(10)  # connected again
            await end_everywhere(world)
            assert await changes.next(10)


async def test_a_process_that_ends_closes_what_it_holds_open(wire: Wire, world: World, app: FastAPI) -> None:
    key = await browser_of(world["officer"])
    async with stream(wire, key) as page:
        await page.event()
        app.state.watch.close()
        assert await page.event() == ("", None)


async def test_what_others_notify_is_no_news(world: World) -> None:
    watch = Watch()
    officer, nurse = world["officer"].user_id, world["nurse"].user_id
    with watch.on(world.partnership_id, officer) as changes:
        for told in ("", "nonsense", f"{world.partnership_id} nonsense", f"{new_id()} {officer}"):
            watch.hear(told)
        watch.hear(f"{world.partnership_id} {nurse}")
        assert not await changes.next(0)
        watch.hear(f"{world.partnership_id} {officer}")
        assert await changes.next(0)
        watch.hear(f"{world.partnership_id}")
        assert await changes.next(0)


NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@given(
    because=st.sampled_from([None, *EndReason]),
    locked_out=st.booleans(),
    idle=st.integers(-5, 5),
    until=st.integers(-5, 5),
)
def test_a_session_stands_only_while_nothing_has_ended_it(
    because: EndReason | None, locked_out: bool, idle: int, until: int
) -> None:
    found = ending(
        because,
        locked_out=locked_out,
        idle_until=NOW + timedelta(minutes=idle),
        until=NOW + timedelta(minutes=until),
        now=NOW,
    )
    stands = because is None and not locked_out and idle > 0 and until > 0
    assert (found is None) is stands
    if found is not None:
        assert found.words.endswith(".")


def test_each_reason_for_an_end_has_its_words() -> None:
    assert len({each.words for each in Ending}) == len(Ending)
