"""``roundtable audit``: whether the trail still holds, and who could see a case and who looked."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import asyncpg

from app.db import audit as queries
from app.deployment import reach
from app.domain.clock import local
from app.problem import Problem

Say = Callable[[str], None]

_FAULTS = {
    "changed": "entry {seq} was changed, or the one before it was",
    "gap": "an entry before number {seq} is missing or out of its place",
    "cut_short": "the entries after number {seq} are missing",
    "other_head": "entry {seq} is not the last one that was written",
    "gone": "all of its entries are missing",
}


def verify(url: str, variable: str, partnership: str | None, say: Say) -> bool:
    """Recompute every chain, say the first broken link of each that is broken, and return whether all hold.

    ``url`` is the owner's, whom the policies on the trail let read all of it. Raises Problem. A trail that was
    rewritten whole, heads and all, holds by itself: only heads kept elsewhere tell.
    """
    holds: bool = asyncio.run(_with(url, variable, lambda connection: _verify(connection, partnership, say)))
    return holds


def explain(url: str, variable: str, reference: str, say: Say) -> None:
    """Say who could see the case and why, and who looked. Raises Problem."""
    asyncio.run(_with(url, variable, lambda connection: _explain(connection, reference, say)))


async def _with(url: str, variable: str, work: Callable[[Any], Any]) -> Any:
    connection = await reach(url, variable)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await work(connection)
    except asyncpg.InsufficientPrivilegeError:
        raise Problem(f"The user in {variable} may not read the whole trail: use the database's owner.") from None
    except asyncpg.UndefinedTableError:
        raise Problem(
            "This database has no Roundtable in it: check the address, or run 'roundtable migrate'."
        ) from None
    finally:
        await connection.close()


async def _verify(connection: Any, slug: str | None, say: Say) -> bool:
    chosen = None
    if slug is not None:
        chosen = await connection.fetchval(queries.PARTNERSHIP, slug)
        if chosen is None:
            raise Problem(f"There is no partnership called '{slug}': check its short name.")
    totals = await connection.fetchrow(queries.TOTALS, chosen)
    say(f"Checking {totals['entries']:,} entries in {totals['chains']:,} chains ...")
    # Enough to sort a large trail in memory; for this transaction only.
    await connection.execute("SET LOCAL work_mem = '256MB'")
    broken = await connection.fetch(queries.BROKEN, chosen)
    for fault in broken:
        what = _FAULTS[fault["kind"]].format(seq=fault["seq"])
        whose = fault["partnership"] or "no partnership"
        say(f"BROKEN: chain {fault['chain']} of {whose}, number {fault['seq']}: {what}.")
    if not broken:
        say("Every chain holds: nothing was changed, removed, moved or cut off.")
    return not broken


async def _explain(connection: Any, reference: str, say: Say) -> None:
    cases = await connection.fetch(queries.CASES, reference.strip())
    if not cases:
        raise Problem(f"There is no case '{reference}': give its reference as people read it, such as C-7KQ2MNPX.")
    for case in cases:
        say(f"Case {case['reference']}, {case['partnership']}. Times are London's.\n\nWho could see it, and why")
        for grant in await connection.fetch(queries.GRANTS, case["partnership_id"], case["id"]):
            until = f" until {_moment(grant['until_at'])}" if grant["until_at"] else ""
            say(f"  {_moment(grant['from_at'])}{until}  {_who(grant)}: {_plain(grant['reason'])}")
        say("\nWho looked, and what was done")
        looks = 0
        async for entry in connection.cursor(queries.LOOKS, case["partnership_id"], case["id"]):
            looks += 1
            purpose = f" ({entry['purpose']})" if entry["purpose"] else ""
            say(f"  {_moment(entry['at'])}  {_who(entry)}: {_plain(entry['verb'])}{purpose}")
        say(f"\n{looks:,} entries.")


def _who(row: Any) -> str:
    if row["person"]:
        return f"{row['person']}, {row['agency']}"
    desk = row.get("desk")
    if desk is None:
        return "the service itself"
    return f"{row['agency']}, its {'desk' if desk == 'desk' else _plain(desk)}"


def _plain(code: str) -> str:
    return code.replace("_", " ").replace(".", " ")


def _moment(at: datetime) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}"
