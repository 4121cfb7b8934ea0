"""Conflicts of interest: for whoever is kept apart, the case does not exist, and nothing tells them that it did."""

import asyncio
import re
import zipfile
from io import BytesIO
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.glass import EMERGENCY
from tests.world import World, referral_form

NOWHERE = "00000000-0000-7000-8000-000000000000"


def text_of_xlsx(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as parts:
        return " ".join(re.sub(r"<[^>]+>", " ", parts.read(name).decode()) for name in parts.namelist())


async def declare(world: World, who: str, case_id: str) -> None:
    answer = await world[who].post(f"/cases/{case_id}/conflicts", {"because": "I went to school with her."})
    assert answer.status_code == 201, answer.text


async def record(world: World, whom: str, case_id: str, by: str = "coordinator") -> dict[str, Any]:
    told = {"user_id": str(world[whom].user_id), "because": "His sister is the victim."}
    answer = await world[by].post(f"/cases/{case_id}/exclusions", told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_from_the_moment_of_declaring_a_conflict_the_case_does_not_exist(world: World) -> None:
    case = (await world.refer())["case"]
    assert (await world["idva"].get(f"/cases/{case['id']}")).status_code == 200
    await declare(world, "idva", case["id"])
    for part in ("", "/timeline", "/access", "/trail", "/contacts", "/exclusions", "/restriction", "/assessments"):
        hidden = await world["idva"].get(f"/cases/{case['id']}{part}")
        absent = await world["idva"].get(f"/cases/{NOWHERE}{part}")
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content), part
    assert (await world["idva"].get("/cases")).json()["items"] == []
    assert (await world["coordinator"].get(f"/cases/{case['id']}")).status_code == 200


async def test_a_declared_conflict_cannot_be_undone_by_whoever_declared_it(world: World) -> None:
    case = (await world.refer())["case"]
    await declare(world, "chair", case["id"])
    listed = (await world["coordinator"].get(f"/cases/{case['id']}/exclusions")).json()["items"]
    assert [(each["kind"], each["person"]["name"]) for each in listed] == [("declared", "Chair")]
    end = f"/cases/{case['id']}/exclusions/{listed[0]['id']}/end"
    assert (await world["chair"].post(end, headers={"If-Match": "*"})).status_code == 404
    ended = await world["coordinator"].post(end, headers={"If-Match": '"1"'})
    assert ended.status_code == 200, ended.text
    assert ended.json()["ended_by"] == "Coordinator"
    assert (await world["chair"].get(f"/cases/{case['id']}")).status_code == 200


async def test_an_exclusion_is_recorded_for_somebody_else_who_is_told_nothing(world: World) -> None:
    case = (await world.refer())["case"]
    path = f"/cases/{case['id']}/exclusions"
    coordinator = world["coordinator"]
    made = await record(world, "chair", case["id"])
    assert (made["kind"], made["person"]["name"], made["made_by"]) == ("recorded", "Chair", "Coordinator")
    assert (await world["chair"].get(f"/cases/{case['id']}")).status_code == 404
    assert (await world["chair"].get("/notices")).json()["items"] == []
    told = {"user_id": str(world["chair"].user_id), "because": "Again."}
    assert (await coordinator.post(path, told)).status_code == 409
    assert (await coordinator.post(path, {"user_id": NOWHERE})).json()["errors"] != []
    own = await coordinator.post(path, {"user_id": str(coordinator.user_id), "because": "Mine."})
    assert own.json()["errors"][0]["code"] == "oneself"
    assert (await world["idva"].post(path, told)).status_code == 403
    assert (await world["idva"].get(path)).status_code == 403
    end = f"{path}/{made['id']}/end"
    assert (await coordinator.post(end)).status_code == 428
    assert (await coordinator.post(end, headers={"If-Match": '"7"'})).status_code == 412
    assert (await coordinator.post(end, headers={"If-Match": '"1"'})).status_code == 200
    assert (await coordinator.post(end, headers={"If-Match": '"2"'})).status_code == 409
    assert (await world["chair"].get(f"/cases/{case['id']}")).status_code == 200


async def test_whoever_is_kept_from_one_case_still_sees_their_others(world: World) -> None:
    case = (await world.refer())["case"]
    other = (await world.refer(victim="Ana Pereira"))["case"]
    await record(world, "idva", case["id"])
    assert [each["id"] for each in (await world["idva"].get("/cases")).json()["items"]] == [other["id"]]
    meeting = (await world["idva"].get(f"/cases/{other['id']}")).json()["meetings"][0]["id"]
    assert (await world["idva"].get(f"/meetings/{meeting}")).json()["listed"] == 1
    assert (await world["housing_rep"].get(f"/meetings/{meeting}")).json()["listed"] == 2
    agenda = (await world["idva"].get(f"/meetings/{meeting}/agenda")).json()
    assert [each["case"]["id"] for each in agenda["items"]] == [other["id"]]
    assert agenda["total_minutes"] == 10


async def test_lists_searches_and_worklists_of_the_excluded_are_those_without_the_case(world: World) -> None:
    """Everything is looked at, the case is made by others, and everything is looked at again: the same bytes."""
    await world.refer(victim="Ana Pereira")
    paths = (
        "/cases",
        "/referrals",
        "/actions",
        "/research",
        "/support-offers",
        "/meetings",
        "/notices",
        "/break-glass",
        "/matches",
    )

    async def look() -> dict[str, bytes]:
        found = {path: (await world["coordinator2"].get(path)).content for path in paths}
        for name in ("Maya Thornbury", "Dale Harrow", "Ana Pereira"):
            given, _, family = name.partition(" ")
            told = {"given_name": given, "family_name": family}
            found[name] = (await world["coordinator2"].post("/people/search", told)).content
        return found

    world.people["coordinator2"] = world["chair"]
    before = await look()
    access = {"keep_from": [str(world["chair"].user_id)], "because": "He is her brother."}
    case = (await world.refer(access=access))["case"]
    action = {
        "what": "Change the locks.",
        "agency_id": str(world.agencies["council"]),
        "due_on": "2026-12-01",
        "sharing": world["coordinator"].sharing,
    }
    assert (await world["coordinator"].post(f"/cases/{case['id']}/actions", action)).status_code == 201
    assert await look() == before


async def test_a_repeat_about_a_hidden_case_is_answered_as_if_it_had_never_been(world: World) -> None:
    key = {"Idempotency-Key": "one-act"}
    case = (await world.refer())["case"]
    action = {
        "what": "Change the locks.",
        "agency_id": str(world.agencies["idva"]),
        "due_on": "2026-12-01",
        "sharing": world["idva"].sharing,
    }
    path = f"/cases/{case['id']}/actions"
    assert (await world["idva"].post(path, action, headers=key)).status_code == 201
    assert (await world["idva"].post(path, action, headers=key)).status_code == 201
    await record(world, "idva", case["id"])
    hidden = await world["idva"].post(path, action, headers=key)
    absent = await world["idva"].post(f"/cases/{NOWHERE}/actions", action, headers={"Idempotency-Key": "other"})
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, absent.content)


