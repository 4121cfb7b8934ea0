"""Actions on pages: found by who owes them, and updated without losing what was typed."""

from typing import Any

import pytest

from app.db.session import Database
from tests.counted import counted
from tests.tabs import Tab, problems, sign_in
from tests.web.test_home import promise, words_of
from tests.world import World


@pytest.fixture
async def action(world: World) -> dict[str, Any]:
    """Owed by housing, by one of its people."""
    case = (await world.refer(yes=4))["case"]
    return await promise(world, case["id"], owner_id=str(world["housing_rep"].user_id))


async def listed(tab: Tab, query: str) -> str:
    page = await tab.get(f"/actions?{query}")
    assert page.status_code == 200
    return words_of(page.text.partition("<main")[2].partition("</main>")[0])


async def test_actions_are_found_by_whose_they_are(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["housing_rep"])
    assert "Fit new locks" in await listed(tab, "of=me")
    await promise(world, action["case"]["id"], what="Ring the landlord about the doors")
    assert "Ring the landlord" not in await listed(tab, "of=me")
    assert "Ring the landlord" in await listed(tab, "of=agency")
    await sign_in(tab, database, world["coordinator"])
    assert "Community" not in await listed(tab, "of=agency")
    assert "Fit new locks" in await listed(tab, "of=all")
    await sign_in(tab, database, world["nurse"])
    assert "Fit new locks" not in await listed(tab, "of=all")


