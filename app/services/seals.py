"""Sealing the trail at intervals, as upkeep, and handing its head to those who keep it."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.db import seals as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.signet import Signet
from app.domain.access import Verb
from app.domain.errors import NotFound
from app.domain.seals import FIRST_ROOT, ChainHead, Head, packed, root_after, seal_said
from app.services.once import Document

# What one seal may say of: enough for the busiest quarter of an hour, and a bound on memory when years are caught up.
MOST_HEADS = 50_000


class SealsReplaced(Exception):
    """A seal that this process knew is gone or is another: nothing is signed until somebody has looked and restarts."""


async def partnerships(uow: UnitOfWork) -> Sequence[UUID]:
    """Every partnership's id, for upkeep to visit."""
    return [row["id"] for row in await uow.rows(queries.PARTNERSHIPS)]


async def seal(
    uow: UnitOfWork, signet: Signet, *, unless_since: datetime | None = None, known: Head | None = None
) -> bool:
    """Seal what has moved since the last seal, unless there was one since that moment. Returns whether more is left.

    Run as the system. Safe with any number of processes at once: they take turns. ``known``: a seal that must still be
    there. Raises SealsReplaced when it is not: nobody has a trail signed that they rewrote by throwing its seals away.
    """
    await uow.value(queries.ALONE)
    if known is not None and await uow.value(queries.ROOT, number=known.number) != known.root:
        raise SealsReplaced
    last = await uow.row(queries.LAST)
    if last is not None and unless_since is not None and last["at"] > unless_since:
        return False
    rows = await uow.rows(queries.HEADS, most=MOST_HEADS)
    if not rows:
        return False
    heads = [ChainHead(row["chain"], row["seq"], row["hash"], row["before"]) for row in rows]
    partnership_id = uow.actor.partnership_id
    number, at = (last["number"] if last else 0) + 1, uow.now
    entries = (last["entries"] if last else 0) + sum(each.seq - each.before for each in heads)
    root = root_after(
        last["root"] if last else FIRST_ROOT,
        partnership_id=partnership_id,
        number=number,
        at=at,
        entries=entries,
        heads=packed(heads),
    )
    await uow.row(
        queries.KEEP,
        number=number,
        at=at,
        entries=entries,
        root=root,
        public_key=signet.public_key,
        signature=signet.sign(seal_said(partnership_id, number, at, entries, root)),
    )
    await uow.row(
        queries.KEEP_HEADS,
        number=number,
        chains=[each.chain for each in heads],
        seqs=[each.seq for each in heads],
        hashes=[each.hash for each in heads],
    )
    return len(rows) == MOST_HEADS


async def newest(uow: UnitOfWork) -> Head | None:
    """The newest seal as it is handed out; None before the first."""
    row = await uow.row(queries.LAST)
    return Head(**dict(row)) if row is not None else None


async def named(uow: UnitOfWork) -> tuple[str, str]:
    """The partnership's name and its short name."""
    row = await uow.row(queries.NAME)
    return (row["name"], row["slug"]) if row is not None else ("", "")


async def head(uow: UnitOfWork) -> Document:
    """The newest head, for those who keep it elsewhere. Raises NotFound before the first seal."""
    uow.actor.must(Verb.KEEP_HEADS)
    found = await newest(uow)
    if found is None:
        raise NotFound("seal")
    uow.record("audit.head_read")
    return Document(
        to_json(
            {
                "partnership_id": found.partnership_id,
                "number": found.number,
                "at": found.at,
                "entries": found.entries,
                "root": found.root.hex(),
                "public_key": b64encode(found.public_key).decode(),
                "signature": b64encode(found.signature).decode(),
                "text": found.text(),
            }
        )
    )
