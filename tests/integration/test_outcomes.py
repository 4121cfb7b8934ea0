"""Outcomes: what each needs, where it leads, and that two people never make half of one each."""

import asyncio
from typing import Any

from tests.integration.test_agenda import decide, item_of, promise
from tests.integration.test_meetings import move
from tests.world import World


async def in_session(world: World, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A case at an HRDA that has begun: the referral's answer, and the item."""
    result = await world.refer(**changes)
    meeting_id = result["route"]["meeting_id"]
    await move(world["chair"], meeting_id, "lock")
    await move(world["chair"], meeting_id, "publish")
    world.clock.set(2026, 11, 23, 9, 30)
    await move(world["chair"], meeting_id, "start", {"reason": "By telephone."})
    return result, await item_of(world["chair"], meeting_id, result["case"]["id"])


async def test_of_two_outcomes_at_once_one_is_recorded_and_the_case_is_listed_once(
    world: World, superuser: Any
) -> None:
    result, item = await in_session(world)
    to_marac = {"outcome": "to_marac", "criteria": ["not_engaging"], "reason": "She has moved twice."}
    both = await asyncio.gather(
        decide(world["chair"], item, **to_marac),
        decide(world["coordinator"], item, outcome="to_support", support="pippa", reason="She asked for it."),
    )
    assert sorted(each.status_code for each in both) == [200, 412]
    items = await superuser.fetchval("SELECT count(*) FROM agenda_item WHERE case_id = $1", result["case"]["id"])
    offers = await superuser.fetchval("SELECT count(*) FROM support_offer WHERE case_id = $1", result["case"]["id"])
    assert (items - 1) + offers == 1


async def test_a_second_outcome_is_refused_whatever_version_it_names(world: World) -> None:
    _, item = await in_session(world)
    await decide(world["chair"], item, outcome="deferred", until="2026-11-24")
    again = await world["chair"].post(
        f"/agenda-items/{item['id']}/outcome",
        {"outcome": "deferred", "until": "2026-11-25"},
        headers={"If-Match": "*"},
    )
    assert again.status_code == 409


async def test_an_outcome_that_the_case_cannot_take_names_those_it_can(world: World, superuser: Any) -> None:
    await superuser.execute(
        """UPDATE forum SET settings = jsonb_set(settings, '{outcomes}', '["plan_agreed", "stepped_down", "deferred"]')
            WHERE id = $1""",
        world.forums["hrda"],
    )
    _, item = await in_session(world)
    refused = await decide(world["chair"], item, outcome="stepped_down", reason="She is safe now.")
    assert refused.status_code == 409
    assert refused.json()["legal"] == ["deferred", "plan_agreed"]
    unoffered = await decide(world["chair"], item, outcome="transferred", area="Dorset", reason="She has moved.")
    assert unoffered.json()["errors"][0]["code"] == "not_offered"


async def test_a_case_that_reaches_twelve_months_is_reviewed_after_all_others(world: World) -> None:
    result, item = await in_session(world)
    await promise(world, result, item)
    await decide(world["chair"], item, outcome="plan_agreed", review_on="2027-02-01")
    path = f"/forums/{world.forums['marac']}/meetings"
    marac = (await world["chair"].post(path, {"date": "2026-12-01", "extra": True})).json()["id"]
    review = {"case_id": result["case"]["id"], "kind": "review", "reason": "It reaches 12 months."}
    listed = await move(world["chair"], marac, "items", review)
    (line,) = listed.json()["items"]
    assert (line["section"], line["case"]["state"]) == ("twelve_month_review", "listed_for_marac")
    again = await move(world["chair"], marac, "items", {**review, "case_id": item["id"]})
    assert again.json()["errors"][0]["pointer"] == "/case_id"


async def test_a_case_that_is_sent_on_by_hand_leaves_the_list_it_waited_on(world: World) -> None:
    result, item = await in_session(world)
    case_id = result["case"]["id"]
    version = (await world["chair"].get(f"/cases/{case_id}")).json()["version"]
    by_hand = {"move": "send_to_marac", "criteria": ["not_engaging"], "reason": "It cannot wait."}
    moved = await world["chair"].post(f"/cases/{case_id}/moves", by_hand, headers={"If-Match": f'"{version}"'})
    assert moved.status_code == 200, moved.text
    shown = await world["chair"].get(f"/meetings/{result['route']['meeting_id']}/agenda")
    assert shown.json()["items"] == []
    gone = await world["chair"].post(
        f"/agenda-items/{item['id']}/outcome", {"outcome": "plan_agreed"}, headers={"If-Match": "*"}
    )
    assert gone.status_code == 409


async def test_a_case_that_was_brought_forward_can_be_deferred_to_the_list_it_came_from(world: World) -> None:
    chair = world["chair"]
    first = await world.refer()
    meeting_id = first["route"]["meeting_id"]
    await move(chair, meeting_id, "lock")
    late = await world.refer(victim="Ana Pereira")
    assert late["route"]["starts_at"] == "2026-11-24T09:30:00+00:00"
    await move(chair, meeting_id, "items", {"case_id": late["case"]["id"], "reason": "It cannot wait."})
    await move(chair, meeting_id, "publish")
    world.clock.set(2026, 11, 23, 9, 30)
    await move(chair, meeting_id, "start", {"reason": "By telephone."})
    item = await item_of(chair, meeting_id, late["case"]["id"])
    back = await decide(chair, item, outcome="deferred", until="2026-11-24")
    assert back.status_code == 200, back.text
    assert back.json()["route"]["meeting_id"] == late["route"]["meeting_id"]


async def test_dates_of_outcomes_lie_ahead_and_within_a_year(world: World) -> None:
    _, item = await in_session(world)
    for until in ("2026-11-23", "2028-01-01", "9999-12-31"):
        answer = await decide(world["chair"], item, outcome="deferred", until=until)
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/until"]
    answer = await decide(world["chair"], item, outcome="plan_agreed", review_on="2026-11-23")
    assert "/review_on" in [each["pointer"] for each in answer.json()["errors"]]


async def test_only_whoever_runs_the_meeting_decides(world: World) -> None:
    _, item = await in_session(world)
    for who in ("health_rep", "officer", "housing"):
        assert (await decide(world[who], item, outcome="deferred", until="2026-11-24")).status_code == 403
    unversioned = await world["chair"].post(f"/agenda-items/{item['id']}/outcome", {"outcome": "deferred"})
    assert unversioned.status_code == 428


async def test_a_decision_is_on_the_timeline_with_its_reasons(world: World, superuser: Any) -> None:
    result, item = await in_session(world)
    await decide(world["chair"], item, outcome="to_marac", criteria=["not_engaging"], reason="She has moved twice.")
    row = await superuser.fetchrow(
        "SELECT data::text AS data, reasons::text AS reasons FROM case_event "
        "WHERE case_id = $1 AND kind = 'case.decided'",
        result["case"]["id"],
    )
    assert "She has moved twice." in row["data"]
    for rule in ("outcome.decided", "outcome.criterion", "route.sitting"):
        assert rule in row["reasons"]


async def test_everyone_who_sat_there_still_sees_the_case_afterwards(world: World) -> None:
    result, item = await in_session(world)
    await decide(world["chair"], item, outcome="no_further_action", reason="A counter-allegation.")
    seen = await world["probation_rep"].get(f"/cases/{result['case']['id']}")
    assert (seen.status_code, seen.json()["state"]) == (200, "closed")


async def test_those_who_decided_a_case_keep_it_when_it_later_leaves_a_list_unheard(world: World) -> None:
    result, item = await in_session(world)
    await decide(world["chair"], item, outcome="to_marac", criteria=["not_engaging"], reason="She has moved twice.")
    down = {"move": "step_down", "reason": "She is safe now.", "support": "pippa"}
    path = f"/cases/{result['case']['id']}"
    moved = await world["coordinator"].post(f"{path}/moves", down, headers={"If-Match": "*"})
    assert moved.status_code == 200, moved.text
    assert (await world["probation_rep"].get(path)).status_code == 200
    rights = (await world["coordinator"].get(f"{path}/access?on=2026-11-21")).json()["items"]
    heard = [each for each in rights if each["reason"] == "on_forum_list"]
    assert len(heard) == len(world.agencies)
    assert {each["until"] for each in heard} == {None}


async def test_two_people_in_one_box_never_lose_a_word(world: World) -> None:
    _, item = await in_session(world)
    path = f"/agenda-items/{item['id']}/minutes"
    both = await asyncio.gather(
        *(world["chair"].put(path, {"minutes": words}, version=item["version"]) for words in ("One.", "Two."))
    )
    assert sorted(each.status_code for each in both) == [200, 412]


async def test_the_same_outcome_sent_twice_with_one_key_is_recorded_once(world: World) -> None:
    _, item = await in_session(world)
    headers = {"If-Match": f'"{item["version"]}"', "Idempotency-Key": "outcome-1"}
    body = {"outcome": "deferred", "until": "2026-11-24"}
    first, again = [
        await world["chair"].post(f"/agenda-items/{item['id']}/outcome", body, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


async def test_nothing_is_decided_or_minuted_before_the_meeting_begins(world: World) -> None:
    result = await world.refer()
    item = await item_of(world["chair"], result["route"]["meeting_id"], result["case"]["id"])
    assert (await decide(world["chair"], item, outcome="deferred", until="2026-11-30")).status_code == 409
    path = f"/agenda-items/{item['id']}/minutes"
    assert (await world["chair"].put(path, {"minutes": "Early."}, version=item["version"])).status_code == 409


async def test_a_risk_names_one_of_the_people_in_the_case_or_staff(world: World) -> None:
    result = await world.refer()
    item = await item_of(world["chair"], result["route"]["meeting_id"], result["case"]["id"])
    path = f"/agenda-items/{item['id']}/risks"
    people = {each["role"]: each["id"] for each in item["people"]}
    rep = world["mh_rep"]
    him = {"about": "perpetrator", "party_id": people["perpetrator"], "risk": "Threatened to take his own life."}
    assert (await rep.post(path, him)).json()["agency"] == "Mental Health Trust"
    assert (await rep.post(path, {"about": "staff", "risk": "Do not visit alone."})).status_code == 201
    wrong = await rep.post(path, {**him, "about": "child"})
    assert wrong.json()["errors"][0]["code"] == "other_role"
    absent = await rep.post(path, {**him, "party_id": item["id"]})
    assert absent.json()["errors"][0]["code"] == "unknown_person"
    blank = await rep.post(path, {"about": "staff", "risk": "  "})
    assert blank.json()["errors"][0]["pointer"] == "/risk"
    assert (await world["officer"].post(path, him)).status_code == 403
    assert (await world["housing"].post(path, him)).status_code == 403
    shown = await item_of(world["chair"], result["route"]["meeting_id"], result["case"]["id"])
    assert [(each["about"], each["person"]) for each in shown["risks"]] == [
        ("perpetrator", "Dale Harrow"),
        ("staff", None),
    ]
