"""Meetings: dates, planning, locking, quorum, and a cancellation that drops nobody."""

import asyncio
from typing import Any

from app.services import meetings
from tests.world import Person, World

MONDAY = "2026-11-23"


async def meeting_of(world: World, result: dict[str, Any]) -> dict[str, Any]:
    answer = await world["coordinator"].get(f"/meetings/{result['route']['meeting_id']}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def move(
    who: Person, meeting_id: str, name: str, body: Any = None, version: int | str | None = None, **more: Any
) -> Any:
    """Make a move with the version that is current, unless told which; what tells others, on a basis."""
    if name in ("publish", "addenda", "minutes", "items"):
        body = {"sharing": who.sharing, **(body or {})}
    if version is None:
        version = (await who.get(f"/meetings/{meeting_id}")).json()["version"]
    headers = {"If-Match": f'"{version}"'}
    return await who.post(f"/meetings/{meeting_id}/{name}", body, headers=headers, **more)


def present(world: World, *slugs: str) -> dict[str, Any]:
    return {
        "people": [
            {"agency_id": str(world.agencies[slug]), "name": f"Guest of {slug}", "standing": "present"}
            for slug in slugs
        ]
    }


async def test_sittings_are_planned_thirteen_weeks_ahead_unless_their_list_has_closed(world: World) -> None:
    path = f"/forums/{world.forums['marac']}/sittings?from=2026-11-23&to=2027-03-05"
    found = (await world["nurse"].get(path)).json()["items"]
    assert [each["date"] for each in found if each["meeting_id"] is None] == ["2026-11-26", "2027-03-04"]
    assert {each["status"] for each in found if each["meeting_id"]} == {"scheduled"}
    assert len(found) == 8
    assert found[1]["starts_at"] == "2026-12-10T09:30:00+00:00"
    assert found[1]["cut_off"] == "2026-11-27T16:00:00+00:00"


async def test_a_planned_meeting_takes_its_place_among_the_sittings(world: World) -> None:
    result = await world.refer()
    path = f"/forums/{world.forums['hrda']}/sittings?from={MONDAY}&to={MONDAY}"
    (found,) = (await world["nurse"].get(path)).json()["items"]
    assert found["meeting_id"] == result["route"]["meeting_id"]
    assert found["status"] == "scheduled"


async def test_more_than_four_hundred_days_of_sittings_are_refused(world: World) -> None:
    path = f"/forums/{world.forums['hrda']}/sittings?from=2026-01-01&to=2028-01-01"
    assert (await world["nurse"].get(path)).status_code == 422


async def test_an_extra_meeting_is_planned_once_and_only_on_a_working_day(world: World) -> None:
    path = f"/forums/{world.forums['marac']}/meetings"
    chair = world["chair"]
    assert (await chair.post(path, {"date": "2026-12-03"})).json()["errors"][0]["code"] == "no_sitting"
    assert (await chair.post(path, {"date": "2026-12-05", "extra": True})).json()["errors"][0]["code"] == "closed"
    assert (await chair.post(path, {"date": "2026-11-20"})).json()["errors"][0]["code"] == "in_the_past"
    both = await asyncio.gather(*(chair.post(path, {"date": "2026-12-03", "extra": True}) for _ in range(2)))
    assert sorted(each.status_code for each in both) == [201, 409]
    made = next(each for each in both if each.status_code == 201)
    assert made.json()["extra"] is True
    assert made.headers["location"] == f"/api/v1/meetings/{made.json()['id']}"


async def test_only_those_who_run_meetings_plan_lock_or_cancel_them(world: World) -> None:
    result = await world.refer()
    meeting_id = result["route"]["meeting_id"]
    for who in ("officer", "health_rep", "idva"):
        path = f"/forums/{world.forums['marac']}/meetings"
        assert (await world[who].post(path, {"date": "2026-12-10"})).status_code == 403
        assert (await move(world[who], meeting_id, "lock")).status_code == 403
        assert (await move(world[who], meeting_id, "cancel", {"reason": "Snow"})).status_code == 403


