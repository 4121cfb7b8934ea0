"""The ledger: every sharing and every decision not to share, with all that makes it lawful; and who may read which."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.domain.access import DESK_ROLES
from app.domain.disclosures import Act, Item, Sharing
from app.domain.errors import Invalid
from app.domain.lawful_bases import Purpose
from app.services import disclosures
from app.services.disclosures import Told
from tests.ledger import SHARING, by_hand, case_of, kept, person_reference, problems, record, told
from tests.world import World


async def test_an_entry_holds_everything_that_makes_a_sharing_lawful(world: World) -> None:
    case = await case_of(world)
    health = str(world.agencies["health"])
    made = await record(world["coordinator"], case, told(to_agencies=[health], at="2026-11-21T02:00:00+00:00"))
    parties = (await world["coordinator"].get(f"/cases/{case}")).json()["parties"]
    assert made["case"]["id"] == case
    assert {each["name"] for each in made["subjects"]} == {each["name"] for each in parties}
    assert (made["kind"], made["act"], made["channel"], made["nature"]) == ("shared", "by_hand", "phone", "fact")
    assert made["items"] == ["identities", "views"]
    assert made["detail"] == "By letter to no one; call between ten and two."
    assert made["sender"]["agency"]["name"] == "Community Safety"
    assert made["sender"]["person"]["name"] == "Coordinator"
    assert [each["name"] for each in made["to"]["agencies"]] == ["Solent Hospitals"]
    assert made["to"]["outside"] == "Dr Lena Marsh, Invented Lane Surgery"
    assert made["purpose"] == "protect"
    assert made["basis"]["code"] == "public_task"
    assert made["basis"]["power"] == "Crime and Disorder Act 1998 section 115"
    assert made["basis"]["article_6"].startswith("UK GDPR Article 6(1)(e)")
    assert (made["agreement"]["title"], made["agreement"]["version"]) == ("Information sharing agreement", "2.1")
    for field in ("necessity", "proportionality", "awareness", "onward"):
        assert made[field] == SHARING[field]
    assert made["at"] == "2026-11-21T02:00:00+00:00"
    assert made["because"] is None


async def test_an_entry_may_be_about_one_person(world: World) -> None:
    case = await case_of(world)
    parties = (await world["coordinator"].get(f"/cases/{case}")).json()["parties"]
    perpetrator = next(each for each in parties if each["role"] == "perpetrator")
    made = await record(world["coordinator"], case, told(subjects=[perpetrator["id"]]))
    assert [each["name"] for each in made["subjects"]] == [perpetrator["name"]]
    assert made["everybody"] is False


async def test_the_trail_names_the_act_and_not_what_was_said(world: World, superuser: Any) -> None:
    case = await case_of(world)
    made = await record(world["coordinator"], case, told())
    [entry] = await superuser.fetch(
        "SELECT subjects FROM audit WHERE case_id = $1 AND verb = 'information.shared' AND purpose = 'by_hand'",
        UUID(case),
    )
    assert entry["subjects"] == [UUID(made["id"])]
    [decided] = await superuser.fetch(
        "SELECT count(*) FROM audit WHERE verb = 'information.withheld' AND partnership_id = $1", world.partnership_id
    )
    assert decided["count"] == 0


async def test_without_a_basis_nothing_is_taken_silently_and_the_choices_are_named(world: World) -> None:
    case = await case_of(world)
    answer = await world["officer"].post(f"/cases/{case}/disclosures", told(sharing=None))
    by_pointer = {each["pointer"]: each for each in answer.json()["errors"]}
    assert set(by_pointer) == {
        "/sharing/basis",
        "/sharing/necessity",
        "/sharing/proportionality",
        "/sharing/nature",
    }
    said = by_pointer["/sharing/basis"]["message"]
    for code in ("public_task", "law_enforcement", "vital_interests", "legal_obligation", "child_safeguarding"):
        assert f"'{code}'" in said
    assert "For this purpose 'law_enforcement' is proposed." in said
    assert await by_hand(world["officer"], f"/cases/{case}/disclosures") == []


@pytest.mark.parametrize("basis", ["recognised_legitimate_interest", "consent", "Public task"])
async def test_a_basis_of_another_controller_or_of_nobody_is_refused_with_the_choices(world: World, basis: str) -> None:
    case = await case_of(world)
    answer = await world["coordinator"].post(f"/cases/{case}/disclosures", told(sharing={**SHARING, "basis": basis}))
    [problem] = answer.json()["errors"]
    assert (problem["pointer"], problem["code"]) == ("/sharing/basis", "not_in_register")
    assert "'public_task'" in problem["message"]


async def test_a_basis_that_has_ended_cannot_be_chosen(world: World) -> None:
    case = await case_of(world)
    register = (await world["officer"].get("/lawful-bases/register")).json()["items"]
    entry = next(each["id"] for each in register if each["code"] == "public_task")
    await world["partnership_admin"].post(f"/lawful-bases/{entry}/end", {"on": "2026-11-21"})
    assert await problems(world["coordinator"], case, told()) == [("/sharing/basis", "not_in_register")]


async def test_an_entry_keeps_the_words_of_the_basis_as_they_were(world: World) -> None:
    case = await case_of(world)
    before = await record(world["coordinator"], case, told())
    version = {
        "code": "public_task",
        "title": "Public task (reworded)",
        "help": "The same in other words.",
        "article_6": "UK GDPR Article 6(1)(e)",
        "effective_from": "2026-11-21",
    }
    await world["partnership_admin"].post("/lawful-bases", version)
    after = await record(world["coordinator"], case, told())
    shown = {each["id"]: each["basis"] for each in await by_hand(world["officer"], f"/cases/{case}/disclosures")}
    assert shown[before["id"]] == before["basis"]
    assert (before["basis"]["title"], before["basis"]["version"]) == ("Public task", 1)
    assert (shown[after["id"]]["title"], shown[after["id"]]["version"]) == ("Public task (reworded)", 2)


async def test_the_agreement_is_the_one_in_force_unless_another_is_named(world: World) -> None:
    case, admin = await case_of(world), world["partnership_admin"]
    newer = {"title": "Health annex", "version": "1", "effective_from": "2026-11-21"}
    annex = (await admin.post("/sharing-agreements", newer)).json()["id"]
    items = (await admin.get("/sharing-agreements")).json()["items"]
    general = next(each["id"] for each in items if each["version"] == "2.1")
    assert (await record(world["officer"], case, told()))["agreement"]["id"] == annex
    named = told(sharing={**SHARING, "agreement": general})
    assert (await record(world["officer"], case, named))["agreement"]["id"] == general
    await admin.post(f"/sharing-agreements/{general}/end", {"on": "2026-11-21"})
    assert await problems(world["officer"], case, named) == [("/sharing/agreement", "not_in_force")]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"to_outside": None}, [("/to_agencies", "required")]),
        ({"channel": None}, [("/channel", "required")]),
        ({"channel": "roundtable"}, [("/channel", "not_allowed")]),
        ({"items": []}, [("/items", "too_few")]),
        ({"items": ["other"], "detail": None}, [("/detail", "required")]),
        ({"because": "No reason."}, [("/because", "contradiction")]),
        ({"at": "2026-11-21T03:11:00+00:00"}, [("/at", "out_of_range")]),
        ({"at": "0001-01-01T00:00:00+14:00"}, [("/at", "out_of_range")]),
        ({"corrects": str(uuid4())}, [("/corrects", "unknown")]),
        ({"subjects": [str(uuid4())]}, [("/subjects/0", "unknown")]),
        ({"to_agencies": [str(uuid4())]}, [("/to_agencies/0", "unknown")]),
        ({"sharing": {**SHARING, "necessity": " "}}, [("/sharing/necessity", "required")]),
    ],
)
async def test_an_entry_is_refused_field_by_field(
    world: World, changes: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert await problems(world["officer"], await case_of(world), told(**changes)) == found


async def test_telling_a_colleague_is_no_disclosure(world: World) -> None:
    own = str(world.agencies["police"])
    assert await problems(world["officer"], await case_of(world), told(to_agencies=[own])) == [
        ("/to_agencies/0", "own_agency")
    ]


async def test_a_decision_not_to_share_needs_its_reason(world: World) -> None:
    case, housing = await case_of(world), str(world.agencies["housing"])
    assert await problems(world["nurse"], await case_of(world, who="nurse", yes=16), kept(because=None)) == [
        ("/to_agencies", "required"),
        ("/because", "required"),
    ]
    made = await record(world["health_rep"], case, kept(to_agencies=[housing]))
    assert (made["kind"], made["because"]) == ("withheld", "It would tell him where she is treated.")
    assert (made["basis"], made["necessity"]) == (None, None)
    weighed = await record(world["health_rep"], case, kept(to_agencies=[housing], sharing={"basis": "health_care"}))
    assert weighed["basis"]["code"] == "health_care"
    assert await problems(
        world["health_rep"], case, kept(to_agencies=[housing], sharing={"basis": "law_enforcement"})
    ) == [("/sharing/basis", "not_in_register")]


async def test_a_case_that_is_hidden_takes_no_entry(world: World) -> None:
    hidden = await case_of(world, yes=2)
    assert (await world["housing_rep"].post(f"/cases/{hidden}/disclosures", told())).status_code == 404


async def test_somebody_who_joined_a_case_later_was_not_a_subject_before(world: World, superuser: Any) -> None:
    case = await case_of(world)

    async def act(uow: UnitOfWork) -> UUID | None:
        return await disclosures.share(
            uow,
            UUID(case),
            Sharing.model_validate(SHARING),
            act=Act.ACTION,
            source=None,
            to_agencies=[world.agencies["housing"]],
            items=[Item.CASE],
            purpose=Purpose.PLAN,
        )

    made = await as_person(world, "coordinator", act)
    victim = await person_reference(world, case)

    async def about_her() -> list[str]:
        page = (await world["coordinator"].get(f"/people/{victim}/disclosures")).json()
        return [each["id"] for each in page["items"]]

    assert str(made) in await about_her()
    await superuser.execute(
        "UPDATE party SET created_at = created_at + interval '1 minute' WHERE case_id = $1 AND role = 'victim'",
        UUID(case),
    )
    assert str(made) not in await about_her()


async def as_person(world: World, who: str, work: Any) -> Any:
    credentials = Credentials(world.partnership_id, world[who].user_id)
    return await world.database.run(credentials, work, world.clock(), new_id())


async def test_an_act_that_tells_only_ones_own_agency_asks_for_nothing_and_writes_nothing(world: World) -> None:
    case = UUID(await case_of(world))

    async def act(uow: UnitOfWork) -> UUID | None:
        return await disclosures.share(
            uow,
            case,
            None,
            act=Act.ACTION,
            source=None,
            to_agencies=[world.agencies["police"]],
            items=[Item.CASE],
            purpose=Purpose.PLAN,
        )

    assert await as_person(world, "officer", act) is None


async def test_an_act_without_a_basis_is_refused_whole(world: World, superuser: Any) -> None:
    case = UUID(await case_of(world))

    async def act(uow: UnitOfWork) -> None:
        uow.event(case, "case.noted")
        await uow.flush()
        await disclosures.share(
            uow,
            case,
            None,
            act=Act.ACTION,
            source=None,
            to_agencies=[world.agencies["housing"]],
            items=[Item.CASE],
            purpose=Purpose.PLAN,
        )

    with pytest.raises(Invalid) as refused:
        await as_person(world, "officer", act)
    assert refused.value.problems[0].pointer == "/sharing/basis"
    assert (
        await superuser.fetchval("SELECT count(*) FROM case_event WHERE kind = 'case.noted' AND case_id = $1", case)
        == 0
    )


async def test_many_cases_are_shared_on_one_choice(world: World, superuser: Any) -> None:
    cases = [UUID(await case_of(world)), UUID(await case_of(world, victim="Nia Carrow"))]
    source = new_id()

    async def publish(uow: UnitOfWork) -> list[UUID | None]:
        chosen = await disclosures.choose_basis(uow, Sharing.model_validate(SHARING), Purpose.PLAN)
        each_case = [Told(case, list(world.agencies.values()), [Item.AGENDA], source=source) for case in cases]
        return disclosures.record_shares(uow, chosen, each_case, act=Act.AGENDA)

    made = await as_person(world, "coordinator", publish)
    rows = await superuser.fetch("SELECT * FROM disclosure WHERE id = ANY($1) ORDER BY id", made)
    assert [row["case_id"] for row in rows] == cases
    everyone_else = set(world.agencies.values()) - {world.agencies["council"]}
    assert all(set(row["to_agencies"]) == everyone_else and row["source_id"] == source for row in rows)


async def test_an_entry_is_put_right_by_another_and_once(world: World) -> None:
    case = await case_of(world)
    wrong = await record(world["coordinator"], case, told(channel="email"))
    right = await record(world["chair"], case, told(channel="phone", corrects=wrong["id"]))
    assert right["corrects"] == wrong["id"]
    shown = {each["id"]: each for each in await by_hand(world["officer"], f"/cases/{case}/disclosures")}
    assert shown[wrong["id"]]["corrected_by"] == right["id"]
    assert shown[wrong["id"]]["channel"] == "email", "the entry itself is never changed"
    again = await world["coordinator"].post(f"/cases/{case}/disclosures", told(corrects=wrong["id"]))
    assert again.status_code == 409


async def test_two_who_put_the_same_entry_right_at_once_do_it_once(world: World) -> None:
    case = await case_of(world)
    wrong = await record(world["coordinator"], case, told())
    path, form = f"/cases/{case}/disclosures", told(corrects=wrong["id"])
    answers = await asyncio.gather(*(world[who].post(path, form) for who in ("coordinator", "chair", "coordinator")))
    assert sorted(each.status_code for each in answers) == [201, 409, 409]


async def test_another_agencys_entry_is_not_ones_own_to_put_right(world: World) -> None:
    case = await case_of(world)
    theirs = await record(world["coordinator"], case, told())
    assert await problems(world["officer"], case, told(corrects=theirs["id"])) == [("/corrects", "unknown")]
    withheld = await record(world["health_rep"], case, kept(to_outside="The school"))
    assert await problems(world["officer"], case, told(corrects=withheld["id"])) == [("/corrects", "unknown")]


async def test_what_was_kept_and_is_told_later_is_a_new_entry_that_does_not_give_the_decision_away(
    world: World,
) -> None:
    case = await case_of(world)
    withheld = await record(world["health_rep"], case, kept(to_outside="The school"))
    assert await problems(world["health_rep"], case, told(corrects=withheld["id"])) == [("/corrects", "unknown")]
    again = await record(world["health_rep"], case, kept(to_outside="The school's head", corrects=withheld["id"]))
    assert again["corrects"] == withheld["id"]


async def test_a_repeat_with_the_same_key_is_one_entry(world: World) -> None:
    case = await case_of(world)
    headers = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        answer = await world["officer"].request("POST", f"/cases/{case}/disclosures", json=told(), headers=headers)
        assert answer.status_code == 201
    assert len(await by_hand(world["officer"], "/disclosures")) == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE disclosure SET necessity = 'x'", "UPDATE disclosure SET because = 'x'", "DELETE FROM disclosure"],
)
async def test_postgresql_lets_nobody_change_the_ledger(
    world: World, server_urls: tuple[str, str], statement: str
) -> None:
    case = await case_of(world)
    await record(world["coordinator"], case, told())
    connection = await asyncpg.connect(server_urls[1])
    try:
        await connection.execute("SET ROLE roundtable_app")
        async with connection.transaction():
            user = world["coordinator"].user_id
            await connection.fetch("SELECT * FROM enter($1, $2, $3)", world.partnership_id, user, sorted(DESK_ROLES))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(statement)
    finally:
        await connection.close()
