"""Actions: what an agency promised, and what became of it."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.world import SHARING, Person, World

LOCKS = "Fit new locks at the home and tell the IDVA when it is done"


async def case_of(world: World, **changes: Any) -> str:
    result = await world.refer(**{"yes": 4, **changes})
    return str(result["case"]["id"])


async def promise(world: World, case_id: str, agency: str = "housing", **changes: Any) -> dict[str, Any]:
    form = {"what": LOCKS, "agency_id": str(world.agencies[agency]), "due_on": "2026-11-27", "sharing": SHARING}
    form |= changes
    answer = await world["coordinator"].post(f"/cases/{case_id}/actions", form)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def say(who: Person, action: dict[str, Any], version: int | None = 1, **update: Any) -> Any:
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    update = {"sharing": who.sharing, **update}
    return await who.post(f"/actions/{action['id']}/updates", update, headers=headers)


async def listed(who: Person, query: str = "") -> list[str]:
    answer = await who.get(f"/actions?{query}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_an_action_needs_no_meeting_and_opens_the_case_to_the_agency_that_owns_it(world: World) -> None:
    case_id = await case_of(world)
    assert await listed(world["housing_rep"]) == []
    action = await promise(world, case_id, owner_id=str(world["housing"].user_id))
    assert (action["status"], action["overdue"], action["meeting_id"]) == ("open", False, None)
    for who in ("housing_rep", "housing"):
        seen = await world[who].get(f"/actions/{action['id']}")
        assert seen.status_code == 200, who
        assert seen.headers["etag"] == '"1"'
    assert (await world["nurse"].get(f"/actions/{action['id']}")).status_code == 404


async def test_a_due_date_can_be_given_in_working_days(world: World) -> None:
    action = await promise(world, await case_of(world), due_on=None, working_days=1)
    assert action["due_on"] == "2026-11-23"


async def test_an_action_at_a_meeting_belongs_to_the_cases_item_there(world: World) -> None:
    route = (referred := await world.refer(yes=15))["route"]
    action = await promise(world, referred["case"]["id"], meeting_id=route["meeting_id"])
    assert action["agenda_item_id"] == route["agenda_item_id"]
    again = await promise(world, referred["case"]["id"], agenda_item_id=route["agenda_item_id"])
    assert again["meeting_id"] == route["meeting_id"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"what": "Ongoing support"}, "/what"),
        ({"what": None}, "/what"),
        ({"what": "Fit\x00 new locks at once"}, "/what"),
        ({"agency_id": str(uuid4())}, "/agency_id"),
        ({"due_on": None}, "/due_on"),
        ({"due_on": "2026-11-20"}, "/due_on"),
        ({"due_on": "2026-11-27", "working_days": 2}, "/due_on"),
        ({"due_on": None, "working_days": 900}, "/working_days"),
        ({"owner_id": str(uuid4())}, "/owner_id"),
        ({"party_id": str(uuid4())}, "/party_id"),
        ({"meeting_id": str(uuid4())}, "/meeting_id"),
        ({"agenda_item_id": str(uuid4())}, "/agenda_item_id"),
        ({"who": "me"}, "/who"),
    ],
)
async def test_what_is_wrong_with_an_action_is_named(world: World, changes: dict[str, Any], pointer: str) -> None:
    form = {"what": LOCKS, "agency_id": str(world.agencies["housing"]), "due_on": "2026-11-27", **changes}
    answer = await world["coordinator"].post(f"/cases/{await case_of(world)}/actions", form)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_nobody_keeps_a_case_open_to_themselves_by_what_they_promise(world: World) -> None:
    case_id = await case_of(world)
    form = {"what": LOCKS, "due_on": "2026-11-27"}
    await promise(world, case_id)
    again = {**form, "agency_id": str(world.agencies["housing"])}
    assert (await world["housing_rep"].post(f"/cases/{case_id}/actions", again)).status_code == 403
    advocate, any_version = world["advocate"], {"If-Match": "*"}
    ours = {**form, "agency_id": str(world.agencies["advocacy"])}
    assert (await advocate.post(f"/cases/{case_id}/actions", ours)).status_code == 403
    (offer,) = (await advocate.get("/support-offers")).json()["items"]
    assert (await advocate.post(f"/support-offers/{offer['id']}/accept", headers=any_version)).status_code == 200
    assert (await advocate.post(f"/cases/{case_id}/actions", ours)).status_code == 201


async def test_nobody_promises_for_a_case_they_cannot_see_or_without_the_role(world: World) -> None:
    case_id = await case_of(world)
    form = {"what": LOCKS, "agency_id": str(world.agencies["housing"]), "due_on": "2026-11-27"}
    hidden = await world["housing_rep"].post(f"/cases/{case_id}/actions", form)
    absent = await world["housing_rep"].post(f"/cases/{uuid4()}/actions", form)
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content
    assert (await world["officer"].post(f"/cases/{case_id}/actions", form)).status_code == 403


async def test_done_is_said_once_with_its_day_and_then_closes_the_case_to_that_agency(world: World) -> None:
    action = await promise(world, await case_of(world), owner_id=str(world["housing"].user_id))
    done = await say(world["housing"], action, status="done", done_on="2026-11-20", reason="Locks fitted.")
    assert done.status_code == 201, done.text
    assert (done.json()["status"], done.json()["done_on"]) == ("done", "2026-11-20")
    assert [each["reason"] for each in done.json()["updates"]] == ["Locks fitted."]
    assert (await world["housing"].get(f"/actions/{action['id']}")).status_code == 404
    assert (await world["coordinator"].get(f"/actions/{action['id']}")).json()["version"] == 2


async def test_the_case_stays_open_to_an_agency_that_still_owes_another_action(world: World) -> None:
    case_id = await case_of(world)
    first, second = await promise(world, case_id), await promise(world, case_id)
    assert (await say(world["housing_rep"], first, status="done")).status_code == 201
    assert (await world["housing_rep"].get(f"/actions/{second['id']}")).status_code == 200


async def test_not_done_needs_a_reason_and_stays_owed(world: World) -> None:
    action = await promise(world, await case_of(world))
    bare = await say(world["housing_rep"], action, status="not_done")
    assert [each["pointer"] for each in bare.json()["errors"]] == ["/reason"]
    said = await say(world["housing_rep"], action, status="not_done", reason="The locksmith did not come.")
    assert said.status_code == 201
    assert await listed(world["housing_rep"], "agency=mine&status=outstanding") == [action["id"]]


async def test_no_longer_possible_with_a_reason_ends_what_is_owed(world: World) -> None:
    action = await promise(world, await case_of(world))
    said = await say(world["housing_rep"], action, status="not_possible", reason="She has moved away.")
    assert said.status_code == 201
    assert await listed(world["coordinator"], "status=outstanding") == []


async def test_an_agency_volunteers_for_itself_or_for_one_that_sees_the_case_already(world: World) -> None:
    case_id = await case_of(world)
    await promise(world, case_id)

    async def ask(who: str, agency: str) -> Any:
        form = {"what": LOCKS, "agency_id": str(world.agencies[agency]), "due_on": "2026-11-27", "sharing": SHARING}
        return await world[who].post(f"/cases/{case_id}/actions", form)

    for agency in ("housing", "police"):
        made = await ask("safeguarding", agency)
        assert made.status_code == 201, made.text
    refused = await ask("safeguarding", "probation")
    assert refused.status_code == 403
    assert "volunteers" in refused.json()["detail"]
    assert (await world["probation_rep"].get(f"/cases/{case_id}")).status_code == 404
    assert (await ask("coordinator", "probation")).status_code == 201
    assert (await ask("safeguarding", "probation")).status_code == 201


async def test_an_agency_that_no_longer_sees_the_case_is_asked_by_the_coordinator_again(world: World) -> None:
    case_id = await case_of(world)
    await promise(world, case_id)
    over = await promise(world, case_id, agency="probation")
    assert (await say(world["probation_rep"], over, status="done")).status_code == 201
    form = {"what": LOCKS, "agency_id": str(world.agencies["probation"]), "due_on": "2026-11-27"}
    assert (await world["safeguarding"].post(f"/cases/{case_id}/actions", form)).status_code == 403


async def test_an_action_is_not_handed_to_an_agency_that_cannot_see_the_case_but_by_who_runs_meetings(
    world: World,
) -> None:
    action = await promise(world, await case_of(world))
    over: dict[str, Any] = {
        "status": "handed_over",
        "reason": "They hold the tenancy.",
        "to_agency_id": str(world.agencies["probation"]),
    }
    assert (await say(world["housing_rep"], action, **over)).status_code == 403
    assert await listed(world["probation_rep"]) == []
    assert (await say(world["coordinator"], action, **over)).status_code == 201
    assert len(await listed(world["probation_rep"], "agency=mine&status=open")) == 1


async def test_an_action_that_is_settled_after_its_case_has_ended_closes_the_case_at_once(world: World) -> None:
    case_id = await case_of(world)
    action = await promise(world, case_id)
    gone = {"move": "transfer", "reason": "She has moved there.", "area": "Dorset"}
    moved = await world["coordinator"].post(f"/cases/{case_id}/moves", gone, headers={"If-Match": "*"})
    assert moved.status_code == 200, moved.text
    assert (await say(world["housing_rep"], action, status="done")).status_code == 201
    assert (await world["housing_rep"].get(f"/cases/{case_id}")).status_code == 404


async def test_handing_over_gives_the_other_agency_its_own_action(world: World) -> None:
    case_id = await case_of(world)
    action = await promise(world, case_id)
    await promise(world, case_id, agency="probation")
    to = str(world.agencies["probation"])
    said = await say(world["housing_rep"], action, status="handed_over", reason="They hold the tenancy.")
    assert [each["pointer"] for each in said.json()["errors"]] == ["/to_agency_id"]
    said = await say(
        world["housing_rep"], action, status="handed_over", reason="They hold the tenancy.", to_agency_id=to
    )
    assert said.status_code == 201, said.text
    taken = (await world["probation_rep"].get(f"/actions/{said.json()['handed_to']}")).json()
    assert (taken["what"], taken["due_on"], taken["status"]) == (LOCKS, "2026-11-27", "open")
    assert (await world["housing_rep"].get(f"/actions/{action['id']}")).status_code == 404
    again = await say(world["coordinator"], action, version=2, status="done")
    assert again.status_code == 409


async def test_a_settled_action_can_be_opened_again_and_opens_the_case_with_it(world: World) -> None:
    action = await promise(world, await case_of(world))
    await say(world["housing_rep"], action, status="done")
    opened = await say(world["coordinator"], action, version=2, status="open", reason="It was another flat.")
    assert opened.status_code == 201, opened.text
    assert opened.json()["done_on"] is None
    assert (await world["housing_rep"].get(f"/actions/{action['id']}")).status_code == 200


async def test_only_its_own_agency_the_coordinator_and_the_chair_update_an_action(world: World) -> None:
    referred = await world.refer(yes=15)
    action = await promise(world, referred["case"]["id"])
    assert (await say(world["mh_rep"], action, status="done")).status_code == 403
    assert (await say(world["chair"], action, status="done")).status_code == 201


async def test_an_update_says_which_version_it_changes(world: World) -> None:
    action = await promise(world, await case_of(world))
    assert (await say(world["housing_rep"], action, version=None, status="done")).status_code == 428
    assert (await say(world["housing_rep"], action, version=7, status="done")).status_code == 412
    early = await say(world["housing_rep"], action, status="done", done_on="2026-11-22")
    assert [each["pointer"] for each in early.json()["errors"]] == ["/done_on"]


async def test_two_at_once_settle_an_action_once(world: World) -> None:
    action = await promise(world, await case_of(world, yes=15))
    both = await asyncio.gather(
        say(world["coordinator"], action, status="done"),
        say(world["chair"], action, status="not_possible", reason="She has moved away."),
    )
    assert sorted(each.status_code for each in both) == [201, 412]
    kept = (await world["coordinator"].get(f"/actions/{action['id']}")).json()
    assert len(kept["updates"]) == 1


async def test_a_worklist_runs_by_due_date_page_by_page_without_gap_or_repeat(world: World) -> None:
    case_id = await case_of(world)
    due = ["2026-11-27", "2026-11-24", "2026-11-27", "2026-12-01", "2026-11-25"]
    made = [await promise(world, case_id, due_on=each) for each in due]
    await promise(world, case_id, agency="probation")
    expected = [each["id"] for each in sorted(made, key=lambda each: (each["due_on"], each["id"]))]
    for source in ("agency=mine", f"case={case_id}&agency=mine"):
        found: list[str] = []
        query = f"{source}&status=open&limit=2"
        while True:
            page = (await world["housing_rep"].get(f"/actions?{query}")).json()
            found += [each["id"] for each in page["items"]]
            if page["next"] is None:
                break
            query = f"{source}&status=open&limit=2&cursor={page['next']}"
        assert found == expected


async def test_a_worklist_can_be_anothers_or_everyones(world: World) -> None:
    case_id = await case_of(world)
    ours = await promise(world, case_id)
    theirs = await promise(world, case_id, agency="probation", due_on="2026-11-30")
    assert await listed(world["coordinator"]) == [ours["id"], theirs["id"]]
    assert await listed(world["coordinator"], f"agency={world.agencies['probation']}") == [theirs["id"]]
    assert await listed(world["coordinator"], f"case={uuid4()}") == []
    assert (await world["coordinator"].get("/actions?cursor=MjAyNg")).status_code == 422
    assert (await world["coordinator"].get("/actions?cursor=%C3%A9")).status_code == 422


async def test_an_action_is_overdue_from_the_day_after_in_london(world: World) -> None:
    action = await promise(world, await case_of(world), due_on="2027-03-30")
    world.clock.set(2027, 3, 30, 22, 59)
    assert await listed(world["housing_rep"], "agency=mine&overdue=true") == []
    world.clock.set(2027, 3, 30, 23, 1)
    assert await listed(world["housing_rep"], "agency=mine&overdue=true") == [action["id"]]
    assert (await world["housing_rep"].get(f"/actions/{action['id']}")).json()["overdue"] is True


async def test_every_look_at_an_action_is_in_the_trail(world: World, superuser: asyncpg.Connection) -> None:
    case_id = await case_of(world)
    action = await promise(world, case_id)
    await world["housing_rep"].get(f"/actions/{action['id']}")
    await listed(world["housing_rep"], "agency=mine")
    await say(world["housing_rep"], action, status="done")
    rows = await superuser.fetch(
        "SELECT verb FROM audit WHERE actor_id = $1 AND (case_id = $2 OR $2 = ANY(subjects)) ORDER BY id",
        world["housing_rep"].user_id,
        UUID(case_id),
    )
    assert [row["verb"] for row in rows] == ["action.read", "action.listed", "action.done"]
