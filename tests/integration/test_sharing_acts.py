"""Each act that tells another agency something enters the ledger with it, on a basis that somebody chose."""

from uuid import UUID

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.domain.access import GrantReason
from app.services import grants
from tests.counted import counted
from tests.glass import EMERGENCY, opens
from tests.integration.entered import UNSAID, agencies, below_high, everybody_but, ledger, unsaid
from tests.integration.test_agenda import agenda_of, decide, item_of, promise
from tests.integration.test_meetings import move
from tests.integration.test_outcomes import in_session
from tests.world import CHARITY_SHARING, SHARING, World

LOCKS = {"what": "Fit new locks at the home", "working_days": 2}
ANY = {"If-Match": "*"}


async def test_a_promise_that_brings_an_agency_in_needs_a_basis_and_one_of_who_sees_the_case_does_not(
    world: World, superuser: asyncpg.Connection
) -> None:
    case_id = await below_high(world)
    path = f"/cases/{case_id}/actions"
    form = {**LOCKS, "agency_id": str(world.agencies["housing"])}
    unsaid(await world["coordinator"].post(path, form))
    assert await ledger(superuser, case_id, "action") == []
    made = await world["coordinator"].post(path, {**form, "sharing": SHARING})
    assert made.status_code == 201, made.text
    (row,) = await ledger(superuser, case_id, "action")
    assert (str(row["source_id"]), row["items"], row["purpose"]) == (made.json()["id"], ["case"], "plan")
    assert (row["from_agency_id"], set(row["to_agencies"])) == (world.agencies["council"], agencies(world, "housing"))
    again = await world["coordinator"].post(path, form)
    assert again.status_code == 201, again.text
    own = await world["coordinator"].post(path, {**LOCKS, "agency_id": str(world.agencies["council"])})
    assert own.status_code == 201, own.text
    assert len(await ledger(superuser, case_id, "action")) == 1


async def test_an_action_that_is_handed_over_tells_who_takes_it_on(world: World, superuser: asyncpg.Connection) -> None:
    case_id = await below_high(world)
    form = {**LOCKS, "agency_id": str(world.agencies["council"])}
    action = (await world["coordinator"].post(f"/cases/{case_id}/actions", form)).json()
    path = f"/actions/{action['id']}/updates"
    given = {"status": "handed_over", "reason": "They hold the keys.", "to_agency_id": str(world.agencies["housing"])}
    unsaid(await world["coordinator"].post(path, given, headers=ANY))
    taken = await world["coordinator"].post(path, {**given, "sharing": SHARING}, headers=ANY)
    assert taken.status_code == 201, taken.text
    (row,) = await ledger(superuser, case_id, "action")
    assert str(row["source_id"]) == taken.json()["handed_to"]
    assert set(row["to_agencies"]) == agencies(world, "housing")


async def test_an_idva_whose_agency_does_not_see_the_case_is_told_by_name(
    world: World, superuser: asyncpg.Connection
) -> None:
    case_id = await below_high(world)
    told = {"user_id": str(world["idva"].user_id)}
    unsaid(await world["coordinator"].put(f"/cases/{case_id}/idva", told, 1))
    done = await world["coordinator"].put(f"/cases/{case_id}/idva", {**told, "sharing": SHARING}, 1)
    assert done.status_code == 200, done.text
    (row,) = await ledger(superuser, case_id, "idva_allocated")
    assert set(row["to_agencies"]) == agencies(world, "idva")
    assert row["to_users"] == [world["idva"].user_id]
    assert row["purpose"] == "support"
    on_list = (await world.refer(victim="Ana Pereira"))["case"]["id"]
    assert (await world["coordinator"].put(f"/cases/{on_list}/idva", told, 1)).status_code == 200
    assert await ledger(superuser, on_list, "idva_allocated") == []


async def test_an_offer_of_support_tells_the_service_that_is_asked(world: World, superuser: asyncpg.Connection) -> None:
    case_id = await below_high(world)
    form = {"service": "gp_iris"}
    unsaid(await world["coordinator"].post(f"/cases/{case_id}/support-offers", form))
    made = await world["coordinator"].post(f"/cases/{case_id}/support-offers", {**form, "sharing": SHARING})
    (row,) = await ledger(superuser, case_id, "support_offered")
    assert (str(row["source_id"]), set(row["to_agencies"])) == (made.json()["id"], agencies(world, "health"))


