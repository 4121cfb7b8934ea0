"""``roundtable audit verify``: whether the trail still holds, by itself, by its seals, and by heads kept elsewhere."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from app.commands.audit import Say, as_owner
from app.db import audit as queries
from app.db import seals as seal_queries
from app.db.signet import signed_by
from app.domain.fields import printable
from app.domain.seals import FIRST_ROOT, Head, HeadUnreadable, read_heads, read_key, root_after
from app.problem import Problem

# So many faults are said one by one. Where there are more, their number matters and not each of them.
_MOST_SAID = 100

_ENTRIES = {
    "changed": "entry {seq} was changed, or the one before it was",
    "gap": "an entry before number {seq} is missing or out of its place",
    "cut_short": "the entries after number {seq} are missing",
    "other_head": "entry {seq} is not the last one that was written",
    "gone": "all of its entries are missing",
}
_DETAILS = {
    "reworded": "the words kept with entry {seq} are not those that were written",
    "stray": "words are kept for an entry that is not there",
}


class _Findings:
    """What was found, said as it is found."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.faults = 0

    def broken(self, sentence: str) -> None:
        self.faults += 1
        if self.faults <= _MOST_SAID:
            self.say(f"BROKEN: {sentence}.")


def verify(
    url: str,
    variable: str,
    partnership: str | None,
    say: Say,
    *,
    public_keys: Sequence[bytes],
    heads: Sequence[Head] = (),
) -> bool:
    """Recompute every chain, word and seal, say what is broken, and return whether all hold.

    ``url`` is the owner's, whom the policies on the trail let read all of it. ``public_keys``: those that seals may be
    signed with. ``heads``: as they were kept elsewhere; without any, a trail rewritten whole by somebody who had the
    seal key too would hold. Raises Problem.
    """

    async def work(connection: Any) -> bool:
        chosen = await _chosen(connection, partnership)
        found = _Findings(say)
        # Enough to hold a large trail's hashes in memory, and to share the work out; for this transaction only.
        await connection.execute("SET LOCAL work_mem = '256MB'")
        await connection.execute("SET LOCAL parallel_tuple_cost = 0")
        await connection.execute(queries.TRUSTED)
        for row in await connection.fetch(queries.NO_TABLES):
            found.broken(f"'{row['name']}' is no plain table: what it shows may not be what is kept")
        await _chains(connection, chosen, found)
        await _details(connection, chosen, found)
        await _seals(connection, chosen, found, frozenset(public_keys))
        for head in heads:
            await _head(connection, head, chosen, found, frozenset(public_keys))
        if found.faults > _MOST_SAID:
            say(f"... and {found.faults - _MOST_SAID:,} more.")
        if not found.faults:
            say("All of it holds: nothing was changed, removed, moved, put in or cut off.")
            if not heads:
                say("Whether it was written again, seals and all, only a head kept elsewhere can tell: --head FILE.")
        return not found.faults

    holds: bool = asyncio.run(as_owner(url, variable, work))
    return holds


def heads_in(path: Path) -> tuple[Head, ...]:
    """The heads in a file. Raises Problem."""
    try:
        return read_heads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise Problem(f"{path} cannot be read: give a file with what 'roundtable audit head' printed.") from None
    except HeadUnreadable as error:
        raise Problem(f"{path} holds no head that can be read. {error}") from None


def key_in(text: str) -> bytes:
    """A public key as a head shows it. Raises Problem."""
    try:
        return read_key(text.strip())
    except ValueError:
        raise Problem("--public-key is not a seal's public key: copy what follows 'key:' in a head.") from None


