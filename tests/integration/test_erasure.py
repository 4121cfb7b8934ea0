"""Erasing a person: nothing of them is left in any table, others keep what is theirs, and the trail still holds."""

import asyncio
import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Text

from app.commands.erase import erase
from app.commands.verify import verify
from app.db.erasure import WORDS
from app.db.tables import metadata
from app.domain.erasure import ERASED, ErasureReason
from app.problem import Problem
from tests.policy.scene import Place, row_of
from tests.world import SHARING, World, referral_form

Urls = tuple[str, str]
# One word for whatever was typed, apart from names, dates and numbers that are told of the person themself.
TYPED = "CANARY"
OF_VICTIM = (TYPED, "Maya", "Quillfeather", "Mayflower", "1991-04-17", "900123", "Invented Row", "P-OLD")
NUMBER = "900123"


def told(**changes: Any) -> dict[str, Any]:
    """A referral in which every text says something."""
    form = referral_form(victim="Maya Quillfeather", **changes)
    form["victim"] |= {"aliases": ["Mayflower"], "note": TYPED, "diversity": {"religion": TYPED}, "language": TYPED}
    form["victim"]["safe_contact"] |= {"note": TYPED, "who_must_not_know": TYPED}
    form["perpetrators"][0] |= {
        "note": TYPED,
        "contact": {"phones": [{"number": "07700 900777", "note": "Maya Quillfeather rings him here"}]},
        "safe_contact": {"who_must_not_know": "Maya"},
    }
    form["children"] = [{"given_name": "Isla", "family_name": "Reed", "date_of_birth": "2019-05-02", "note": TYPED}]
    form["incident"]["narrative"] = TYPED
    form["victim_view"] |= {"views": TYPED, "afraid_of": TYPED}
    form["note"] = TYPED
    form["events"] = [{"occurred_on": "2026-10-01", "kind": TYPED}]
    form["professional_judgement"] = {"rationale": TYPED}
    for answer in form["assessment"]["answers"].values():
        answer["note"] = TYPED
    return form


async def sent(world: World, **more: Any) -> dict[str, Any]:
    answer = await world["officer"].post("/referrals?submit=true", told(), **more)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()
    return result


def person(result: dict[str, Any], key: str = "victim") -> str:
    found: str = next(each["person_reference"] for each in result["people"] if each["key"] == key)
    return found


async def erased(world: World, urls: Urls, reference: str, *, agree: bool = True) -> str:
    said: list[str] = []
    vault = world.database._vault
    arguments = (urls[0], "DATABASE_OWNER_URL", vault, reference, ErasureReason.RIGHT_TO_ERASURE, world.clock())
    done = await asyncio.to_thread(erase, *arguments, said.append, lambda _: agree)
    assert done is agree
    return "\n".join(said)


async def left(superuser: asyncpg.Connection, world: World, marks: tuple[str, ...]) -> list[str]:
    """Every row of the partnership, in any table, that holds one of these in any column."""
    found = []
    for table in metadata.sorted_tables:
        if "partnership_id" in table.columns:
            rows = await superuser.fetch(
                f"SELECT t::text AS row FROM {table.name} t WHERE partnership_id = $1", world.partnership_id
            )
            found += [f"{table.name}: {row['row']}" for row in rows for mark in marks if mark in row["row"]]
    return found


async def said_everywhere(superuser: asyncpg.Connection, world: World, case_id: str) -> None:
    """A row about the case in every table that has free text, and the word in each column of it."""
    officer = world["officer"]
    place = Place(world.partnership_id, officer.user_id, officer.agency_id)
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        for name, columns in WORDS.items():
            table = metadata.tables[name]
            there = await superuser.fetchval(f"SELECT count(*) FROM {name} WHERE case_id = $1", case_id)
            if not there:
                row = row_of(table, place, case_id)  # type: ignore[arg-type]  # it goes into SQL either way
                names = ", ".join(row)
                values = ", ".join(f"${n}" for n in range(1, len(row) + 1))
                await superuser.execute(f"INSERT INTO {name} ({names}) VALUES ({values})", *row.values())
            assert all(isinstance(table.columns[column].type, Text) for column in columns)
            changes = ", ".join(f"{column} = '{TYPED}'" for column in columns)
            if name == "break_glass":  # which is reviewed whole or not at all
                changes += ", reviewed_at = now(), reviewed_by = gen_random_uuid(), finding = 'justified'"
            if name == "legal_hold":  # while one stands, nothing is erased
                changes += ", lifted_at = now(), lifted_by = gen_random_uuid()"
            await superuser.execute(f"UPDATE {name} SET {changes} WHERE case_id = $1", case_id)
        await superuser.execute("UPDATE case_file SET transferred_to = 'CANARY' WHERE id = $1", case_id)


