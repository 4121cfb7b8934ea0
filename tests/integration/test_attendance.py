"""Attendance, quorum and the confidentiality statement."""

import asyncio
from typing import Any

from tests.integration.test_meetings import move, present
from tests.world import World


async def meeting(world: World) -> str:
    result = await world.refer()
    found: str = result["route"]["meeting_id"]
    return found


async def put(world: World, meeting_id: str, body: dict[str, Any], version: int | None = None) -> Any:
    version = version or (await world["coordinator"].get(f"/meetings/{meeting_id}")).json()["version"]
    return await world["coordinator"].put(f"/meetings/{meeting_id}/attendance", body, version=version)


def somebody(world: World, who: str, standing: str) -> dict[str, Any]:
    person = world[who]
    return {"agency_id": str(person.agency_id), "user_id": str(person.user_id), "standing": standing}


async def test_agencies_count_once_and_observers_and_apologies_do_not(world: World) -> None:
    meeting_id = await meeting(world)
    people = [
        somebody(world, "officer", "present"),
        somebody(world, "safeguarding", "present"),
        somebody(world, "idva", "observer"),
        somebody(world, "mh_rep", "apologies_with_information"),
    ]
    answer = await put(world, meeting_id, {"people": people})
    assert answer.status_code == 200, answer.text
    assert {each["name"]: each["standing"] for each in answer.json()["attendance"]} == {
        "Officer": "present",
        "Safeguarding": "present",
        "Idva": "observer",
        "Mh Rep": "apologies_with_information",
    }
    assert answer.json()["quorum"]["reasons"][0]["text"] == "1 agency is present; the forum needs 3."


async def test_a_new_list_replaces_the_old_one_and_keeps_who_accepted(world: World) -> None:
    meeting_id = await meeting(world)
    await put(world, meeting_id, present(world, "police", "health"))
    await world["health_rep"].post(f"/meetings/{meeting_id}/confidentiality", {"version": "1"})
    people = [somebody(world, "health_rep", "present"), *present(world, "housing")["people"]]
    shown = (await put(world, meeting_id, {"people": people})).json()["attendance"]
    assert {each["name"] for each in shown} == {"Health Rep", "Guest of housing"}
    assert {each["name"] for each in shown if each["accepted_at"]} == {"Health Rep"}


async def test_every_wrong_line_is_named_at_once(world: World) -> None:
    meeting_id = await meeting(world)
    council = str(world.agencies["council"])
    nobody = "0193e0a0-0000-7000-8000-000000000000"
    people = [
        {"agency_id": nobody, "name": "A. N. Other", "standing": "present"},
        {"agency_id": council, "standing": "present"},
        {"agency_id": council, "user_id": str(world["idva"].user_id), "standing": "present"},
        somebody(world, "chair", "present"),
        somebody(world, "chair", "observer"),
    ]
    answer = await put(world, meeting_id, {"people": people})
    assert [each["code"] for each in answer.json()["errors"]] == [
        "unknown_agency",
        "required",
        "unknown_user",
        "twice",
    ]


async def test_each_accepts_the_statement_for_themselves(world: World) -> None:
    meeting_id = await meeting(world)
    path = f"/meetings/{meeting_id}/confidentiality"
    statement = (await world["idva"].get(path)).json()
    assert statement["accepted"] is False
    assert (await world["idva"].post(path, {"version": "0"})).status_code == 409
    both = await asyncio.gather(*(world["idva"].post(path, {"version": "1"}) for _ in range(2)))
    assert [each.status_code for each in both] == [200, 200]
    assert both[0].json()["accepted"] is True
    assert [each["name"] for each in both[0].json()["people"]] == ["Idva"]
    assert (await world["officer"].post(path, {"version": "1"})).status_code == 403


async def test_a_guests_acceptance_is_recorded_by_whoever_runs_the_meeting(world: World) -> None:
    meeting_id = await meeting(world)
    people = [*present(world, "housing")["people"], somebody(world, "mh_rep", "present")]
    shown = (await put(world, meeting_id, {"people": people})).json()["attendance"]
    ids = {each["name"]: each["id"] for each in shown}
    path = f"/meetings/{meeting_id}/confidentiality"
    guest = {"version": "1", "attendance_id": ids["Guest of housing"]}
    assert (await world["idva"].post(path, guest)).status_code == 403
    taken = await world["coordinator"].post(path, guest)
    assert {each["name"]: bool(each["accepted_at"]) for each in taken.json()["people"]} == {
        "Guest of housing": True,
        "Mh Rep": False,
    }
    other = await world["coordinator"].post(path, {"version": "1", "attendance_id": ids["Mh Rep"]})
    assert other.status_code == 403
    absent = await world["coordinator"].post(path, {"version": "1", "attendance_id": meeting_id})
    assert absent.status_code == 404


async def test_starting_without_a_quorum_keeps_the_reason(world: World) -> None:
    meeting_id = await meeting(world)
    await move(world["chair"], meeting_id, "lock")
    await move(world["chair"], meeting_id, "publish")
    assert (await move(world["chair"], meeting_id, "start", {"reason": "Snow."})).status_code == 409
    world.clock.set(2026, 11, 23, 9, 30)
    assert (await move(world["chair"], meeting_id, "start")).status_code == 422
    started = await move(world["chair"], meeting_id, "start", {"reason": "Snow."})
    assert started.json()["without_quorum_because"] == "Snow."


async def test_attendance_is_changed_by_one_person_at_a_time(world: World) -> None:
    meeting_id = await meeting(world)
    both = await asyncio.gather(
        *(put(world, meeting_id, present(world, slug), version=1) for slug in ("police", "health"))
    )
    assert sorted(each.status_code for each in both) == [200, 412]
