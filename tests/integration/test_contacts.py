"""The second ring: masked for those who see the case, sealed in the database, and released on purpose."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.db.tables.access import contact_secret
from tests.world import World, build_world, referral_form

NOWHERE = "0193e0a0-0000-7000-8000-000000000000"
NUMBER = "900123"
HIDDEN = ("14 Invented Row", "Southmere", "07700", "900123", "+4477")
CHILD = {
    "given_name": "Isla",
    "family_name": "Thornbury",
    "date_of_birth": "2019-05-02",
    "contact": {"schools": [{"name": "Saltings Primary", "town": "Southmere"}]},
}


async def referred(world: World, **changes: Any) -> dict[str, Any]:
    """A case with contact details of the victim and of a child."""
    found: dict[str, Any] = (await world.refer(children=[CHILD], **changes))["case"]
    return found


async def parties(world: World, case_id: str, who: str = "idva") -> dict[str, str]:
    """Key to party id."""
    items = (await world[who].get(f"/cases/{case_id}/contacts")).json()["items"]
    return {each["key"]: each["party_id"] for each in items}


async def release(world: World, who: str, case_id: str, *keys: str, **asked: Any) -> httpx.Response:
    there = await parties(world, case_id)
    form = {
        "reason": "contact_victim",
        "parties": [there[key] for key in keys or ("victim",)],
        "sharing": world[who].sharing,
    }
    form |= asked
    return await world[who].post(f"/cases/{case_id}/contacts/release", form)


async def sealed_rows(world: World, who: str, sql: str = "SELECT party_id FROM contact_secret") -> list[Any]:
    """What somebody gets straight in SQL, as the service's role, under no name but their own."""
    person = world[who]
    async with world.database._pool.acquire() as connection, connection.transaction():
        await connection.fetchrow(
            "SELECT * FROM enter($1, $2, '{idva,marac_coordinator,chair,safeguarding_officer}', $3)",
            person.partnership_id,
            person.user_id,
            world.clock(),
        )
        return list(await connection.fetch(sql))


async def test_contact_details_are_masked_until_they_are_released(world: World) -> None:
    case = await referred(world)
    shown = await world["chair"].get(f"/cases/{case['id']}/contacts")
    victim, child, perpetrator = shown.json()["items"]
    given = victim["given"][0]
    assert given["agency"] == "Wessex Police"
    assert given["contact"]["addresses"] == [{"current": True, "safe": None, "postcode": False}]
    assert given["contact"]["phones"] == [{"kind": None, "ends_in": "23", "safe": True}]
    assert victim["safe_contact"]["say"] == "Say: the surgery."
    assert child["given"][0]["contact"]["schools"] == 1
    assert perpetrator["given"] == []
    assert [text for text in (*HIDDEN, "Saltings") if text in shown.text] == []
    trail = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    assert ("contact.listed", "Chair") in [(each["verb"], each["actor"]) for each in trail]


async def test_words_that_hold_a_number_all_the_same_lose_it_until_release(world: World) -> None:
    form = referral_form()
    form["victim"]["safe_contact"]["note"] = "Ring her mother on 01632 960177 first."
    case = (await world["officer"].post("/referrals?submit=true", form)).json()["case"]
    shown = (await world["idva"].get(f"/cases/{case['id']}/contacts")).json()["items"][0]
    assert shown["safe_contact"]["note"] == "Ring her mother on [withheld] first."
    released = (await release(world, "idva", case["id"])).json()["items"][0]
    assert released["safe_contact"]["note"] == "Ring her mother on 01632 960177 first."


async def test_a_release_shows_those_named_and_nobody_else_and_is_in_the_trail(world: World) -> None:
    case = await referred(world)
    answer = await release(world, "idva", case["id"])
    assert answer.status_code == 200, answer.text
    (victim,) = answer.json()["items"]
    assert victim["contact"]["phones"][0]["number"] == "07700 900123"
    assert victim["contact"]["addresses"][0]["lines"] == ["14 Invented Row", "Southmere"]
    assert "Saltings" not in answer.text
    trail = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    kept = next(each for each in trail if each["verb"] == "contact.released")
    assert (kept["actor"], kept["purpose"]) == ("Idva", "contact_victim")


async def test_nobody_said_is_told_apart_from_not_released(world: World) -> None:
    case = await referred(world)
    (perpetrator,) = (await release(world, "idva", case["id"], "perpetrator-1")).json()["items"]
    assert perpetrator["contact"] is None


