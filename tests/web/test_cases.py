"""The pages of a case: what stands first, and what each part says to whom."""

import re
from typing import Any
from uuid import uuid4

import pytest

from app.db.session import Database
from tests.counted import counted
from tests.glass import keep_from
from tests.tabs import Tab, read, see, sign_in
from tests.world import World

PARTS = ("", "/plan", "/risk", "/meetings", "/sharing", "/timeline", "/access", "/trail")


async def test_the_list_says_in_words_how_each_case_stands(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    said = await see(tab, "/cases")
    for words in (
        "Maya Thornbury",
        case["reference"],
        "High risk",
        "Listed for HRDA",
        "Monday 23 November 2026, 09:30",
    ):
        assert words in said
    assert "at_triage" not in said


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("level=high", True),
        ("level=medium", False),
        ("marker=victim_fear", True),
        ("only=repeat", False),
        ("only=mine", False),
        ("only=no_idva", True),
        ("only=new", False),
        ("state=at_triage", True),
        ("state=nonsense&cursor=nonsense", True),
    ],
)
async def test_the_list_is_narrowed_by_codes_and_what_they_cannot_mean_narrows_nothing(
    tab: Tab, world: World, database: Database, case: dict[str, Any], query: str, there: bool
) -> None:
    await sign_in(tab, database, world["coordinator"])
    assert ("Maya Thornbury" in await see(tab, f"/cases?{query}")) is there


async def test_whoever_sees_no_case_is_told_how_one_comes_to_open(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["housing"])
    assert "No case is open to you" in await see(tab, "/cases")


async def test_how_to_reach_her_safely_stands_before_anything_else_of_the_case(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    said = await see(tab, f"/cases/{case['id']}")
    assert "Safe to call: 10:00 to 14:00." in said
    assert "Say: the surgery." in said
    assert said.index("Safe to call") < said.index("Who is who") < said.index("Why it is here")
    assert "07700" not in said
    assert "Phone ending 23, said to be safe" in said


async def test_the_summary_says_who_is_who_with_ages_and_why_the_case_is_here(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    said = await see(tab, f"/cases/{case['id']}")
    for words in ("35, born 17 April 1991", "Leo Thornbury Child", "former partner of the victim"):
        assert words in said
    assert "The case is high risk, so it goes to a meeting." in said


async def test_a_title_names_nobody(tab: Tab, world: World, database: Database, case: dict[str, Any]) -> None:
    await sign_in(tab, database, world["coordinator"])
    for part in PARTS:
        page = await tab.get(f"/cases/{case['id']}{part}")
        title = page.text.partition("<title>")[2].partition("</title>")[0]
        assert case["reference"] in title
        assert "Maya" not in title


@pytest.mark.parametrize("part", PARTS)
async def test_each_part_takes_a_few_statements_however_much_there_is(
    tab: Tab, world: World, database: Database, case: dict[str, Any], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(tab, database, world["coordinator"])
    taken = []
    for more in (0, 3):
        for n in range(more):
            told = {
                "what": f"Fit new locks at door {n}",
                "agency_id": str(world.agencies["council"]),
                "working_days": 2,
            }
            done = await world["coordinator"].post(f"/cases/{case['id']}/actions", told)
            assert done.status_code == 201, done.text
        async with counted(monkeypatch) as statements:
            assert (await tab.get(f"/cases/{case['id']}{part}")).status_code == 200
            taken.append(statements())
    assert taken[0] == taken[1] <= 7


async def test_the_list_takes_two_statements(
    tab: Tab, world: World, database: Database, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(tab, database, world["coordinator"])
    async with counted(monkeypatch) as statements:
        await tab.get("/cases")
        assert statements() == 2


@pytest.mark.parametrize("part", [*PARTS, "/contacts", "/idva", "/moves/close", "/access/restrict", "/conflict"])
async def test_a_hidden_case_is_as_absent_as_one_that_never_was(
    tab: Tab, world: World, database: Database, case: dict[str, Any], part: str
) -> None:
    await keep_from(world, case, "chair")
    await sign_in(tab, database, world["chair"])
    hidden, absent = [await tab.get(f"/cases/{each}{part}") for each in (case["id"], uuid4())]
    assert hidden.status_code == absent.status_code == 404
    assert "Page not found" in hidden.text


async def test_the_answers_of_an_assessment_are_a_page_and_another_cases_are_not(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get(f"/cases/{case['id']}/risk")
    assert "Score 15" in read(page)
    found = re.search(r"/risk/([0-9a-f-]{36})", page.text)
    assert found
    assert "Yes" in await see(tab, f"/cases/{case['id']}/risk/{found[1]}")
    other = (await world.refer(victim="Ana Pereira"))["case"]["id"]
    assert (await tab.get(f"/cases/{other}/risk/{found[1]}")).status_code == 404


async def test_what_others_did_since_one_last_looked_comes_first(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}"
    assert "Since you last looked" not in await see(tab, path)
    world.clock.forward(minutes=5)
    told = {"what": "Photograph her injuries", "agency_id": str(world.agencies["health"]), "working_days": 2}
    assert (await world["health_rep"].post(f"{path}/actions", told)).status_code == 201
    world.clock.forward(minutes=5)
    assert "An action was promised by Solent Hospitals (Health Rep, Solent Hospitals)" in await see(tab, path)
    assert "Since you last looked" not in await see(tab, path)
