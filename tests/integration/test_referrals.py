"""A referral from the form to a place on a list."""

from typing import Any

from tests.world import World, referral_form


async def test_fourteen_yes_answers_are_listed_for_the_next_working_days_hrda(world: World) -> None:
    result = await world.refer(yes=14)
    assert result["level"] == "high"
    assert result["grounds"] == ["visible_high_risk"]
    assert result["case"]["state"] == "at_triage"
    assert result["route"]["starts_at"] == "2026-11-23T09:30:00+00:00"
    assert {reason["rule"] for reason in result["reasons"]} >= {"route.high_risk", "route.pathway", "route.sitting"}


async def test_below_high_risk_is_offered_support_and_nobody_is_rejected(world: World) -> None:
    result = await world.refer(yes=4)
    assert result["level"] == "standard"
    assert result["route"]["kind"] == "support"
    assert result["route"]["accept_by"] > "2026-11-21"


async def test_the_same_referral_sent_twice_is_one_case(world: World) -> None:
    form = referral_form()
    first = await world["officer"].post("/referrals?submit=true", form)
    again = await world["officer"].post("/referrals?submit=true", form)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_every_missing_field_is_named_at_once(world: World) -> None:
    answer = await world["officer"].post("/referrals?submit=true", {})
    assert answer.status_code == 422
    pointers = {each["pointer"] for each in answer.json()["errors"]}
    assert any(each.startswith("/victim") for each in pointers)
    assert {"/perpetrators", "/incident/occurred_on", "/sharing/basis"} <= pointers


async def test_a_draft_keeps_every_step_and_sends_once(world: World) -> None:
    officer = world["officer"]
    draft = await officer.post("/referrals", {"victim": {"known_as": "Maya"}})
    assert draft.status_code == 201, draft.text
    path = f"/referrals/{draft.json()['id']}"
    assert (await officer.put(path, referral_form())).status_code == 428
    assert (await officer.put(path, referral_form(), version=7)).status_code == 412
    revised = await officer.put(path, referral_form(), version=1)
    assert revised.status_code == 200
    assert revised.headers["etag"] == '"2"'
    shown: dict[str, Any] = (await officer.get(path)).json()
    assert shown["form"]["victim"]["contact"]["phones"][0]["number"] == "07700 900123"
    sent = await officer.post(f"{path}/submit")
    assert sent.status_code == 201, sent.text
    assert (await officer.post(f"{path}/submit")).json() == sent.json()


async def test_a_draft_of_another_agency_does_not_exist(world: World) -> None:
    draft = await world["officer"].post("/referrals", {})
    seen = await world["nurse"].get(f"/referrals/{draft.json()['id']}")
    absent = await world["nurse"].get("/referrals/0193e0a0-0000-7000-8000-000000000000")
    assert seen.status_code == absent.status_code == 404
    assert seen.content == absent.content
