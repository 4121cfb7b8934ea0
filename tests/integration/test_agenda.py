"""Agendas: their order, what is circulated, and two whole meetings from list to minutes."""

import asyncio
from typing import Any
from uuid import UUID

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.services.agenda import frozen_agenda, frozen_minutes
from tests.integration.test_meetings import move, present
from tests.world import SHARING, Person, World


async def agenda_of(who: Person, meeting_id: str) -> dict[str, Any]:
    answer = await who.get(f"/meetings/{meeting_id}/agenda")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def item_of(who: Person, meeting_id: str, case_id: str) -> dict[str, Any]:
    shown = await agenda_of(who, meeting_id)
    found: dict[str, Any] = next(each for each in shown["items"] if each["case"]["id"] == case_id)
    return found


async def order(who: Person, meeting_id: str, items: list[str], version: int | None = None) -> Any:
    version = version or (await agenda_of(who, meeting_id))["version"]
    return await who.put(f"/meetings/{meeting_id}/order", {"items": items}, version=version)


async def decide(who: Person, item: dict[str, Any], **outcome: Any) -> Any:
    headers = {"If-Match": f'"{item["version"]}"'}
    told = {"sharing": who.sharing, **outcome}
    return await who.post(f"/agenda-items/{item['id']}/outcome", told, headers=headers)


