"""Oversight: who could see, who looked, what was shared, on one page that says whether the trail of it holds."""

from typing import Any

import asyncpg
import pytest

from app.db.session import Database
from tests.counted import counted
from tests.glass import restrict
from tests.tabs import Tab, problems, read, sign_in
from tests.world import World


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A case that a nurse at the hospital opened once and nobody at probation did."""
    found: dict[str, Any] = (await world.refer())["case"]
    assert (await world["health_rep"].get(f"/cases/{found['id']}")).status_code == 200
    return found


def about(reference: str, **more: str) -> str:
    asked = {"since": "2026-01-01", "until": "2026-12-31", **more}
    return f"/oversight?reference={reference}&" + "&".join(f"{name}={value}" for name, value in asked.items())


async def test_one_page_says_who_could_see_who_did_what_was_shared_and_that_the_trail_holds(
    tab: Tab, world: World, database: Database, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(tab, database, world["auditor"])
    async with counted(monkeypatch) as statements:
        said = read(await tab.get(about(case["reference"])))
        assert statements() <= 9
    for words in (
        "The trail of this case holds.",
        "Wessex Police : its desk",
        "Health Rep, Solent Hospitals : 1 entry",
        "Opened the case",
        "A referral was sent",
        "Basis",
    ):
        assert words in said
    for secret in ("Maya", "Thornbury", "07700"):
        assert secret not in said


async def test_an_agency_that_did_not_look_is_said_not_to_have_looked(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["auditor"])
    agencies = world.agencies
    assert "Opened the case" in read(await tab.get(about(case["reference"], agency=str(agencies["health"]))))
    said = read(await tab.get(about(case["reference"], agency=str(agencies["probation"]))))
    assert "Nobody whom you asked about did" in said
    before = read(await tab.get(about(case["reference"], until="2026-01-02")))
    assert "Opened the case" not in before


async def test_an_entry_that_somebody_changed_behind_the_service_is_said_before_all_else(
    tab: Tab, world: World, database: Database, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    await sign_in(tab, database, world["auditor"])
    changed = await superuser.execute(
        "UPDATE audit SET actor_id = $2 WHERE partnership_id = $3 AND case_id = $1 AND verb = 'case.read'",
        case["id"],
        world["officer"].user_id,
        world.partnership_id,
    )
    assert changed == "UPDATE 1"
    said = read(await tab.get(about(case["reference"])))
    assert "The trail of this case does not hold." in said
    assert "1 is not as written" in said


async def test_entries_cut_off_the_end_are_missed(
    tab: Tab, world: World, database: Database, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    await sign_in(tab, database, world["auditor"])
    await superuser.execute(
        "DELETE FROM audit WHERE partnership_id = $2 AND case_id = $1 AND verb = 'case.read'",
        case["id"],
        world.partnership_id,
    )
    assert "Entries are missing" in read(await tab.get(about(case["reference"])))


async def test_of_a_restricted_case_the_auditor_is_told_what_is_told_of_none(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await restrict(world, case)
    await sign_in(tab, database, world["auditor"])
    hidden = read(await tab.get(about(case["reference"]))).replace(case["reference"], "C-22222222")
    assert hidden == read(await tab.get(about("C-22222222")))
    assert "There is nothing of this reference" in hidden


async def test_an_auditor_on_the_list_of_a_restricted_case_answers_about_it_and_reads_nothing_in_it(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    auditor = str(world["auditor"].user_id)
    await sign_in(tab, database, world["coordinator"])
    form = (await tab.get(f"/cases/{case['id']}/access/restrict")).text
    assert f'value="{auditor}"' in form
    told = {"because": "A party works in an agency.", "named": [auditor], "sharing": world["coordinator"].sharing}
    answer = await world["coordinator"].post(f"/cases/{case['id']}/restriction", told)
    assert answer.status_code == 201, answer.text
    await sign_in(tab, database, world["auditor"])
    page = read(await tab.get(about(case["reference"])))
    assert "The trail of this case holds" in page
    assert "Restricted it to named people" in page
    assert "Maya" not in page
    for path in ("", "/timeline", "/contacts", "/assessments", "/disclosures"):
        answer = await world["auditor"].get(f"/cases/{case['id']}{path}")
        assert answer.status_code in (403, 404), path
    assert (await world["auditor"].get("/cases")).status_code == 403


async def test_a_persons_reference_finds_their_case_and_a_sheet_to_send(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    party = (await world["coordinator"].get(f"/cases/{case['id']}")).json()["parties"][0]["person_reference"]
    await sign_in(tab, database, world["auditor"])
    page = await tab.get(about(party))
    assert "Opened the case" in read(page)
    sheet = await tab.get(f"/oversight/people/{party}/shared.pdf")
    assert sheet.headers["content-type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF")


async def test_that_the_auditor_looked_is_in_the_trail_of_the_case(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["auditor"])
    await tab.get(about(case["reference"]))
    lines = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    assert ("audit.read", "oversight") in {(each["verb"], each["purpose"]) for each in lines}


async def test_what_cannot_be_a_reference_is_said_at_its_field(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["auditor"])
    assert "write it like C-7K2M9QXA" in problems(await tab.get(about("Maya")))
    assert "not before the first" in problems(await tab.get(about("C-22222222", until="2020-01-01")))


async def test_the_whole_trail_is_narrowed_and_paged(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["auditor"])
    assert "Health Rep, Solent Hospitals : Opened the case" in read(await tab.get("/oversight/trail"))
    person = world["officer"].user_id
    assert "Health Rep" not in read(await tab.get(f"/oversight/trail?person={person}&verb=case&agency=nonsense"))
    assert "There is nothing like that" in read(await tab.get("/oversight/trail?until=2020-01-01"))


async def test_nobody_else_oversees(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["coordinator"])
    assert (await tab.get("/oversight")).status_code == 403
    assert (await tab.get(about("C-22222222"))).status_code == 403
    assert (await tab.get("/oversight/trail")).status_code == 403
