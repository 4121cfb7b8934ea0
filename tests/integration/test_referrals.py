"""A referral from the form to a place on a list."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from app.domain.routing import Pathway
from tests.world import Clock, World, build_world, referral_form


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


async def test_marac_only_lists_at_the_next_marac_that_is_not_locked(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    world = await build_world(app, client, clock, Pathway.MARAC_ONLY)
    result = await world.refer(yes=14)
    assert result["case"]["state"] == "listed_for_marac"
    # The sitting of 26 November closed nine working days before it.
    assert result["route"]["starts_at"] == "2026-12-10T09:30:00+00:00"


async def test_a_full_marac_never_drops_a_case_however_many_come_at_once(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    world = await build_world(app, client, clock, Pathway.MARAC_ONLY)
    results = await asyncio.gather(*(world.refer(victim=f"Maya Thornbury{n}") for n in range(22)))
    placed = Counter(result["route"]["starts_at"][:10] for result in results)
    assert placed == {"2026-12-10": 18, "2026-12-24": 4}


async def test_two_people_submitting_one_draft_at_once_make_one_case(world: World) -> None:
    draft = (await world["officer"].post("/referrals", referral_form())).json()
    answers = await asyncio.gather(
        *(world[who].post(f"/referrals/{draft['id']}/submit") for who in ("officer", "safeguarding", "officer"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len({answer.json()["case"]["id"] for answer in answers}) == 1


async def test_a_retry_with_the_same_idempotency_key_gets_the_first_answer(world: World) -> None:
    key = {"Idempotency-Key": "0e2b6a"}
    answers = await asyncio.gather(
        *(world["officer"].post("/referrals", referral_form(), headers=dict(key)) for _ in range(3))
    )
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await world["officer"].post("/referrals", {}, headers=dict(key))
    assert other.status_code == 409


async def test_a_second_referral_of_the_same_people_joins_the_open_case(world: World) -> None:
    first = await world.refer()
    references = {each["key"]: each["person_reference"] for each in first["people"]}
    form = referral_form(yes=5, note="From the emergency department.")
    form["victim"]["person_reference"] = references["victim"]
    form["victim"]["date_of_birth"] = "1991-07-14"
    form["perpetrators"][0]["person_reference"] = references["perpetrator-1"]
    form["referrer"]["role"] = "Nurse"
    world.clock.set(2026, 11, 21, 14)
    # The nurse cannot see the police's case before it is shared, so the reference is unknown to her.
    refused = await world["nurse"].post("/referrals?submit=true", form)
    assert refused.status_code == 422
    joined = (await world["health_rep"].post("/referrals?submit=true", form)).json()
    assert joined["case"] == {**first["case"], "joined": True}
    assert joined["route"] is None
    # The same incident told by another agency is not a new instance of abuse.
    assert joined["repeat"] is False


async def test_a_referral_after_closing_opens_the_case_again(world: World) -> None:
    first = await world.refer(yes=4)
    path = f"/cases/{first['case']['id']}"
    version = (await world["coordinator"].get(path)).json()["version"]
    closed = await world["coordinator"].request(
        "POST",
        f"{path}/moves",
        json={"move": "close", "reason": "She moved away and is safe."},
        headers={"If-Match": f'"{version}"'},
    )
    assert closed.status_code == 200, closed.text
    form = referral_form(yes=16, note="He found her.")
    form["victim"]["person_reference"] = first["people"][0]["person_reference"]
    world.clock.set(2026, 12, 1)
    again = await world["officer"].post("/referrals?submit=true", form)
    assert again.status_code == 201, again.text
    assert again.json()["case"] == {**first["case"], "state": "at_triage", "joined": True}
    shown = (await world["chair"].get(path)).json()
    assert (shown["state"], shown["closed_at"]) == ("at_triage", None)


def again(first: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Another referral of the same people, by their references."""
    form = referral_form(**changes)
    references = {each["key"]: each["person_reference"] for each in first["people"]}
    form["victim"]["person_reference"] = references["victim"]
    form["perpetrators"][0]["person_reference"] = references["perpetrator-1"]
    return form


