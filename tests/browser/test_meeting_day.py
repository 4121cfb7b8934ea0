"""A meeting without JavaScript, on a phone, from the start to the minutes. Days have it with JavaScript (test_days)."""

from app.db.session import Database
from tests.browser.conftest import Windows
from tests.browser.going import follow, lunch_hour, outcome, plan_as_it_is_said, press, says
from tests.browser.sittings import CHILD, start
from tests.browser.windows import PHONE, sign_in
from tests.world import World


async def test_a_plan_is_typed_as_it_is_said_and_the_next_case_comes_up(
    windows: Windows, world: World, database: Database
) -> None:
    made = await world.refer(victim="Ana Pereira", children=[CHILD])
    await world.refer(victim="Joan Mercer")
    meeting = made["route"]["meeting_id"]
    first, second = await start(world, meeting)
    async with windows(javascript=False, size=PHONE, key=await sign_in(database, world["coordinator"])) as window:
        await window.go(f"/meetings/{meeting}/run")
        await press(window, "Next case")
        assert window.path == f"/meetings/{meeting}/items/{first['id']}"
        await plan_as_it_is_said(window)
        await press(window, "Decide the outcome")
        assert window.path == f"/meetings/{meeting}/items/{first['id']}/outcome"
        await outcome(window)
        assert window.path == f"/meetings/{meeting}/items/{second['id']}"
        await follow(window, "HRDA, Monday 23 November 2026")
        await says(window, "Agencies that came only for the children may leave")
        await window.page.get_by_text("End the meeting").first.click()
        await press(window, "End the meeting")
        assert window.path == f"/meetings/{meeting}/minutes"
        await says(window, "What each agency promised")


async def test_a_lunch_hour_of_research(windows: Windows, world: World, database: Database) -> None:
    for n in range(4):
        await world.refer(victim=f"Maya Thornbury{n}")
    async with windows(javascript=False, size=PHONE, key=await sign_in(database, world["mh_rep"])) as window:
        await window.go("/research")
        await lunch_hour(window, 4)
