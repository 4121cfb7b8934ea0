"""The register of lawful bases: each controller its own, dated, kept by the partnership's administrators."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.domain.access import DESK_ROLES
from tests.world import Person, World

ENTRY = {
    "code": "homicide_review",
    "title": "Domestic homicide review",
    "help": "For a review that the community safety partnership has set up. Name the review under necessity.",
    "agency_kinds": ["police"],
    "proposed_for": ["legal"],
    "article_6": "UK GDPR Article 6(1)(e)",
    "power": "Domestic Violence, Crime and Victims Act 2004 section 9",
    "effective_from": "2026-11-21",
}


async def codes(who: Person, purpose: str | None = None) -> list[str]:
    answer = await who.get("/lawful-bases", params={"purpose": purpose} if purpose else {})
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["items"]]


async def proposed(who: Person, purpose: str) -> list[str]:
    items = (await who.get("/lawful-bases", params={"purpose": purpose})).json()["items"]
    return [each["code"] for each in items if each["proposed"]]


async def versions(who: Person, code: str) -> list[tuple[int, str, str | None]]:
    items = (await who.get("/lawful-bases/register")).json()["items"]
    found = [each for each in items if each["code"] == code]
    return [(each["version"], each["effective_from"], each["effective_until"]) for each in found]


async def test_each_kind_of_agency_may_choose_its_own(world: World) -> None:
    assert sorted(await codes(world["officer"])) == [
        "child_safeguarding",
        "law_enforcement",
        "legal_obligation",
        "public_task",
        "vital_interests",
    ]
    assert sorted(await codes(world["idva"])) == [
        "legal_obligation",
        "legitimate_interests",
        "recognised_legitimate_interest",
        "vital_interests",
    ]


@pytest.mark.parametrize(
    ("who", "purpose", "code"),
    [
        ("officer", "protect", "law_enforcement"),
        ("coordinator", "protect", "public_task"),
        ("nurse", "assess_risk", "public_task"),
        ("idva", "protect", "recognised_legitimate_interest"),
        ("triage", "safeguard_child", "child_safeguarding"),
        ("nurse", "safeguard_adult", "adult_safeguarding"),
        ("officer", "emergency", "vital_interests"),
        ("advocate", "legal", "legal_obligation"),
    ],
)
async def test_one_is_proposed_for_a_purpose_and_stands_first(world: World, who: str, purpose: str, code: str) -> None:
    assert await proposed(world[who], purpose) == [code]
    assert (await codes(world[who], purpose))[0] == code


async def test_without_a_purpose_nothing_is_proposed(world: World) -> None:
    items = (await world["officer"].get("/lawful-bases")).json()["items"]
    assert items
    assert not any(each["proposed"] for each in items)
    assert all(len(each["help"]) > 80 for each in items)


async def test_charities_had_no_recognised_interest_before_the_law_gave_them_one(world: World) -> None:
    world.clock.set(2026, 2, 4)
    assert "recognised_legitimate_interest" not in await codes(world["idva"])
    assert await proposed(world["idva"], "protect") == ["legitimate_interests"]
    world.clock.set(2026, 2, 5, 0, 1)
    assert await proposed(world["idva"], "protect") == ["recognised_legitimate_interest"]


async def test_an_administrator_adds_an_entry_for_some_kinds_of_agency(world: World, superuser: Any) -> None:
    admin = world["partnership_admin"]
    added = await admin.post("/lawful-bases", ENTRY)
    assert added.status_code == 201, added.text
    assert (added.json()["version"], added.json()["effective_until"]) == (1, None)
    assert "homicide_review" in await codes(world["officer"])
    assert "homicide_review" not in await codes(world["nurse"])
    assert await proposed(world["officer"], "legal") == ["homicide_review"], "made for fewer kinds of agency"
    [entry] = await superuser.fetch(
        "SELECT purpose, case_id FROM audit WHERE actor_id = $1 AND verb = 'administration.lawful_basis_added'",
        admin.user_id,
    )
    assert (entry["purpose"], entry["case_id"]) == ("homicide_review 1", None)


async def test_a_new_version_begins_on_its_day_and_the_one_before_it_holds_until_then(world: World) -> None:
    admin = world["partnership_admin"]
    await admin.post("/lawful-bases", ENTRY)
    later = {**ENTRY, "title": "Reviews of deaths", "effective_from": "2027-01-01"}
    assert (await admin.post("/lawful-bases", later)).json()["version"] == 2
    assert await versions(admin, "homicide_review") == [
        (2, "2027-01-01", None),
        (1, "2026-11-21", "2027-01-01"),
    ]

    async def title() -> str:
        items = (await world["officer"].get("/lawful-bases")).json()["items"]
        return str(next(each["title"] for each in items if each["code"] == "homicide_review"))

    assert await title() == "Domestic homicide review"
    world.clock.set(2027, 1, 1, 0, 5)
    assert await title() == "Reviews of deaths"


async def test_two_administrators_at_once_make_two_versions_and_one_holds(world: World) -> None:
    admin = world["partnership_admin"]
    await admin.post("/lawful-bases", ENTRY)
    answers = await asyncio.gather(*(admin.post("/lawful-bases", ENTRY) for _ in range(3)))
    assert sorted(each.json()["version"] for each in answers) == [2, 3, 4]
    assert [until for _, _, until in await versions(admin, "homicide_review")] == [None, *["2026-11-21"] * 3]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"effective_from": "2026-11-20"}, "/effective_from", "in_the_past"),
        ({"code": "Public Task"}, "/code", "bad_code"),
        ({"article_6": None, "power": None}, "/article_6", "required"),
        ({"proposed_for": ["anything"]}, "/proposed_for/0", "not_allowed"),
        ({"help": ""}, "/help", "missing"),
    ],
)
async def test_an_entry_is_refused_field_by_field(
    world: World, changes: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await world["partnership_admin"].post("/lawful-bases", {**ENTRY, **changes})
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [(pointer, code)]


async def test_no_version_begins_before_one_that_is_there(world: World) -> None:
    admin = world["partnership_admin"]
    await admin.post("/lawful-bases", {**ENTRY, "effective_from": "2027-01-01"})
    refused = await admin.post("/lawful-bases", ENTRY)
    assert [each["code"] for each in refused.json()["errors"]] == ["out_of_order"]


async def test_an_entry_ends_on_a_day_and_not_twice(world: World) -> None:
    admin = world["partnership_admin"]
    entry = (await admin.post("/lawful-bases", ENTRY)).json()["id"]
    ended = await admin.post(f"/lawful-bases/{entry}/end", {"on": "2026-12-01"})
    assert ended.json()["effective_until"] == "2026-12-01"
    assert (await admin.post(f"/lawful-bases/{entry}/end", {"on": "2026-12-01"})).status_code == 409
    assert (await admin.post(f"/lawful-bases/{entry}/end", {"on": "2026-11-20"})).status_code == 422
    assert "homicide_review" in await codes(world["officer"])
    world.clock.set(2026, 12, 1)
    assert "homicide_review" not in await codes(world["officer"])


@pytest.mark.parametrize("who", ["officer", "coordinator", "police_admin", "auditor", "system"])
async def test_only_the_partnerships_administrators_keep_the_register(world: World, who: str) -> None:
    person, nobody = world[who], uuid4()
    agreement = {"title": "An agreement", "version": "1", "effective_from": "2026-12-01"}
    for path, body in (
        ("/lawful-bases", ENTRY),
        (f"/lawful-bases/{nobody}/end", {"on": "2026-12-01"}),
        ("/sharing-agreements", agreement),
        (f"/sharing-agreements/{nobody}/end", {"on": "2026-12-01"}),
    ):
        assert (await person.post(path, body)).status_code == 403, path


async def test_what_is_not_in_the_register_cannot_be_ended(world: World) -> None:
    for noun in ("lawful-bases", "sharing-agreements"):
        answer = await world["partnership_admin"].post(f"/{noun}/{uuid4()}/end", {"on": "2026-12-01"})
        assert answer.status_code == 404


async def test_nobody_not_even_an_administrator_rewrites_a_version(world: World, server_urls: tuple[str, str]) -> None:
    connection = await asyncpg.connect(server_urls[1])
    try:
        await connection.execute("SET ROLE roundtable_app")
        admin = world["partnership_admin"]
        for change in ("UPDATE lawful_basis SET help = 'x'", "UPDATE sharing_agreement SET title = 'x'"):
            transaction = connection.transaction()
            await transaction.start()
            await connection.fetch(
                "SELECT * FROM enter($1, $2, $3)", world.partnership_id, admin.user_id, sorted(DESK_ROLES)
            )
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
            await transaction.rollback()
    finally:
        await connection.close()


async def test_agreements_are_listed_the_newest_first_and_end(world: World) -> None:
    admin = world["partnership_admin"]
    body = {"title": "Sharing protocol", "version": "3", "effective_from": "2026-12-01"}
    added = await admin.post("/sharing-agreements", body)
    assert added.status_code == 201, added.text
    items = (await world["officer"].get("/sharing-agreements")).json()["items"]
    assert [each["version"] for each in items] == ["3", "2.1"]
    ended = await admin.post(f"/sharing-agreements/{items[1]['id']}/end", {"on": "2026-12-01"})
    assert ended.json()["effective_until"] == "2026-12-01"
    assert (await admin.post(f"/sharing-agreements/{items[1]['id']}/end", {"on": "2027-01-01"})).status_code == 409


async def test_an_agreement_does_not_end_before_it_begins(world: World) -> None:
    body = {"title": "Protocol", "version": "3", "effective_from": "2026-12-01", "effective_until": "2026-11-30"}
    refused = await world["partnership_admin"].post("/sharing-agreements", body)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/effective_until"]
