"""A forum's name changes at once and for all; its kind only while nothing was ever listed at it."""

from typing import Any

from tests.glass import keep_from, kinds, restrict
from tests.integration.test_forums import act, dates, read
from tests.world import World

MEANT = "The steering group decided so."


async def name(world: World, forum: str, **told: str) -> Any:
    now = await read(world, forum)
    return await act(world, forum, "name", {"name": now["name"], "kind": now["kind"], "because": MEANT, **told})


async def test_a_name_holds_everywhere_at_once_and_the_old_one_is_in_its_history(world: World) -> None:
    case = (await world.refer())["case"]["id"]
    done = await name(world, "hrda", name="Daily meeting")
    assert (done.status_code, done.json()["name"]) == (200, "Daily meeting"), done.text
    assert done.json()["settings"]["name"] == "Daily meeting"
    assert done.json()["history"][0]["what"] == "Changed its name from HRDA to Daily meeting"
    met = (await world["officer"].get(f"/cases/{case}")).json()["next_meeting"]["id"]
    assert "Daily meeting" in (await world["officer"].get(f"/meetings/{met}")).text


async def test_a_name_that_another_forum_has_is_refused(world: World) -> None:
    refused = await name(world, "hrda", name="marac")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/name")
    assert (await name(world, "hrda")).status_code == 409  # nothing would change
    assert (await name(world, "hrda", name="hrda")).status_code == 200  # its own, written otherwise


async def test_a_forum_that_was_never_used_becomes_one_of_another_kind(world: World) -> None:
    before = dates(await read(world), "scheduled")
    done = await name(world, "marac", kind="hrda")
    assert done.status_code == 200, done.text
    found = done.json()
    assert (found["kind"], found["settings"]["kind"]) == ("hrda", "hrda")
    assert "to_marac" in found["settings"]["outcomes"]
    assert found["settings"]["escalation_criteria"]
    assert dates(found, "scheduled") == before
    assert found["history"][0]["what"] == "Changed its kind from MARAC to HRDA"


async def test_a_forum_at_which_a_case_was_listed_keeps_its_kind(world: World) -> None:
    await world.refer()
    refused = await name(world, "hrda", kind="matac")
    assert refused.status_code == 409
    assert "a case was listed at it" in refused.json()["detail"]


async def test_high_risk_always_has_somewhere_to_go(world: World) -> None:
    assert (await name(world, "marac", kind="matac")).status_code == 200
    refused = await name(world, "hrda", kind="matac")
    assert refused.status_code == 409
    assert "nowhere else to go" in refused.json()["detail"]


async def test_a_case_that_the_administrator_may_not_know_of_does_not_tell_of_itself_and_is_not_lost(
    world: World,
) -> None:
    case = (await world.refer())["case"]
    await keep_from(world, case, "partnership_admin")
    await restrict(world, case)
    done = await name(world, "hrda", kind="marac")
    assert done.status_code == 200, done.text
    assert "meeting.over" in await kinds(world, "coordinator")


async def test_a_forum_leaves_cases_only_in_ways_of_its_kind(world: World) -> None:
    settings = {**(await read(world))["settings"], "outcomes": ["to_marac"]}
    fixed = ("kind", "name", "skips", "escalation_criteria")
    told = {"effective_from": "2026-12-01", **{key: settings[key] for key in settings if key not in fixed}}
    refused = await act(world, "marac", "changes", told)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/outcomes")
    told["outcomes"] = ["heard_with_plan", "deferred"]
    done = await act(world, "marac", "changes", told)
    assert done.json()["planned"][0]["value"]["outcomes"] == ["heard_with_plan", "deferred"]