async def test_a_case_that_rises_to_a_list_tells_those_who_sit_there(
    world: World, superuser: asyncpg.Connection
) -> None:
    first = await below_high(world)
    answers = {str(n): {"value": "yes" if n <= 16 else "no"} for n in range(1, 28)}
    asked = {"instrument": "dash-27", "answers": answers, "assessed_by": "Rosa Lund", "source": "victim"}
    asked["assessed_at"] = "2026-11-21T03:00:00+00:00"
    refused = await world["advocate"].post(f"/cases/{first}/assessments", asked)
    assert {each["pointer"] for each in refused.json()["errors"]} == UNSAID
    assert (await world["advocate"].get(f"/cases/{first}")).json()["level"] == "standard"
    raised = await world["advocate"].post(f"/cases/{first}/assessments", {**asked, "sharing": CHARITY_SHARING})
    (row,) = await ledger(superuser, first, "listed")
    assert str(row["source_id"]) == raised.json()["route"]["agenda_item_id"]
    assert set(row["to_agencies"]) == everybody_but(world, "advocacy", "police", "council")


async def test_a_case_put_on_another_forums_list_by_hand_tells_those_who_sit_only_there(
    world: World, superuser: asyncpg.Connection
) -> None:
    hrda, marac = world.forums["hrda"], world.forums["marac"]
    probation = world.agencies["probation"]
    await superuser.execute("DELETE FROM forum_member WHERE forum_id = $1 AND agency_id = $2", hrda, probation)
    case_id = (await world.refer())["case"]["id"]
    coordinator = world["coordinator"]
    meeting = (await coordinator.get(f"/meetings?forum={marac}&from=2026-12-01")).json()["items"][0]["id"]
    late = {"case_id": case_id, "reason": "It cannot wait."}
    unsaid(await coordinator.post(f"/meetings/{meeting}/items", late, headers=ANY))
    assert (await world["probation_rep"].get(f"/cases/{case_id}")).status_code == 404
    listed = await coordinator.post(f"/meetings/{meeting}/items", {**late, "sharing": SHARING}, headers=ANY)
    assert listed.status_code == 201, listed.text
    (row,) = await ledger(superuser, case_id, "listed")
    assert set(row["to_agencies"]) == {probation}
    (item,) = [each["id"] for each in listed.json()["items"] if each["case"]["id"] == case_id]
    assert str(row["source_id"]) == item


async def test_what_everybody_saw_before_is_moved_between_lists_without_another_entry(
    world: World, superuser: asyncpg.Connection
) -> None:
    result = await world.refer()
    chair, meeting = world["chair"], result["route"]["meeting_id"]
    version = (await chair.get(f"/meetings/{meeting}")).json()["version"]
    cancelled = await chair.post(
        f"/meetings/{meeting}/cancel", {"reason": "Snow."}, headers={"If-Match": f'"{version}"'}
    )
    assert cancelled.status_code == 200, cancelled.text
    assert [row["act"] for row in await ledger(superuser, result["case"]["id"])] == ["referral"]


async def test_an_outcome_that_opens_a_case_to_somebody_new_needs_a_basis(
    world: World, superuser: asyncpg.Connection
) -> None:
    agency = world.agencies["advocacy"]
    await superuser.execute("DELETE FROM forum_member WHERE agency_id = $1", agency)
    result, item = await in_session(world)
    case_id = result["case"]["id"]
    told = {"outcome": "to_support", "support": "pippa", "reason": "She asked for it."}
    unsaid(await decide(world["chair"], item, **told, sharing=None))
    decided = await decide(world["chair"], item, **told)
    assert decided.status_code == 200, decided.text
    (row,) = await ledger(superuser, case_id, "support_offered")
    assert set(row["to_agencies"]) == {agency}


async def test_a_released_return_is_told_and_what_is_kept_is_entered_apart(
    world: World, superuser: asyncpg.Connection
) -> None:
    result = await world.refer()
    case_id = result["case"]["id"]
    path = f"/agenda-items/{result['route']['agenda_item_id']}/research"
    found = {"known": True, "facts": "Two visits; her sister's address.", "shared_facts": "Two visits."}
    found |= {
        "kept_because": "It would lead to her sister.",
        "opinion": "Likely to recur.",
        "shared_opinion": "Likely.",
    }
    kept = await world["health_rep"].put(path, found, version=0)
    assert kept.status_code == 200, kept.text
    assert await ledger(superuser, case_id, "research") == []
    unsaid(await world["health_rep"].post(f"{path}/release", {}, headers=ANY))
    done = await world["health_rep"].post(f"{path}/release", {"sharing": SHARING}, headers=ANY)
    assert done.status_code == 200, done.text
    shared, withheld = await ledger(superuser, case_id, "research")
    assert (shared["kind"], shared["nature"], shared["purpose"]) == ("shared", "both", "assess_risk")
    assert shared["items"] == ["research"]
    assert set(shared["to_agencies"]) == everybody_but(world, "health")
    assert (withheld["kind"], withheld["because"]) == ("withheld", "It would lead to her sister.")
    assert set(withheld["to_agencies"]) == everybody_but(world, "health")
    for who, entries in (("health_rep", 2), ("mh_rep", 1)):
        items = (await world[who].get(f"/cases/{case_id}/disclosures")).json()["items"]
        assert sum(each["act"] == "research" for each in items) == entries, who


