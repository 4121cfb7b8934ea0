"""Search: whoever is known is found by name, reference or number, and nobody learns of what is closed to them."""

from typing import Any

import pytest

from app.db.session import Database
from tests.counted import counted
from tests.glass import keep_from
from tests.tabs import Tab, problems, read, sign_in
from tests.world import World


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    found: dict[str, Any] = (await world.refer())["case"]
    return found


async def find(tab: Tab, **fields: str) -> Any:
    await tab.get("/search")
    return await tab.post("/search", **fields)


@pytest.mark.parametrize("by", ["name", "swapped", "heard", "part", "case", "person"])
async def test_she_is_found_by_any_order_of_her_name_as_it_was_heard_by_part_and_birthday_and_by_reference(
    tab: Tab, world: World, database: Database, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    await sign_in(tab, database, world["coordinator"])
    party = (await world["coordinator"].get(f"/cases/{case['id']}")).json()["parties"][0]
    fields = {
        "name": {"name": "maya thornbury"},
        "swapped": {"name": "Thornbury, Maya"},
        "heard": {"name": "Maia Thornbery"},
        "part": {"name": "Maya", "date_of_birth": "1991-04-17"},
        "case": {"name": case["reference"].lower()},
        "person": {"name": party["person_reference"]},
    }[by]
    await tab.get("/search")
    async with counted(monkeypatch) as statements:
        answer = await tab.post("/search", **fields)
        assert statements() <= 3
    assert "Maya Thornbury" in read(answer)
    assert "born 17 April 1991" in read(answer)
    assert f'href="/cases/{case["id"]}"' in answer.text
    assert "Maya" not in str(answer.url)


@pytest.mark.parametrize("field", ["name", "reference"])
async def test_of_a_case_that_is_closed_to_somebody_the_page_says_what_it_says_of_none(
    tab: Tab, world: World, database: Database, case: dict[str, Any], field: str
) -> None:
    await keep_from(world, case, "officer")
    await sign_in(tab, database, world["officer"])
    hidden = read(await find(tab, name="Maya Thornbury" if field == "name" else case["reference"]))
    absent = read(await find(tab, name="Ines Calloway" if field == "name" else "C-22222222"))
    assert hidden == absent
    assert "Nobody fits" in hidden
    assert "Refer them" in hidden


async def test_a_number_finds_whose_it_is_once_it_is_shown_again_who_asks(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    await tab.get("/search/contact")
    answer = await tab.post("/search/contact", phone="07700 900123", email="", postcode="")
    assert "Same phone number" in read(answer)
    nothing = await tab.post("/search/contact", phone="", email="", postcode="")
    assert "Enter a telephone number, an email address or a postcode" in problems(nothing)
    world.clock.forward(minutes=20)
    asked = await tab.get("/search/contact")
    assert asked.headers["location"] == "/confirm?next=/search/contact"


async def test_an_empty_search_says_what_to_enter(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    assert "Enter a name, or the reference of a case or a person" in problems(await find(tab, name=""))


async def test_nobody_searches_who_refers_nobody(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["auditor"])
    assert (await tab.get("/search")).status_code == 403