async def _chosen(connection: Any, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    chosen: UUID | None = await connection.fetchval(queries.PARTNERSHIP, slug)
    if chosen is None:
        raise Problem(f"There is no partnership called '{slug}': check its short name.")
    return chosen


async def _chains(connection: Any, chosen: UUID | None, found: _Findings) -> None:
    totals = await connection.fetchrow(queries.TOTALS, chosen)
    found.say(f"Checking {totals['entries']:,} entries in {totals['chains']:,} chains ...")
    if not totals["entries"]:
        found.broken("there is no entry at all: this is another database, or its trail was removed whole")
    async for fault in connection.cursor(queries.BROKEN, chosen):
        what = _ENTRIES[fault["kind"]].format(seq=fault["seq"])
        whose = _named(fault)
        found.broken(f"chain {fault['chain']} of {whose}, number {fault['seq']}: {what}")


async def _details(connection: Any, chosen: UUID | None, found: _Findings) -> None:
    async for fault in connection.cursor(queries.REWORDED, chosen):
        found.broken(f"chain {fault['chain'] or 'of no entry'}: {_DETAILS[fault['kind']].format(seq=fault['seq'])}")
    kept = await connection.fetchrow(queries.DETAILS, chosen)
    if kept["committed"]:
        found.say(f"Words are kept with {kept['kept']:,} entries, and were erased from {kept['erased']:,}.")


async def _seals(connection: Any, chosen: UUID | None, found: _Findings, known: frozenset[bytes]) -> None:
    """Each seal follows from the one before, is signed, and says of the chains what the trail says."""
    number, root, of = 0, FIRST_ROOT, None
    seals = 0
    async for row in connection.cursor(seal_queries.SEALS, chosen):
        if row["partnership_id"] != of:
            number, root, of = 0, FIRST_ROOT, row["partnership_id"]
        seals += 1
        whose = f"seal {row['number']} of {_named(row)}"
        if row["number"] != number + 1:
            found.broken(f"{whose}: a seal before it is missing")
        follows = root_after(
            root,
            partnership_id=row["partnership_id"],
            number=row["number"],
            at=row["at"],
            entries=row["entries"],
            heads=row["heads"],
        )
        if follows != row["root"]:
            found.broken(f"{whose}: it is not what was sealed")
        seal = Head(**{name: row[name] for name in Head.__dataclass_fields__})
        _signature(seal, whose, found, known)
        number, root = row["number"], row["root"]
    async for fault in connection.cursor(seal_queries.CONTRADICTED, chosen):
        whose = f"seal {fault['number']} of {_named(fault)}"
        if fault["stray"]:
            found.broken(f"{whose}: it is missing")
        else:
            found.broken(f"{whose}: chain {fault['chain']} had another entry {fault['seq']} when it was sealed")
    since = await connection.fetchval(seal_queries.SINCE, chosen)
    found.say(f"{seals:,} seals. {since:,} entries came after the last, and only their chains' heads hold them.")


def _named(row: Any) -> str | int:
    return printable(row["partnership"] or "no partnership")


def _signature(seal: Head, whose: str, found: _Findings, known: frozenset[bytes]) -> None:
    if seal.public_key not in known:
        found.broken(f"{whose}: it was signed with a key that is not among the seal keys known here")
    elif not signed_by(seal.public_key, seal.signature, seal.said):
        found.broken(f"{whose}: its signature is not genuine")


async def _head(connection: Any, head: Head, chosen: UUID | None, found: _Findings, known: frozenset[bytes]) -> None:
    whose = f"the head kept of partnership {head.partnership_id}, number {head.number}"
    if chosen not in (None, head.partnership_id):
        found.broken(f"{whose}: what was checked is another partnership, {chosen}; its short name may have been moved")
    _signature(head, whose, found, known)
    row = await connection.fetchrow(seal_queries.ONE, head.partnership_id, head.number)
    if row is None:
        found.broken(f"{whose}: there is no such seal now; the trail was cut short, or replaced")
    elif (row["root"], row["at"], row["entries"]) != (head.root, head.at, head.entries):
        found.broken(f"{whose}: the seal of that number is another now; the trail was written again")
    else:
        found.say(f"The head numbered {head.number} that was kept is the one that is here.")