async def test_hearing_less_from_another_agency_never_steps_a_followed_case_down(
    world: World, superuser: asyncpg.Connection
) -> None:
    first = await world.refer(yes=18)
    # Two years on, so that it is no repeat and no ground but the answers speaks; and the case is still followed.
    world.clock.set(2028, 11, 21)
    await superuser.execute("UPDATE case_file SET state = 'monitored' WHERE id = $1", UUID(first["case"]["id"]))
    incident = {"occurred_on": "2026-11-20", "narrative": "The same night, as the hospital saw it."}
    less = again(first, yes=3, note="From the emergency department.", incident=incident)
    sent = await world["health_rep"].post("/referrals?submit=true", less)
    assert sent.status_code == 201, sent.text
    assert sent.json()["case"] == {**first["case"], "state": "monitored", "joined": True}
    assert sent.json()["route"] is None
    shown = (await world["chair"].get(f"/cases/{first['case']['id']}")).json()
    assert shown["level"] == "high"


async def test_abuse_by_somebody_else_is_another_case(world: World) -> None:
    first = await world.refer()
    form = again(first, note="A new partner.")
    form["perpetrators"] = [{"known_as": "Otto Vane", "date_of_birth": "1979-05-05", "relationship": "new partner"}]
    sent = await world["officer"].post("/referrals?submit=true", form)
    assert sent.status_code == 201, sent.text
    assert not sent.json()["case"]["joined"]
    assert sent.json()["people"][0]["person_reference"] == first["people"][0]["person_reference"]


async def test_one_person_cannot_have_two_parts_in_a_referral(world: World) -> None:
    first = await world.refer()
    form = again(first)
    form["perpetrators"][0]["person_reference"] = form["victim"]["person_reference"]
    refused = await world["officer"].post("/referrals?submit=true", form)
    assert refused.status_code == 422
    assert "/perpetrators/0/person_reference" in {each["pointer"] for each in refused.json()["errors"]}
    swapped = again(first)
    victim, perpetrator = swapped["victim"], swapped["perpetrators"][0]
    victim["person_reference"], perpetrator["person_reference"] = (
        perpetrator["person_reference"],
        victim["person_reference"],
    )
    answer = await world["officer"].post("/referrals?submit=true", swapped)
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:  # a counter-allegation is a case of its own
        assert not answer.json()["case"]["joined"]


async def test_answers_given_to_another_agency_are_adopted_not_asked_again(world: World) -> None:
    first = await world.refer(yes=16)
    known = (await world["health_rep"].get(f"/cases/{first['case']['id']}/assessments")).json()
    form = again(first, note="She told the police already.")
    changed = {"20": {"value": "yes", "note": "His brother threatens her too."}}
    form["assessment"] = {"adopted_from": known["items"][0]["id"], "answers": changed}
    sent = await world["health_rep"].post("/referrals?submit=true", form)
    assert sent.status_code == 201, sent.text
    assert sent.json()["score"] == 17


async def test_the_same_words_from_two_people_are_two_referrals(world: World) -> None:
    form = referral_form()
    one = await world["officer"].post("/referrals?submit=true", form)
    other = await world["safeguarding"].post("/referrals?submit=true", form)
    assert (one.status_code, other.status_code) == (201, 201)


async def test_a_screen_is_kept_beside_the_assessment(world: World) -> None:
    screen = {"instrument": "stalking-11", "answers": {str(n): {"value": "yes"} for n in range(1, 12)}}
    first = await world.refer(screens=[{**screen, "assessed_at": "2026-11-21T02:45:00+00:00", "assessed_by": "I Shah"}])
    kept = (await world["officer"].get(f"/cases/{first['case']['id']}/assessments")).json()["items"]
    assert {each["instrument"] for each in kept} == {"dash-27", "stalking-11"}
    assert "stalking" in {each["code"] for each in first["markers"]}
