"""Who may read which part of the ledger, in lists, about one person, and on paper."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pypdf
import pytest

from tests.ledger import SHARING, by_hand, case_of, kept, person_reference, record, told
from tests.world import Person, World


async def test_a_decision_not_to_share_is_its_agencys_and_the_auditors(world: World) -> None:
    case, housing = await case_of(world), str(world.agencies["housing"])
    await record(world["health_rep"], case, kept(to_agencies=[housing]))
    victim = await person_reference(world, case)
    for who in ("coordinator", "housing_rep", "safeguarding", "idva"):
        assert await by_hand(world[who], f"/cases/{case}/disclosures") == [], who
        assert await by_hand(world[who], "/disclosures") == [], who
        assert await by_hand(world[who], f"/people/{victim}/disclosures") == [], who
        trail = (await world[who].get(f"/cases/{case}/trail")).json()["items"]
        assert not any(each["verb"] == "information.withheld" for each in trail), who
    for path in (f"/cases/{case}/disclosures", "/disclosures", f"/people/{victim}/disclosures"):
        assert [each["kind"] for each in await by_hand(world["health_rep"], path)] == ["withheld"], path
    [seen] = await by_hand(world["auditor"], "/disclosures")
    assert seen["because"] == "It would tell him where she is treated."
    assert (seen["case"], seen["subjects"]) == ({"id": case, "reference": None}, [])


async def test_everyone_who_sees_the_case_sees_what_was_shared_from_it(world: World) -> None:
    case = await case_of(world)
    made = await record(world["coordinator"], case, told())
    for who in ("officer", "coordinator", "health_rep", "triage"):
        assert [each["id"] for each in await by_hand(world[who], f"/cases/{case}/disclosures")] == [made["id"]]
    hidden = await case_of(world, yes=2)
    refused = await world["housing_rep"].get(f"/cases/{hidden}/disclosures")
    absent = await world["housing_rep"].get(f"/cases/{uuid4()}/disclosures")
    assert refused.status_code == absent.status_code == 404
    assert refused.json()["detail"] == absent.json()["detail"]


async def test_an_agency_lists_what_it_told_and_the_auditor_what_everybody_told(world: World) -> None:
    case = await case_of(world)
    first = await record(world["coordinator"], case, told())
    second = await record(world["safeguarding"], case, told())
    other = await case_of(world, victim="Nia Carrow")
    third = await record(world["chair"], other, told())
    assert [each["id"] for each in await by_hand(world["coordinator"], "/disclosures")] == [third["id"], first["id"]]
    assert [each["id"] for each in await by_hand(world["officer"], "/disclosures")] == [second["id"]]
    auditor = [each["id"] for each in await by_hand(world["auditor"], "/disclosures")]
    assert auditor == [third["id"], second["id"], first["id"]]
    of_case = [each["id"] for each in await by_hand(world["auditor"], "/disclosures", case=case)]
    assert of_case == [second["id"], first["id"]]
    assert [each["id"] for each in await by_hand(world["coordinator"], "/disclosures", case=case)] == [first["id"]]
    assert await by_hand(world["auditor"], "/disclosures", kind="withheld") == []


@pytest.mark.parametrize("who", ["police_admin", "partnership_admin", "operator"])
async def test_those_who_administer_read_no_disclosure(world: World, who: str) -> None:
    case = await case_of(world)
    victim = await person_reference(world, case)
    for path in (f"/cases/{case}/disclosures", "/disclosures", f"/people/{victim}/disclosures"):
        assert (await world[who].get(path)).status_code == 403, path
    assert (await world[who].post(f"/cases/{case}/disclosures", told())).status_code == 403


async def test_pages_are_stable_and_end(world: World) -> None:
    case = await case_of(world)
    made = [(await record(world["coordinator"], case, told()))["id"] for _ in range(5)]
    victim = await person_reference(world, case)
    for path in (f"/cases/{case}/disclosures", "/disclosures", f"/people/{victim}/disclosures"):
        found, cursor = [], None
        while True:
            page = await world["coordinator"].get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
            found += [each["id"] for each in page.json()["items"] if each["act"] == "by_hand"]
            cursor = page.json()["next"]
            if cursor is None:
                break
        assert found == made[::-1], path


async def test_what_was_shared_about_somebody_is_found_over_every_visible_case(world: World) -> None:
    coordinator = world["coordinator"]
    cases = [await case_of(world, who=who, yes=4) for who in ("officer", "advocate")]
    pairs = (await coordinator.get("/matches")).json()["items"]
    pair = next(each for each in pairs if each["party"]["role"] == "victim")
    ids = {"party_id": pair["party"]["party_id"], "other_party_id": pair["other"]["party_id"]}
    decided = await coordinator.post("/matches", {**ids, "same": True})
    assert decided.status_code in (200, 201), decided.text
    victim = await person_reference(world, cases[0])
    made = [await record(coordinator, case, told()) for case in cases]
    await record(coordinator, await case_of(world, victim="Nia Carrow"), told())
    page = (await coordinator.get(f"/people/{victim}/disclosures")).json()
    assert page["person"] == {"person_reference": victim, "name": "Maya Thornbury"}
    found = await by_hand(coordinator, f"/people/{victim}/disclosures")
    assert [each["id"] for each in found] == [each["id"] for each in made[::-1]]
    [seen] = await by_hand(world["officer"], f"/people/{victim}/disclosures")
    assert seen["case"]["id"] == cases[0], "the officer sees one of her two cases"


async def test_a_person_who_is_not_there_is_not_found_and_a_name_is_no_reference(world: World) -> None:
    assert (await world["coordinator"].get("/people/P-2222222/disclosures")).status_code == 404
    assert (await world["coordinator"].get("/people/Maya/disclosures")).status_code == 422


async def printed(who: Person, reference: str) -> tuple[str, int]:
    answer = await who.get(f"/people/{reference}/disclosures.pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    pages = pypdf.PdfReader(BytesIO(answer.content)).pages
    return " ".join("".join(page.extract_text() for page in pages).split()), len(pages)


async def test_what_was_shared_about_somebody_prints_as_one_page(world: World, superuser: Any) -> None:
    case = await case_of(world)
    victim = await person_reference(world, case)
    health = str(world.agencies["health"])
    for channel in ("phone", "email", "paper"):
        await record(world["coordinator"], case, told(channel=channel, to_agencies=[health]))
    await record(world["safeguarding"], case, told(sharing={**SHARING, "basis": "law_enforcement", "nature": "both"}))
    await record(world["coordinator"], case, kept(to_outside="The school"))
    text, pages = await printed(world["coordinator"], victim)
    assert pages == 1
    assert "What has been shared about Maya Thornbury" in text
    assert "OFFICIAL-SENSITIVE" in text
    assert "Copy for Coordinator, Community Safety" in text
    assert "Dr Lena Marsh, Invented Lane Surgery" in text
    assert "Solent Hospitals" in text
    assert "Public task (version 1): UK GDPR Article 6(1)(e)" in text
    assert "Law enforcement (version 1)" in text
    assert "fact and opinion, by phone" in text
    assert "Invented Row" not in text
    assert "The school" not in text, "what was not shared is not on it"
    assert SHARING["necessity"] not in text
    read = await superuser.fetchval(
        "SELECT subjects FROM audit WHERE verb = 'disclosures.printed' AND actor_id = $1", world["coordinator"].user_id
    )
    assert read == [UUID(case)]


async def test_nobody_prints_what_they_cannot_see(world: World) -> None:
    hidden = await case_of(world, yes=2)
    victim = await person_reference(world, hidden)
    for reference in (victim, "P-2222222"):
        assert (await world["housing_rep"].get(f"/people/{reference}/disclosures.pdf")).status_code == 404


async def test_the_auditor_finds_by_reference_what_was_shared_about_somebody_and_no_name(world: World) -> None:
    case = await case_of(world)
    victim = await person_reference(world, case)
    made = await record(world["coordinator"], case, told())
    decided = await record(world["health_rep"], case, kept(to_outside="The school"))
    answer = await world["auditor"].get(f"/people/{victim}/disclosures")
    assert answer.json()["person"] == {"person_reference": victim, "name": None}
    found = [each["id"] for each in await by_hand(world["auditor"], f"/people/{victim}/disclosures")]
    assert found == [decided["id"], made["id"]]
    assert "Thornbury" not in answer.text
    text, _ = await printed(world["auditor"], victim)
    assert f"What has been shared about {victim}" in text
    assert "Thornbury" not in text
    assert (await world["auditor"].get("/people/P-2222222/disclosures")).status_code == 404


async def test_an_auditor_who_is_kept_from_a_case_finds_nothing_of_it(world: World, superuser: Any) -> None:
    case = await case_of(world)
    victim = await person_reference(world, case)
    await record(world["coordinator"], case, told())
    await superuser.execute(
        "INSERT INTO case_exclusion (partnership_id, id, case_id, user_id, kind, because, from_at, made_by, version) "
        "VALUES ($1, $2, $3, $4, 'declared', 'Family', $5, $6, 1)",
        world.partnership_id,
        uuid4(),
        UUID(case),
        world["auditor"].user_id,
        world.clock(),
        world["coordinator"].user_id,
    )
    hidden = await world["auditor"].get(f"/people/{victim}/disclosures")
    absent = await world["auditor"].get("/people/P-2222222/disclosures")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["detail"] == absent.json()["detail"]
    assert await by_hand(world["auditor"], "/disclosures") == []
    assert await by_hand(world["auditor"], "/disclosures", case=case) == []
