"""Emergencies: a case is opened with a plain reason, for hours, and somebody else says whether that was right."""

from typing import Any

import pytest

from app.db.session import Database
from tests.glass import WHY, restrict, sees, used
from tests.tabs import Tab, hidden, problems, read, sign_in
from tests.world import World


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A case that is closed to the nurse."""
    found: dict[str, Any] = (await world.refer(yes=5))["case"]
    assert not await sees(world, "nurse", found)
    return found


async def opens(tab: Tab, **fields: str) -> Any:
    await tab.get("/emergency/open")
    return await tab.post("/emergency/open", **{"reason": WHY, "hours": "2", "basis": "vital_interests", **fields})


async def test_a_case_opens_for_reading_and_can_be_given_up(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["nurse"])
    opened = await opens(tab, reference=case["reference"].lower())
    assert opened.headers["location"] == f"/cases/{case['id']}"
    assert "You opened this case in an emergency." in read(await tab.get(f"/cases/{case['id']}"))
    use = (await world["nurse"].get("/break-glass")).json()["items"][0]
    assert "By you" in read(await tab.get("/emergency"))
    assert WHY in read(await tab.get(f"/emergency/{use['id']}"))
    assert (await tab.post(f"/emergency/{use['id']}/end")).headers["location"] == "/emergency"
    assert not await sees(world, "nurse", case)


async def test_somebody_in_it_opens_it_too(tab: Tab, world: World, database: Database, case: dict[str, Any]) -> None:
    await sign_in(tab, database, world["nurse"])
    named = {"given_name": "Maya", "family_name": "Thornbury"}
    halved = await opens(tab, **named)
    assert "Enter their date of birth too" in problems(halved)
    opened = await opens(tab, **named, date_of_birth="1991-04-17")
    assert opened.headers["location"] == f"/cases/{case['id']}"


async def test_of_a_restricted_case_the_page_says_what_it_says_of_none_and_keeps_the_reason(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await restrict(world, case)
    await sign_in(tab, database, world["nurse"])
    hidden = await opens(tab, reference=case["reference"])
    absent = await opens(tab, reference="C-22222222")
    assert "There is no case of this description" in problems(hidden)
    assert WHY in read(hidden)
    assert read(hidden) == read(absent)


async def test_what_lacks_is_said_at_its_field(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["nurse"])
    said = problems(await opens(tab, reason="Help", basis=""))
    for words in ("Enter the reference of the case, or the name", "Write at least a sentence", "Choose a lawful basis"):
        assert words in said


async def test_whoever_opens_a_case_shows_again_who_they_are_before_they_write(
    tab: Tab, world: World, database: Database
) -> None:
    await sign_in(tab, database, world["nurse"])
    world.clock.forward(minutes=20)
    assert (await tab.get("/emergency/open")).headers["location"] == "/confirm?next=/emergency/open"


async def test_an_auditor_reviews_what_waits_once(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    use = await used(world, "nurse", case)
    await sign_in(tab, database, world["auditor"])
    assert WHY in read(await tab.get("/emergency"))
    version = hidden(await tab.get(f"/emergency/{use['id']}"), "version")
    empty = await tab.post(f"/emergency/{use['id']}/review", version=version, finding="not_justified", review="")
    assert "Write why you found so" in problems(empty)
    told = {"version": version, "finding": "not_justified", "review": "Nobody was in danger."}
    assert (await tab.post(f"/emergency/{use['id']}/review", **told)).status_code == 303
    assert not await sees(world, "nurse", case)
    assert "None waits for a review" in read(await tab.get("/emergency"))
    assert "Not justified" in read(await tab.get("/emergency?all=yes"))
    again = await tab.post(f"/emergency/{use['id']}/review", **told)
    assert again.status_code == 422


async def test_an_administrator_has_no_part_in_emergencies(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["police_admin"])
    assert (await tab.get("/emergency")).status_code == 403
    assert (await tab.get("/emergency/open")).status_code == 403