async def test_what_was_released_stays_open_for_a_quarter_of_an_hour(world: World) -> None:
    case = await referred(world)
    path = f"/cases/{case['id']}/contacts/released"
    assert (await world["idva"].get(path)).json() == {"items": []}
    until = (await release(world, "idva", case["id"])).json()["items"][0]["released_until"]
    assert until.startswith((world.clock() + timedelta(minutes=15)).isoformat()[:16])
    world.clock.forward(minutes=14, seconds=59)
    again = await world["idva"].get(path)
    assert NUMBER in again.text
    assert (await world["idva"].get(f"/cases/{case['id']}/contacts")).json()["items"][0]["released_until"] == until
    assert len(await sealed_rows(world, "idva")) == 1
    world.clock.forward(seconds=1)
    assert (await world["idva"].get(path)).json() == {"items": []}
    assert await sealed_rows(world, "idva") == []
    trail = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    assert [each["verb"] for each in trail if each["actor"] == "Idva"].count("contact.read") == 4


async def test_what_is_released_to_one_is_not_released_to_another(world: World) -> None:
    case = await referred(world)
    await release(world, "idva", case["id"])
    for who in ("coordinator", "chair", "officer"):
        assert (await world[who].get(f"/cases/{case['id']}/contacts/released")).json() == {"items": []}
        assert await sealed_rows(world, who) == []
        items = (await world[who].get(f"/cases/{case['id']}/contacts")).json()["items"]
        assert {each["released_until"] for each in items} == {None}


async def test_a_sealed_row_exists_in_sql_only_for_whom_and_of_whom_it_was_released(world: World) -> None:
    case = await referred(world)
    there = await parties(world, case["id"])
    assert await sealed_rows(world, "idva") == []
    await release(world, "idva", case["id"], "child-1")
    assert [str(row["party_id"]) for row in await sealed_rows(world, "idva")] == [there["child-1"]]