async def test_half_of_what_was_found_is_not_kept_without_a_reason(world: World) -> None:
    result = await world.refer()
    path = f"/agenda-items/{result['route']['agenda_item_id']}/research"
    found = {"known": True, "facts": "Two visits.", "shared_facts": "Two visits.", "opinion": "Likely to recur."}
    refused = await world["health_rep"].put(path, {**found, "release": True, "sharing": SHARING}, version=0)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/kept_because"]


async def test_not_known_in_bulk_is_told_for_each_family(world: World, superuser: asyncpg.Connection) -> None:
    made = [await world.refer(victim=f"Maya Thornbury{n}") for n in range(3)]
    items = [each["route"]["agenda_item_id"] for each in made]
    unsaid(await world["mh_rep"].post("/research/not-known", {"items": items}))
    done = await world["mh_rep"].post("/research/not-known", {"items": items, "sharing": SHARING})
    assert done.status_code == 200, done.text
    for each in made:
        (row,) = await ledger(superuser, each["case"]["id"], "research")
        assert (row["nature"], str(row["source_id"])) == ("fact", each["route"]["agenda_item_id"])


async def test_what_is_circulated_is_told_for_each_case(world: World, superuser: asyncpg.Connection) -> None:
    first, second = await world.refer(), await world.refer(victim="Ana Pereira")
    meeting, coordinator = first["route"]["meeting_id"], world["coordinator"]
    await move(coordinator, meeting, "lock")
    unsaid(await coordinator.post(f"/meetings/{meeting}/publish", {}, headers=ANY))
    assert await ledger(superuser, first["case"]["id"], "agenda") == []
    assert (await coordinator.get(f"/meetings/{meeting}")).json()["status"] == "locked"
    assert (await move(coordinator, meeting, "publish")).status_code == 200
    for each in (first, second):
        (row,) = await ledger(superuser, each["case"]["id"], "agenda")
        assert (row["items"], row["nature"], row["purpose"]) == (["agenda"], "both", "plan")
        assert set(row["to_agencies"]) == everybody_but(world, "council")
    path = f"/agenda-items/{first['route']['agenda_item_id']}/research"
    found = {"known": True, "shared_facts": "Two visits.", "release": True, "sharing": SHARING}
    await world["health_rep"].put(path, found, version=0)
    assert (await move(coordinator, meeting, "addenda")).status_code == 201
    assert len(await ledger(superuser, first["case"]["id"], "addendum")) == 1
    assert await ledger(superuser, second["case"]["id"], "addendum") == []
    world.clock.set(2026, 11, 23, 9, 30)
    await move(world["chair"], meeting, "start", {"reason": "By telephone."})
    for each in (await agenda_of(coordinator, meeting))["items"]:
        result = {"case": each["case"]}
        item = await item_of(coordinator, meeting, each["case"]["id"])
        await promise(world, result, item)
        decided = await decide(world["chair"], item, outcome="plan_agreed")
        assert decided.status_code == 200, decided.text
    await move(world["chair"], meeting, "end")
    assert (await move(coordinator, meeting, "minutes")).status_code == 200
    for each in (first, second):
        (row,) = await ledger(superuser, each["case"]["id"], "minutes")
        assert row["items"] == ["minutes", "plan"]
    made = await coordinator.post(f"/meetings/{meeting}/exports", {"document": "agenda", "format": "docx"})
    await world.app.state.exports.idle()
    file = await coordinator.get(f"/exports/{made.json()['id']}/file")
    assert file.status_code == 200
    assert await ledger(superuser, first["case"]["id"], "export") == [], "given to nobody but the one who asked"