async def test_actions_of_one_case_or_one_meeting_are_listed_apart(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    other = await world.refer(victim="Ana Pereira")
    meeting_id = other["route"]["meeting_id"]
    await promise(world, other["case"]["id"], what="Ring the school about Monday", meeting_id=meeting_id)
    await sign_in(tab, database, world["coordinator"])
    of_case = await listed(tab, f"case={action['case']['id']}")
    assert "Fit new locks" in of_case
    assert "Ring the school" not in of_case
    of_meeting = await listed(tab, f"meeting={meeting_id}")
    assert "Ring the school" in of_meeting
    assert "Fit new locks" not in of_meeting


async def test_what_was_due_yesterday_is_overdue_today(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["housing_rep"])
    assert "Nothing is overdue." in await listed(tab, "show=overdue")
    world.clock.set(2026, 11, 24)
    await sign_in(tab, database, world["housing_rep"])
    assert "Overdue was due yesterday" in await listed(tab, "show=overdue")


async def test_from_home_an_action_is_done_in_two_presses(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["housing_rep"])
    path = f"/actions/{action['id']}"
    assert f'href="{path}"' in (await tab.get("/home")).text
    page = await tab.get(path)
    assert "Mark as done" in page.text
    answer = await tab.post(f"{path}/done", version="1", reason="Both doors, on Friday.")
    assert (answer.status_code, answer.headers["location"]) == (303, "/actions")
    # Housing's desk saw the case for this action alone.
    assert (await tab.get(path)).status_code == 404
    seen = (await world["coordinator"].get(path)).json()
    assert (seen["status"], seen["reason"], seen["done_on"]) == ("done", "Both doors, on Friday.", "2026-11-21")


async def test_the_day_that_it_was_done_can_be_given(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["housing_rep"])
    path = f"/actions/{action['id']}"
    await tab.get(path)
    for day in ("31", "25"):
        wrong = await tab.post(f"{path}/done", version="1", day=day, month="11", year="2026", reason="Both doors")
        assert wrong.status_code == 422
        assert "day" in problems(wrong)
        assert "Both doors" in wrong.text
    await tab.post(f"{path}/done", version="1", day="19", month="11", year="2026")
    assert (await world["coordinator"].get(path)).json()["done_on"] == "2026-11-19"


async def test_what_was_not_done_says_why_and_stays_owed(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["housing_rep"])
    path = f"/actions/{action['id']}"
    await tab.get(f"{path}/update")
    silent = await tab.post(f"{path}/update", version="1", status="not_done")
    assert silent.status_code == 422
    assert "Say why" in problems(silent)
    assert "Say what became of it" in problems(await tab.post(f"{path}/update", version="1"))
    answer = await tab.post(f"{path}/update", version="1", status="not_done", reason="Nobody was in.")
    assert answer.headers["location"] == path
    page = words_of((await tab.get(path)).text)
    assert "Not done Nobody was in." in page
    assert "Mark as done" in page


async def test_an_action_is_handed_over_on_a_basis_and_its_new_owner_sees_it(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/actions/{action['id']}"
    page = await tab.get(f"{path}/hand-over")
    assert page.status_code == 200
    told = {"version": "1", "to_agency_id": str(world.agencies["substance"]), "reason": "They hold the keys."}
    unfounded = await tab.post(f"{path}/hand-over", **told)
    assert unfounded.status_code == 422
    assert "lawful basis" in problems(unfounded).lower()
    assert "They hold the keys." in unfounded.text
    basis = {"basis": "public_task", "necessity": "To keep her safe.", "proportionality": "Only this agency."}
    answer = await tab.post(f"{path}/hand-over", **told, **basis)
    assert answer.headers["location"] == "/actions"
    await sign_in(tab, database, world["recovery_rep"])
    assert "Fit new locks" in await listed(tab, "of=agency")


async def test_what_was_said_to_be_done_can_be_opened_again(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/actions/{action['id']}"
    await tab.get(path)
    await tab.post(f"{path}/done", version="1")
    assert "open it again" in (await tab.get(path)).text
    await tab.get(f"{path}/open-again")
    basis = {"basis": "public_task", "necessity": "To keep her safe.", "proportionality": "Only this agency."}
    answer = await tab.post(f"{path}/open-again", version="2", reason="The back door was left.", **basis)
    assert answer.headers["location"] == path
    assert (await world["housing_rep"].get(path)).json()["status"] == "open"


async def test_of_two_who_update_at_once_the_second_is_told_and_keeps_what_was_typed(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["housing_rep"])
    path = f"/actions/{action['id']}"
    await tab.get(path)
    headers = {"If-Match": '"1"'}
    said = {"status": "not_done", "reason": "The locksmith is ill."}
    assert (await world["coordinator"].post(f"{path}/updates", said, headers=headers)).status_code == 201
    late = await tab.post(f"{path}/done", version="1", reason="Both doors, on Friday.")
    assert late.status_code == 412
    assert "Somebody else updated this action" in problems(late)
    shown = words_of(late.text)
    assert "The locksmith is ill. Coordinator, Community Safety" in shown
    assert "Both doors, on Friday." in shown
    assert 'name="version" value="2"' in late.text
    assert (await tab.post(f"{path}/done", version="2", reason="Both doors")).status_code == 303


async def test_whoever_only_sees_an_action_is_shown_no_form_and_can_send_none(
    tab: Tab, world: World, database: Database, action: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["safeguarding"])
    path = f"/actions/{action['id']}"
    page = await tab.get(path)
    assert page.status_code == 200
    assert "Mark as done" not in page.text
    for more in ("update", "hand-over", "open-again"):
        assert (await tab.get(f"{path}/{more}")).status_code == 403
    assert (await tab.post(f"{path}/done", version="1")).status_code == 403
    await sign_in(tab, database, world["nurse"])
    assert (await tab.get(path)).status_code == 404


async def test_lists_and_pages_of_actions_take_as_many_statements_however_many_there_are(
    tab: Tab, world: World, database: Database, action: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(tab, database, world["housing_rep"])
    sent: list[dict[str, int]] = []
    for _ in range(2):
        one = {}
        for path in ("/actions", f"/actions/{action['id']}", f"/actions/{action['id']}/hand-over"):
            async with counted(monkeypatch) as statements:
                assert (await tab.get(path)).status_code == 200
                one[path.rpartition("/")[2]] = statements()
        sent.append(one)
        for number in range(5):
            await promise(world, action["case"]["id"], what=f"Ring the landlord about door {number}")
    assert sent[0] == sent[1]
    assert list(sent[0].values()) == [2, 3, 5]
