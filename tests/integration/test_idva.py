"""What an IDVA service does for a client: the clock of contact, safe times, words for a meeting, and who reads what."""

import asyncio
from datetime import time
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.domain.access import Role
from app.domain.idva_support import SupportRules
from app.services import idva_support, partnerships
from app.services.caseload import listed
from tests.counted import counted
from tests.world import SHARING, Person, World, referral_form

SECRET = "Heronsgate wyvern"


async def allocate(world: World, case: str, who: Person) -> None:
    told = {"user_id": str(who.user_id), "sharing": SHARING}
    answer = await world["coordinator"].request("PUT", f"/cases/{case}/idva", json=told, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


async def client_of(world: World, **changes: Any) -> str:
    """A case of which the world's IDVA is the IDVA."""
    case: str = (await world.refer(**changes))["case"]["id"]
    await allocate(world, case, world["idva"])
    return case


async def colleague(world: World, name: str, agency_id: UUID, *roles: Role) -> Person:
    """Somebody else, at any agency."""

    async def add(uow: UnitOfWork) -> UUID:
        return await partnerships.add_user(uow, agency_id, name=name, email=f"{name}@more.example", roles=roles)

    user_id = await world.database.run_as_system(world.partnership_id, add, world.clock())
    return await world.sign_in(user_id, agency_id, like="idva", name=name)


async def support(world: World, case: str, who: str = "idva") -> dict[str, Any]:
    answer = await world[who].get(f"/cases/{case}/idva-support")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_support_begins_with_the_allocation_and_its_clock_with_the_referral(world: World) -> None:
    case = (await world.refer())["case"]["id"]
    assert (await support(world, case, "coordinator"))["support"] is None
    world.clock.forward(hours=5)
    await allocate(world, case, world["idva"])
    told = (await support(world, case))["support"]
    assert told["contact_due_at"] == "2026-11-22T16:00:00+00:00"
    assert (told["reached_at"], told["idva"]["name"]) == (None, "Idva")


async def test_only_reaching_her_stops_the_clock_and_the_earliest_time_counts(world: World) -> None:
    case = await client_of(world)
    idva, path = world["idva"], f"/cases/{case}/contact-attempts"
    for outcome in ("no_answer", "hung_up", "unsafe", "message_left"):
        answer = await idva.post(path, {"outcome": outcome})
        assert (answer.status_code, answer.json()["first_reached_at"]) == (201, None)
    world.clock.forward(hours=2)
    await idva.post(path, {"outcome": "reached"})
    earlier = await idva.post(path, {"outcome": "reached", "at": "2026-11-21T03:40:00+00:00", "means": "in_person"})
    assert earlier.json()["first_reached_at"] == "2026-11-21T03:40:00+00:00"
    told = await support(world, case)
    assert told["support"]["reached_at"] == "2026-11-21T03:40:00+00:00"
    assert [each["outcome"] for each in told["attempts"]][:3] == ["reached", "reached", "message_left"]


async def test_others_learn_that_she_was_called_and_not_what_was_said(world: World) -> None:
    case = await client_of(world)
    await world["idva"].post(f"/cases/{case}/contact-attempts", {"outcome": "unsafe", "note": SECRET})
    told = await support(world, case, "coordinator")
    assert (told["attempts"], told["supports"]) == ([], False)
    timeline = await world["coordinator"].get(f"/cases/{case}/timeline")
    event = next(each for each in timeline.json()["items"] if each["kind"] == "client.contact_attempted")
    assert event["data"] == {"means": "phone", "outcome": "unsafe"}
    assert SECRET not in timeline.text
    assert (await support(world, case))["attempts"][0]["note"] == SECRET


async def test_only_the_service_that_supports_her_writes_here(world: World) -> None:
    case = await client_of(world)
    told = {"outcome": "reached"}
    other = await colleague(world, "rival", world.agencies["advocacy"], Role.IDVA)
    for who, status in (
        (world["coordinator"], 403),
        (world["advocate"], 403),
        (other, 403),
        (world["nurse"], 403),
        (world["idva"], 201),
    ):
        assert (await who.post(f"/cases/{case}/contact-attempts", told)).status_code == status, who.name
    cover = await colleague(world, "cover", world.agencies["idva"], Role.IDVA)
    assert (await cover.post(f"/cases/{case}/contact-attempts", told)).status_code == 201
    nobody = (await world.refer(victim="Noor Hale"))["case"]["id"]
    assert (await world["idva"].post(f"/cases/{nobody}/contact-attempts", told)).status_code == 409


async def test_within_a_service_support_goes_on_and_between_services_another_begins(world: World) -> None:
    case = await client_of(world)
    await world["idva"].post(f"/cases/{case}/contact-attempts", {"outcome": "reached"})
    cover = await colleague(world, "cover", world.agencies["idva"], Role.IDVA)
    await allocate(world, case, cover)
    told = (await support(world, case))["support"]
    assert (told["idva"]["name"], told["reached_at"] is not None) == ("cover", True)
    other = await colleague(world, "other", world.agencies["advocacy"], Role.IDVA)
    world.clock.forward(days=3)
    await allocate(world, case, other)
    told = (await support(world, case, "coordinator"))["support"]
    assert (told["agency"]["name"], told["reached_at"]) == ("Aurora Advocacy", None)
    assert told["contact_due_at"] == "2026-11-25T16:00:00+00:00"
    assert (await cover.post(f"/cases/{case}/contact-attempts", {"outcome": "reached"})).status_code == 403


async def test_safe_times_supersede_the_referrals_everywhere_and_earlier_ones_stay(world: World) -> None:
    case = await client_of(world)
    path = f"/cases/{case}/safe-times"
    told = {"safe_to_call": "yes", "windows": [{"days": [1], "starts": "09:00", "ends": "11:00"}], "say": "Parcel."}
    assert (await world["idva"].put(path, told)).status_code == 428
    answer = await world["idva"].put(path, told, 0)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    contacts = (await world["coordinator"].get(f"/cases/{case}/contacts")).json()["items"][0]["safe_contact"]
    assert (contacts["when"], contacts["say"]) == ("Monday 09:00 to 11:00", "Parcel.")
    assert (await world["idva"].put(path, told, 0)).status_code == 412
    number = {"safe_to_call": "no", "note": "Her mother on 01632 960555."}
    await world["idva"].put(path, number, 1)
    shown = await support(world, case, "coordinator")
    assert [each["holds"] for each in shown["safe_times"]] == [True, False]
    assert shown["client"]["safe_contact"]["note"] == "Her mother on [withheld]."
    assert shown["calls"] == {"windows": [], "open_until": None, "next_at": None}


async def test_what_a_later_referral_adds_unsettles_the_windows(world: World) -> None:
    first = await world.refer()
    case = first["case"]["id"]
    await allocate(world, case, world["idva"])
    told = {"safe_to_call": "yes", "windows": [{"days": [6], "starts": "02:00", "ends": "04:00"}]}
    await world["idva"].put(f"/cases/{case}/safe-times", told, 0)
    assert (await support(world, case))["calls"]["open_until"] == "04:00"
    world.clock.forward(minutes=5)
    again = referral_form(incident={"occurred_on": "2026-11-21", "narrative": "He came back."})
    again["victim"]["person_reference"] = first["people"][0]["person_reference"]
    sent = await world["safeguarding"].post("/referrals?submit=true", again)
    assert sent.json()["case"]["id"] == case
    shown = await support(world, case)
    assert (shown["safe_times"][0]["holds"], shown["calls"]["open_until"]) == (False, None)


async def test_two_people_never_lose_each_others_words(world: World) -> None:
    case = await client_of(world)
    cover = await colleague(world, "cover", world.agencies["idva"], Role.IDVA)
    answers = await asyncio.gather(
        *(who.put(f"/cases/{case}/client-voice", {"said": who.name}, 0) for who in (world["idva"], cover))
    )
    assert sorted(each.status_code for each in answers) == [200, 412]
    assert len((await support(world, case))["voice"]) == 1


async def test_her_words_go_with_the_agenda_as_hers_and_a_change_is_an_addendum(world: World) -> None:
    case = await client_of(world)
    path = f"/cases/{case}/client-voice"
    await world["idva"].put(path, {"said": "I am afraid of the nights.", "wishes": "A lock, call 07700 900111."}, 0)
    world.clock.set(2026, 11, 23, 8, 45)
    shown = (await world["coordinator"].get(f"/cases/{case}")).json()
    meeting = f"/meetings/{shown['next_meeting']['id']}"
    item = (await world["chair"].get(f"{meeting}/agenda")).json()["items"][0]
    assert item["voice"]["said"] == "I am afraid of the nights."
    for move, body in (("lock", None), ("publish", {"sharing": SHARING})):
        done = await world["coordinator"].post(f"{meeting}/{move}", body, headers={"If-Match": "*"})
        assert done.status_code == 200, done.text
    packed = (await world["health_rep"].get(f"{meeting}/packs/1")).json()["items"][0]
    assert (packed["victim_words"], packed["victim_wishes"]) == (
        "I am afraid of the nights.",
        "A lock, call [withheld].",
    )
    await world["idva"].put(path, {"declined": True}, 1)
    sent = await world["coordinator"].post(f"{meeting}/addenda", {"sharing": SHARING}, headers={"If-Match": "*"})
    assert sent.status_code in (200, 201), sent.text
    assert "what the victim says" in sent.text


async def test_a_step_and_a_date_are_changed_by_whoever_saw_the_newest(world: World) -> None:
    case = await client_of(world)
    idva = world["idva"]
    for path, made, changed in (
        ("safety-plan", {"what": "Keep a bag."}, {"what": "Keep a bag.", "status": "done"}),
        ("key-dates", {"kind": "court", "held_on": "2026-12-01"}, {"kind": "court", "held_on": "2026-12-02"}),
    ):
        one = (await idva.post(f"/cases/{case}/{path}", made)).json()
        path = f"/{'safety-plan-steps' if path == 'safety-plan' else path}/{one['id']}"
        assert (await idva.put(path, changed, 1)).headers["etag"] == '"2"'
        assert (await idva.put(path, changed, 1)).status_code == 412
        assert (await world["nurse"].put(path, changed, 2)).status_code == 403
    told = await support(world, case, "coordinator")
    assert (told["plan"][0]["done_on"], told["dates"][0]["held_on"]) == ("2026-11-21", "2026-12-02")


async def test_the_end_of_support_takes_nobody_off_the_case(world: World) -> None:
    case = await client_of(world)
    told = {"reason": "goals_met", "outcomes": ["risk_reduced"], "safer": "yes"}
    path = f"/cases/{case}/idva-support/end"
    assert (await world["idva"].post(path, told, headers={"If-Match": '"9"'})).status_code == 412
    answer = await world["idva"].post(path, told, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["after"]) == (200, {"safer": "yes"})
    shown = (await world["idva"].get(f"/cases/{case}")).json()
    assert (shown["state"], shown["idva"]["name"]) == ("at_triage", "Idva")
    assert (await world["idva"].get("/caseload")).json()["items"] == []
    assert (await world["idva"].post(path, told, headers={"If-Match": "*"})).status_code == 409
    await allocate(world, case, world["idva"])
    assert len((await world["idva"].get("/caseload")).json()["items"]) == 1


async def test_a_caseload_is_ones_own_or_the_services_and_takes_one_statement(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cover = await colleague(world, "cover", world.agencies["idva"], Role.IDVA)
    await client_of(world)
    other = (await world.refer(victim="Noor Hale"))["case"]["id"]
    await allocate(world, other, cover)
    mine = (await world["idva"].get("/caseload")).json()
    assert [each["client"] for each in mine["items"]] == ["Maya Thornbury"]
    assert mine["norm"] == {"begun_in_a_year": 1, "referrals_a_year": 100}
    service = (await world["idva"].get("/caseload?whose=service")).json()["items"]
    assert {each["client"] for each in service} == {"Maya Thornbury", "Noor Hale"}
    assert (await world["coordinator"].get("/caseload")).status_code == 403

    async def ask(uow: UnitOfWork) -> None:
        await listed(uow, mine=False)

    who = Credentials(world.partnership_id, world["idva"].user_id)
    async with counted(monkeypatch) as statements:
        await world.database.run(who, ask, world.clock(), new_id())
    assert statements() == 2, "the list, and its entry in the trail"


async def test_a_hidden_client_is_on_no_caseload(world: World) -> None:
    case = await client_of(world)
    told = {"user_id": str(world["idva"].user_id), "because": "They are neighbours."}
    assert (await world["coordinator"].post(f"/cases/{case}/exclusions", told)).status_code == 201
    assert (await world["idva"].get("/caseload")).json()["items"] == []
    assert (await world["idva"].get(f"/cases/{case}/idva-support")).status_code == 404


async def test_the_partnership_sets_the_clock_by_date(world: World) -> None:
    rule = SupportRules(version="2", contact_within_days=0, contact_by=time(20))

    async def set_rule(uow: UnitOfWork) -> None:
        await idva_support.set_rules(uow, rule, effective_from=uow.now.date())

    await world.database.run_as_system(world.partnership_id, set_rule, world.clock())
    case = await client_of(world)
    assert (await support(world, case))["support"]["contact_due_at"] == "2026-11-21T20:00:00+00:00"
    assert (await world["coordinator"].get("/partnership")).status_code == 200


class TestPrivileged:
    """Notes that nobody but the IDVAs of that service ever reads."""

    async def test_the_services_idvas_who_work_on_the_case_read_them_and_nobody_else(self, world: World) -> None:
        case = await client_of(world)
        path = f"/cases/{case}/privileged-notes"
        assert (await world["idva"].post(path, {"note": SECRET})).status_code == 201
        cover = await colleague(world, "cover", world.agencies["idva"], Role.IDVA)
        assert (await cover.get(path)).json()["items"][0]["note"] == SECRET
        rival = await colleague(world, "rival", world.agencies["advocacy"], Role.IDVA)
        assert (await rival.get(path)).json()["items"] == []
        manager = await colleague(world, "manager", world.agencies["idva"], Role.AGENCY_REPRESENTATIVE)
        for who in (world["coordinator"], world["chair"], world["auditor"], world["officer"], manager):
            assert (await who.get(path)).status_code == 403, who.name

    async def test_they_are_in_nothing_that_others_are_shown_or_that_leaves(self, world: World) -> None:
        told = await world.refer()
        case, reference = told["case"]["id"], told["people"][0]["person_reference"]
        await allocate(world, case, world["idva"])
        idva, coordinator = world["idva"], world["coordinator"]
        await idva.post(f"/cases/{case}/privileged-notes", {"note": SECRET})
        await idva.post(f"/cases/{case}/contact-attempts", {"outcome": "reached", "note": SECRET})
        await idva.get(f"/cases/{case}/privileged-notes")
        world.clock.set(2026, 11, 23, 8, 45)
        meeting = f"/meetings/{told['route']['meeting_id']}"
        for move, body in (("lock", None), ("publish", {"sharing": SHARING})):
            done = await coordinator.post(f"{meeting}/{move}", body, headers={"If-Match": "*"})
            assert done.status_code == 200, done.text
        said = []
        for who in ("coordinator", "auditor", "health_rep"):
            for path in (
                f"/cases/{case}",
                f"/cases/{case}/timeline",
                f"/cases/{case}/trail",
                f"/cases/{case}/idva-support",
                f"/audit?case={case}",
                "/audit?scope=partnership",
                f"{meeting}/agenda",
                f"{meeting}/packs/1",
                f"/people/{reference}/disclosures",
            ):
                said.append((await world[who].get(path)).text)
        for form in ("pdf", "docx", "xlsx", "ics"):
            made = await coordinator.post(f"{meeting}/exports", {"document": "agenda", "format": form})
            await world.app.state.exports.idle()
            said.append((await coordinator.get(f"/exports/{made.json()['id']}/file")).content.decode("latin-1"))
        assert [each for each in said if SECRET in each] == []
        trail = (await coordinator.get(f"/cases/{case}/trail")).json()["items"]
        verbs = {each["verb"] for each in trail}
        assert {"privileged_note.written", "privileged_note.read"} <= verbs
        events = (await coordinator.get(f"/cases/{case}/timeline")).json()["items"]
        assert not [each for each in events if each["kind"].startswith("privileged")]

    async def test_no_table_that_is_exported_or_chained_holds_their_words(
        self, world: World, superuser: asyncpg.Connection
    ) -> None:
        case = await client_of(world)
        secret = "Ospreyford basilisk"
        await world["idva"].post(f"/cases/{case}/privileged-notes", {"note": secret}, headers={"Idempotency-Key": "k"})
        tables = await superuser.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        holding = [
            row[0]
            for row in tables
            if await superuser.fetchval(f"SELECT EXISTS (SELECT 1 FROM {row[0]} t WHERE t::text LIKE '%{secret}%')")
        ]
        assert set(holding) == {"privileged_note"}
