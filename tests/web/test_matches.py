"""Records that may be one person: side by side, with what a decision does in words, and never joined by themselves."""

import pytest

from app.db.session import Database
from tests.integration.test_matches import pairs, the_pair, two_cases
from tests.tabs import Tab, problems, read, sign_in
from tests.world import SHARING, World


@pytest.mark.parametrize(("same", "one"), [("yes", True), ("no", False)])
async def test_two_records_are_compared_and_what_is_decided_stands(
    tab: Tab, world: World, database: Database, same: str, one: bool
) -> None:
    first, second = await two_cases(world)
    pair = await the_pair(world, "victim")
    path = f"/matches/{pair['party']['party_id']}/{pair['other']['party_id']}"
    await sign_in(tab, database, world["coordinator"])
    said = await tab.get("/matches")
    assert path in said.text
    compared = read(await tab.get(path))
    for words in (
        "same name, same date of birth",
        first["case"]["reference"],
        second["case"]["reference"],
        "born 17 April 1991",
        "This cannot be undone",
    ):
        assert words in compared
    assert "Choose whether they are one person" in problems(await tab.post(path))
    assert (await tab.post(path, same=same, **SHARING)).headers["location"] == "/matches"
    assert path not in (await tab.get("/matches")).text
    parties = [
        (await world["coordinator"].get(f"/cases/{each['case']['id']}")).json()["parties"] for each in (first, second)
    ]
    references = {party["person_reference"] for found in parties for party in found if party["role"] == "victim"}
    assert (len(references) == 1) is one


async def test_a_pair_with_a_case_that_is_closed_to_the_coordinator_is_not_there(
    tab: Tab, world: World, database: Database
) -> None:
    _, second = await two_cases(world)
    pair = await the_pair(world, "victim")
    answer = await world["coordinator"].post(f"/cases/{second['case']['id']}/conflicts", {})
    assert answer.status_code == 201, answer.text
    await sign_in(tab, database, world["coordinator"])
    assert await pairs(world) == []
    path = f"/matches/{pair['party']['party_id']}/{pair['other']['party_id']}"
    assert (await tab.get(path)).status_code == 404
    assert "There are none to decide about" in read(await tab.get("/matches"))


async def test_only_a_coordinator_decides(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    assert (await tab.get("/matches")).status_code == 403
