"""``roundtable keys rotate``: everything that is sealed, sealed anew under the key that now comes first.

The service goes on meanwhile, since every key it is given opens. What a batch has done stays done: stopped and run
again, it goes on from there.
"""

import asyncio
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

import asyncpg

from app.db import keys as queries
from app.db.ids import new_id
from app.db.vault import Enclosed, SealBroken, Sealed, Vault
from app.deployment import reach
from app.domain.contacts import ContactDetails, look_ups
from app.problem import Problem

Say = Callable[[str], None]

BATCH = 500
CONTACT, INDEX = "ROUNDTABLE_CONTACT_KEYS", "ROUNDTABLE_INDEX_KEYS"
_START = (UUID(int=0), UUID(int=0))


def rotate(url: str, variable: str, vault: Vault, say: Say) -> bool:
    """Seal every row anew, and say of each other key whether it may be destroyed. Returns whether all of them may.

    ``url`` is the owner's. Raises Problem. Not to be called from a running event loop.
    """
    return asyncio.run(_rotate(url, variable, vault, say))


async def _rotate(url: str, variable: str, vault: Vault, say: Say) -> bool:
    connection = await reach(url, variable)
    try:
        may = await connection.fetchval(queries.MAY)
        if may is None:
            raise Problem("This database has no Roundtable in it: run 'roundtable migrate'.")
        if not may:
            raise Problem(f"The user in {variable} may not change what is sealed: use the database's owner.")
        broken = 0
        for store in queries.STORES:
            broken += await _seal_anew(connection, vault, store, say)
        broken += await _index_anew(connection, vault, say)
        under = [(store.name, store.under) for store in queries.STORES]
        free = await _account(connection, CONTACT, vault.keys, vault.sealing_key, queries.EVERY_KEY, under, say)
        under = [("entries of the index", queries.INDEX_UNDER)]
        free &= await _account(
            connection, INDEX, vault.index_keys, vault.index_key, queries.EVERY_INDEX_KEY, under, say
        )
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
        raise Problem("The database went away. Run this again: it goes on from where it was.") from None
    finally:
        await connection.close()
    if broken:
        say(f"{broken:,} could not be opened with any key that is set, and stay as they are.")
    return free and not broken


async def _seal_anew(connection: Any, vault: Vault, store: queries.Store, say: Say) -> int:
    """How many could not be opened."""
    old = sorted(vault.keys - {vault.sealing_key})
    pending = await connection.fetchval(store.pending, old)
    last, done, broken = _START, 0, 0
    while old:
        async with connection.transaction():
            rows = await connection.fetch(store.batch, old, *last, BATCH)
            fresh = []
            for row in rows:
                place = {"partnership_id": row["partnership_id"], "row_id": row["id"]}
                try:
                    fresh.append((*place.values(), vault.reseal(Sealed(row["key_id"], row["data"]), **place).data))
                except SealBroken:
                    broken += 1
            if fresh:
                await connection.execute(store.change, vault.sealing_key, *map(list, zip(*fresh, strict=True)))
        if not rows:
            break
        last, done = (rows[-1]["partnership_id"], rows[-1]["id"]), done + len(fresh)
        say(f"{store.name}: {done:,} of {pending:,}")
    return broken


async def _index_anew(connection: Any, vault: Vault, say: Say) -> int:
    """How many contact details could not be opened, and so keep the entries they have."""
    pending = await connection.fetchval(queries.INDEX_PENDING, vault.index_key)
    last, done, broken = _START, 0, 0
    while pending:
        async with connection.transaction():
            rows = await connection.fetch(queries.INDEX_BATCH, vault.index_key, *last, BATCH)
            anew, entries = [], []
            for row in rows:
                try:
                    entries += _entries(vault, row)
                    anew.append((row["partnership_id"], row["id"]))
                except SealBroken:
                    broken += 1
            if anew:
                forget = map(list, zip(*anew, strict=True))
                await connection.execute(queries.INDEX_FORGET, vault.index_key, *forget)
                await connection.executemany(queries.INDEX_ADD, entries)
        if not rows:
            break
        last, done = (rows[-1]["partnership_id"], rows[-1]["id"]), done + len(anew)
        say(f"index: {done:,} of {pending:,}")
    return broken


def _entries(vault: Vault, row: Any) -> list[tuple[Any, ...]]:
    partnership_id = row["partnership_id"]
    enclosed = Enclosed(Sealed(row["key_id"], row["wrapped"]), row["sealed"])
    opened = vault.disclose(enclosed, partnership_id=partnership_id, row_id=row["id"], belongs_to=row["party_id"])
    blinds = [
        (kind, vault.blind(kind, value, partnership_id=partnership_id))
        for kind, value in sorted(look_ups(ContactDetails.model_validate_json(opened)))
    ]
    head = (row["case_id"], row["party_id"], row["id"])
    return [(partnership_id, new_id(), *head, kind, blind.key_id, blind.digest) for kind, blind in blinds]


async def _account(
    connection: Any,
    variable: str,
    known: Collection[str],
    first: str,
    every: str,
    under: list[tuple[str, str]],
    say: Say,
) -> bool:
    """Say how each key stands that is not the first; whether all of them may go."""
    free = True
    used = [row[0] for row in await connection.fetch(every)]
    for name in sorted({*known, *used} - {first}):
        counts = [(what, await connection.fetchval(statement, name)) for what, statement in under]
        still = ", ".join(f"{count:,} {what}" for what, count in counts if count)
        if not still:
            say(f"Key '{name}' is no longer used. Take it out of {variable} everywhere, and destroy it and its copies.")
        elif name in known:
            free = False
            say(f"Key '{name}' is still needed ({still}). Restart every service with the new order; run this again.")
        else:
            free = False
            say(f"Key '{name}' is needed ({still}) and is not in {variable}. Add it, last, and run this again.")
    if free:
        say(f"Everything is under key '{first}' of {variable}.")
    return free
