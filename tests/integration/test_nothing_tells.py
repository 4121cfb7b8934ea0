"""What stands beside a case, and could tell of it to somebody who may not know."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from app.db import break_glass
from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.statements import sql
from app.domain.access import CASEWORK
from app.domain.break_glass import PersonSought
from app.domain.exports import ExportDocument, ExportForm, ExportFormat
from app.services import exports
from tests.glass import keep_from
from tests.ledger import kept, record
from tests.world import World, referral_form

BORN = date(1991, 4, 17)
NAME = PersonSought(given_name="Ana", family_name="Pereira", date_of_birth=BORN).name_key
AGAIN = {"Idempotency-Key": "the-same-request"}
LATER = {"occurred_on": "2026-11-19", "narrative": "He came back and broke the door."}


async def restrict(world: World, case: dict[str, Any], *named: str) -> None:
    told = {
        "because": "A party works in an agency.",
        "named": [str(world[who].user_id) for who in named],
        "sharing": world["coordinator"].sharing,
    }
    answer = await world["coordinator"].post(f"/cases/{case['id']}/restriction", told)
    assert answer.status_code == 201, answer.text


async def pairs(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world["coordinator"].get("/matches")).json()["items"]
    return found


async def decide(world: World, pair: dict[str, Any], *, same: bool) -> int:
    told = {"party_id": pair["party"]["party_id"], "other_party_id": pair["other"]["party_id"], "same": same}
    return (await world["coordinator"].post("/matches", {**told, "sharing": world["coordinator"].sharing})).status_code


async def test_the_trail_of_a_case_does_not_say_that_there_is_another_like_it(world: World) -> None:
    await world.refer(yes=4)
    case = (await world.refer("nurse", yes=4, incident=LATER))["case"]
    found = await pairs(world)
    assert await decide(world, found[0], same=False) == 201
    for path in (f"/cases/{case['id']}/trail", f"/audit?case={case['id']}"):
        verbs = [each["verb"] for each in (await world["nurse"].get(path)).json()["items"]]
        assert verbs.count("case.listed") == 2, path
        assert not [each for each in verbs if each.startswith("match.")], path


async def test_records_are_not_joined_across_a_restriction(world: World) -> None:
    hidden = (await world.refer(yes=4))["case"]
    await restrict(world, hidden, "officer")
    case = (await world.refer("nurse", yes=4, incident=LATER))["case"]
    before = (await world["nurse"].get(f"/cases/{case['id']}")).content
    assert [await decide(world, each, same=True) for each in await pairs(world)] == [409, 409]
    assert (await world["nurse"].get(f"/cases/{case['id']}")).content == before
    await restrict(world, case, "officer")
    assert [await decide(world, each, same=True) for each in await pairs(world)] == [201, 201]


async def test_records_are_not_joined_while_somebody_kept_from_one_case_sees_the_other(world: World) -> None:
    hidden = (await world.refer(yes=4))["case"]
    await keep_from(world, hidden, "nurse")
    case = (await world.refer("nurse", yes=4, incident=LATER))["case"]
    assert [await decide(world, each, same=True) for each in await pairs(world)] == [409, 409]
    await keep_from(world, case, "nurse")
    assert [await decide(world, each, same=True) for each in await pairs(world)] == [201, 201]


async def test_somebody_kept_from_one_case_who_sees_no_other_hinders_nothing(world: World) -> None:
    await keep_from(world, (await world.refer(yes=4))["case"], "probation_rep")
    await world.refer("nurse", yes=4, incident=LATER)
    assert [await decide(world, each, same=True) for each in await pairs(world)] == [201, 201]


async def test_a_document_that_was_still_being_made_is_not_taken_for_the_one_without_the_case(world: World) -> None:
    hidden = (await world.refer())["case"]
    other = (await world.refer(victim="Ana Pereira"))["case"]
    meeting = (await world["coordinator"].get(f"/cases/{hidden['id']}")).json()["meetings"][0]["id"]
    await world["coordinator"].post(f"/meetings/{meeting}/lock", headers={"If-Match": "*"})
    told = {"sharing": world["coordinator"].sharing}
    await world["coordinator"].post(f"/meetings/{meeting}/publish", told, headers={"If-Match": "*"})
    who, job = Credentials(world.partnership_id, world["housing_rep"].user_id), new_id()
    form = ExportForm(document=ExportDocument.AGENDA, format=ExportFormat.PDF)

    async def run(use_case: Any, *args: Any) -> Any:
        return await world.database.run(who, use_case, world.clock(), new_id(), *args)

    await run(exports.ask, UUID(meeting), form, job)
    one_process = await run(exports.take_up, job)
    await keep_from(world, hidden, "housing_rep")
    another = await run(exports.take_up, job)
    assert [each.case_reference for each in another.frozen.items] == [other["reference"]]
    assert not await run(exports.finish, job, one_process.attempt, b"with the case", "agenda.pdf")
    assert await run(exports.finish, job, another.attempt, b"without it", "agenda.pdf")
    assert (await world["housing_rep"].get(f"/exports/{job}/file")).content == b"without it"


async def test_a_key_used_for_several_cases_is_free_again_for_whoever_is_kept_from_one(world: World) -> None:
    cases = [(await world.refer(victim=each))["case"] for each in ("Maya Thornbury", "Ana Pereira", "Ines Marlow")]
    rep = world["housing_rep"]
    items = [(await rep.get(f"/cases/{each['id']}")).json()["meetings"][0]["agenda_item_id"] for each in cases]
    form = {"items": items[:2], "sharing": rep.sharing}
    assert (await rep.post("/research/not-known", form, headers=AGAIN)).status_code == 200
    await keep_from(world, cases[1], "housing_rep")
    answer = await rep.post("/research/not-known", {**form, "items": items[2:]}, headers=AGAIN)
    assert (answer.status_code, answer.json()) == (200, {"items": items[2:]})


async def test_a_repeat_tells_nothing_to_somebody_who_has_lost_their_role(
    world: World, superuser: asyncpg.Connection
) -> None:
    form = referral_form(sharing=world["officer"].sharing)
    sent = await world["officer"].post("/referrals?submit=true", form, headers=AGAIN)
    assert sent.status_code == 201
    assert (await world["officer"].post("/referrals?submit=true", form, headers=AGAIN)).status_code == 201
    await superuser.execute("UPDATE user_role SET ended_at = now() WHERE user_id = $1", world["officer"].user_id)
    refused = await world["officer"].post("/referrals?submit=true", form, headers=AGAIN)
    assert refused.status_code == 403
    assert sent.json()["case"]["reference"] not in refused.text


async def test_a_repeat_of_a_draft_does_not_tell_again_where_anybody_can_be_found(world: World) -> None:
    form = referral_form(sharing=world["officer"].sharing)
    first = await world["officer"].post("/referrals", form, headers=AGAIN)
    assert "14 Invented Row" in first.text
    await world["officer"].post(f"/referrals/{first.json()['id']}/submit")
    repeat = await world["officer"].post("/referrals", form, headers=AGAIN)
    assert (repeat.status_code, repeat.json()["id"]) == (201, first.json()["id"])
    assert "Invented Row" not in repeat.text
    assert "900123" not in repeat.text


async def test_a_number_among_the_words_on_safe_contact_is_shown_by_a_release_alone(world: World) -> None:
    form = referral_form(sharing=world["officer"].sharing)
    form["victim"]["safe_contact"]["note"] = "Ring her sister on 07700 900555, or write to SO14 9ZZ."
    sent = (await world["officer"].post("/referrals?submit=true", form)).json()
    path = f"/cases/{sent['case']['id']}"
    for shown in (path, f"{path}/contacts", f"/referrals/{sent['referral_id']}"):
        answer = await world["housing_rep"].get(shown)
        assert "[withheld]" in answer.text, shown
        assert "900555" not in answer.text, shown
        assert "SO14" not in answer.text, shown
    victim = next(each for each in (await world["officer"].get(path)).json()["parties"] if each["role"] == "victim")
    asked = {"reason": "contact_victim", "parties": [victim["id"]]}
    assert "900555" in (await world["officer"].post(f"{path}/contacts/release", asked)).text


async def test_an_auditor_kept_from_a_case_finds_no_entry_that_is_about_it_and_names_none(world: World) -> None:
    draft = (await world["officer"].post("/referrals", referral_form(sharing=world["officer"].sharing))).json()
    case = (await world["officer"].post(f"/referrals/{draft['id']}/submit")).json()["case"]
    await record(world["officer"], case["id"], kept(to_agencies=[str(world.agencies["idva"])]))

    async def entries(who: str, path: str) -> list[str]:
        found = [each["verb"] for each in (await world[who].get(path)).json()["items"]]
        return [each for each in found if each in ("referral.drafted", "information.withheld")]

    oversight = "/audit?scope=partnership"
    assert await entries("auditor", oversight) == ["information.withheld", "referral.drafted"]
    assert await entries("officer", "/audit") == ["information.withheld", "referral.drafted"]
    await keep_from(world, case, "officer")
    assert await entries("officer", "/audit") == []
    await restrict(world, case)
    assert await entries("auditor", oversight) == []


async def test_postgresql_tells_of_a_case_behind_the_glass_to_nobody_but_those_who_work_on_cases(world: World) -> None:
    hidden = (await world.refer())["case"]
    await restrict(world, hidden, "officer")
    case = (await world.refer(yes=4, victim="Ana Pereira"))["case"]

    async def asks(uow: UnitOfWork) -> tuple[bool, bool, int]:
        by_name = await uow.rows(sql("SELECT * FROM behind_glass_of(:name, CAST(:born AS date))"), name=NAME, born=BORN)
        places = await uow.rows(sql("SELECT places FROM hidden_places()"))
        found = await uow.value(break_glass.BY_REFERENCE, reference=case["reference"])
        return found is not None, bool(by_name), len(places)

    for who, person in world.people.items():
        told = await world.database.run(
            Credentials(world.partnership_id, person.user_id), asks, world.clock(), new_id()
        )
        works = not CASEWORK.isdisjoint((await person.get("/me")).json()["roles"])
        named = who in ("officer", "coordinator")
        assert told == (works, works, int((works or who == "system") and not named)), who


async def test_answers_taken_over_from_a_hidden_case_do_not_say_where_they_came_from(world: World) -> None:
    first = await world.refer()
    await restrict(world, first["case"], "officer")
    assessed = (await world["officer"].get(f"/cases/{first['case']['id']}")).json()["assessments"][0]["id"]
    other = {"given_name": "Otto", "family_name": "Vane", "date_of_birth": "1970-02-02", "relationship": "husband"}
    form = referral_form(sharing=world["officer"].sharing, perpetrators=[other], assessment={"adopted_from": assessed})
    form["victim"]["person_reference"] = first["people"][0]["person_reference"]
    answer = await world["officer"].post("/referrals?submit=true", form)
    assert (answer.status_code, answer.json()["case"]["joined"]) == (201, False), answer.text
    case = f"/cases/{answer.json()['case']['id']}"
    assert assessed in (await world["officer"].get(case)).text
    for path in (case, f"{case}/assessments", f"{case}/timeline", f"/referrals/{answer.json()['referral_id']}"):
        shown = await world["housing_rep"].get(path)
        assert shown.status_code == 200
        assert assessed not in shown.text, path