async def test_nobody_writes_a_release_for_somebody_else_or_for_a_case_they_cannot_see(world: World) -> None:
    case = await referred(world)
    case_id, idva = case["id"], world["idva"]
    insert = f"""
        INSERT INTO contact_release (partnership_id, id, case_id, user_id, agency_id, parties, reason, at, until_at)
        VALUES ('{world.partnership_id}', gen_random_uuid(), '{case_id}', '%s', '{idva.agency_id}', '{{}}', 'visit',
                now(), now()) RETURNING id"""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await sealed_rows(world, "coordinator", insert % idva.user_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await sealed_rows(world, "operator", insert % world["operator"].user_id)


async def test_another_reason_needs_words_and_somebody_else_s_party_is_refused(world: World) -> None:
    case, other = await referred(world), await referred(world, victim="Ana Pereira")
    answer = await release(world, "idva", case["id"], reason="other")
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/because"]
    told = await release(world, "idva", case["id"], reason="other", because="She asked for her letters to be moved.")
    assert told.status_code == 200
    assert (await release(world, "idva", case["id"], reason="curiosity")).status_code == 422
    assert (await release(world, "idva", case["id"], parties=[])).status_code == 422
    elsewhere = (await parties(world, other["id"]))["victim"]
    wrong = await release(world, "idva", case["id"], parties=[elsewhere])
    assert [each["code"] for each in wrong.json()["errors"]] == ["unknown_party"]
    nobody = await release(world, "idva", case["id"], parties=[NOWHERE])
    assert nobody.content == wrong.content


async def test_a_partner_system_sees_masks_and_is_released_nothing(world: World) -> None:
    result = await world.refer("system")
    case_id = result["case"]["id"]
    there = await parties(world, case_id)
    assert (await world["system"].get(f"/cases/{case_id}/contacts")).status_code == 200
    form = {"reason": "visit", "parties": [there["victim"]]}
    assert (await world["system"].post(f"/cases/{case_id}/contacts/release", form)).status_code == 403
    assert (await world["system"].get(f"/cases/{case_id}/contacts/released")).status_code == 403
    read = await world["system"].get(f"/referrals/{result['referral_id']}")
    assert NUMBER not in read.text


async def test_contact_details_of_a_hidden_case_and_of_none_are_one_answer(world: World) -> None:
    case = (await world.refer(yes=3))["case"]
    form = {"reason": "visit", "parties": [NOWHERE]}
    for path in ("/contacts", "/contacts/released"):
        hidden = await world["nurse"].get(f"/cases/{case['id']}{path}")
        absent = await world["nurse"].get(f"/cases/{NOWHERE}{path}")
        assert (hidden.status_code, hidden.content) == (404, absent.content)
    hidden = await world["nurse"].post(f"/cases/{case['id']}/contacts/release", form)
    absent = await world["nurse"].post(f"/cases/{NOWHERE}/contacts/release", form)
    assert (hidden.status_code, hidden.content) == (404, absent.content)


async def test_a_referral_that_was_sent_shows_its_own_agency_masks(world: World) -> None:
    sent = await world.refer()
    read = await world["officer"].get(f"/referrals/{sent['referral_id']}")
    body = read.json()
    assert [text for text in HIDDEN if text in read.text] == []
    assert body["contacts"][0]["name"] == "Maya Thornbury"
    assert body["contacts"][0]["contact"]["phones"][0]["ends_in"] == "23"


async def test_what_several_agencies_told_is_released_together(world: World) -> None:
    case = await referred(world)
    people = (await world["officer"].get(f"/cases/{case['id']}")).json()["parties"]
    form = referral_form()
    form["victim"] |= {
        "person_reference": people[0]["person_reference"],
        "contact": {"phones": [{"number": "07700 900555", "safe": False}]},
    }
    form["perpetrators"][0]["person_reference"] = people[2]["person_reference"]
    again = (await world["officer"].post("/referrals?submit=true", form)).json()
    assert again["case"]["id"] == case["id"]
    masked = (await world["idva"].get(f"/cases/{case['id']}/contacts")).json()["items"][0]["given"]
    assert [[phone["ends_in"] for phone in each["contact"]["phones"]] for each in masked] == [["23"], ["55"]]
    released = (await release(world, "idva", case["id"])).json()["items"][0]["contact"]
    assert [each["number"] for each in released["phones"]] == ["07700 900123", "07700 900555"]


async def test_a_row_given_to_another_person_does_not_open(world: World, superuser: asyncpg.Connection) -> None:
    case = await referred(world)
    there = await parties(world, case["id"])
    rows = await superuser.fetch(f"SELECT id, party_id FROM {contact_secret.name} WHERE case_id = $1", case["id"])
    one, other = rows
    for row, party in ((one, other["party_id"]), (other, one["party_id"])):
        await superuser.execute("UPDATE contact_secret SET party_id = $1 WHERE id = $2", party, row["id"])
    answer = await release(world, "idva", case["id"], "victim", "child-1")
    assert (answer.status_code, answer.json()["code"]) == (503, "seal_broken")
    assert [text for text in (*HIDDEN, "Saltings", there["victim"]) if text in answer.text] == []
    trail = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    assert "contact.released" not in [each["verb"] for each in trail], "nothing was shown, so nothing is said to be"


async def test_a_row_s_seal_moved_to_another_row_does_not_open(world: World, superuser: asyncpg.Connection) -> None:
    case = await referred(world)
    await superuser.execute(
        """
        UPDATE contact_secret s SET wrapped = o.wrapped, sealed = o.sealed FROM contact_secret o
         WHERE s.case_id = $1 AND o.case_id = $1 AND o.party_id <> s.party_id
        """,
        case["id"],
    )
    answer = await release(world, "idva", case["id"], "victim", "child-1")
    assert (answer.status_code, answer.json()["code"]) == (503, "seal_broken")


async def test_a_key_that_is_not_here_is_a_plain_refusal(world: World, superuser: asyncpg.Connection) -> None:
    case = await referred(world)
    await superuser.execute("UPDATE contact_secret SET key_id = 'gone' WHERE case_id = $1", case["id"])
    answer = await release(world, "idva", case["id"])
    assert answer.status_code == 503
    assert "roundtable doctor" in answer.json()["detail"]
    assert [text for text in HIDDEN if text in answer.text] == []


async def searched(world: World, who: str = "coordinator", **told: Any) -> list[tuple[str, list[str]]]:
    answer = await world[who].post("/people/search", told)
    assert answer.status_code == 200, answer.text
    return [(each["name"], each["why"]) for each in answer.json()["items"]]


def at_home() -> dict[str, Any]:
    """A referral that says where she lives, how to ring and how to write."""
    form = referral_form()
    form["victim"]["contact"] = {
        "addresses": [{"lines": ["14 Invented Row"], "postcode": "so14 7ly"}],
        "phones": [{"number": "07700 900321"}],
        "emails": [{"address": "Maya.T@example.org"}],
    }
    return form


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"phone": "+44 7700 900321"}, ["same phone number"]),
        ({"phone": "07700900321"}, ["same phone number"]),
        ({"email": "maya.t@EXAMPLE.org"}, ["same email"]),
        ({"postcode": "SO147LY"}, ["same postcode"]),
        ({"phone": "07700 900321", "postcode": "SO14 7LY"}, ["same phone number", "same postcode"]),
        (
            {"known_as": "Maya Thornbury", "phone": "07700 900321"},
            ["same phone number", "same name", "no date of birth to compare"],
        ),
    ],
)
async def test_people_are_found_by_contact_details_however_they_are_written(
    world: World, told: dict[str, str], why: list[str]
) -> None:
    assert (await world["officer"].post("/referrals?submit=true", at_home())).status_code == 201
    assert await searched(world, **told) == [("Maya Thornbury", why)]