async def test_nothing_of_an_erased_victim_is_left_in_any_table(
    world: World, superuser: asyncpg.Connection, server_urls: Urls
) -> None:
    result = await sent(world, headers={"Idempotency-Key": "one"})
    case = result["case"]
    await world["officer"].post("/referrals", {"victim": {"person_reference": person(result), "note": TYPED}})
    await said_everywhere(superuser, world, case["id"])
    before = await left(superuser, world, OF_VICTIM)
    assert len({each.partition(":")[0] for each in before}) > len(WORDS)
    said = await erased(world, server_urls, person(result))
    assert "in 1 case." in said
    assert "1 of them is still being worked on." in said
    assert await left(superuser, world, OF_VICTIM) == []
    rows = await superuser.fetch("SELECT party_id FROM contact_secret WHERE case_id = $1", case["id"])
    assert len(rows) == 1, "the perpetrator's stay"


async def test_how_the_victim_could_be_reached_goes_with_the_victim_and_loses_the_name_of_anybody_else(
    world: World, superuser: asyncpg.Connection, server_urls: Urls
) -> None:
    result = await sent(world)
    case = result["case"]["id"]
    told_whom = {"user_id": str(world["idva"].user_id)}
    await world["coordinator"].request("PUT", f"/cases/{case}/idva", json=told_whom, headers={"If-Match": "*"})
    times = {
        "safe_to_call": "yes",
        "windows": [{"days": [1], "starts": "10:00", "ends": "12:00"}],
        "who_must_not_know": "Dale, and his mother",
    }
    assert (await world["idva"].put(f"/cases/{case}/safe-times", times, 0)).status_code == 200
    kept = "SELECT windows::text AS windows, said->>'who_must_not_know' AS said FROM safe_time WHERE case_id = $1"
    await erased(world, server_urls, person(result, "perpetrator-1"))
    (row,) = await superuser.fetch(kept, UUID(case))
    assert ("10:00" in row["windows"], row["said"]) == (True, f"{ERASED}, and his mother")
    await erased(world, server_urls, person(result))
    (row,) = await superuser.fetch(kept, UUID(case))
    assert (row["windows"], row["said"]) == ("[]", None)


async def test_the_others_of_the_case_keep_what_is_theirs(world: World, server_urls: Urls) -> None:
    result = await sent(world)
    case = result["case"]
    await erased(world, server_urls, person(result))
    shown = (await world["coordinator"].get(f"/cases/{case['id']}")).json()
    assert [(each["role"], each["name"]) for each in shown["parties"]] == [
        ("victim", ERASED),
        ("child", "Isla Reed"),
        ("perpetrator", "Dale Harrow"),
    ]
    assert (shown["victim_name"], shown["level"], shown["state"]) == (ERASED, "high", "at_triage")
    assert shown["parties"][1]["date_of_birth"] == "2019-05-02"
    him = shown["parties"][2]["id"]
    asked = {"reason": "check_record", "parties": [him], "sharing": SHARING}
    released = (await world["coordinator"].post(f"/cases/{case['id']}/contacts/release", asked)).json()["items"][0]
    (phone,) = released["contact"]["phones"]
    assert (phone["number"], phone["note"]) == ("07700 900777", f"{ERASED} rings him here")
    for path in (f"/cases/{case['id']}/timeline", f"/cases/{case['id']}/contacts", f"/cases/{case['id']}/assessments"):
        read = await world["coordinator"].get(path)
        assert read.status_code == 200
        assert [mark for mark in OF_VICTIM if mark in read.text] == []
    read = await world["officer"].get(f"/referrals/{result['referral_id']}")
    assert read.json()["form"]["perpetrators"][0]["given_name"] == "Dale"
    assert "victim" not in read.json()["form"]


async def test_an_erased_perpetrator_takes_no_warning_of_the_victim_with_him(
    world: World, superuser: asyncpg.Connection, server_urls: Urls
) -> None:
    form = told()
    form["victim"]["safe_contact"]["who_must_not_know"] = "Dale Harrow and his mother"
    result = (await world["officer"].post("/referrals?submit=true", form)).json()
    await erased(world, server_urls, person(result, "perpetrator-1"))
    assert await left(superuser, world, ("Dale", "Harrow", "1988-01-30", "900777")) == []
    shown = (await world["coordinator"].get(f"/cases/{result['case']['id']}/contacts")).json()["items"][0]
    assert shown["name"] == "Maya Quillfeather"
    assert shown["safe_contact"]["who_must_not_know"] == f"{ERASED} and his mother"
    assert shown["given"][0]["contact"]["phones"][0]["ends_in"] == "23"


