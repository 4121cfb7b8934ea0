"""The floor: what plain SQL over asyncpg costs for the same rows, with no policies, no audit and no HTTP."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

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
        names = list(records[0].keys())
        places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
        inserts[table] = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"
        for record in records:
            case = record["id"] if table == "case_file" else record["case_id"]
            if case is None:
                continue
            of_case[case].setdefault(table, []).append(tuple(record))
            if table == "party":
                owner.setdefault(record["person_id"], case)
    people = await connection.fetch("SELECT * FROM person")
    names = list(people[0].keys())
    inserts["person"] = f"INSERT INTO person ({', '.join(names)}) VALUES ($1, $2, $3, $4)"
    for record in people:
        of_case[owner[record["id"]]].setdefault("person", []).append(tuple(record))
    return list(of_case.values()), inserts


async def write_again(url: str, referrals: Sequence[Rows], inserts: dict[str, str], connections: int) -> float:
    """Empty the tables and write the same rows again, one transaction for each referral. Returns seconds."""
    admin = await asyncpg.connect(url)
    await admin.execute(f"TRUNCATE {', '.join(INTAKE_TABLES)}, audit_head, idempotency CASCADE")
    await admin.execute("ALTER TABLE audit DISABLE TRIGGER chain")
    await admin.execute("CHECKPOINT")
    await admin.close()
    pool = await asyncpg.create_pool(url, min_size=connections, max_size=connections)
    waiting = iter(referrals)

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

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(connections)))
    seconds = time.perf_counter() - started
    await pool.close()
    return seconds