async def promise(world: World, result: dict[str, Any], item: dict[str, Any] | None = None, **changes: Any) -> Any:
    body = {
        "what": "Fit new locks and a camera at the home",
        "agency_id": str(world.agencies["housing"]),
        "working_days": 2,
        "sharing": world["coordinator"].sharing,
        **changes,
    }
    if item is not None:
        body["agenda_item_id"] = item["id"]
    answer = await world["coordinator"].post(f"/cases/{result['case']['id']}/actions", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


CHILD = {"given_name": "Isla", "family_name": "Thornbury", "date_of_birth": "2018-05-02"}


async def hrda_with_two(world: World) -> tuple[str, dict[str, Any], dict[str, Any]]:
    adults = await world.refer()
    family = await world.refer(victim="Ana Pereira", children=[CHILD])
    return adults["route"]["meeting_id"], adults, family


async def test_cases_with_children_come_first_and_times_add_up(world: World) -> None:
    meeting_id, adults, family = await hrda_with_two(world)
    shown = await agenda_of(world["health_rep"], meeting_id)
    assert [each["case"]["reference"] for each in shown["items"]] == [
        family["case"]["reference"],
        adults["case"]["reference"],
    ]
    assert [each["section"] for each in shown["items"]] == ["children", "adults"]
    assert [each["starts_at"][11:16] for each in shown["items"]] == ["09:30", "09:40"]
    assert shown["ends_at"] == "2026-11-23T09:50:00+00:00"
    assert {each["answered"] for each in shown["items"][0]["research"]} == {False}
    assert [each["role"] for each in shown["items"][0]["people"]] == ["victim", "perpetrator", "child"]


async def test_an_agenda_is_empty_for_those_who_see_none_of_its_cases(world: World) -> None:
    meeting_id, *_ = await hrda_with_two(world)
    assert (await agenda_of(world["housing"], meeting_id))["items"] == []


async def test_reading_an_agenda_is_written_to_the_trail_of_every_case(world: World, superuser: Any) -> None:
    meeting_id, adults, family = await hrda_with_two(world)
    await agenda_of(world["mh_rep"], meeting_id)
    row = await superuser.fetchrow(
        "SELECT subjects FROM audit WHERE verb = 'agenda.read' AND actor_id = $1", world["mh_rep"].user_id
    )
    assert {str(each) for each in row["subjects"]} == {adults["case"]["id"], family["case"]["id"]}


async def test_the_order_by_hand_is_kept_and_must_name_exactly_the_list(world: World) -> None:
    meeting_id, *_ = await hrda_with_two(world)
    coordinator = world["coordinator"]
    first, second = [each["id"] for each in (await agenda_of(coordinator, meeting_id))["items"]]
    turned = await order(coordinator, meeting_id, [second, first])
    assert turned.status_code == 200, turned.text
    assert [each["id"] for each in turned.json()["items"]] == [second, first]
    assert {each["pinned"] for each in turned.json()["items"]} == {True}
    assert (await order(coordinator, meeting_id, [first])).status_code == 422
    assert (await order(coordinator, meeting_id, [first, first])).status_code == 422
    assert (await order(coordinator, meeting_id, [first, second, meeting_id])).status_code == 422
    assert (await order(world["idva"], meeting_id, [first, second])).status_code == 403


async def test_of_two_orders_at_once_one_is_told_to_read_again(world: World) -> None:
    meeting_id, *_ = await hrda_with_two(world)
    coordinator = world["coordinator"]
    first, second = [each["id"] for each in (await agenda_of(coordinator, meeting_id))["items"]]
    both = await asyncio.gather(
        order(coordinator, meeting_id, [second, first], version=1),
        order(world["chair"], meeting_id, [first, second], version=1),
    )
    assert sorted(each.status_code for each in both) == [200, 412]


async def test_of_two_who_publish_at_once_only_one_does(world: World, superuser: Any) -> None:
    meeting_id, *_ = await hrda_with_two(world)
    await move(world["coordinator"], meeting_id, "lock")
    both = await asyncio.gather(
        *(move(world[who], meeting_id, "publish", version=2) for who in ("coordinator", "chair"))
    )
    assert sorted(each.status_code for each in both) == [200, 412]
    packs = await superuser.fetchval("SELECT count(*) FROM agenda_pack WHERE meeting_id = $1", meeting_id)
    items = await superuser.fetchval(
        "SELECT count(*) FROM pack_item i JOIN agenda_pack p ON p.id = i.pack_id WHERE p.meeting_id = $1", meeting_id
    )
    assert (packs, items) == (1, 2)


async def test_an_open_list_cannot_be_published(world: World) -> None:
    meeting_id, *_ = await hrda_with_two(world)
    answer = await move(world["coordinator"], meeting_id, "publish")
    assert answer.status_code == 409
    assert answer.json()["legal"] == ["cancel", "lock"]


async def test_what_is_circulated_never_holds_a_contact_detail(world: World) -> None:
    narrative = "He rang her on 07700 900777, wrote to maya@example.org and came to SO14 7LY."
    result = await world.refer(incident={"occurred_on": "2026-11-20", "narrative": narrative})
    meeting_id = result["route"]["meeting_id"]
    live = await world["coordinator"].get(f"/meetings/{meeting_id}/agenda")
    await move(world["coordinator"], meeting_id, "lock")
    published = await move(world["coordinator"], meeting_id, "publish")
    for text in (live.text, published.text):
        for secret in ("900777", "900123", "maya@example.org", "SO14 7LY", "Invented Row"):
            assert secret not in text
    assert "He rang her" in published.text


async def test_the_first_version_never_changes_and_an_addendum_says_what_did(world: World) -> None:
    meeting_id, adults, _ = await hrda_with_two(world)
    coordinator = world["coordinator"]
    await move(coordinator, meeting_id, "lock")
    first = (await move(coordinator, meeting_id, "publish")).json()
    assert (await move(coordinator, meeting_id, "addenda")).status_code == 409
    item = await item_of(coordinator, meeting_id, adults["case"]["id"])
    body = {"known": True, "shared_facts": "Two admissions this year.", "release": True, "sharing": SHARING}
    await world["health_rep"].put(f"/agenda-items/{item['id']}/research", body, version=0)
    second = await move(coordinator, meeting_id, "addenda")
    assert second.status_code == 201, second.text
    (addendum,) = second.json()["addenda"]
    assert addendum["text"] == f"{adults['case']['reference']} has new or changed: research."
    assert "Two admissions" in str(addendum["items"])
    again = (await coordinator.get(f"/meetings/{meeting_id}/packs/1")).json()
    assert again == first
    assert (await coordinator.get(f"/meetings/{meeting_id}/packs/3")).status_code == 404
    lines = (await coordinator.get(f"/meetings/{meeting_id}/packs")).json()["items"]
    assert [(each["version"], each["kind"]) for each in lines] == [(1, "agenda"), (2, "addendum")]


async def test_a_late_case_joins_a_published_list_and_follows_as_an_addendum(world: World) -> None:
    meeting_id, *_ = await hrda_with_two(world)
    coordinator = world["coordinator"]
    await move(coordinator, meeting_id, "lock")
    late = await world.refer(victim="Late Thornbury")
    assert late["route"]["meeting_id"] != meeting_id
    await move(coordinator, meeting_id, "publish")
    body = {"case_id": late["case"]["id"], "reason": "He was released this morning."}
    refused = await move(coordinator, meeting_id, "items", {**body, "reason": " "})
    assert refused.status_code == 422
    added = await move(coordinator, meeting_id, "items", body)
    assert added.status_code == 201, added.text
    assert len(added.json()["items"]) == 3
    assert (await move(coordinator, meeting_id, "items", body)).status_code == 409
    assert (await agenda_of(coordinator, late["route"]["meeting_id"]))["items"] == []
    addendum = (await move(coordinator, meeting_id, "addenda")).json()["addenda"][0]
    assert addendum["text"] == f"{late['case']['reference']} is added to the list."
    assert (await agenda_of(world["health_rep"], meeting_id))["items"][2]["case"]["id"] == late["case"]["id"]


async def test_a_case_at_triage_that_is_added_to_a_marac_leaves_the_hrdas_list(world: World, superuser: Any) -> None:
    hrda, adults, family = await hrda_with_two(world)
    coordinator, case_id = world["coordinator"], adults["case"]["id"]
    planned = await coordinator.post(f"/forums/{world.forums['marac']}/meetings", {"date": "2026-11-26"})
    marac = planned.json()["id"]
    before = await superuser.fetchval("SELECT count(*) FROM case_grant WHERE case_id = $1", UUID(case_id))
    added = await move(coordinator, marac, "items", {"case_id": case_id, "reason": "It cannot wait."})
    assert added.status_code == 201, added.text
    assert [each["case"]["id"] for each in added.json()["items"]] == [case_id]
    left = (await agenda_of(coordinator, hrda))["items"]
    assert [each["case"]["id"] for each in left] == [family["case"]["id"]]
    case = (await coordinator.get(f"/cases/{case_id}")).json()
    assert (case["state"], case["next_meeting"]["id"]) == ("listed_for_marac", marac)
    assert [each["item_status"] for each in case["meetings"]] == ["listed", "withdrawn"]
    standing = "SELECT count(*) FROM case_grant WHERE case_id = $1 AND until_at IS NULL"
    assert await superuser.fetchval(standing, UUID(case_id)) == before
    assert (await world["probation_rep"].get(f"/cases/{case_id}")).status_code == 200

    await move(coordinator, hrda, "lock")
    await move(coordinator, hrda, "publish")
    world.clock.set(2026, 11, 23, 9, 30)
    await move(coordinator, hrda, "start", {"reason": "By telephone."})
    item = await item_of(coordinator, hrda, family["case"]["id"])
    await decide(coordinator, item, outcome="deferred", until="2026-11-24")
    await move(coordinator, hrda, "end")
    issued = await move(coordinator, hrda, "minutes")
    assert issued.status_code == 200, issued.text


async def test_packs_show_only_the_cases_their_reader_sees(world: World) -> None:
    meeting_id, *_ = await hrda_with_two(world)
    await move(world["coordinator"], meeting_id, "lock")
    await move(world["coordinator"], meeting_id, "publish")
    sees = (await world["probation_rep"].get(f"/meetings/{meeting_id}/packs/1")).json()
    not_at_desk = (await world["housing"].get(f"/meetings/{meeting_id}/packs/1")).json()
    assert (len(sees["items"]), len(not_at_desk["items"])) == (2, 0)


async def test_a_whole_hrda_morning(world: World) -> None:
    chair, coordinator = world["chair"], world["coordinator"]
    names = ("Maya Thornbury", "Ana Pereira", "Ruth Calder", "Siân Price", "Grace Doyle")
    results = [await world.refer(victim=name) for name in names]
    meeting_id = results[0]["route"]["meeting_id"]
    world.clock.set(2026, 11, 23, 8, 40)
    await move(coordinator, meeting_id, "lock")
    await move(coordinator, meeting_id, "publish")
    early = await decide(chair, await item_of(chair, meeting_id, results[0]["case"]["id"]), outcome="deferred")
    assert early.status_code == 409
    world.clock.set(2026, 11, 23, 9, 30)
    refused = await move(chair, meeting_id, "start")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "no_quorum"
    version = (await chair.get(f"/meetings/{meeting_id}")).json()["version"]
    people = present(world, "police", "council", "housing")
    put = await coordinator.put(f"/meetings/{meeting_id}/attendance", people, version=version)
    assert put.json()["quorum"]["met"] is True, put.text
    started = await move(chair, meeting_id, "start")
    assert started.json()["without_quorum_because"] is None

    plan, marac, support, later, none = [await item_of(chair, meeting_id, each["case"]["id"]) for each in results]
    without = await decide(chair, plan, outcome="plan_agreed")
    assert without.json()["errors"][0]["pointer"] == "/actions"
    await promise(world, results[0], plan)
    agreed = await decide(chair, plan, outcome="plan_agreed", review_on="2026-12-21")
    assert agreed.json()["case"]["state"] == "monitored", agreed.text
    bare = await decide(chair, marac, outcome="to_marac")
    assert {each["pointer"] for each in bare.json()["errors"]} == {"/criteria", "/reason"}
    sent = await decide(chair, marac, outcome="to_marac", criteria=["not_engaging"], reason="She has moved twice.")
    assert sent.json()["case"]["state"] == "listed_for_marac"
    assert sent.json()["route"]["starts_at"] == "2026-12-10T09:30:00+00:00"
    offered = await decide(chair, support, outcome="to_support", support="advocacy_worker", reason="She asked for it.")
    assert offered.json()["case"]["state"] == "stepped_down"
    assert offered.json()["route"]["accept_by"] == "2026-11-25"
    deferred = await decide(chair, later, outcome="deferred", until="2026-11-28")
    assert deferred.json()["deferred_to"] == "2026-11-30"
    assert deferred.json()["case"]["state"] == "at_triage"
    await promise(world, results[4], none)
    kept = await decide(chair, none, outcome="no_further_action", reason="A counter-allegation; no risk found.")
    assert kept.status_code == 422
    assert kept.json()["errors"][0]["code"] == "open_actions"

    assert (await move(chair, meeting_id, "end")).status_code == 200
    waiting = await move(coordinator, meeting_id, "minutes")
    assert waiting.status_code == 409
    assert "1 case has no outcome yet" in waiting.json()["detail"]
    await decide(chair, none, outcome="deferred", until="2026-11-24")
    issued = await move(coordinator, meeting_id, "minutes")
    assert issued.status_code == 200, issued.text
    assert [each["outcome"] for each in issued.json()["items"]] == [
        "Plan agreed and monitored",
        "To MARAC",
        "To a support service",
        "Deferred to a named date: Monday 30 November 2026",
        "Deferred to a named date: Tuesday 24 November 2026",
    ]
    assert len(issued.json()["attendees"]) == 3
    assert len(issued.json()["items"][0]["actions"]) == 1
    assert (await coordinator.get(f"/meetings/{meeting_id}/minutes")).json() == issued.json()
    again = await item_of(chair, meeting_id, results[4]["case"]["id"])
    late = await decide(chair, again, outcome="plan_agreed")
    assert late.status_code == 409


async def test_a_whole_marac(world: World) -> None:
    chair, coordinator, health = world["chair"], world["coordinator"], world["health_rep"]
    results = [await world.refer(victim=name) for name in ("Maya Thornbury", "Ana Pereira", "Ruth Calder")]
    hrda = results[0]["route"]["meeting_id"]
    world.clock.set(2026, 11, 23, 9, 30)
    await move(coordinator, hrda, "lock")
    await move(coordinator, hrda, "publish")
    await move(chair, hrda, "start", {"reason": "Snow; the police will ring each agency."})
    marac = ""
    for each in results:
        item = await item_of(chair, hrda, each["case"]["id"])
        sent = await decide(chair, item, outcome="to_marac", criteria=["particularly_complex"], reason="Complex.")
        marac = sent.json()["route"]["meeting_id"]
    await promise(world, results[0])

    world.clock.set(2026, 11, 27, 16, 5)
    locked = await move(coordinator, marac, "lock")
    assert (locked.json()["listed"], locked.json()["total_minutes"]) == (3, 36)
    shown = await agenda_of(coordinator, marac)
    assert [each["what"] for each in shown["unfinished_actions"]] == ["Fit new locks and a camera at the home"]
    assert shown["items"][0]["earlier"][0]["outcome"] == "to_marac"
    items = [each["id"] for each in shown["items"]]
    await order(coordinator, marac, items[::-1])
    body = {"known": True, "facts": "Private file.", "shared_facts": "Seen twice in the emergency department."}
    await health.put(f"/agenda-items/{items[0]}/research", body, version=0)
    assert "emergency department" not in str(await agenda_of(coordinator, marac))
    first = (await move(coordinator, marac, "publish")).json()
    assert [each["position"] for each in first["items"]] == [1, 2, 3]
    assert first["items"][2]["case_reference"] == results[0]["case"]["reference"]
    assert len(first["unfinished_actions"]) == 1
    told = {"sharing": SHARING}
    released = await health.post(f"/agenda-items/{items[0]}/research/release", told, headers={"If-Match": '"1"'})
    assert released.status_code == 200, released.text
    second = (await move(coordinator, marac, "addenda")).json()
    assert "emergency department" in str(second["addenda"])
    assert "Private file" not in str(second)

    world.clock.set(2026, 12, 10, 9, 30)
    statement = (await health.get(f"/meetings/{marac}/confidentiality")).json()
    for who in ("health_rep", "chair", "idva", "safeguarding"):
        accepted = await world[who].post(f"/meetings/{marac}/confidentiality", {"version": statement["version"]})
        assert accepted.json()["accepted"] is True, accepted.text
    assert (await move(chair, marac, "start")).json()["status"] == "in_session"
    risk = {"about": "victim", "risk": "He has said that he will find her before the hearing."}
    assert (await health.post(f"/agenda-items/{items[0]}/risks", risk)).status_code == 201
    first_item, second_item, third_item = [await item_of(chair, marac, each["case"]["id"]) for each in results]
    minutes = {"minutes": "The IDVA spoke for her.", "safety_plan": "New locks by Friday."}
    minuted = await coordinator.put(f"/agenda-items/{items[0]}/minutes", minutes, version=first_item["version"])
    assert minuted.status_code == 200, minuted.text
    stale = await decide(chair, first_item, outcome="heard_with_plan")
    assert stale.status_code == 412
    first_item = await item_of(chair, marac, results[0]["case"]["id"])
    heard = await decide(chair, first_item, outcome="heard_with_plan", review_on="2027-01-14")
    assert heard.json()["case"]["state"] == "heard", heard.text
    gone = await decide(chair, second_item, outcome="transferred", area="Dorset", reason="She has moved there.")
    assert gone.json()["case"]["state"] == "transferred"
    closed = await decide(chair, third_item, outcome="no_further_action", reason="He has died.")
    assert closed.json()["case"]["state"] == "closed"
    await move(chair, marac, "end")
    issued = await move(coordinator, marac, "minutes")
    assert issued.status_code == 200, issued.text
    last = issued.json()["items"][2]
    assert last["discussion"] == "The IDVA spoke for her.\n\nSafety plan: New locks by Friday."
    assert last["risks"][0]["risks"] == [risk["risk"]]
    assert issued.json()["quorum"].startswith("Met.")
    assert {each["confidentiality_accepted"] for each in issued.json()["attendees"]} == {True}
    closed_meeting = (await chair.get(f"/meetings/{marac}")).json()
    assert closed_meeting["status"] == "minutes_issued"


async def test_exports_get_the_agenda_and_the_minutes_as_frozen_values(world: World) -> None:
    meeting_id, *_ = await hrda_with_two(world)
    coordinator = world["coordinator"]
    await move(coordinator, meeting_id, "lock")
    await move(coordinator, meeting_id, "publish")
    world.clock.set(2026, 11, 23, 9, 30)
    await move(coordinator, meeting_id, "start", {"reason": "By telephone."})
    for each in (await agenda_of(coordinator, meeting_id))["items"]:
        await decide(coordinator, each, outcome="deferred", until="2026-11-25")
    await move(coordinator, meeting_id, "end")
    await move(coordinator, meeting_id, "minutes")

    async def both(uow: UnitOfWork) -> tuple[int, int, str | None]:
        agenda = await frozen_agenda(uow, UUID(meeting_id))
        minutes = await frozen_minutes(uow, UUID(meeting_id))
        return len(agenda.all_items), len(minutes.items), minutes.quorum

    who = Credentials(world.partnership_id, coordinator.user_id)
    found = await world.database.run(who, both, world.clock(), new_id())
    assert found[:2] == (2, 2)
    assert found[2] is not None
    assert "By telephone." in found[2]