async def test_what_was_circulated_and_exported_forgets_them_too(
    world: World, superuser: asyncpg.Connection, server_urls: Urls
) -> None:
    result = await sent(world)
    meeting = result["route"]["meeting_id"]
    content = {
        "position": 1,
        "case_reference": result["case"]["reference"],
        "summary": TYPED,
        "parties": [{"name": "Maya Quillfeather", "date_of_birth": "1991-04-17"}, {"name": "Dale Harrow"}],
    }
    place = (world.partnership_id, result["case"]["id"], meeting)
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute(
        """
        INSERT INTO agenda_pack (partnership_id, id, meeting_id, header, published_at, published_by)
        VALUES ($1, gen_random_uuid(), $2, '{"quorum": "Started since Maya Quillfeather is in danger."}', now(), $3)
        """,
        world.partnership_id,
        meeting,
        world["chair"].user_id,
    )
    await superuser.execute(
        """
        INSERT INTO pack_item (partnership_id, id, case_id, pack_id, kind, position, content)
        SELECT $1, gen_random_uuid(), $2, id, 'case', 1, $4 FROM agenda_pack WHERE meeting_id = $3
        """,
        *place,
        json.dumps(content),
    )
    await superuser.execute(
        """
        INSERT INTO export_job (partnership_id, id, meeting_id, document, format, recipient_id, status, content,
                                file_name, subjects, created_at)
        VALUES ($1, gen_random_uuid(), $3, 'agenda', 'pdf', $4, 'ready', 'CANARY', 'CANARY.pdf', ARRAY[$2::uuid], now())
        """,
        *place,
        world["chair"].user_id,
    )
    await superuser.execute("SET session_replication_role = origin")
    await erased(world, server_urls, person(result))
    assert await left(superuser, world, (*OF_VICTIM, TYPED.encode().hex())) == []
    kept = await superuser.fetchval("SELECT content::text FROM pack_item WHERE case_id = $1", result["case"]["id"])
    assert "Dale Harrow" in kept


async def test_the_trail_says_that_it_was_done_and_why_and_still_holds(world: World, server_urls: Urls) -> None:
    result = await sent(world)
    case_id = result["case"]["id"]
    asked = {"reason": "other", "because": TYPED, "parties": [], "sharing": world["idva"].sharing}
    items = (await world["idva"].get(f"/cases/{case_id}/contacts")).json()["items"]
    asked["parties"] = [items[0]["party_id"]]
    assert (await world["idva"].post(f"/cases/{case_id}/contacts/release", asked)).status_code == 200
    await erased(world, server_urls, person(result))
    trail = (await world["coordinator"].get(f"/cases/{case_id}/trail")).json()["items"]
    entry = next(each for each in trail if each["verb"] == "person.erased")
    assert (entry["actor"], entry["purpose"]) == (None, "right_to_erasure")
    assert "contact.released" in [each["verb"] for each in trail], "what was done stays"
    timeline = (await world["coordinator"].get(f"/cases/{case_id}/timeline")).json()["items"]
    assert timeline[0]["kind"] == "person.erased"
    said: list[str] = []
    slug = f"t-{world.partnership_id}"
    holds = await asyncio.to_thread(verify, server_urls[0], "DATABASE_OWNER_URL", slug, said.append, public_keys=())
    assert holds, "\n".join(said)


async def test_nobody_is_erased_without_a_yes_or_by_the_service_or_by_a_wrong_reference(
    world: World, superuser: asyncpg.Connection, server_urls: Urls
) -> None:
    result = await sent(world)
    before = sorted(await left(superuser, world, OF_VICTIM))
    await erased(world, server_urls, person(result), agree=False)
    with pytest.raises(Problem, match="There is no person 'P-2222222'"):
        await erased(world, server_urls, "P-2222222")
    with pytest.raises(Problem, match="use the database's owner"):
        await erased(world, (server_urls[1], ""), person(result))
    assert sorted(await left(superuser, world, OF_VICTIM)) == before


async def test_nobody_is_erased_from_a_case_on_which_a_legal_hold_stands(world: World, server_urls: Urls) -> None:
    result = await sent(world)
    case = result["case"]
    held = await world["auditor"].post(f"/retention/{case['id']}/holds", {"because": "An inquest."})
    assert held.status_code == 201, held.text
    with pytest.raises(Problem, match=f"A legal hold stands on {case['reference']}"):
        await erased(world, server_urls, person(result))
    assert "Quillfeather" in (await world["officer"].get(f"/cases/{case['id']}")).text
    hold = held.json()["holds"][0]
    assert (await world["auditor"].post(f"/retention/holds/{hold['id']}/lift", headers={"If-Match": "*"})).is_success
    await erased(world, server_urls, person(result))
    assert "Quillfeather" not in (await world["officer"].get(f"/cases/{case['id']}")).text


async def test_somebody_erased_twice_or_whose_record_was_joined_is_erased_whole(
    world: World, superuser: asyncpg.Connection, server_urls: Urls
) -> None:
    first = await sent(world)
    other = told()
    other["perpetrators"][0] |= {"given_name": "Neil", "family_name": "Vance", "date_of_birth": "1980-02-02"}
    second = (await world["nurse"].post("/referrals?submit=true", other)).json()
    assert second["case"]["id"] != first["case"]["id"]
    parties = [
        (await world["coordinator"].get(f"/cases/{each['case']['id']}")).json()["parties"][0]["id"]
        for each in (first, second)
    ]
    told_same = {"party_id": parties[1], "other_party_id": parties[0], "same": True}
    joined = await world["coordinator"].post("/matches", told_same)
    assert joined.status_code in (200, 201), joined.text
    said = await erased(world, server_urls, person(second))
    assert "in 2 cases." in said
    assert await left(superuser, world, OF_VICTIM) == []
    await erased(world, server_urls, person(first))
