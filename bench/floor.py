"""The floor: what plain SQL over asyncpg costs for the same rows, with no policies, no audit and no HTTP."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from bench.host import Host

# Parents before children. What a referral writes, and nothing else.
INTAKE_TABLES = (
    "person",
    "case_file",
    "case_grant",
    "party",
    "contact_detail",
    "referral",
    "assessment",
    "agenda_item",
    "support_offer",
    "case_event",
    "audit",
)
Rows = dict[str, list[tuple[Any, ...]]]


async def rows_by_referral(connection: asyncpg.Connection) -> tuple[list[Rows], dict[str, str]]:
    """Everything the service wrote, one dictionary for each referral, and the INSERT for each table."""
    of_case: dict[UUID, Rows] = defaultdict(dict)
    owner: dict[UUID, UUID] = {}
    inserts: dict[str, str] = {}
    for table in INTAKE_TABLES[1:]:
        records = await connection.fetch(f"SELECT * FROM {table}")
        if not records:
            continue
        inserts[table] = _insert(table, records[0])
        for record in records:
            case = record["id"] if table == "case_file" else record["case_id"]
            if case is None:
                continue
            of_case[case].setdefault(table, []).append(tuple(record))
            if table == "party":
                owner.setdefault(record["person_id"], case)
    people = await connection.fetch("SELECT * FROM person")
    inserts["person"] = _insert("person", people[0])
    for record in people:
        of_case[owner[record["id"]]].setdefault("person", []).append(tuple(record))
    return list(of_case.values()), inserts


def _insert(table: str, record: asyncpg.Record) -> str:
    names = list(record.keys())
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"


async def look_over(host: Host) -> None:
    """Let the planner know how the tables are filled, as a database knows that has been in use for a day."""
    admin = await asyncpg.connect(host.superuser_url)
    await admin.execute("ANALYZE")
    await admin.close()


async def write_again(
    host: Host, referrals: Sequence[Rows], inserts: dict[str, str], connections: int, *, warm: int
) -> float:
    """Empty the tables and write the same rows again, one transaction for each case. Returns cases a second.

    The first ``warm`` are written before the clock starts. The trigger that chains the trail is off: plain writes only.
    """
    admin = await asyncpg.connect(host.superuser_url)
    await admin.execute(f"TRUNCATE {', '.join(INTAKE_TABLES)}, audit_head, idempotency CASCADE")
    await admin.execute("ALTER TABLE audit DISABLE TRIGGER chain")
    await admin.execute("CHECKPOINT")
    await admin.close()
    async with asyncpg.create_pool(host.superuser_url, min_size=connections, max_size=connections) as pool:
        await _write(pool, referrals[:warm], inserts, connections)
        await look_over(host)
        started = time.perf_counter()
        await _write(pool, referrals[warm:], inserts, connections)
        return (len(referrals) - warm) / (time.perf_counter() - started)


async def _write(pool: asyncpg.Pool, some: Sequence[Rows], inserts: dict[str, str], connections: int) -> None:
    waiting = iter(some)

    async def worker() -> None:
        async with pool.acquire() as connection:
            for rows in waiting:
                async with connection.transaction():
                    for table in INTAKE_TABLES:
                        if table not in rows:
                            continue
                        if len(rows[table]) == 1:
                            await connection.execute(inserts[table], *rows[table][0])
                        else:
                            await connection.executemany(inserts[table], rows[table])

    await asyncio.gather(*(worker() for _ in range(connections)))