async def test_the_excluded_may_send_again_what_they_sent_since_for_them_it_is_not_there(world: World) -> None:
    """Refusing it as a repeat would say that there is a case."""
    key = {"Idempotency-Key": "referral"}
    form = referral_form(sharing=world["officer"].sharing)
    first = await world["officer"].post("/referrals?submit=true", form, headers=key)
    assert first.status_code == 201, first.text
    await record(world, "officer", first.json()["case"]["id"])
    again = await world["officer"].post("/referrals?submit=true", form, headers=key)
    assert again.status_code == 201, again.text
    assert again.json()["case"]["joined"] is False
    assert again.json()["case"]["id"] != first.json()["case"]["id"]
    assert "Idempotent-Replayed" not in again.headers


async def test_a_document_made_before_is_made_again_without_the_case(world: World) -> None:
    hidden = await world.refer(victim="Ana Pereira")
    shown = await world.refer(victim="Maya Thornbury")
    meeting = hidden["route"]["meeting_id"]
    world.clock.set(2026, 11, 23, 8, 40)
    coordinator = world["coordinator"]
    assert (await coordinator.post(f"/meetings/{meeting}/lock", headers={"If-Match": "*"})).status_code == 200
    told = {"sharing": coordinator.sharing}
    published = await coordinator.post(f"/meetings/{meeting}/publish", told, headers={"If-Match": "*"})
    assert published.status_code == 200, published.text
    asked = await world["housing_rep"].post(f"/meetings/{meeting}/exports", {"document": "agenda", "format": "xlsx"})
    path = asked.headers["location"].removeprefix("/api/v1")
    await world.app.state.exports.idle()
    before = (await world["housing_rep"].get(f"{path}/file")).content
    await record(world, "housing_rep", hidden["case"]["id"])
    assert (await world["housing_rep"].get(path)).json()["status"] in ("queued", "working")
    await world.app.state.exports.idle()
    after = (await world["housing_rep"].get(f"{path}/file")).content
    names = [text_of_xlsx(each) for each in (before, after)]
    assert ["Ana Pereira" in each for each in names] == [True, False]
    assert all("Maya Thornbury" in each for each in names)
    pack = (await world["housing_rep"].get(f"/meetings/{meeting}/packs/1")).json()
    assert [(each["case_id"], each["position"]) for each in pack["items"]] == [(shown["case"]["id"], 1)]