async def test_meetings_are_listed_in_order_a_page_at_a_time(world: World) -> None:
    await world["chair"].post(f"/forums/{world.forums['marac']}/meetings", {"date": "2026-11-26"})
    path = f"/meetings?forum={world.forums['marac']}&to=2026-12-31&limit=2"
    first = (await world["nurse"].get(path)).json()
    rest = (await world["nurse"].get(f"{path}&cursor={first['next']}")).json()
    assert [each["date"] for each in first["items"] + rest["items"]] == ["2026-11-26", "2026-12-10", "2026-12-24"]
    assert rest["next"] is None
    some = await world["nurse"].get("/meetings?from=2026-12-10&to=2026-12-10&status=scheduled")
    assert [each["forum"]["kind"] for each in some.json()["items"]] == ["hrda", "marac"]
    none = await world["nurse"].get("/meetings?status=locked")
    assert none.json()["items"] == []


async def test_a_meeting_counts_the_cases_its_reader_sees(world: World) -> None:
    result = await world.refer()
    meeting_id = result["route"]["meeting_id"]
    listed = {
        who: (await world[who].get(f"/meetings/{meeting_id}")).json()["listed"] for who in ("coordinator", "housing")
    }
    assert listed == {"coordinator": 1, "housing": 0}


async def test_a_meeting_names_the_agencies_whose_research_is_missing(world: World) -> None:
    shown = await meeting_of(world, await world.refer())
    assert {each["research_missing"] for each in shown["agencies"]} == {1}
    assert len(shown["agencies"]) == 10
    assert shown["total_minutes"] == 10
    assert shown["quorum"]["met"] is False


async def test_a_locked_list_takes_nobody_else(world: World) -> None:
    first = await world.refer()
    locked = await move(world["coordinator"], first["route"]["meeting_id"], "lock")
    assert locked.json()["status"] == "locked"
    second = await world.refer(victim="Ana Pereira")
    assert second["route"]["starts_at"] == "2026-11-24T09:30:00+00:00"


async def test_a_referral_sent_while_the_list_is_locked_or_cancelled_still_finds_a_place(world: World) -> None:
    first = await world.refer()
    meeting_id = first["route"]["meeting_id"]
    sent = [world.refer(victim=f"Ana Pereira-{n}") for n in "abcd"]
    cancelled, *results = await asyncio.gather(
        move(world["coordinator"], meeting_id, "cancel", {"reason": "Snow"}, version=1), *sent
    )
    assert cancelled.status_code == 200, cancelled.text
    for each in (first, *results):
        found = await world["coordinator"].get(f"/meetings?forum={world.forums['hrda']}")
        assert found.status_code == 200
        assert each["route"]["kind"] == "forum"
    listed = {each["date"]: each["listed"] for each in found.json()["items"]}
    assert listed[MONDAY] == 0
    assert sum(listed.values()) == 5


async def test_a_change_needs_the_version_that_was_read(world: World) -> None:
    result = await world.refer()
    path = f"/meetings/{result['route']['meeting_id']}/lock"
    coordinator = world["coordinator"]
    assert (await coordinator.post(path)).status_code == 428
    assert (await coordinator.post(path, headers={"If-Match": '"9"'})).status_code == 412
    both = await asyncio.gather(*(coordinator.post(path, headers={"If-Match": '"1"'}) for _ in range(2)))
    assert sorted(each.status_code for each in both) == [200, 412]


async def test_an_illegal_move_names_the_legal_ones(world: World) -> None:
    result = await world.refer()
    answer = await move(world["chair"], result["route"]["meeting_id"], "end")
    assert answer.status_code == 409
    assert answer.json()["legal"] == ["cancel", "lock"]