async def test_only_people_in_cases_one_sees_are_found_and_the_words_are_the_same(world: World) -> None:
    form = at_home()
    form["assessment"]["answers"] = {str(n): {"value": "no"} for n in range(1, 28)}
    assert (await world["officer"].post("/referrals?submit=true", form)).status_code == 201
    unseen = await world["nurse"].post("/people/search", {"phone": "07700 900321"})
    absent = await world["nurse"].post("/people/search", {"phone": "07700 900999"})
    assert unseen.content == absent.content
    assert await searched(world, phone="07700 900322") == []
    assert await searched(world, email="other@example.org") == []


async def test_who_is_released_no_contact_details_finds_nobody_by_them(world: World) -> None:
    assert (await world["system"].post("/people/search", {"phone": "07700 900321"})).status_code == 403
    assert (await world["system"].post("/people/search", {"known_as": "Maya"})).status_code == 200


async def test_what_is_looked_for_is_nowhere_in_the_index_and_the_trail(
    world: World, superuser: asyncpg.Connection
) -> None:
    assert (await world["officer"].post("/referrals?submit=true", at_home())).status_code == 201
    await searched(world, phone="07700 900321")
    rows = await superuser.fetch("SELECT i::text AS all FROM contact_index i WHERE partnership_id = $1", _id(world))
    rows += await superuser.fetch("SELECT a::text AS all FROM audit a WHERE partnership_id = $1", _id(world))
    assert len(rows) > 3
    assert [row["all"] for row in rows if "900321" in row["all"] or "SO14" in row["all"]] == []


async def test_the_same_number_in_another_partnership_has_another_digest(
    app: FastAPI, client: httpx.AsyncClient, world: World, superuser: asyncpg.Connection
) -> None:
    other = await build_world(app, client, world.clock)
    for each in (world, other):
        assert (await each["officer"].post("/referrals?submit=true", at_home())).status_code == 201
    rows = await superuser.fetch(
        "SELECT blind FROM contact_index WHERE partnership_id = ANY ($1)", [_id(world), _id(other)]
    )
    assert len(rows) == len({bytes(row["blind"]) for row in rows}) == 6


async def test_the_index_is_used_though_a_policy_hides_what_it_finds(world: World) -> None:
    sql = f"""
        EXPLAIN SELECT party_id, kind FROM contact_index
         WHERE partnership_id = '{_id(world)}' AND blind = ANY ('{{"\\\\x00","\\\\x01"}}'::bytea[]) LIMIT 200"""
    plan = "\n".join(row[0] for row in await sealed_rows(world, "coordinator", sql))
    assert "ix_contact_index_blind" in plan
    assert "blind = ANY" in next(line for line in plan.splitlines() if "Index Cond" in line)


def _id(world: World) -> UUID:
    return world.partnership_id


@pytest.mark.parametrize(
    ("who", "change"),
    [
        ("idva", {"until_at": "now_ + interval '16 minutes'"}),
        ("idva", {"agency_id": "gen_random_uuid()"}),
        ("idva", {"user_id": "gen_random_uuid()"}),
        ("system", {}),
    ],
    ids=["for longer", "as another agency", "as somebody else", "as a partner system"],
)
async def test_postgresql_takes_no_release_that_is_long_or_not_ones_own(
    world: World, who: str, change: dict[str, str]
) -> None:
    case = (await world.refer("system"))["case"]
    person = world[who]
    row = {
        "partnership_id": f"'{world.partnership_id}'",
        "id": "gen_random_uuid()",
        "case_id": f"'{case['id']}'",
        "user_id": f"'{person.user_id}'",
        "agency_id": f"'{person.agency_id}'",
        "parties": "'{}'",
        "reason": "'visit'",
        "at": "now_",
        "until_at": "now_ + interval '15 minutes'",
        **change,
    }
    values = ", ".join(row.values()).replace("now_", "actor_now()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="contact_release"):
        await sealed_rows(world, who, f"INSERT INTO contact_release ({', '.join(row)}) VALUES ({values}) RETURNING id")


async def test_the_service_adds_sealed_rows_and_changes_none(world: World) -> None:
    case = await referred(world)
    await release(world, "idva", case["id"])
    for change in ("UPDATE contact_secret SET key_id = 'x'", "DELETE FROM contact_secret"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await sealed_rows(world, "idva", change)