async def test_contact_details_of_another_agency_are_told_to_who_releases_them(
    world: World, superuser: asyncpg.Connection
) -> None:
    case_id = (await world.refer())["case"]["id"]
    victim = (await world["idva"].get(f"/cases/{case_id}/contacts")).json()["items"][0]["party_id"]
    path, form = f"/cases/{case_id}/contacts/release", {"reason": "contact_victim", "parties": [victim]}
    refused = await world["idva"].post(path, form)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/sharing/basis"]
    assert "recognised_legitimate_interest" in refused.json()["errors"][0]["message"]
    assert await superuser.fetchval("SELECT count(*) FROM contact_release WHERE case_id = $1", UUID(case_id)) == 0
    basis = {"basis": "recognised_legitimate_interest"}
    assert (await world["idva"].post(path, {**form, "sharing": basis})).status_code == 200
    (row,) = await ledger(superuser, case_id, "contact_release")
    assert (row["from_agency_id"], row["to_agencies"]) == (world.agencies["police"], [world.agencies["idva"]])
    assert (row["from_user_id"], row["to_users"]) == (world["idva"].user_id, [world["idva"].user_id])
    assert (row["items"], row["subjects"]) == (["contact_details"], [UUID(victim)])
    assert (row["nature"], row["purpose"], row["necessity"]) == ("fact", "contact", "To reach the victim.")
    assert (await world["safeguarding"].post(path, form)).status_code == 200, "their own agency gave them"
    assert len(await ledger(superuser, case_id, "contact_release")) == 1


async def test_an_emergency_is_entered_and_needs_its_basis_whether_or_not_there_is_such_a_case(
    world: World, superuser: asyncpg.Connection
) -> None:
    case = (await world.refer(yes=10))["case"]
    there = await opens(world, "nurse", case["reference"], sharing=None)
    nowhere = await opens(world, "nurse", "C-22222222", sharing=None)
    assert [each["pointer"] for each in there.json()["errors"]] == ["/sharing/basis"]
    assert "'vital_interests' is proposed" in there.json()["errors"][0]["message"]
    assert there.content == nowhere.content
    used = await opens(world, "nurse", case["reference"], sharing=EMERGENCY)
    assert used.status_code == 201, used.text
    (row,) = await ledger(superuser, case["id"], "break_glass")
    assert (row["from_agency_id"], row["to_agencies"]) == (world.agencies["police"], [world.agencies["health"]])
    assert row["to_users"] == [world["nurse"].user_id]
    assert (str(row["source_id"]), row["purpose"]) == (used.json()["id"], "emergency")
    assert row["necessity"] == used.json()["reason"]


async def test_nobody_enters_what_another_agency_told_a_third(world: World, superuser: asyncpg.Connection) -> None:
    case_id = (await world.refer())["case"]["id"]
    nurse, housing = world["health_rep"], world.agencies["housing"]
    forged = """INSERT INTO disclosure (partnership_id, id, case_id, kind, act, from_agency_id, from_user_id,
          to_agencies, to_users, purpose, basis_id, necessity, proportionality, nature, channel, basis, at)
        SELECT partnership_id, gen_random_uuid(), case_id, kind, 'break_glass', from_agency_id, $2, $3, $4, purpose,
          basis_id, necessity, proportionality, nature, channel, basis, at FROM disclosure WHERE case_id = $1"""
    async with world.database._pool.acquire() as connection:
        for to_agency, to_user in ((housing, nurse.user_id), (nurse.agency_id, world["housing_rep"].user_id)):
            told = (UUID(case_id), nurse.user_id, [to_agency], [to_user])
            held = connection.transaction()
            await held.start()
            who = (world.partnership_id, nurse.user_id, world.clock())
            await connection.fetchrow("SELECT * FROM enter($1, $2, '{agency_representative}', $3)", *who)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(forged, *told)
            await held.rollback()


async def test_no_unit_of_work_ends_that_opened_a_case_to_another_agency_and_told_nobody_why(
    world: World, superuser: asyncpg.Connection
) -> None:
    result = await world.refer(yes=4)
    case_id, housing = UUID(result["case"]["id"]), world.agencies["housing"]

    async def open_up(uow: UnitOfWork) -> None:
        source = UUID(result["referral_id"])
        grants.open_to_desk(uow, case_id, housing, GrantReason.REFERRED, source=source)

    coordinator = Credentials(world.partnership_id, world["coordinator"].user_id)
    with pytest.raises(RuntimeError, match="on what basis"):
        await world.database.run(coordinator, open_up, world.clock(), new_id())
    opened = await superuser.fetchval(
        "SELECT count(*) FROM case_grant WHERE case_id = $1 AND agency_id = $2", case_id, housing
    )
    assert opened == 0


async def test_an_agenda_is_circulated_in_as_many_statements_however_many_cases_are_on_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    for number in (1, 4):
        made = [await world.refer(victim=f"Maya Thornbury{number}{n}") for n in range(number)]
        meeting = made[0]["route"]["meeting_id"]
        await move(world["coordinator"], meeting, "lock")
        async with counted(monkeypatch) as statements:
            told = {"sharing": SHARING}
            done = await world["coordinator"].post(f"/meetings/{meeting}/publish", told, headers=ANY)
            assert done.status_code == 200, done.text
            taken.append(statements())
    assert taken[0] == taken[1]
