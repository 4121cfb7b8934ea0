"""Leaving: what ends somebody's access is true once it is answered, for what they ask next and for what is in hand."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.ids import new_id
from app.db.pool import open_database
from app.db.session import Credentials, Database, UnitOfWork
from app.services import notices
from app.services.once import Document
from bench.client import Client
from tests.api.real_http import Wire, served
from tests.world import Person, World

REQUESTS, AT_ONCE = 1000, 100
A_FEW_HUNDRED = 300
# So long is each in hand at least: else it would be chance whether any was, just when the end was answered.
IN_HAND_SECONDS = 0.01
End = Callable[[World, str], Awaitable[Any]]


@pytest.fixture(scope="module")
async def wire(app: FastAPI) -> AsyncIterator[Wire]:
    async with served(app) as found:
        yield found


async def end_person(world: World, _: str) -> Any:
    return await world["partnership_admin"].post(f"/users/{world['idva'].user_id}/end")


async def lock_agency_out(world: World, _: str) -> Any:
    path = f"/agencies/{world.agencies['idva']}/suspend"
    return await world["partnership_admin"].post(path, {"because": "A laptop was stolen."})


async def end_agency(world: World, _: str) -> Any:
    return await world["partnership_admin"].post(f"/agencies/{world.agencies['idva']}/end")


async def sign_out_everywhere(world: World, _: str) -> Any:
    return await world["partnership_admin"].post(f"/accounts/{world['idva'].user_id}/sessions/end")


async def take_role(world: World, _: str) -> Any:
    return await world["partnership_admin"].post(f"/users/{world['idva'].user_id}/roles/idva/end")


async def exclude(world: World, case: str) -> Any:
    told = {"user_id": str(world["idva"].user_id), "because": "They are neighbours."}
    return await world["coordinator"].post(f"/cases/{case}/exclusions", told)


async def restrict(world: World, case: str) -> Any:
    told = {"named": [str(world["chair"].user_id)], "because": "It is about a colleague."}
    return await world["coordinator"].post(f"/cases/{case}/restriction", {**told, "sharing": world["chair"].sharing})


ENDS: dict[str, End] = {
    "a person ended": end_person,
    "a role taken": take_role,
    "an agency locked out": lock_agency_out,
    "an agency ended": end_agency,
    "sessions ended": sign_out_everywhere,
    "a person kept from a case": exclude,
    "a case restricted": restrict,
}
# What they get from then on, of GET /cases/{case}.
AFTERWARDS = {"a role taken": 403, "a person kept from a case": 404, "a case restricted": 404}


async def case_of_idva(world: World) -> str:
    """A case that the IDVA service sees, and the people whose it is."""
    case = str((await world.refer())["case"]["id"])
    world.clock.forward(minutes=1)
    assert (await world["idva"].get(f"/cases/{case}")).status_code == 200
    return case


async def somebody_waits(superuser: asyncpg.Connection) -> bool:
    """Whether anybody waits to hold a person or an agency."""
    return bool(
        await superuser.fetchval("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
    )


async def answered_with_something_in_hand(
    database: Database, world: World, superuser: asyncpg.Connection, end: Awaitable[Any]
) -> bool:
    """Whether an end was answered while a request of the IDVA's, begun before it, was still being worked on."""
    idva = world["idva"]
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(uow: UnitOfWork) -> None:
        entered.set()
        await go_on.wait()
        uow.record("notice.listed")

    who = Credentials(idva.partnership_id, idva.user_id, idva.session_id)
    request = asyncio.create_task(database.run(who, slow, world.clock(), new_id()))
    await entered.wait()
    ending = asyncio.ensure_future(end)
    try:
        while not ending.done() and not await somebody_waits(superuser):
            pass
        return ending.done()
    finally:
        go_on.set()
        await request
        assert (await ending).status_code in (200, 201), (await ending).text


@pytest.mark.parametrize("what", ENDS)
async def test_once_an_end_is_answered_nothing_is_in_hand_and_the_next_request_is_refused(
    what: str, world: World, superuser: asyncpg.Connection, database: Database
) -> None:
    case = await case_of_idva(world)
    ending = ENDS[what](world, case)
    assert not await answered_with_something_in_hand(database, world, superuser, ending)
    assert (await world["idva"].get(f"/cases/{case}")).status_code == AFTERWARDS.get(what, 401)


@pytest.fixture
async def careless(
    server_urls: tuple[str, str], app: FastAPI, superuser: asyncpg.Connection
) -> AsyncIterator[Database]:
    """The service's way to the database, if ``enter`` held nobody."""
    made = await superuser.fetchval("SELECT pg_get_functiondef('public.enter'::regproc)")
    for whom in ("p_user", "enter.agency_id"):
        holding = f"NOT pg_try_advisory_xact_lock_shared(hashtextextended({whom}::text, 0))"
        assert holding in made
        made = made.replace(holding, "false")
    await superuser.execute("CREATE SCHEMA careless; GRANT USAGE ON SCHEMA careless TO roundtable_app")
    try:
        await superuser.execute(made.replace("FUNCTION public.enter", "FUNCTION careless.enter"))
        state = app.state
        url = f"{server_urls[1]}&search_path=careless,public"
        async with open_database(url, state.catalogue, state.database._vault) as database:
            yield database
    finally:
        await superuser.execute("DROP SCHEMA careless CASCADE")


