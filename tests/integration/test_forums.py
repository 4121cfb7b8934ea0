"""Forums: settings from a day on, dates, seats; what was circulated stays, and nobody on a list is left behind."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.world import World

SHARING = {"necessity": "To prevent serious harm.", "proportionality": "Only those who can act on it hear of it."}
WHY = {"because": "Agreed by the steering group."}


async def act(
    world: World, forum: str, path: str, told: Any, version: str = "*", who: str = "partnership_admin"
) -> Any:
    place = f"/forums/{world.forums[forum]}/{path}"
    return await world[who].post(place, {**WHY, **told}, headers={"If-Match": version})


async def read(world: World, forum: str = "marac") -> Any:
    answer = await world["partnership_admin"].get(f"/forums/{world.forums[forum]}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def settings(world: World, forum: str = "marac", **changes: Any) -> dict[str, Any]:
    """Its settings as a change of them is sent."""
    told = (await read(world, forum))["settings"]
    fixed = ("kind", "name", "skips", "escalation_criteria")
    return {"effective_from": "2026-12-01", **{name: told[name] for name in told if name not in fixed}, **changes}


def dates(found: Any, *statuses: str) -> list[str]:
    return [each["date"] for each in found["dates"] if each["status"] in statuses]


async def sitting(world: World, forum: str, day: str) -> Any:
    return next(each for each in (await read(world, forum))["dates"] if each["date"] == day)


async def test_a_new_forum_has_its_sittings_and_its_agencies_at_once(world: World) -> None:
    told = {
        "kind": "matac",
        "name": "Wessex MATAC",
        "cadence": {"every": "month", "week": "second", "weekday": "tuesday"},
        "starts_at": "13:30:00",
        "members": [str(world.agencies["police"]), str(world.agencies["probation"])],
        **WHY,
    }
    made = await world["partnership_admin"].post("/forums", told)
    assert made.status_code == 201, made.text
    assert dates(made.json(), "scheduled") == ["2026-12-08", "2027-01-12", "2027-02-09"]
    assert [each["agency"]["name"] for each in made.json()["seats"]] == ["Probation Service", "Wessex Police"]
    assert made.json()["history"][0]["because"] == WHY["because"]
    again = await world["partnership_admin"].post("/forums", {**told, "name": "wessex matac"})
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (422, "/name")


async def test_other_days_hold_from_their_day_and_the_diary_follows(world: World) -> None:
    cadence = {"every": "weeks", "weeks": 2, "anchor": "2026-12-22"}
    told = await settings(world, cadence=cadence, effective_from="2026-12-11")
    done = await act(world, "marac", "changes", told)
    assert done.status_code == 200, done.text
    found = done.json()
    assert dates(found, "scheduled")[:3] == ["2026-12-10", "2026-12-22", "2027-01-05"]
    assert (found["planned"][0]["effective_from"], found["planned"][0]["set_by"]) == ("2026-12-11", "Partnership Admin")
    assert found["settings"]["cadence"]["anchor"] == "2026-11-26"
    world.clock.set(2026, 12, 11)
    assert (await read(world))["settings"]["cadence"]["anchor"] == "2026-12-22"


async def test_taken_back_the_old_days_are_in_the_diary_again(world: World) -> None:
    before = dates(await read(world), "scheduled")
    cadence = {"every": "weeks", "weeks": 2, "anchor": "2026-12-15"}
    await act(world, "marac", "changes", await settings(world, cadence=cadence))
    done = await act(world, "marac", "take-back", {"effective_from": "2026-12-01"})
    assert (done.status_code, dates(done.json(), "scheduled"), done.json()["planned"]) == (200, before, [])


async def test_another_hour_is_another_hour_for_every_case_on_the_list(world: World) -> None:
    case = (await world.refer())["case"]["id"]

    async def next_at() -> Any:
        return (await world["officer"].get(f"/cases/{case}")).json()["next_meeting"]["starts_at"]

    assert await next_at() == "2026-11-23T09:30:00+00:00"
    told = await settings(world, "hrda", effective_from="2026-11-22", starts_at="10:00:00")
    assert (await act(world, "hrda", "changes", told)).status_code == 200
    assert await next_at() == "2026-11-23T10:00:00+00:00"


async def test_a_meeting_keeps_the_quorum_of_its_day(world: World) -> None:
    quorum = {"minimum_agencies": 9, "required_kinds": []}
    told = await settings(world, effective_from="2026-12-11", quorum=quorum)
    await act(world, "marac", "changes", told)
    needs = {}
    for day in ("2026-12-10", "2026-12-24"):
        found = await sitting(world, "marac", day)
        quorum = (await world["chair"].get(f"/meetings/{found['meeting_id']}")).json()["quorum"]
        needs[day] = quorum["reasons"][0]["text"]
    assert needs["2026-12-10"].endswith("needs 3.")
    assert needs["2026-12-24"].endswith("needs 9.")


async def test_what_was_sent_stays_and_cannot_be_skipped(world: World) -> None:
    chair = world["chair"]
    meeting = (await sitting(world, "marac", "2026-12-10"))["meeting_id"]
    for move, body in (("lock", None), ("publish", {"sharing": SHARING | {"basis": "public_task"}})):
        done = await chair.post(f"/meetings/{meeting}/{move}", body, headers={"If-Match": "*"})
        assert done.status_code in (200, 201), done.text
    cadence = {"every": "weeks", "weeks": 2, "anchor": "2026-12-15"}
    told = await settings(world, effective_from="2026-11-21", cadence=cadence, starts_at="14:00:00")
    found = (await act(world, "marac", "changes", told)).json()
    assert dates(found, "published") == ["2026-12-10"]
    assert found["dates"][0]["starts_at"] == "2026-12-10T09:30:00+00:00"
    assert (await act(world, "marac", "skips", {"day": "2026-12-10"})).status_code == 409
    assert (await act(world, "marac", "close", {})).status_code == 409


async def test_a_date_is_skipped_with_a_reason_and_can_be_put_back(world: World) -> None:
    done = await act(world, "marac", "skips", {"day": "2026-12-24", "because": "Too near to Christmas."})
    assert done.status_code == 200, done.text
    assert (await sitting(world, "marac", "2026-12-24"))["because"] == "Too near to Christmas."
    assert (await act(world, "marac", "skips", {"day": "2026-12-24"})).status_code == 409
    back = await act(world, "marac", "sittings", {"day": "2026-12-24"})
    assert back.status_code == 200, back.text
    assert "2026-12-24" in dates(back.json(), "scheduled")
    assert [each["what"] for each in back.json()["history"]] == [
        "Added a sitting on Thursday 24 December 2026",
        "Skipped Thursday 24 December 2026",
    ]


async def test_whoever_coordinates_a_case_hears_that_its_list_was_skipped(world: World) -> None:
    case = (await world.refer())["case"]["id"]
    await act(world, "hrda", "skips", {"day": "2026-11-23"})
    told = (await world["coordinator"].get("/notices")).json()["items"]
    assert ("meeting.over", case) in [(each["kind"], each["case"] and each["case"]["id"]) for each in told]


@pytest.mark.parametrize(
    ("path", "day", "code"),
    [
        ("skips", "2026-11-27", "no_sitting"),
        ("skips", "2026-11-20", "in_the_past"),
        ("sittings", "2026-12-25", "closed"),
        ("sittings", "2029-01-01", "too_far"),
    ],
)
async def test_a_date_that_cannot_be_is_refused(world: World, path: str, day: str, code: str) -> None:
    refused = await act(world, "marac", path, {"day": day})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


async def test_an_extra_sitting_on_a_closed_day_is_held_if_that_is_meant(world: World) -> None:
    for day in ("2026-11-28", "2026-12-25"):
        done = await act(world, "hrda", "sittings", {"day": day, "closed_day": True})
        assert done.status_code == 200, done.text
        found = await sitting(world, "hrda", day)
        assert (found["status"], found["extra"]) == ("scheduled", True)
    told = await settings(world, "hrda", effective_from="2026-11-22", starts_at="10:00:00")
    assert "2026-11-28" in dates((await act(world, "hrda", "changes", told)).json(), "scheduled")


async def test_what_is_referred_the_night_before_goes_to_an_extra_sitting_on_a_closed_day(world: World) -> None:
    await act(world, "hrda", "sittings", {"day": "2026-11-28", "closed_day": True})
    world.clock.set(2026, 11, 27, 21)
    assert (await world.refer())["route"]["starts_at"].startswith("2026-11-28")
    world.clock.set(2026, 11, 28, 12)
    assert (await world.refer(victim="Somebody Else"))["route"]["starts_at"].startswith("2026-11-30")


async def test_whoever_runs_meetings_holds_an_extra_one_on_a_closed_day_if_that_is_meant(world: World) -> None:
    place = f"/forums/{world.forums['hrda']}/meetings"
    refused = await world["chair"].post(place, {"date": "2026-11-28", "extra": True})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "closed")
    made = await world["chair"].post(place, {"date": "2026-11-28", "closed_day": True})
    assert (made.status_code, made.json()["extra"]) == (201, True), made.text


async def test_a_forum_with_cases_on_its_lists_is_closed_only_if_somebody_moves_them(world: World) -> None:
    case = (await world.refer())["case"]["id"]
    await act(world, "marac", "close", {})
    assert (await act(world, "hrda", "close", {"cases_left": True})).status_code == 409  # high risk must go somewhere
    await act(world, "marac", "reopen", {})
    refused = await act(world, "hrda", "close", {})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "cases_listed")
    assert (await act(world, "hrda", "close", {"cases_left": True})).status_code == 200
    told = (await world["coordinator"].get("/notices")).json()["items"]
    assert ("meeting.over", case) in [(each["kind"], each["case"] and each["case"]["id"]) for each in told]


async def test_an_agency_that_joins_from_a_day_sees_what_is_listed_for_then_and_nothing_before(world: World) -> None:
    agency = (await world["partnership_admin"].post("/agencies", {"name": "Northgate Refuge", "kind": "refuge"})).json()
    ann = {"name": "Ann", "email": "ann@r.example", "agency_id": agency["id"], "roles": ["agency_representative"]}
    user = (await world["partnership_admin"].post("/users", ann)).json()["id"]
    person = await world.sign_in(user, agency["id"], name="Ann")
    seat = {"agency_id": agency["id"], "from_day": "2026-11-24"}
    assert (await act(world, "hrda", "seats", seat)).status_code == 200
    assert (await act(world, "hrda", "seats", seat)).status_code == 409
    before = (await world.refer())["case"]["id"]
    world.clock.set(2026, 11, 23, 9)
    after = (await world.refer(victim="Somebody Else"))["case"]["id"]
    assert (await person.get(f"/cases/{before}")).status_code == 404
    assert (await person.get(f"/cases/{after}")).status_code == 200


async def test_an_agency_that_leaves_sees_no_more_of_what_is_listed_for_later(world: World) -> None:
    case = (await world.refer())["case"]["id"]
    assert (await world["health_rep"].get(f"/cases/{case}")).status_code == 200
    world.clock.forward(minutes=1)
    done = await act(world, "hrda", f"seats/{world.agencies['health']}/end", {"from_day": "2026-11-21"})
    assert done.status_code == 200, done.text
    assert (await world["health_rep"].get(f"/cases/{case}")).status_code == 404
    assert (await world["mh_rep"].get(f"/cases/{case}")).status_code == 200


async def test_a_case_that_was_being_listed_while_an_agency_left_is_not_opened_to_it(
    world: World, superuser: asyncpg.Connection
) -> None:
    world.clock.forward(minutes=1)
    leaving = superuser.transaction()
    await leaving.start()
    await superuser.execute(
        "UPDATE forum_member SET until_at = $3 WHERE forum_id = $1 AND agency_id = $2",
        *(world.forums["hrda"], world.agencies["health"], world.clock()),
    )
    listing = asyncio.create_task(world.refer())
    waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory')"
    while not listing.done() and not await superuser.fetchval(waiting):  # noqa: ASYNC110  # no event tells of a lock
        await asyncio.sleep(0.01)
    await leaving.commit()
    case = (await listing)["case"]["id"]
    assert (await world["health_rep"].get(f"/cases/{case}")).status_code == 404
    assert (await world["mh_rep"].get(f"/cases/{case}")).status_code == 200


async def test_a_forum_is_closed_and_opened_again(world: World) -> None:
    before = dates(await read(world), "scheduled")
    closed = await act(world, "marac", "close", {})
    assert (closed.status_code, closed.json()["active"], dates(closed.json(), "scheduled")) == (200, False, [])
    assert (await act(world, "marac", "skips", {"day": "2026-12-10"})).status_code == 409
    opened = await act(world, "marac", "reopen", {})
    assert opened.status_code == 200, opened.text
    assert dates(opened.json(), "scheduled") == before


async def test_a_limit_that_is_new_counts_what_is_on_the_list(world: World, superuser: asyncpg.Connection) -> None:
    await world.refer()
    told = await settings(world, "hrda", effective_from="2026-11-21", capacity=1)
    assert (await act(world, "hrda", "changes", told)).status_code == 200
    found = await sitting(world, "hrda", "2026-11-23")
    query = "SELECT listed FROM meeting WHERE id = $1"
    assert await superuser.fetchval(query, found["meeting_id"]) == 1
    route = (await world.refer(victim="Somebody Else"))["route"]
    assert route["starts_at"].startswith("2026-11-24")


async def test_two_administrators_notice_each_other(world: World) -> None:
    version = (await read(world))["version"]
    assert (await act(world, "marac", "skips", {"day": "2026-12-10"}, f'"{version}"')).status_code == 200
    assert (await act(world, "marac", "skips", {"day": "2026-12-24"}, f'"{version}"')).status_code == 412


async def test_only_the_partnerships_administrator_keeps_forums(world: World) -> None:
    for who in ("coordinator", "police_admin", "auditor"):
        assert (await act(world, "marac", "skips", {"day": "2026-12-10"}, who=who)).status_code == 403
