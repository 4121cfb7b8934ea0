"""A referral tells those to whom it opens the case, and that enters the ledger with it."""

from uuid import UUID

import asyncpg
import pytest

from tests.counted import counted
from tests.integration.entered import UNSAID, agencies, below_high, everybody_but, ledger, unsaid
from tests.world import CHARITY_SHARING, SHARING, World, referral_form


async def test_a_referral_tells_those_to_whom_it_opens_the_case(world: World, superuser: asyncpg.Connection) -> None:
    result = await world.refer()
    (row,) = await ledger(superuser, result["case"]["id"])
    assert (row["kind"], row["act"], row["purpose"], row["channel"]) == ("shared", "referral", "protect", "roundtable")
    assert str(row["source_id"]) == result["referral_id"]
    assert (row["from_agency_id"], row["from_user_id"]) == (world.agencies["police"], world["officer"].user_id)
    assert set(row["to_agencies"]) == everybody_but(world, "police")
    assert row["to_users"] == []
    assert row["subjects"] == []
    assert set(row["items"]) == {"referral", "identities", "incident", "risk_assessment", "views"}
    assert (row["necessity"], row["proportionality"]) == (SHARING["necessity"], SHARING["proportionality"])
    assert (row["nature"], row["awareness"]) == ("both", "The victim knows of it.")
    assert '"code": "public_task"' in row["basis"]
    assert row["at"] == world.clock()
    trail = await superuser.fetchval(
        "SELECT count(*) FROM audit WHERE case_id = $1 AND verb = 'information.shared'", UUID(result["case"]["id"])
    )
    assert trail == 1


async def test_a_referral_below_high_tells_the_coordinator_and_the_service_that_is_asked(
    world: World, superuser: asyncpg.Connection
) -> None:
    (row,) = await ledger(superuser, await below_high(world))
    assert set(row["to_agencies"]) == agencies(world, "council", "advocacy")


async def test_a_partner_system_refers_on_a_basis_of_its_own_agency(
    world: World, superuser: asyncpg.Connection
) -> None:
    form = referral_form(sharing=SHARING)
    refused = await world["system"].post("/referrals?submit=true", form)
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        ("/sharing/basis", "not_in_register")
    ]
    sent = await world["system"].post("/referrals?submit=true", {**form, "sharing": CHARITY_SHARING})
    (row,) = await ledger(superuser, sent.json()["case"]["id"])
    assert (row["from_agency_id"], row["from_user_id"]) == (world.agencies["advocacy"], world["system"].user_id)


async def test_a_referral_without_a_basis_is_not_sent_and_names_it_with_all_else_that_is_missing(
    world: World, superuser: asyncpg.Connection
) -> None:
    form = {**referral_form(), "incident": None, "sharing": None}
    answer = await world["officer"].post("/referrals?submit=true", form)
    assert {each["pointer"] for each in answer.json()["errors"]} == {
        *UNSAID,
        "/incident/occurred_on",
        "/incident/narrative",
    }
    rows = await superuser.fetchval("SELECT count(*) FROM disclosure WHERE partnership_id = $1", world.partnership_id)
    assert rows == 0


async def test_a_draft_needs_no_basis_until_it_is_sent(world: World) -> None:
    draft = await world["officer"].post("/referrals", {**referral_form(), "sharing": None})
    assert draft.status_code == 201, draft.text
    unsaid(await world["officer"].post(f"/referrals/{draft.json()['id']}/submit"))


async def test_a_referral_that_joins_a_case_tells_everybody_who_sees_it(
    world: World, superuser: asyncpg.Connection
) -> None:
    first = await world.refer()
    victim = first["people"][0]["person_reference"]
    form = referral_form(yes=16)
    form["victim"]["person_reference"] = victim
    sent = await world["safeguarding"].post("/referrals?submit=true", form)
    assert sent.json()["case"]["joined"], sent.text
    _, second = await ledger(superuser, first["case"]["id"])
    assert str(second["source_id"]) == sent.json()["referral_id"]
    assert set(second["to_agencies"]) == everybody_but(world, "police")


async def test_whoever_is_kept_from_a_case_is_not_entered_as_told(world: World, superuser: asyncpg.Connection) -> None:
    first = await world.refer(yes=4)
    case_id, idva = first["case"]["id"], world["idva"]
    told = {"user_id": str(idva.user_id), "sharing": SHARING}
    assert (await world["coordinator"].put(f"/cases/{case_id}/idva", told, 1)).status_code == 200
    kept = {"user_id": str(idva.user_id), "because": "His cousin."}
    assert (await world["coordinator"].post(f"/cases/{case_id}/exclusions", kept)).status_code == 201
    form = referral_form(yes=5)
    form["victim"]["person_reference"] = first["people"][0]["person_reference"]
    assert (await world["officer"].post("/referrals?submit=true", form)).json()["case"]["joined"]
    row = await superuser.fetchrow(
        "SELECT to_agencies, to_users FROM disclosure WHERE case_id = $1 ORDER BY id DESC LIMIT 1", UUID(case_id)
    )
    assert row is not None
    assert (idva.agency_id in row["to_agencies"], row["to_users"]) == (False, [])


async def test_a_referral_takes_no_more_statements_for_its_entry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with counted(monkeypatch) as statements:
        await world.refer(yes=4)
        below = statements()
        await world.refer(victim="Ana Pereira")
    # Facts with the register, the same words before, the two that write; and a place on a list is taken apart.
    assert (below, statements() - below) == (4, 4)