async def test_an_addendum_about_a_hidden_case_only_is_not_there(world: World) -> None:
    shown = await world.refer(victim="Maya Thornbury")
    meeting = shown["route"]["meeting_id"]
    hidden = await world.refer(victim="Ana Pereira")
    await record(world, "housing_rep", hidden["case"]["id"])
    world.clock.set(2026, 11, 23, 8, 40)
    coordinator, looker = world["coordinator"], world["housing_rep"]
    told = {"sharing": coordinator.sharing}
    for act in ("lock", "publish"):
        done = await coordinator.post(
            f"/meetings/{meeting}/{act}", told if act == "publish" else None, headers={"If-Match": "*"}
        )
        assert done.status_code == 200, done.text
    paths = (f"/meetings/{meeting}/packs", f"/meetings/{meeting}/packs/1", f"/meetings/{meeting}")
    before = [(await looker.get(path)).content for path in paths]
    items = (await coordinator.get(f"/meetings/{meeting}/agenda")).json()["items"]
    item = next(each["id"] for each in items if each["case"]["id"] == hidden["case"]["id"])
    risk = {"about": "staff", "risk": "He has a dog."}
    assert (await coordinator.post(f"/agenda-items/{item}/risks", risk)).status_code == 201
    added = await coordinator.post(f"/meetings/{meeting}/addenda", told, headers={"If-Match": "*"})
    assert added.status_code == 201, added.text
    assert [(await looker.get(path)).content for path in paths] == before
    assert (await looker.get(f"/meetings/{meeting}/packs/2")).status_code == 404


async def test_an_excluded_auditor_finds_nothing_of_the_case_in_any_trail(world: World) -> None:
    case = (await world.refer())["case"]
    other = (await world.refer(victim="Ana Pereira"))["case"]
    seen = {each["case_id"] for each in (await world["auditor"].get("/audit?scope=partnership")).json()["items"]}
    assert case["id"] in seen
    await record(world, "auditor", case["id"])
    after = (await world["auditor"].get("/audit?scope=partnership")).json()["items"]
    assert case["id"] not in {each["case_id"] for each in after}
    assert other["id"] in {each["case_id"] for each in after}


