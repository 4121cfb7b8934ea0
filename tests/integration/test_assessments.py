"""Assessments: seen before anyone asks again, never changed, and able to raise a case but not to lower it."""

import asyncio
from typing import Any

from tests.integration.test_cases import move
from tests.world import SHARING, Person, World

NOWHERE = "0193e0a0-0000-7000-8000-000000000000"


def asked(yes: int, **changes: Any) -> dict[str, Any]:
    answers = {str(n): {"value": "yes" if n <= yes else "no"} for n in range(1, 28)}
    told = {
        "instrument": "dash-27",
        "answers": answers,
        "assessed_at": "2026-11-21T03:00:00+00:00",
        "assessed_by": "Rosa Lund",
        "source": "victim",
    }
    return {**told, **changes}


async def ask(who: Person, case: dict[str, Any], **told: Any) -> Any:
    return await who.post(f"/cases/{case['id']}/assessments", asked(sharing=who.sharing, **told))


async def the_only(who: Person, case: dict[str, Any]) -> dict[str, Any]:
    [found] = (await who.get(f"/cases/{case['id']}/assessments")).json()["items"]
    only: dict[str, Any] = found
    return only


async def test_what_was_asked_within_72_hours_is_shown_before_anyone_asks_again(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    shown = (await world["advocate"].get(f"/cases/{case['id']}/assessments")).json()
    [victim] = shown["asked_recently"]
    assert victim["name"] == "Maya Thornbury"
    sentence = victim["assessments"][0]["sentence"]
    assert sentence.startswith("Already asked on ")
    assert sentence.endswith("at 02:40 by Imran Shah, Wessex Police.")
    world.clock.set(2026, 11, 24, 2, 41)
    later = (await world["advocate"].get(f"/cases/{case['id']}/assessments")).json()
    assert later["asked_recently"] == []
    assert len(later["items"]) == 1


async def test_asking_again_raises_a_case_and_lists_it_when_it_becomes_high(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    result = await ask(world["advocate"], case, yes=16)
    assert result.status_code == 201, result.text
    body = result.json()
    assert (body["level"], body["score"], body["case"]["state"]) == ("high", 16, "at_triage")
    assert body["route"]["forum_kind"] == "hrda"
    assert {each["rule"] for each in body["reasons"]} >= {"risk.visible_high_risk", "route.sitting"}
    shown = (await world["housing_rep"].get(f"/cases/{case['id']}")).json()
    assert (shown["level"], shown["score"], shown["next_meeting"]["id"]) == ("high", 16, body["route"]["meeting_id"])


async def test_a_lower_score_never_lowers_a_case_by_itself(world: World) -> None:
    case = (await world.refer(yes=16))["case"]
    body = (await ask(world["idva"], case, yes=2)).json()
    assert (body["level"], body["case"]["level"], body["case"]["state"]) == ("standard", "high", "at_triage")
    assert body["route"] is None


async def test_a_case_already_on_a_list_is_not_listed_twice(world: World) -> None:
    case = (await world.refer(yes=16))["case"]
    assert (await ask(world["idva"], case, yes=20)).json()["route"] is None
    assert len((await world["idva"].get(f"/cases/{case['id']}")).json()["meetings"]) == 1


async def test_a_closed_case_that_is_high_again_goes_back_to_a_meeting(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    await move(world["coordinator"], case, move="close", reason="Support is in place.")
    body = (await ask(world["advocate"], case, yes=15)).json()
    assert body["case"]["state"] == "at_triage"
    assert (await world["coordinator"].get(f"/cases/{case['id']}")).json()["closed_at"] is None


async def test_professional_judgement_raises_and_needs_a_rationale(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    refused = await ask(world["advocate"], case, yes=3, professional_judgement={"level": "high"})
    assert refused.json()["errors"][0]["pointer"] == "/professional_judgement/rationale"
    judged = await ask(world["advocate"], case, yes=3, professional_judgement={"rationale": "She is terrified."})
    assert (judged.json()["level"], judged.json()["actuarial"]) == ("high", "standard")


async def test_a_screen_adds_markers_and_no_points(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    answers = {str(n): {"value": "yes"} for n in range(1, 12)}
    body = (await ask(world["advocate"], case, yes=0, instrument="stalking-11", answers=answers)).json()
    assert body["case"]["level"] == "standard"
    assert "stalking" in [each["code"] for each in body["markers"]]
    shown = (await world["advocate"].get(f"/cases/{case['id']}")).json()
    assert shown["score"] == 4
    assert "stalking" in [each["code"] for each in shown["markers"]]


async def test_answers_about_somebody_else_do_not_grade_the_victims_case(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    parties = (await world["advocate"].get(f"/cases/{case['id']}")).json()["parties"]
    body = (await ask(world["advocate"], case, yes=20, party_id=parties[1]["id"])).json()
    assert (body["level"], body["case"]["level"], body["case"]["state"]) == ("high", "standard", "stepped_down")


async def test_every_problem_with_the_questions_is_named_at_once(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    told = {"instrument": "dash-27", "answers": {"99": {"value": "yes"}}, "adopted_from": NOWHERE, "party_id": NOWHERE}
    refused = await world["advocate"].post(f"/cases/{case['id']}/assessments", told)
    assert refused.status_code == 422
    pointers = {each["pointer"] for each in refused.json()["errors"]}
    assert pointers == {"/answers/99", "/assessed_at", "/assessed_by", "/adopted_from", "/party_id"}
    future = await ask(world["advocate"], case, yes=3, assessed_at="2026-11-23T03:00:00+00:00")
    assert future.json()["errors"][0]["code"] == "in_the_future"


async def test_a_correction_is_a_new_assessment_that_points_at_the_old(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    old = await the_only(world["officer"], case)
    told = {"answers": asked(15)["answers"], "reason": "Two pages were swapped.", "sharing": SHARING}
    made = await world["officer"].post(f"/assessments/{old['id']}/correct", told)
    assert made.status_code == 201, made.text
    assert made.json()["case"]["state"] == "at_triage"
    kept = (await world["officer"].get(f"/assessments/{old['id']}")).json()
    new = (await world["officer"].get(made.headers["location"].removeprefix("/api/v1"))).json()
    assert (kept["score"], kept["corrected_by"]) == (4, new["id"])
    assert (new["score"], new["corrects"], new["correction_reason"]) == (15, old["id"], "Two pages were swapped.")
    assert new["assessed_at"] == kept["assessed_at"]
    recent = (await world["officer"].get(f"/cases/{case['id']}/assessments")).json()["asked_recently"][0]["assessments"]
    assert [each["superseded_by"] for each in recent] == [None, new["id"]]


async def test_only_the_agency_that_asked_corrects_and_only_once(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    path = f"/assessments/{(await the_only(world['officer'], case))['id']}/correct"
    told = {"answers": asked(5)["answers"], "reason": "One answer was wrong."}
    assert (await world["advocate"].post(path, told)).status_code == 409
    assert (await world["officer"].post(path, {**told, "reason": ""})).status_code == 422
    unknown = await world["officer"].post(path, {**told, "answers": {"40": {"value": "no"}}})
    assert unknown.json()["errors"][0]["pointer"] == "/answers/40"
    both = await asyncio.gather(*(world["officer"].post(path, told) for _ in range(2)))
    assert sorted(each.status_code for each in both) == [201, 409]


async def test_another_agency_adopts_instead_of_asking_again_and_the_time_stays(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    old = await the_only(world["officer"], case)
    path = f"/assessments/{old['id']}/adopt"
    world.clock.set(2026, 11, 22, 10)
    made = await world["advocate"].post(path, {"changed": {"20": {"value": "yes"}}})
    assert (made.status_code, made.json()["score"]) == (201, 5), made.text
    new = (await world["advocate"].get(f"/assessments/{made.json()['id']}")).json()
    assert (new["adopted_from"], new["assessed_at"]) == (old["id"], old["assessed_at"])
    assert new["agency"]["name"] == "Aurora Advocacy"
    assert (await world["advocate"].post(path, {})).status_code == 409
    assert (await world["officer"].post(path, {})).status_code == 409


async def test_an_assessment_in_a_hidden_case_does_not_exist(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    old = await the_only(world["officer"], case)
    for path in (f"/assessments/{old['id']}", f"/assessments/{NOWHERE}"):
        assert (await world["nurse"].get(path)).status_code == 404
        assert (await world["nurse"].post(f"{path}/adopt", {})).status_code == 404


async def test_reading_an_assessment_is_in_the_cases_trail(world: World) -> None:
    case = (await world.refer(yes=4))["case"]
    old = await the_only(world["officer"], case)
    await world["advocate"].get(f"/assessments/{old['id']}")
    trail = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    assert {"assessment.listed", "assessment.read"} <= {each["verb"] for each in trail}


async def test_instruments_come_with_questions_help_and_markers(world: World) -> None:
    listed = (await world["nurse"].get("/instruments")).json()["items"]
    assert {each["id"] for each in listed} >= {"dash-27", "dash-24", "young-people", "stalking-11"}
    dash = (await world["nurse"].get("/instruments/dash-27")).json()
    assert len(dash["questions"]) == 27
    assert "strangulation" in dash["questions"][17]["markers"]
    assert dash["questions"][17]["help"]
    assert (await world["nurse"].get("/instruments/none")).status_code == 404
    assert (await world["nurse"].get("/instruments/dash-27?version=99")).status_code == 404
