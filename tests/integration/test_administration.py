"""People and roles: administrators keep them, nobody keeps themselves, and what is given holds at once."""

import asyncio
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.tables.partnerships import app_user, user_role
from app.domain.access import Role
from app.domain.administration import GIVEN_BY_AGENCY
from tests.world import Person, World

_numbers = count()
PARTNERSHIPS_TO_GIVE = sorted(set(Role) - GIVEN_BY_AGENCY - {Role.PARTNER_SYSTEM})


async def add(world: World, by: str, *roles: str, **more: Any) -> Any:
    form = {"name": "Ann Weaver", "email": f"ann.{next(_numbers)}@police.example", "roles": list(roles), **more}
    return await world[by].post("/users", form)


async def added(world: World, by: str, *roles: str, **more: Any) -> Person:
    """Somebody new, signed in."""
    answer = await add(world, by, *roles, **more)
    assert answer.status_code == 201, answer.text
    user = answer.json()
    return await world.sign_in(UUID(user["id"]), UUID(user["agency"]["id"]), like=by)


async def give(world: World, by: str, whom: Person, role: str) -> Any:
    return await world[by].post(f"/users/{whom.user_id}/roles", {"role": role})


async def end(world: World, by: str, whom: Person, role: str) -> Any:
    return await world[by].post(f"/users/{whom.user_id}/roles/{role}/end")


async def test_an_agencys_administrator_adds_a_colleague_who_can_work_at_once(world: World) -> None:
    ann = await added(world, "police_admin", "practitioner", job_title="Response officer")
    assert str(ann.agency_id) == str(world.agencies["police"])
    assert (await ann.get("/me")).json()["roles"] == ["practitioner"]
    assert (await ann.get("/cases")).status_code == 200
    listed = (await world["nurse"].get(f"/users?agency={ann.agency_id}")).json()["items"]
    assert ("Ann Weaver", ["practitioner"]) in [(each["name"], each["roles"]) for each in listed]


async def test_a_role_given_or_taken_holds_on_the_next_request(world: World) -> None:
    case = (await world.refer())["case"]["id"]
    ann = await added(world, "police_admin")
    assert (await ann.get(f"/cases/{case}")).status_code == 403
    assert (await give(world, "police_admin", ann, "safeguarding_officer")).status_code == 201
    assert (await ann.get(f"/cases/{case}")).status_code == 200
    assert (await end(world, "police_admin", ann, "safeguarding_officer")).status_code == 200
    assert (await ann.get(f"/cases/{case}")).status_code == 403


async def test_who_leaves_is_let_in_no_more_and_holds_no_role(world: World) -> None:
    ann = await added(world, "police_admin", "practitioner", "agency_representative")
    gone = await world["police_admin"].post(f"/users/{ann.user_id}/end")
    assert gone.status_code == 200
    assert all(each["ended_at"] for each in gone.json()["roles"])
    assert (await ann.get("/me")).status_code == 401
    for again in (
        await world["police_admin"].post(f"/users/{ann.user_id}/end"),
        await give(world, "police_admin", ann, "practitioner"),
        await end(world, "police_admin", ann, "practitioner"),
    ):
        assert (again.status_code, "left already" in again.json()["detail"]) == (409, True)


@pytest.mark.parametrize("role", PARTNERSHIPS_TO_GIVE)
async def test_what_steers_oversees_or_administers_is_the_partnerships_to_give_and_to_take(
    world: World, role: Role
) -> None:
    assert (await add(world, "police_admin", role)).status_code == 403
    ann = await added(world, "police_admin")
    assert (await give(world, "police_admin", ann, role)).status_code == 403
    assert (await give(world, "partnership_admin", ann, role)).status_code == 201
    assert (await end(world, "police_admin", ann, role)).status_code == 403
    # Nor is whoever holds it the agency's to dismiss.
    assert (await world["police_admin"].post(f"/users/{ann.user_id}/end")).status_code == 403
    assert (await end(world, "partnership_admin", ann, role)).status_code == 200
    assert (await world["police_admin"].post(f"/users/{ann.user_id}/end")).status_code == 200


