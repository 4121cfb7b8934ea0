"""One press is one act: a form that is sent twice by one page makes one thing, however close together both come."""

import asyncio
import re
from html import unescape
from typing import Any

import asyncpg
import httpx
import pytest

from app.db.session import Database
from app.db.statements import CHANGING, sql
from app.db.transaction import Unavailable
from app.services import drafts, presses
from app.web import pressing
from tests.tabs import Tab, problems, sign_in
from tests.world import SHARING, World

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
NOTE = {"note": "Thinks of her aunt’s house."}


@pytest.fixture
async def client_of_idva(world: World) -> str:
    """A case in which the IDVA supports somebody."""
    case: str = (await world.refer())["case"]["id"]
    told = {"user_id": str(world["idva"].user_id), "sharing": SHARING}
    answer = await world["coordinator"].request("PUT", f"/cases/{case}/idva", json=told, headers={"If-Match": "*"})
    assert answer.status_code == 200
    return case


async def form_on(tab: Tab, path: str) -> dict[str, str]:
    """What the form of a page carries unseen."""
    page = await tab.get(path)
    assert page.status_code == 200, page.headers.get("location")
    return {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}


async def pressed(tab: Tab, path: str, times: int, fields: dict[str, str]) -> list[httpx.Response]:
    """The answers to so many presses, all under way at once."""
    return await asyncio.gather(*(tab.client.post(path, data=fields) for _ in range(times)))


async def count(database: Database, superuser: asyncpg.Connection, table: str, world: World) -> int:
    found: int = await superuser.fetchval(
        f"SELECT count(*) FROM {table} WHERE partnership_id = $1", world.partnership_id
    )
    return found


