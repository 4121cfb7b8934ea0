"""Counting tries. What they are counted by is kept as keyed digests: no e-mail and no address can be read from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db import throttle as queries
from app.db.session import UnitOfWork
from app.domain.throttle import RULES, Bucket, after_try, given_back, room_at


@dataclass(frozen=True, slots=True)
class Counted:
    """A try that was counted, to be given back if it was right."""

    buckets: tuple[tuple[Bucket, bytes], ...]


@dataclass(frozen=True, slots=True)
class Full:
    """A try that was not counted, since there have been too many. ``until``: when one more may be made."""

    until: datetime


def digest(uow: UnitOfWork, bucket: Bucket, value: str) -> tuple[Bucket, bytes]:
    """A bucket as it is kept: of one account, address, browser or person."""
    return bucket, uow.vault.blind(f"throttle {bucket}", value, partnership_id=uow.actor.partnership_id).digest


async def count(uow: UnitOfWork, *buckets: tuple[Bucket, bytes]) -> Counted | Full:
    """Count one try in each of these, or in none when one is full. Commit before it is judged."""
    held = await _hold(uow, [key for _, key in buckets])
    after = {key: after_try(RULES[bucket], held[key], uow.now) for bucket, key in buckets}
    full = [room_at(RULES[bucket], held[key]) for bucket, key in buckets if after[key] is None]
    if full:
        return Full(max(full))
    await _keep(uow, {key: moment for key, moment in after.items() if moment is not None})
    return Counted(buckets)


async def is_new(uow: UnitOfWork, account: str) -> bool:
    """Whether the trail has not been told of late that this account was tried too often."""
    return isinstance(await count(uow, digest(uow, Bucket.ENTRIES, account)), Counted)


async def give_back(uow: UnitOfWork, counted: Counted) -> None:
    """Undo one try, since it was right."""
    held = await _hold(uow, [key for _, key in counted.buckets])
    await _keep(uow, {key: given_back(RULES[bucket], held[key], uow.now) for bucket, key in counted.buckets})


async def _hold(uow: UnitOfWork, keys: Sequence[bytes]) -> dict[bytes, datetime]:
    """Lock these, always in the same order; when each will be empty."""
    rows = await uow.rows(queries.HOLD, buckets=sorted(keys), now=uow.now)
    return {row["bucket"]: row["until_at"] for row in rows}


async def _keep(uow: UnitOfWork, until: dict[bytes, datetime]) -> None:
    await uow.rows(queries.KEEP, buckets=list(until), moments=list(until.values()))
