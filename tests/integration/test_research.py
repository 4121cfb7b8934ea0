"""Research: private to its agency until it is released, and never more than was chosen."""

import asyncio
from typing import Any
from uuid import UUID

from tests.integration.test_agenda import item_of
from tests.integration.test_meetings import move
from tests.world import SHARING, World

SECRET = "Seen in the emergency department on 3 May."
SHARED = "Two attendances this year."


async def listed_item(world: World, **changes: Any) -> tuple[dict[str, Any], str]:
    result = await world.refer(**changes)
    item = await item_of(world["coordinator"], result["route"]["meeting_id"], result["case"]["id"])
    return result, item["id"]


async def test_a_return_is_private_to_its_agency_until_it_is_released(world: World) -> None:
    result, item = await listed_item(world)
    body = {"known": True, "facts": SECRET, "opinion": "Likely to recur.", "shared_facts": SHARED}
    kept = await world["health_rep"].put(f"/agenda-items/{item}/research", body, version=0)
    assert kept.status_code == 200, kept.text
    assert (kept.json()["version"], kept.json()["released_at"]) == (1, None)
    meeting = result["route"]["meeting_id"]
    for who in ("coordinator", "chair", "mh_rep", "safeguarding", "health_rep"):
        shown = await world[who].get(f"/meetings/{meeting}/agenda")
        assert SECRET not in shown.text
        assert SHARED not in shown.text
    for who in ("coordinator", "mh_rep"):
        own = (await world[who].get(f"/agenda-items/{item}/research")).json()
        assert (own["version"], own["facts"]) == (0, None)
    assert (await world["health_rep"].get(f"/agenda-items/{item}/research")).json()["facts"] == SECRET


async def test_nothing_unreleased_can_be_read_from_the_table_itself(world: World, superuser: Any) -> None:
    _, item = await listed_item(world)
    await world["health_rep"].put(f"/agenda-items/{item}/research", {"known": True, "facts": SECRET}, version=0)
    for who, rows in (("coordinator", 0), ("health_rep", 1)):
        async with superuser.transaction():
            await superuser.execute("SET LOCAL ROLE roundtable_app")
            await superuser.fetchrow(
                "SELECT * FROM enter($1, $2, $3)",
                world.partnership_id,
                world[who].user_id,
                ["marac_coordinator", "agency_representative"],
            )
            assert await superuser.fetchval("SELECT count(*) FROM research_return") == rows


async def test_a_release_shares_what_was_chosen_and_nothing_else(world: World) -> None:
    result, item = await listed_item(world)
    body = {"known": True, "facts": SECRET, "shared_facts": SHARED, "kept_because": "Third-party information."}
    await world["health_rep"].put(f"/agenda-items/{item}/research", body, version=0)
    path = f"/agenda-items/{item}/research/release"
    assert (await world["health_rep"].post(path, {})).status_code == 428
    released = await world["health_rep"].post(path, {"sharing": SHARING}, headers={"If-Match": '"1"'})
    assert released.json()["released_at"] is not None, released.text
    assert (await world["health_rep"].post(path, {}, headers={"If-Match": '"2"'})).status_code == 409
    meeting = result["route"]["meeting_id"]
    shown = await world["coordinator"].get(f"/meetings/{meeting}/agenda")
    (answer,) = [each for each in shown.json()["items"][0]["research"] if each["answered"]]
    assert (answer["agency"], answer["known"], answer["facts"]) == ("Solent Hospitals", True, SHARED)
    assert SECRET not in shown.text
    assert "Third-party" not in shown.text
    missing = {
        each["name"]: each["research_missing"]
        for each in (await world["chair"].get(f"/meetings/{meeting}")).json()["agencies"]
    }
    assert missing["Solent Hospitals"] == 0
    assert missing["Mental Health Trust"] == 1


async def test_what_was_released_changes_only_by_being_released_again(world: World) -> None:
    _, item = await listed_item(world)
    path = f"/agenda-items/{item}/research"
    nurse = world["health_rep"]
    await nurse.put(path, {"known": True, "shared_facts": SHARED, "release": True, "sharing": SHARING}, version=0)
    assert (await nurse.put(path, {"known": True, "shared_facts": "More."}, version=1)).status_code == 409
    again = await nurse.put(
        path, {"known": True, "shared_facts": "More.", "release": True, "sharing": SHARING}, version=1
    )
    assert (again.status_code, again.json()["shared_facts"]) == (200, "More.")


async def test_keeping_everything_needs_a_reason_and_not_known_holds_nothing(world: World) -> None:
    _, item = await listed_item(world)
    path = f"/agenda-items/{item}/research"
    nurse = world["health_rep"]
    kept = await nurse.put(path, {"known": True, "facts": SECRET, "release": True, "sharing": SHARING}, version=0)
    assert [each["pointer"] for each in kept.json()["errors"]] == ["/kept_because"]
    unsaid = await nurse.put(path, {"release": True, "sharing": SHARING}, version=0)
    assert [each["pointer"] for each in unsaid.json()["errors"]] == ["/known"]
    odd = await nurse.put(path, {"known": False, "facts": SECRET}, version=0)
    assert [each["code"] for each in odd.json()["errors"]] == ["contradiction"]
    assert (await nurse.post(f"{path}/release", {}, headers={"If-Match": '"0"'})).status_code == 409


