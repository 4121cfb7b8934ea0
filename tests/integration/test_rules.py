"""Rules by date: set from a day on, with who and why; what was decided before keeps the rules it was decided by."""

from typing import Any

import pytest

from app.db.partnerships import load_facts
from app.domain.routing import Pathway
from tests.world import World

GRADING = {
    "high_at": {"dash-27": 14, "dash-24": 14, "young-people": 14},
    "medium_at": 10,
    "escalation_events": 3,
    "escalation_months": 12,
    "repeat_months": 12,
    "repeat_definition": "any_abuse",
}
SUPPORT = {"contact_within_days": 2, "contact_by": "12:00:00", "referrals_a_year": 80}
WHY = {"effective_from": "2026-11-21", "because": "Agreed by the steering group."}
ROUTING = {
    "pathway": "marac_only",
    "refer_under_threshold": ["repeat"],
    "medium_support": "advocacy_worker",
    "medium_accept_days": 3,
    "standard_support": "pippa",
    "standard_accept_days": 5,
}


async def put(world: World, rule: str, value: Any, version: str = "*", who: str = "partnership_admin") -> Any:
    return await world[who].post(f"/rules/{rule}/changes", value, headers={"If-Match": version})


async def read(world: World, rule: str) -> Any:
    return (await world["partnership_admin"].get(f"/rules/{rule}")).json()


async def pathway(world: World) -> Pathway:
    facts = await world.database.run_as_system(world.partnership_id, load_facts, world.clock())
    return facts.routing.pathway


async def test_a_threshold_holds_from_its_day_and_names_who_set_it_and_why(world: World) -> None:
    changed = await put(world, "grading", {**GRADING, "high_at": {"dash-27": 10}, **WHY})
    assert changed.status_code == 200, changed.text
    holds = changed.json()["holds"]
    assert (holds["version"], holds["because"]) == ("2", "Agreed by the steering group.")
    assert holds["set_by"] == "Partnership Admin"
    assert holds["value"]["high_at"] == {"dash-27": 10}
    rules = (await world["officer"].get("/partnership")).json()["rules"]
    assert rules["grading"]["version"] == "2"


async def test_a_case_that_was_graded_before_keeps_the_rule_it_was_graded_by(world: World) -> None:
    before = await world.refer()
    await put(world, "grading", {**GRADING, "medium_at": 5, **WHY})
    shown = (await world["coordinator"].get(f"/cases/{before['case']['id']}/assessments")).json()["items"][0]
    found = (await world["coordinator"].get(f"/assessments/{shown['id']}")).json()
    assert {each["version"] for each in found["reasons"] if each["rule"] == "risk.visible_high_risk"} == {"1"}


async def test_a_pathway_waits_for_its_day(world: World) -> None:
    assert (await put(world, "routing", {**ROUTING, **WHY, "effective_from": "2026-12-01"})).status_code == 200
    assert await pathway(world) is Pathway.HRDA_THEN_MARAC
    world.clock.set(2026, 12, 1)
    assert await pathway(world) is Pathway.MARAC_ONLY


async def test_of_two_changes_for_one_day_the_last_holds_and_both_are_kept(world: World) -> None:
    for days in (3, 4):
        await put(world, "routing", {**ROUTING, **WHY, "medium_accept_days": days})
    told = await read(world, "routing")
    assert told["holds"]["value"]["medium_accept_days"] == 4
    assert [each["version"] for each in told["changes"]] == ["3", "2", "1"]


async def test_a_planned_change_can_be_taken_back_and_what_held_goes_on(world: World) -> None:
    await put(world, "routing", {**ROUTING, **WHY, "effective_from": "2026-12-01"})
    back = {"effective_from": "2026-12-01", "because": "The chair asked for more time."}
    done = await world["partnership_admin"].post("/rules/routing/take-back", back, headers={"If-Match": "*"})
    assert (done.status_code, done.json()["planned"]) == (200, [])
    assert [each["taken_back"] for each in done.json()["changes"]] == [True, False, False]
    world.clock.set(2026, 12, 1)
    assert await pathway(world) is Pathway.HRDA_THEN_MARAC
    again = await world["partnership_admin"].post("/rules/routing/take-back", back, headers={"If-Match": "*"})
    assert again.status_code == 409


async def test_what_holds_already_cannot_be_taken_back(world: World) -> None:
    await put(world, "routing", {**ROUTING, **WHY})
    back = {"effective_from": "2026-11-21", "because": "x"}
    done = await world["partnership_admin"].post("/rules/routing/take-back", back, headers={"If-Match": "*"})
    assert done.status_code == 409


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"effective_from": "2026-11-20"}, "/effective_from"),
        ({"effective_from": "2029-01-01"}, "/effective_from"),
        ({"medium_at": 15}, "/medium_at"),
    ],
)
async def test_what_cannot_be_is_refused(world: World, told: dict[str, Any], pointer: str) -> None:
    refused = await put(world, "grading", {**GRADING, **WHY, **told})
    assert (refused.status_code, [each["pointer"] for each in refused.json()["errors"]]) == (422, [pointer])


async def test_who_looked_before_somebody_else_changed_it_looks_again(world: World) -> None:
    assert (await put(world, "idva_support", {**SUPPORT, **WHY}, '"0"')).status_code == 200
    assert (await put(world, "idva_support", {**SUPPORT, **WHY}, '"0"')).status_code == 412
    assert (await read(world, "idva_support"))["holds"]["value"]["referrals_a_year"] == 80


async def test_a_preview_counts_what_would_be_graded_up_and_down_and_changes_nothing(world: World) -> None:
    await world.refer()
    for told, counts in (
        ({"high_at": {"dash-27": 27}, "medium_at": 27, "escalation_events": 200}, (1, 0, 1)),
        ({}, (1, 0, 0)),
    ):
        asked = {**GRADING, **WHY, **told}
        found = await world["partnership_admin"].post("/rules/grading/preview", asked)
        assert found.status_code == 200, found.text
        assert tuple(found.json()[each] for each in ("assessments", "up", "down")) == counts
    assert (await read(world, "grading"))["version"] == 1


async def test_a_restricted_case_is_not_counted(world: World) -> None:
    case = (await world.refer())["case"]["id"]
    named = {"because": "Staff.", "named": [str(world["coordinator"].user_id)], "sharing": world["coordinator"].sharing}
    done = await world["coordinator"].post(f"/cases/{case}/restriction", named)
    assert done.status_code in (200, 201), done.text
    found = await world["partnership_admin"].post("/rules/grading/preview", {**GRADING, **WHY})
    assert found.json()["assessments"] == 0


async def test_only_the_partnerships_administrator_sets_rules(world: World) -> None:
    for who in ("coordinator", "police_admin", "auditor"):
        assert (await put(world, "routing", {**ROUTING, **WHY}, who=who)).status_code == 403