@pytest.mark.parametrize("what", ["a person ended", "an agency locked out", "a case restricted"])
async def test_without_the_lock_something_would_still_be_in_hand(
    what: str, world: World, superuser: asyncpg.Connection, careless: Database
) -> None:
    case = await case_of_idva(world)
    assert await answered_with_something_in_hand(careless, world, superuser, ENDS[what](world, case))


async def test_nobody_is_let_in_whose_agency_was_ended_while_they_waited_at_the_door(
    world: World, superuser: asyncpg.Connection
) -> None:
    """Who they are is looked up before their agency is held: it is looked at again after."""
    idva = world["idva"]
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(idva.agency_id))
    asked = asyncio.create_task(idva.get("/me"))
    await asyncio.wait({asked}, timeout=0.1)
    assert not asked.done()
    await superuser.execute("UPDATE agency SET ended_at = now() WHERE id = $1", idva.agency_id)
    await transaction.commit()
    assert (await asked).status_code == 401


@dataclass
class Flood:
    """Many requests of one person, by status: those sent before their access was ended, and those after.

    kept: how many entries the trail had of them when the end was answered, and when all was over.
    """

    before: Counter[int]
    after: Counter[int]
    kept: tuple[int, int]

    @property
    def none_was_served_after(self) -> bool:
        """Whether each was done with before the end was answered, or refused."""
        return set(self.after) == {401} and self.kept[0] == self.kept[1]


@pytest.fixture
def _in_hand_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = notices.listed

    async def slowly(uow: UnitOfWork, **asked: Any) -> Document:
        found = await listed(uow, **asked)
        await asyncio.sleep(IN_HAND_SECONDS)
        return found

    monkeypatch.setattr(notices, "listed", slowly)


async def flood(wire: Wire, who: Person, superuser: asyncpg.Connection, end: Awaitable[Any], requests: int) -> Flood:
    """End somebody's access in the middle of so many of their requests, a hundred at a time.

    The last third is sent once the end was answered; of the second, how many are is chance.
    """
    token, before, after = who.token, Counter[int](), Counter[int]()
    begun, ended = asyncio.Event(), asyncio.Event()
    numbers = iter(range(requests))

    async def keep_asking() -> None:
        client = Client(wire.port)
        for n in numbers:
            if n == requests // 3:
                begun.set()
            if n >= requests * 2 // 3:
                await ended.wait()
            seen = after if ended.is_set() else before
            seen[(await client.request("GET", "/api/v1/notices?limit=1", token)).status] += 1
        client.close()

    async def entries() -> int:
        where = (who.partnership_id, who.user_id)
        query = "SELECT count(*) FROM audit WHERE partnership_id = $1 AND actor_id = $2"
        return int(await superuser.fetchval(query, *where) or 0)

    async def leave() -> int:
        await begun.wait()
        assert (await end).status_code == 200
        ended.set()
        return await entries()

    leaving = asyncio.create_task(leave())
    await asyncio.gather(*(keep_asking() for _ in range(AT_ONCE)))
    return Flood(before, after, (await leaving, await entries()))


@pytest.mark.usefixtures("_in_hand_for_a_while")
@pytest.mark.parametrize(("what", "requests"), [("a person ended", REQUESTS), ("an agency locked out", A_FEW_HUNDRED)])
async def test_of_a_thousand_requests_none_is_served_once_their_senders_access_is_ended(
    what: str, requests: int, wire: Wire, world: World, superuser: asyncpg.Connection
) -> None:
    found = await flood(wire, world["idva"], superuser, ENDS[what](world, ""), requests)
    assert found.before.total() + found.after.total() == requests
    assert set(found.before) <= {200, 401}
    assert found.before[200] > 0
    assert found.none_was_served_after, found
    assert found.kept[0] == found.before[200], found


async def test_an_agency_that_is_let_in_again_signs_in_anew(world: World) -> None:
    await lock_agency_out(world, "")
    admin, agency_id = world["partnership_admin"], world.agencies["idva"]
    assert (await admin.post(f"/agencies/{agency_id}/restore")).status_code == 200
    assert (await world["idva"].get("/me")).status_code == 401
    again = await world.sign_in(world["idva"].user_id, UUID(str(agency_id)), like="idva")
    assert (await again.get("/me")).status_code == 200


async def test_a_role_taken_signs_nobody_out(world: World) -> None:
    await take_role(world, "")
    assert (await world["idva"].get("/me")).json()["roles"] == []


async def test_who_is_ended_can_sign_in_by_nothing_that_they_had(world: World, superuser: asyncpg.Connection) -> None:
    idva = world["idva"]
    where = (idva.partnership_id, idva.user_id)
    await superuser.execute(
        "INSERT INTO password (partnership_id, id, user_id, hash, set_at) "
        "VALUES ($1, gen_random_uuid(), $2, 'x', now())",
        *where,
    )
    await superuser.execute(
        "INSERT INTO sign_in_link (partnership_id, id, user_id, kind, digest, created_at, until_at) "
        "VALUES ($1, gen_random_uuid(), $2, 'reset', sha256('x'), now(), now() + interval '7 days')",
        *where,
    )
    await end_person(world, "")
    left = await superuser.fetchrow(
        "SELECT (SELECT count(*) FROM session WHERE user_id = $1 AND ended_at IS NULL) AS sessions,"
        " (SELECT count(*) FROM password WHERE user_id = $1 AND hash IS NOT NULL) AS passwords,"
        " (SELECT count(*) FROM sign_in_link WHERE user_id = $1 AND ended_at IS NULL) AS links",
        idva.user_id,
    )
    assert left is not None
    assert dict(left) == {"sessions": 0, "passwords": 0, "links": 0}