async def test_who_is_an_idva_no_more_loses_the_cases_that_were_theirs_and_the_coordinator_is_told(
    world: World,
) -> None:
    result = await world.refer(yes=4)
    case_id, idva = result["case"]["id"], world["idva"]
    told = {"user_id": str(idva.user_id), "sharing": world["coordinator"].sharing}
    given = await world["coordinator"].put(f"/cases/{case_id}/idva", told, version=1)
    assert given.status_code == 200, given.text
    await give(world, "partnership_admin", idva, "practitioner")
    assert (await idva.get(f"/cases/{case_id}")).status_code == 200
    assert (await end(world, "partnership_admin", idva, "idva")).status_code == 200
    assert (await idva.get(f"/cases/{case_id}")).status_code == 404
    notices = (await world["coordinator"].get("/notices")).json()["items"]
    assert [(each["kind"], each["about"]) for each in notices] == [("idva.left", str(idva.user_id))]


async def test_an_agencys_administrator_keeps_nobody_of_another_agency(world: World) -> None:
    nurse = world["nurse"]
    for refused in (
        await world["police_admin"].get(f"/users/{nurse.user_id}"),
        await world["police_admin"].post(f"/users/{nurse.user_id}/end"),
        await give(world, "police_admin", nurse, "idva"),
        await end(world, "police_admin", nurse, "practitioner"),
        await add(world, "police_admin", agency_id=str(nurse.agency_id)),
    ):
        assert (refused.status_code, "own agency" in refused.json()["detail"]) == (403, True)
    assert (await give(world, "partnership_admin", nurse, "idva")).status_code == 201


@pytest.mark.parametrize("who", ["police_admin", "partnership_admin"])
async def test_nobody_gives_or_takes_anything_of_their_own(world: World, who: str) -> None:
    me = world[who]
    for role in ("practitioner", "marac_coordinator"):
        assert (await give(world, who, me, role)).status_code == 403
    assert (await end(world, who, me, "agency_administrator")).status_code == 403
    assert (await me.post(f"/users/{me.user_id}/end")).status_code == 403


@pytest.mark.parametrize("who", ["officer", "coordinator", "chair", "auditor", "system", "operator"])
async def test_only_administrators_keep_people(world: World, who: str) -> None:
    assert (await add(world, who, "practitioner")).status_code == 403
    assert (await give(world, who, world["nurse"], "idva")).status_code == 403
    assert (await world[who].get(f"/users/{world['nurse'].user_id}")).status_code == 403


async def test_who_oversees_or_runs_the_service_holds_no_other_role(world: World) -> None:
    for first, second in (
        ("governance_auditor", "practitioner"),
        ("chair", "governance_auditor"),
        ("agency_administrator", "platform_operator"),
    ):
        ann = await added(world, "partnership_admin", first)
        refused = await give(world, "partnership_admin", ann, second)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_together")
    both = await add(world, "partnership_admin", "idva", "governance_auditor")
    assert both.json()["errors"][0]["pointer"] == "/roles/1"


async def test_a_partner_system_is_no_person(world: World) -> None:
    system = await added(world, "partnership_admin", "partner_system", is_system=True)
    assert (await system.get("/me")).json()["is_system"] is True
    assert (await give(world, "partnership_admin", system, "chair")).status_code == 422
    assert (await give(world, "partnership_admin", world["nurse"], "partner_system")).status_code == 422


async def test_an_email_is_one_persons(world: World) -> None:
    first = await add(world, "police_admin", email="same@police.example")
    assert first.status_code == 201
    again = await add(world, "police_admin", email="SAME@police.example")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_what_cannot_be_is_named_with_its_field(world: World) -> None:
    nowhere = await add(world, "partnership_admin", agency_id=str(world.partnership_id))
    assert [each["pointer"] for each in nowhere.json()["errors"]] == ["/agency_id"]
    twice = await add(world, "police_admin", "idva", "idva")
    assert [each["pointer"] for each in twice.json()["errors"]] == ["/roles/1"]
    assert (await world["police_admin"].get(f"/users/{world.partnership_id}")).status_code == 404


