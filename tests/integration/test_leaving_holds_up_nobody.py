"""Whoever is being ended waits at the door, holding nothing, and everybody else goes by."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, Database, UnitOfWork
from app.domain.access import Role
from app.domain.administration import RoleGiven
from app.domain.errors import Forbidden
from app.domain.sign_in_links import Delivery
from app.services import accounts, administration, invitations
from tests.integration.test_leaving import somebody_waits
from tests.world import World

MORE_THAN_THERE_ARE_CONNECTIONS = 15


async def test_others_are_served_while_an_end_waits_for_what_is_in_hand(
    world: World, superuser: asyncpg.Connection, database: Database
) -> None:
    idva = world["idva"]
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: UnitOfWork) -> None:
        entered.set()
        await go_on.wait()

    who = Credentials(idva.partnership_id, idva.user_id, idva.session_id)
    in_hand = asyncio.create_task(database.run(who, slow, world.clock(), new_id()))
    await entered.wait()
    ending = asyncio.create_task(world["partnership_admin"].post(f"/users/{idva.user_id}/end"))
    while not await somebody_waits(superuser):
        pass
    at_the_door = [asyncio.create_task(idva.get("/me")) for _ in range(MORE_THAN_THERE_ARE_CONNECTIONS)]
    await asyncio.sleep(0)
    try:
        assert (await world["officer"].get("/me")).status_code == 200
        assert not any(each.done() for each in (ending, *at_the_door))
    finally:
        go_on.set()
        await in_hand
    assert (await ending).status_code == 200
    assert {answer.status_code for answer in await asyncio.gather(*at_the_door)} == {401}


async def test_an_administrator_waits_for_nobody_who_is_not_theirs(
    world: World, superuser: asyncpg.Connection, database: Database
) -> None:
    """Else whoever keeps one agency could hold up another's people, and learn when they work."""
    nurse = world["nurse"]
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: UnitOfWork) -> None:
        entered.set()
        await go_on.wait()

    who = Credentials(nurse.partnership_id, nurse.user_id, nurse.session_id)
    in_hand = asyncio.create_task(database.run(who, slow, world.clock(), new_id()))
    await entered.wait()
    admin = Credentials(world.partnership_id, world["police_admin"].user_id)
    try:
        for act in (
            partial(administration.end_user, user_id=nurse.user_id),
            partial(administration.end_role, user_id=nurse.user_id, role=Role.PRACTITIONER),
            partial(administration.give_role, user_id=nurse.user_id, told=RoleGiven(role=Role.SAFEGUARDING_OFFICER)),
            partial(invitations.invite, user_id=nurse.user_id, delivery=Delivery("https://r.example", mails=False)),
            partial(accounts.end_sessions, user_id=nurse.user_id),
        ):

            async def refused(uow: UnitOfWork, act: Callable[[UnitOfWork], Awaitable[object]] = act) -> None:
                with pytest.raises(Forbidden):
                    await act(uow)

            await database.run(admin, refused, world.clock(), new_id())
            assert not in_hand.done()
    finally:
        go_on.set()
        await in_hand


async def test_somebody_who_ends_many_of_their_sessions_at_once_is_answered_each_time(world: World) -> None:
    officer = world["officer"]
    asked = (officer.post(f"/me/sessions/{uuid4()}/end") for _ in range(MORE_THAN_THERE_ARE_CONNECTIONS))
    assert {each.status_code for each in await asyncio.gather(*asked)} == {404}


async def test_a_conflict_is_declared_at_once_and_answered_when_what_was_in_hand_is_done(
    world: World, database: Database
) -> None:
    """However long that takes: a request that waited for its own sender used to give up, and nothing was declared."""
    officer = world["officer"]
    cases = [(await world.refer(victim=f"Maya Thornbury{n}"))["case"]["id"] for n in range(3)]
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: UnitOfWork) -> None:
        entered.set()
        await go_on.wait()

    who = Credentials(officer.partnership_id, officer.user_id, officer.session_id)
    in_hand = asyncio.create_task(database.run(who, slow, world.clock(), new_id()))
    await entered.wait()
    declaring = [
        asyncio.create_task(officer.post(f"/cases/{case}/conflicts", {"because": "We are cousins."})) for case in cases
    ]
    try:
        for case in cases:
            # Nobody waits at the door meanwhile, and from the commit on no such case exists for them.
            while (seen := await officer.get(f"/cases/{case}")).status_code == 200:
                pass
            assert seen.status_code == 404
        assert not any(each.done() for each in declaring)
    finally:
        go_on.set()
        await in_hand
    assert {each.status_code for each in await asyncio.gather(*declaring)} == {201}


async def test_what_somebody_goes_on_asking_holds_up_no_end_of_their_own(world: World) -> None:
    officer, over = world["officer"], asyncio.Event()

    async def keep_asking() -> None:
        while not over.is_set():
            assert (await officer.get("/me")).status_code in (200, 401)

    asking = [asyncio.create_task(keep_asking()) for _ in range(4)]
    await asyncio.sleep(0)
    answer = await officer.post(f"/me/sessions/{officer.session_id}/end")
    assert (await officer.get("/me")).status_code == 401
    over.set()
    await asyncio.gather(*asking)
    assert answer.status_code == 200


async def test_who_signs_out_twice_at_once_is_signed_out(world: World) -> None:
    officer = world["officer"]
    path = f"/me/sessions/{officer.session_id}/end"
    answers = await asyncio.gather(officer.post(path), officer.post(path), officer.post(path))
    assert sorted(each.status_code for each in answers) == [200, 401, 401]
    assert (await officer.get("/me")).status_code == 401