async def test_five_presses_at_once_begin_one_referral_and_all_lead_to_it(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    await sign_in(tab, database, world["officer"])
    answers = await pressed(tab, "/refer", 5, await form_on(tab, "/refer"))
    assert {each.status_code for each in answers} == {303}
    assert len({each.headers["location"] for each in answers}) == 1
    assert await count(database, superuser, "referral", world) == 1


async def test_two_presses_at_once_promise_one_action(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    case = (await world.refer())["case"]["id"]
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case}/actions/add"
    told = {"what": "Fit new locks.", "agency_id": str(world.agencies["housing"]), "due_on": "2026-11-30", **SHARING}
    answers = await pressed(tab, path, 2, await form_on(tab, path) | told)
    assert [each.headers.get("location") for each in answers] == [f"/cases/{case}/plan"] * 2, problems(answers[0])
    assert await count(database, superuser, "action", world) == 1


async def test_a_note_that_is_sent_again_later_is_one_note_and_the_page_says_the_same(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection, client_of_idva: str
) -> None:
    await sign_in(tab, database, world["idva"])
    path = f"/caseload/{client_of_idva}/notes"
    fields = await form_on(tab, path) | NOTE
    said = []
    for _ in range(2):
        answer = await tab.post(path, **fields)
        assert answer.status_code == 303
        page = (await tab.get(answer.headers["location"])).text
        said.append(re.findall(r"govuk-notification-banner__heading[^>]*>([^<]+)", page))
        assert page.count("aunt’s house") == 1
    assert said[0] == said[1] != []
    assert await count(database, superuser, "privileged_note", world) == 1


async def test_an_agency_that_was_let_in_since_is_not_said_to_be_locked_out_by_an_old_page(
    tab: Tab, world: World, database: Database
) -> None:
    agency = f"/agencies/{world.agencies['health']}"
    await sign_in(tab, database, world["partnership_admin"])
    sent = await form_on(tab, f"{agency}/suspend") | {"because": "A laptop was stolen."}
    assert (await tab.client.post(f"{agency}/suspend", data=sent)).status_code == 303
    assert "Nobody of theirs is signed in" in (await tab.get(agency)).text
    world.clock.forward(minutes=3)
    let_in = await world["partnership_admin"].post(f"{agency}/restore", headers={"If-Match": "*"})
    assert let_in.status_code == 200, let_in.text
    assert (await tab.client.post(f"{agency}/suspend", data=sent)).headers["location"] == agency
    told = (await tab.get(agency)).text
    assert ("Nobody of theirs is signed in" in told, presses.SENT_LONG_BEFORE in told) == (False, True)


async def test_a_form_that_was_refused_is_mended_and_sent_from_the_same_page(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection, client_of_idva: str
) -> None:
    await sign_in(tab, database, world["idva"])
    path = f"/caseload/{client_of_idva}/notes"
    fields = await form_on(tab, path)
    for note, status in (("", 422), ("", 422), (NOTE["note"], 303)):
        assert (await tab.client.post(path, data=fields | {"note": note})).status_code == status
    assert await count(database, superuser, "privileged_note", world) == 1


async def test_whoever_goes_back_and_types_something_else_makes_something_else(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection, client_of_idva: str
) -> None:
    await sign_in(tab, database, world["idva"])
    path = f"/caseload/{client_of_idva}/notes"
    fields = await form_on(tab, path)
    for note in ("First.", "Second.", "First."):
        assert (await tab.client.post(path, data=fields | {"note": note})).status_code == 303
    assert await count(database, superuser, "privileged_note", world) == 2


async def test_the_same_words_from_a_page_opened_again_are_sent_again(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection, client_of_idva: str
) -> None:
    await sign_in(tab, database, world["idva"])
    path = f"/caseload/{client_of_idva}/notes"
    for _ in range(2):
        await tab.client.post(path, data=await form_on(tab, path) | NOTE)
    assert await count(database, superuser, "privileged_note", world) == 2


async def test_a_press_of_somebody_else_is_another_press(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    for who in ("officer", "nurse"):
        await sign_in(tab, database, world[who])
        fields = await form_on(tab, "/refer") | {"once": "the same"}
        assert (await tab.client.post("/refer", data=fields)).status_code == 303
    assert await count(database, superuser, "referral", world) == 2


async def test_what_was_done_just_before_a_process_died_is_not_done_again(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def died(*_: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(presses, "lead", died)
    monkeypatch.setattr(pressing, "_LED_BY", 0)
    await sign_in(tab, database, world["officer"])
    fields = await form_on(tab, "/refer")
    first, second = [await tab.client.post("/refer", data=fields) for _ in range(2)]
    assert first.headers["location"] != second.headers["location"] == "/refer"
    assert "This was sent before, and was done once." in (await tab.get("/refer")).text
    assert await count(database, superuser, "referral", world) == 1


async def test_what_was_undone_may_be_pressed_again(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = drafts.begin

    async def lost(uow: Any) -> Any:
        await real(uow)
        await uow.flush()
        raise Unavailable

    await sign_in(tab, database, world["officer"])
    fields = await form_on(tab, "/refer")
    with monkeypatch.context() as patch:
        patch.setattr(drafts, "begin", lost)
        assert (await tab.client.post("/refer", data=fields)).status_code == 503
    assert (await tab.client.post("/refer", data=fields)).status_code == 303
    assert await count(database, superuser, "referral", world) == 1


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("SELECT id FROM referral FOR UPDATE", False),
        ("SELECT seen_at AS updated FROM session FOR NO KEY UPDATE OF session", False),
        ("UPDATE session SET seen_at = :now", True),
        ("UPDATE session s SET seen_at = :now", True),
        ("WITH a AS (INSERT INTO notice (id) VALUES (:id) RETURNING id) SELECT id FROM a", True),
        ("DELETE FROM notice", True),
        ("SELECT end_glass(:id)", True),
    ],
)
def test_a_statement_tells_whether_it_changes_anything(text: str, changes: bool) -> None:
    assert sql(text).changes is changes


async def test_every_function_that_changes_rows_is_known_to_change_them(superuser: asyncpg.Connection) -> None:
    found = await superuser.fetch("""
        SELECT p.proname FROM pg_proc p
         WHERE p.pronamespace = 'public'::regnamespace AND p.provolatile = 'v' AND p.prorettype <> 'trigger'::regtype
           AND p.prosrc ~* '(insert into|update \\w+ (\\w+ )?set|delete from)'
           AND has_function_privilege('roundtable_app', p.oid, 'EXECUTE')
    """)
    # These run where nobody presses: at the door of each transaction, and in upkeep.
    elsewhere = {"enter", "heads_to_seal"}
    names = {each["proname"] for each in found if not each["proname"].startswith("forget_")}
    assert names - elsewhere == CHANGING