async def test_a_role_given_twice_at_once_is_held_once(world: World) -> None:
    ann = await added(world, "police_admin")
    answers = await asyncio.gather(*(give(world, "police_admin", ann, "idva") for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409]
    ends = await asyncio.gather(*(end(world, "police_admin", ann, "idva") for _ in range(3)))
    assert sorted(each.status_code for each in ends) == [200, 409, 409]


async def test_who_is_ended_while_a_role_is_given_holds_none(world: World) -> None:
    ann = await added(world, "police_admin", "practitioner")
    await asyncio.gather(
        give(world, "partnership_admin", ann, "idva"), world["police_admin"].post(f"/users/{ann.user_id}/end")
    )
    kept = (await world["partnership_admin"].get(f"/users/{ann.user_id}")).json()
    assert kept["ended_at"]
    assert all(each["ended_at"] for each in kept["roles"])


async def test_every_role_ever_held_is_shown_with_who_gave_it(world: World) -> None:
    ann = await added(world, "police_admin", "practitioner")
    await give(world, "partnership_admin", ann, "chair")
    await end(world, "partnership_admin", ann, "chair")
    kept = (await world["police_admin"].get(f"/users/{ann.user_id}")).json()
    assert [(each["role"], each["given_by"], each["ended_at"] is None) for each in kept["roles"]] == [
        ("practitioner", "Police Admin", True),
        ("chair", "Partnership Admin", False),
    ]


async def test_each_act_is_in_the_trail_without_names(world: World, superuser: asyncpg.Connection) -> None:
    ann = await added(world, "police_admin", "practitioner")
    await end(world, "police_admin", ann, "practitioner")
    await world["police_admin"].post(f"/users/{ann.user_id}/end")
    rows = await superuser.fetch(
        "SELECT verb, purpose, subjects FROM audit "
        "WHERE partnership_id = $1 AND verb LIKE 'administration.%' ORDER BY id",
        world.partnership_id,
    )
    assert [(row["verb"], row["purpose"]) for row in rows] == [
        ("administration.user_added", None),
        ("administration.role_given", "practitioner"),
        ("administration.role_ended", "practitioner"),
        ("administration.user_ended", None),
    ]
    about = [str(world.agencies["police"]), str(ann.user_id)]
    assert all([str(each) for each in row["subjects"]] == about for row in rows)


# What PostgreSQL itself refuses, if the service did not.


async def attempt(world: World, who: str, work: Any) -> None:
    credentials = Credentials(world.partnership_id, world[who].user_id)
    await world.database.run(credentials, work, world.clock(), new_id())


def giving(whom: Person, role: str, *, by: Person) -> Any:
    async def work(uow: UnitOfWork) -> None:
        uow.add(user_role, user_id=whom.user_id, role=role, given_at=uow.now, given_by=by.user_id)
        await uow.flush()

    return work


async def test_postgresql_refuses_a_role_to_oneself_to_another_agency_or_beyond_what_may_be_given(
    world: World,
) -> None:
    admin, partnership, nurse, officer = (world[w] for w in ("police_admin", "partnership_admin", "nurse", "officer"))
    for who, work in (
        ("police_admin", giving(admin, "practitioner", by=admin)),
        ("partnership_admin", giving(partnership, "chair", by=partnership)),
        ("police_admin", giving(nurse, "idva", by=admin)),
        ("police_admin", giving(officer, "chair", by=admin)),
        ("police_admin", giving(officer, "idva", by=partnership)),
        ("officer", giving(world["safeguarding"], "idva", by=officer)),
        ("operator", giving(officer, "chair", by=world["operator"])),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await attempt(world, who, work)
    await attempt(world, "police_admin", giving(officer, "idva", by=admin))


async def test_postgresql_lets_nobody_end_their_own_limits_or_bring_back_what_was_ended(
    world: World, superuser: asyncpg.Connection
) -> None:
    ann = await added(world, "police_admin", "practitioner")
    await world["police_admin"].post(f"/users/{ann.user_id}/end")

    async def changing(uow: UnitOfWork) -> None:
        for table in (app_user.name, user_role.name):
            column = "id" if table == "app_user" else "user_id"
            for whom, value in ((ann.user_id, "NULL"), (uow.actor.user, "now()"), (world["nurse"].user_id, "now()")):
                done = await uow._connection.execute(  # no statement of the service does this
                    f"UPDATE {table} SET ended_at = {value} WHERE {column} = '{whom}'"
                )
                assert done == "UPDATE 0", (table, whom)

    await attempt(world, "police_admin", changing)
    for statement in ("UPDATE user_role SET role = 'chair'", "UPDATE app_user SET agency_id = agency_id"):

        async def rewriting(uow: UnitOfWork, statement: str = statement) -> None:
            await uow._connection.execute(statement)

        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await attempt(world, "partnership_admin", rewriting)


async def test_postgresql_lets_only_the_partnerships_administrators_change_what_it_is_made_of(world: World) -> None:
    statement = "UPDATE forum SET active = active WHERE partnership_id = actor_partnership()"
    for who, changed in (("coordinator", 0), ("police_admin", 0), ("partnership_admin", 2)):

        async def changing(uow: UnitOfWork, changed: int = changed) -> None:
            assert await uow._connection.execute(statement) == f"UPDATE {changed}"

        await attempt(world, who, changing)
