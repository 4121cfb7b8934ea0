"""A list of 50 cases, guarded and audited, beside raw asyncpg fetching the same rows with neither."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import orjson

from app.db.ids import new_id
from app.db.pool import open_database
from app.db.session import Credentials, Database, UnitOfWork
from app.db.vault import Vault
from app.risk.instruments import load_catalogue
from app.services import cases
from bench.client import Client
from bench.host import Host, Process
from bench.tokens import token_of

ROUNDS = 9
READS = 400
CONNECTIONS = 10  # as many as the service itself keeps

# The same fifty rows and columns, asked for by id, as someone would who needs no permission.
FLOOR = """
    SELECT c.id, c.reference, c.state, c.version, c.victim_name, c.level, c.score, c.grounds, c.markers, c.repeat,
           c.children, c.pathway, c.review_on, c.opened_at, c.updated_at, a.name AS referring_agency, u.name AS idva,
           c.next_meeting_id, c.next_meeting_at
      FROM case_file c JOIN agency a ON a.partnership_id = c.partnership_id AND a.id = c.referring_agency_id
      LEFT JOIN app_user u ON u.partnership_id = c.partnership_id AND u.id = c.idva_id
     WHERE c.partnership_id = $1 ORDER BY c.id DESC LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Reads a second of ours and of the floor, and ours / floor, each the median of rounds taken in turn."""

    ours: float
    floor: float
    ratio: float


async def _rate(read: Callable[[int], Awaitable[object]]) -> float:
    async def reader(which: int) -> None:
        for _ in range(READS // CONNECTIONS):
            await read(which)

    started = time.perf_counter()
    await asyncio.gather(*(reader(n) for n in range(CONNECTIONS)))
    return READS / (time.perf_counter() - started)


async def _compare(ours: Callable[[int], Awaitable[object]], floor: Callable[[int], Awaitable[object]]) -> Ratio:
    await _rate(ours)
    await _rate(floor)
    pairs = [(await _rate(ours), await _rate(floor)) for _ in range(ROUNDS)]
    return Ratio(
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


async def in_process(host: Host, who: Credentials) -> Ratio:
    """Without HTTP: a whole unit of work against one statement and orjson."""
    vault = Vault({"bench": b"0" * 32}, {"bench": b"0" * 32})
    pool = await asyncpg.create_pool(host.superuser_url, min_size=CONNECTIONS, max_size=CONNECTIONS, reset=_nothing)
    async with open_database(host.app_url, load_catalogue(), vault, connections=CONNECTIONS) as service:

        async def ours(_: int) -> object:
            return await read_list(service, who)

        async def floor(_: int) -> object:
            async with pool.acquire() as connection:
                rows = await connection.fetch(FLOOR, who.partnership_id)
            return orjson.dumps([dict(row) for row in rows], default=str)

        ratio = await _compare(ours, floor)
    await pool.close()
    return ratio


async def read_list(service: Database, who: Credentials) -> object:
    """One list of 50 as the route asks for it."""

    async def everything(uow: UnitOfWork) -> object:
        return await cases.listed(
            uow, state=None, level=None, repeat=None, marker=None, mine=False, after=None, limit=50
        )

    return await service.run(who, everything, datetime.now(UTC), new_id())


async def over_http(host: Host, service: Process, floor_app: Process, who: Credentials) -> Ratio:
    """Both behind uvicorn, with as many clients each."""
    connection = await asyncpg.connect(host.superuser_url)
    token = await token_of(host, connection, who.partnership_id, who.user_id)
    await connection.close()
    ours_clients = [Client(service.port) for _ in range(CONNECTIONS)]
    floor_clients = [Client(floor_app.port) for _ in range(CONNECTIONS)]

    async def ours(which: int) -> object:
        answer = await ours_clients[which].request("GET", "/api/v1/cases?limit=50", token)
        assert answer.status == 200, answer.body
        return answer

    async def floor(which: int) -> object:
        answer = await floor_clients[which].request("GET", f"/{who.partnership_id}", token)
        assert answer.status == 200, answer.body
        return answer

    return await _compare(ours, floor)


async def actors(host: Host) -> dict[str, Credentials]:
    """Someone who sees nearly everything, and someone who sees little."""
    connection = await asyncpg.connect(host.superuser_url)
    found = {}
    for label, role in (("sees nearly all", "marac_coordinator"), ("sees few", "practitioner")):
        row = await connection.fetchrow(
            """
            SELECT u.id, u.partnership_id, (SELECT count(DISTINCT g.case_id) FROM case_grant g WHERE g.user_id = u.id
                OR g.principal = desk_principal(u.agency_id, 'marac_coordinator')) AS seen
              FROM app_user u JOIN user_role r ON r.partnership_id = u.partnership_id AND r.user_id = u.id
             WHERE r.role = $1 ORDER BY seen DESC LIMIT 1
            """,
            role,
        )
        assert row is not None
        found[label] = Credentials(UUID(str(row["partnership_id"])), UUID(str(row["id"])))
    await connection.close()
    return found


async def _nothing(_: object) -> None:
    """The floor pays for no reset."""