async def test_of_two_colleagues_who_answer_at_once_one_is_told_to_read_again(world: World) -> None:
    _, item = await listed_item(world)
    path = f"/agenda-items/{item}/research"
    both = await asyncio.gather(
        *(world["health_rep"].put(path, {"known": known}, version=0) for known in (True, False))
    )
    assert sorted(each.status_code for each in both) == [200, 412]


async def test_not_known_is_answered_for_several_families_at_once(world: World) -> None:
    first, one = await listed_item(world)
    _, two = await listed_item(world, victim="Ana Pereira")
    rep = world["mh_rep"]
    todo = (await rep.get("/research?status=missing")).json()["items"]
    assert [each["agenda_item_id"] for each in todo] == [one, two]
    assert [each["role"] for each in todo[0]["people"]] == ["victim", "perpetrator"]
    assert todo[0]["people"][0]["date_of_birth"] == "1991-04-17"
    assert todo[0]["answer"] == "not_answered"
    nobody = "0193e0a0-0000-7000-8000-000000000000"
    half = await rep.post("/research/not-known", {"items": [one, nobody], "sharing": SHARING})
    assert [each["pointer"] for each in half.json()["errors"]] == ["/items/1"]
    assert len((await rep.get("/research?status=missing")).json()["items"]) == 2
    done = await rep.post("/research/not-known", {"items": [one, two], "sharing": SHARING})
    assert done.json() == {"items": [one, two]}
    assert (await rep.get("/research?status=missing")).json()["items"] == []
    assert len((await rep.get("/research?status=released")).json()["items"]) == 2
    again = await rep.post("/research/not-known", {"items": [one], "sharing": SHARING})
    assert again.json()["errors"][0]["code"] == "answered"
    item = await item_of(world["chair"], first["route"]["meeting_id"], first["case"]["id"])
    assert [each["known"] for each in item["research"] if each["answered"]] == [False]


async def test_the_worklist_comes_a_page_at_a_time_and_keeps_what_is_only_drafted(world: World) -> None:
    items = [(await listed_item(world, victim=f"Maya Thornbury-{letter}"))[1] for letter in "abc"]
    rep = world["mh_rep"]
    await rep.put(f"/agenda-items/{items[0]}/research", {"known": True, "facts": "Known."}, version=0)
    first = (await rep.get("/research?limit=2")).json()
    rest = (await rep.get(f"/research?limit=2&cursor={first['next']}")).json()
    found = first["items"] + rest["items"]
    assert [each["agenda_item_id"] for each in found] == items
    assert (found[0]["answer"], found[0]["version"]) == ("kept", 1)


async def test_only_those_at_their_agencys_desk_answer_for_it(world: World) -> None:
    _, item = await listed_item(world)
    body = {"known": False, "release": True, "sharing": SHARING}
    assert (await world["housing"].put(f"/agenda-items/{item}/research", body, version=0)).status_code == 403
    assert (await world["officer"].put(f"/agenda-items/{item}/research", body, version=0)).status_code == 403
    assert (await world["officer"].get("/research")).status_code == 403


async def test_research_closes_with_its_meeting(world: World) -> None:
    result, item = await listed_item(world)
    await move(world["chair"], result["route"]["meeting_id"], "cancel", {"reason": "Snow"})
    answer = await world["health_rep"].put(f"/agenda-items/{item}/research", {"known": False}, version=0)
    assert answer.status_code == 409


async def test_writing_and_releasing_are_in_the_trail_without_a_word_of_it(world: World, superuser: Any) -> None:
    result, item = await listed_item(world)
    path = f"/agenda-items/{item}/research"
    await world["health_rep"].put(path, {"known": True, "facts": SECRET, "shared_facts": SHARED}, version=0)
    await world["health_rep"].post(f"{path}/release", {"sharing": SHARING}, headers={"If-Match": '"1"'})
    verbs = await superuser.fetch(
        "SELECT verb, case_id FROM audit WHERE actor_id = $1 ORDER BY id", world["health_rep"].user_id
    )
    case_id = UUID(result["case"]["id"])
    # That something is written and kept is in its writer's trail, and not in the case's, which others read.
    assert [tuple(each) for each in verbs if not each["verb"].endswith("_read")] == [
        ("research.written", None),
        ("information.shared", case_id),
        ("research.released", case_id),
    ]
    said = await superuser.fetchval(
        "SELECT data::text FROM case_event WHERE case_id = $1 AND kind = 'research.released'", result["case"]["id"]
    )
    assert SHARED not in said
