"""``roundtable erase``: blank everything that a partnership holds about one person, and leave the trail whole.

With ``--due``, what each case says that two people decided to erase, once its period was over.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.commands.blanking import Person, Say, blank
from app.db import erasure as queries
from app.db.ids import new_id
from app.db.json import to_json
from app.db.keys import MAY
from app.db.vault import Vault
from app.deployment import reach
from app.domain.clock import local_date
from app.domain.erasure import (
    ErasureReason,
)
from app.domain.retention import STARTING_RULES, Ended, RetentionRules, Standing, holds_from, reviews_from, standing
from app.problem import Problem

Agree = Callable[[str], bool]

_ERASED = "Erased. To make it so in copies and backups, change the keys ('roundtable keys rotate') and destroy the old."
_STAYS = {
    Standing.OPEN: "it is worked on again.",
    Standing.HELD: "a legal hold stands on it.",
    Standing.NOT_DUE: "its period is longer by now.",
    Standing.DUE: "it has ended anew since, and somebody must decide again.",
    Standing.PROPOSED: "a newer proposal waits to be approved.",
    Standing.KEPT: "it was decided since that it is kept.",
    Standing.ERASED: "it is erased already.",
}


def erase(
    url: str,
    variable: str,
    vault: Vault,
    reference: str,
    because: ErasureReason,
    now: datetime,
    say: Say,
    agree: Agree,
    *,
    partnership: str | None = None,
) -> bool:
    """Erase one person in one transaction, once ``agree`` has said yes to the question. Returns whether it was done.

    ``url`` is the owner's. Raises Problem, also while a legal hold stands on a case that they are in. Not to be called
    from a running event loop.
    """
    return asyncio.run(_erase(url, variable, vault, reference, because, now, say, agree, partnership))


async def _erase(
    url: str,
    variable: str,
    vault: Vault,
    reference: str,
    because: ErasureReason,
    now: datetime,
    say: Say,
    agree: Agree,
    partnership: str | None,
) -> bool:
    async with _owner(url, variable) as connection, connection.transaction():
        person = await _find(connection, reference.strip().upper(), partnership)
        await _check_no_hold(connection, person, now)
        _describe(person, say)
        if not agree(f"Erase {', '.join(person.references)} for good?"):
            return False
        await blank(connection, vault, person, now, say)
        await _record(connection, person, because, now)
    say(_ERASED)
    return True


def erase_due(
    url: str, variable: str, vault: Vault, now: datetime, say: Say, agree: Agree, *, partnership: str | None = None
) -> int:
    """Erase what was approved of cases whose period is over, each in a transaction of its own. Returns how many.

    Each is looked at once more: one that a hold stands on, that is worked on again, or whose period is longer by now
    stays. What other cases say of the same people stays too. Raises Problem. Not to be called from a running event
    loop.
    """
    return asyncio.run(_erase_due(url, variable, vault, now, say, agree, partnership))


async def _erase_due(
    url: str, variable: str, vault: Vault, now: datetime, say: Say, agree: Agree, partnership: str | None
) -> int:
    erased = 0
    async with _owner(url, variable) as connection:
        approved = await connection.fetch(queries.APPROVED, partnership, local_date(now), None)
        ready = [row for row in approved if _stands(row, now) is Standing.APPROVED]
        for row in approved:
            if row not in ready:
                say(f"{row['reference']} stays: {_STAYS[_stands(row, now)]}")
        if not ready:
            say("Nothing is to be erased that was approved.")
            return 0
        say(f"Approved: {', '.join(row['reference'] for row in ready)}.")
        if not agree(f"Erase all that {'this case says' if len(ready) == 1 else 'these cases say'}, for good?"):
            return 0
        for row in ready:
            async with connection.transaction():
                erased += await _erase_case(connection, vault, row, now, say)
    say(f"{erased} erased. {_ERASED.partition(' ')[2]}")
    return erased


async def _erase_case(connection: Any, vault: Vault, approved: Any, now: datetime, say: Say) -> bool:
    here, case_id = approved["partnership_id"], approved["case_id"]
    await connection.execute(queries.ALONE, case_id)
    # Held before it is looked at: whoever is opening it again just now is waited for, and then it stays.
    await connection.execute(queries.HELD, here, case_id)
    row = await connection.fetchrow(queries.APPROVED, None, local_date(now), approved["id"])
    if row is None or _stands(row, now) is not Standing.APPROVED:
        say(f"{approved['reference']} stays: somebody decided otherwise just now.")
        return False
    parts = await connection.fetch(queries.EVERYBODY, here, case_id)
    ids = [part["person_id"] for part in parts]
    references = [each["reference"] for each in await connection.fetch(queries.REFERENCES, here, ids)]
    everybody = Person.of(here, ids, references, parts, everywhere=False)
    await blank(connection, vault, everybody, now, say)
    await _record(connection, everybody, ErasureReason.RETENTION_ENDED, now)
    await connection.execute(queries.DONE, here, row["id"], now)
    return True


def _stands(row: Any, now: datetime) -> Standing:
    ended_at = row["ended_at"]
    case = Ended(ended_at, row["high_risk"], row["children"], row["state"] == "transferred") if ended_at else None
    rules = RetentionRules.model_validate_json(row["rules"]) if row["rules"] else STARTING_RULES
    holds, reviews = orjson.loads(row["holds"] or b"[]"), orjson.loads(row["reviews"])
    return standing(case, rules, holds_from(holds), reviews_from(reviews), local_date(now))


@asynccontextmanager
async def _owner(url: str, variable: str) -> AsyncIterator[Any]:
    connection = await reach(url, variable)
    try:
        may = await connection.fetchval(MAY)
        if may is None:
            raise Problem("This database has no Roundtable in it: check the address, or run 'roundtable migrate'.")
        if not may:
            raise Problem(f"The user in {variable} may not erase anybody: use the database's owner.")
        await _as_json(connection)
        yield connection
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
        raise Problem("The database went away. What was not said to be erased was not. Run this again.") from None
    finally:
        await connection.close()


async def _as_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: to_json(value).decode(), decoder=orjson.loads
    )


async def _find(connection: Any, reference: str, partnership: str | None) -> Person:
    found = await connection.fetch(queries.PEOPLE, reference, partnership)
    if not found:
        raise Problem(f"There is no person '{reference}': give their reference as people read it, such as P-7K2M9QX.")
    if len(found) > 1:
        raise Problem(f"Several partnerships have a person '{reference}': say which with --partnership.")
    partnership_id, person_id = found[0]["partnership_id"], found[0]["id"]
    known = await connection.fetch(queries.EVERY_REFERENCE, partnership_id, person_id)
    ids = [row["id"] for row in known]
    parts = await connection.fetch(queries.PARTIES, partnership_id, ids)
    return Person.of(partnership_id, ids, [row["reference"] for row in known], parts)


async def _check_no_hold(connection: Any, person: Person, now: datetime) -> None:
    """Raise Problem while a legal hold stands on a case that they are in, which is held by now: none can come."""
    rows = await connection.fetch(queries.HOLDS, person.partnership_id, person.cases, local_date(now))
    if rows:
        held = ", ".join(row["reference"] for row in rows)
        raise Problem(f"A legal hold stands on {held}, and everything there is kept. Whoever may lifts it first.")


def _describe(person: Person, say: Say) -> None:
    count = len(person.cases)
    say(f"{', '.join(person.references)}: in {count} {'case' if count == 1 else 'cases'}.")
    working = sum(each["state"] not in ("closed", "transferred") for each in person.parts)
    if working:
        say(f"{working} of them {'is' if working == 1 else 'are'} still being worked on.")
    if count:
        say("Free text in each goes whole, whoever it is about: minutes, plans, research, what happened.")


async def _record(connection: Any, person: Person, because: ErasureReason, now: datetime) -> None:
    """One entry in the trail of each case, and on its timeline; for somebody in no case, one in the partnership's."""
    here, request_id = person.partnership_id, new_id()
    for part in person.parts:
        data = {"role": part["role"], "because": because}
        await connection.execute(queries.EVENT, here, new_id(), part["case_id"], now, data)
    chains: list[UUID | None] = [*sorted(person.cases)]
    for case_id in chains or [None]:
        await connection.execute(queries.RECORD, here, new_id(), now, case_id, person.ids, because, request_id)
