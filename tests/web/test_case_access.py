"""Who is kept from a case on its pages: by a conflict of interest, by a restriction; and who could see it on a day."""

import re
from typing import Any

from app.db.session import Database
from tests.glass import restrict, used
from tests.tabs import Tab, hidden, problems, read, see, sign_in
from tests.world import World


async def test_for_whoever_declares_a_conflict_the_case_is_gone_and_only_those_who_keep_apart_see_why(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["health_rep"])
    await tab.get(f"/cases/{case['id']}/conflict")
    answer = await tab.post(f"/cases/{case['id']}/conflict", because="She is my cousin.")
    assert answer.headers["location"] == "/cases"
    assert (await tab.get(f"/cases/{case['id']}")).status_code == 404
    seen = {}
    for who in ("coordinator", "mh_rep"):
        await sign_in(tab, database, world[who])
        seen[who] = "She is my cousin." in await see(tab, f"/cases/{case['id']}/access")
    assert seen == {"coordinator": True, "mh_rep": False}


async def test_somebody_who_was_kept_apart_is_let_back(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/access"
    await tab.get(f"{path}/keep-apart")
    lacking = await tab.post(f"{path}/keep-apart", user_id=str(world["chair"].user_id))
    assert problems(lacking) == "Say why"
    kept = await tab.post(f"{path}/keep-apart", user_id=str(world["chair"].user_id), because="Her neighbour.")
    assert kept.status_code == 303
    page = await tab.get(path)
    back = re.search(r'action="([^"]+/let-back/[^"]+)"', page.text)
    assert back
    await tab.post(back[1], version="1")
    assert "They can see the case again" in await see(tab, path)


async def test_a_case_is_restricted_its_list_changed_and_the_restriction_lifted(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    world.clock.forward(minutes=5)
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/access"
    await tab.get(f"{path}/restrict")
    answer = await tab.post(f"{path}/restrict", because="A party works in an agency.")
    assert answer.status_code == 303, problems(answer)
    said = await see(tab, path)
    assert "It exists only for: Coordinator." in said
    assert "They are named on the list to which the case is, or was, restricted. Community Safety : Coordinator" in said
    page = await tab.get(f"{path}/names")
    data = {
        "csrf": tab.csrf,
        "version": hidden(page, "version"),
        "named": [str(world[w].user_id) for w in ("coordinator", "chair")],
    }
    assert (await tab.client.post(f"{path}/names", data=data)).status_code == 303
    assert "Coordinator, Chair" in await see(tab, path)
    version = hidden(await tab.get(f"{path}/lift"), "version")
    assert (await tab.post(f"{path}/lift", version=version)).status_code == 303
    assert "Restrict it to named people" in await see(tab, path)


async def test_there_is_no_list_to_change_of_a_case_that_is_open(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    assert (await tab.get(f"/cases/{case['id']}/access/lift")).status_code == 404


async def test_a_restricted_case_says_so_to_those_who_see_it(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await restrict(world, case)
    await sign_in(tab, database, world["coordinator"])
    assert "Restricted to named people" in await see(tab, f"/cases/{case['id']}/plan")


async def test_a_case_opened_in_an_emergency_says_until_when_is_for_reading_and_can_be_given_up(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer(yes=4))["case"]
    await used(world, "nurse", case)
    await sign_in(tab, database, world["nurse"])
    page = await tab.get(f"/cases/{case['id']}")
    assert "You can read it until Saturday 21 November 2026, 05:10, and change nothing." in read(page)
    assert "/actions/add" not in page.text
    await tab.post(f"/cases/{case['id']}/emergency/end")
    assert (await tab.get(f"/cases/{case['id']}")).status_code == 404
    again = await tab.post(f"/cases/{case['id']}/emergency/end")
    assert again.headers["location"] == "/cases"


async def test_who_could_see_it_on_a_day_is_told_and_a_day_to_come_is_refused(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/access"
    assert "Their agency referred the case." in await see(tab, path)
    assert "Nobody." in await see(tab, f"{path}?on=2026-11-20")
    for day in ("2026-12-24", "soon"):
        answer = await tab.get(f"{path}?on={day}")
        assert (answer.status_code, problems(answer)[:5]) == (422, "Enter")