async def test_the_excluded_lose_the_case_from_their_own_trail(world: World) -> None:
    case = (await world.refer())["case"]
    await world["idva"].get(f"/cases/{case['id']}")
    assert case["id"] in (await world["idva"].get("/audit")).text
    await declare(world, "idva", case["id"])
    assert case["id"] not in (await world["idva"].get("/audit")).text


async def test_that_somebody_was_kept_apart_is_in_the_trail_for_those_who_keep_people_apart(world: World) -> None:
    case = (await world.refer())["case"]
    await record(world, "chair", case["id"])
    await declare(world, "idva", case["id"])
    verbs = {}
    for who in ("coordinator", "housing_rep"):
        trail = (await world[who].get(f"/cases/{case['id']}/trail")).json()["items"]
        verbs[who] = {each["verb"] for each in trail if each["verb"].startswith("exclusion.")}
        timeline = await world[who].get(f"/cases/{case['id']}/timeline")
        assert "exclusion" not in timeline.text
        assert "conflict" not in timeline.text
    assert verbs == {"coordinator": {"exclusion.recorded", "exclusion.declared"}, "housing_rep": set()}


@pytest.mark.parametrize("way", ["excluded", "restricted"])
async def test_an_emergency_opens_nothing_to_those_kept_apart_and_says_what_it_says_of_nothing(
    world: World, way: str
) -> None:
    case = (await world.refer())["case"]
    told = {"reason": "She rang in fear and nobody else is on duty tonight.", "hours": 2, "sharing": EMERGENCY}
    if way == "excluded":
        await record(world, "housing_rep", case["id"])
    else:
        restricted = {"because": "Kin.", "sharing": world["coordinator"].sharing}
        assert (await world["coordinator"].post(f"/cases/{case['id']}/restriction", restricted)).status_code == 201
    hidden = await world["housing_rep"].post("/break-glass", told | {"reference": case["reference"]})
    absent = await world["housing_rep"].post("/break-glass", told | {"reference": "C-22222222"})
    assert absent.status_code == 404, absent.text
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)


async def test_declaring_and_recording_at_once_leave_one_exclusion(world: World, superuser: asyncpg.Connection) -> None:
    case = (await world.refer())["case"]
    told = {"user_id": str(world["chair"].user_id), "because": "He said so."}
    answers = await asyncio.gather(
        world["chair"].post(f"/cases/{case['id']}/conflicts", {}),
        world["coordinator"].post(f"/cases/{case['id']}/exclusions", told),
    )
    assert 201 in {each.status_code for each in answers}
    standing = "SELECT count(*) FROM case_exclusion WHERE case_id = $1 AND until_at IS NULL"
    assert await superuser.fetchval(standing, UUID(case["id"])) == 1


async def test_a_case_that_the_one_who_cancels_may_not_know_of_is_not_dropped(world: World) -> None:
    sent = await world.refer()
    meeting = sent["route"]["meeting_id"]
    await record(world, "chair", sent["case"]["id"])
    told = {"reason": "Snow.", "sharing": world["chair"].sharing}
    cancelled = await world["chair"].post(f"/meetings/{meeting}/cancel", told, headers={"If-Match": "*"})
    assert cancelled.status_code == 200, cancelled.text
    (notice,) = (await world["coordinator"].get("/notices")).json()["items"]
    assert (notice["kind"], notice["about"]) == ("meeting.over", meeting)
    assert notice["case"]["id"] == sent["case"]["id"]
    assert (await world["chair"].get("/notices")).json()["items"] == []
    path = f"/meetings?forum={world.forums['hrda']}&status=scheduled&limit=1"
    later = (await world["coordinator"].get(path)).json()["items"][0]["id"]
    moved = {
        "case_id": sent["case"]["id"],
        "kind": "late",
        "reason": "The first was cancelled.",
        "sharing": world["coordinator"].sharing,
    }
    added = await world["coordinator"].post(f"/meetings/{later}/items", moved, headers={"If-Match": "*"})
    assert added.status_code == 201, added.text