async def test_a_cancelled_meeting_sends_every_case_to_the_next_place_with_the_reason(
    world: World, superuser: Any
) -> None:
    results = [await world.refer(victim=name) for name in ("Maya Thornbury", "Ana Pereira")]
    meeting_id = results[0]["route"]["meeting_id"]
    assert (await move(world["chair"], meeting_id, "cancel", {})).status_code == 422
    answer = await move(world["chair"], meeting_id, "cancel", {"reason": "The building is closed."})
    assert answer.status_code == 200, answer.text
    assert answer.json()["listed"] == 0
    found = await world["health_rep"].get(f"/meetings?forum={world.forums['hrda']}&status=scheduled")
    taken = [(each["date"], each["listed"]) for each in found.json()["items"] if each["listed"]]
    assert taken == [("2026-11-24", 2)]
    for each in results:
        events = await superuser.fetch(
            "SELECT reasons::text AS reasons FROM case_event WHERE case_id = $1 AND kind = 'case.moved'",
            each["case"]["id"],
        )
        assert len(events) == 1
        assert "meeting.cancelled" in events[0]["reasons"]
        row = await superuser.fetchrow("SELECT * FROM case_file WHERE id = $1", each["case"]["id"])
        assert str(row["next_meeting_id"]) == found.json()["items"][0]["id"]


async def test_a_cancelled_marac_gives_each_case_one_of_the_next_ones_places(world: World) -> None:
    chair = world["chair"]
    path = f"/meetings?forum={world.forums['marac']}"
    first = (await chair.get(f"{path}&to=2026-12-24")).json()["items"][0]["id"]
    for name in ("Maya Thornbury", "Ana Pereira"):
        case = (await world.refer(victim=name))["case"]
        version = (await chair.get(f"/cases/{case['id']}")).json()["version"]
        sent = {"move": "send_to_marac", "criteria": ["not_engaging"], "reason": "She has moved twice."}
        await chair.post(f"/cases/{case['id']}/moves", sent, headers={"If-Match": f'"{version}"'})
    answer = await move(chair, first, "cancel", {"reason": "Snow"})
    assert answer.status_code == 200, answer.text
    found = (await chair.get(f"{path}&to=2026-12-24")).json()["items"]
    assert [(each["date"], each["status"], each["listed"]) for each in found] == [
        ("2026-12-10", "cancelled", 0),
        ("2026-12-24", "scheduled", 2),
    ]


async def test_only_somebody_who_may_chair_is_named_as_chair(world: World) -> None:
    meeting_id = (await world.refer())["route"]["meeting_id"]
    path = f"/meetings/{meeting_id}/chair"
    refused = await world["coordinator"].put(path, {"user_id": str(world["nurse"].user_id)}, version=1)
    assert refused.status_code == 422
    named = await world["coordinator"].put(path, {"user_id": str(world["chair"].user_id)}, version=1)
    assert named.json()["chair"]["name"] == "Chair"
    assert named.headers["etag"] == '"2"'


async def test_a_meeting_that_does_not_exist_is_not_found(world: World) -> None:
    absent = "0193e0a0-0000-7000-8000-000000000000"
    assert (await world["chair"].get(f"/meetings/{absent}")).status_code == 404
    assert (await world["chair"].get(f"/forums/{absent}/sittings")).status_code == 404
    assert (await move(world["chair"], absent, "lock", version=1)).status_code == 404
    assert (await world["chair"].post(f"/forums/{absent}/meetings", {"date": MONDAY})).status_code == 404


async def test_upkeep_plans_what_is_not_in_the_diary_yet_and_nothing_twice(world: World) -> None:
    path = f"/meetings?forum={world.forums['hrda']}&from=2027-02-19&to=2027-02-26"
    assert len((await world["nurse"].get(path)).json()["items"]) == 1
    world.clock.set(2026, 11, 28)
    for _ in range(2):
        await world.database.run_as_system(world.partnership_id, meetings.plan_ahead, world.clock())
    days = [each["date"] for each in (await world["nurse"].get(path)).json()["items"]]
    assert days == ["2027-02-19", "2027-02-22", "2027-02-23", "2027-02-24", "2027-02-25", "2027-02-26"]
