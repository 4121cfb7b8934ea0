"""A sealed trail, and what somebody with the whole database in hand would do to it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg

from app.db.session import Credentials
from app.db.signet import Signet
from app.domain.seals import Head
from app.services import seals
from tests.integration.test_audit import busy_case
from tests.world import World

Urls = tuple[str, str]
Check = Callable[..., Awaitable[str]]


def coordinator(world: World) -> Credentials:
    return Credentials(world.partnership_id, world["coordinator"].user_id)


async def seal(world: World, signet: Signet, **more: Any) -> bool:
    return await world.database.run_as_system(world.partnership_id, seals.seal, world.clock(), signet, **more)


async def newest(world: World) -> Head:
    head = await world.database.run_as_system(world.partnership_id, seals.newest, world.clock())
    assert head is not None
    return head


async def sealed_case(world: World, signet: Signet) -> UUID:
    """A case of several entries, sealed."""
    case_id = await busy_case(world)
    await seal(world, signet)
    return case_id


async def link_again(superuser: asyncpg.Connection, world: World) -> None:
    """Make every chain hold by itself, as somebody would who has the database: numbers, hashes and heads."""
    await superuser.execute(
        """
        DO $$ DECLARE a audit; n bigint; h bytea; c uuid;
        BEGIN
          FOR a IN SELECT * FROM audit WHERE partnership_id = 'PARTNERSHIP' ORDER BY chain, seq LOOP
            IF c IS DISTINCT FROM a.chain THEN n := 0; h := ''; c := a.chain; END IF;
            n := n + 1;
            h := sha256(h || audit_content(a));
            UPDATE audit SET seq = n, hash = h WHERE partnership_id = a.partnership_id AND id = a.id;
            UPDATE audit_head SET seq = n, hash = h WHERE partnership_id = a.partnership_id AND chain = a.chain;
          END LOOP;
        END $$
        """.replace("PARTNERSHIP", str(world.partnership_id))
    )


async def seal_again(superuser: asyncpg.Connection, world: World, signet: Signet) -> None:
    """Throw the seals away and make them anew."""
    for table in ("audit_seal", "audit_sealed"):
        await superuser.execute(f"DELETE FROM {table} WHERE partnership_id = $1", world.partnership_id)
    await superuser.execute("UPDATE audit_head SET moved = true WHERE partnership_id = $1", world.partnership_id)
    await seal(world, signet)


async def rewrite(superuser: asyncpg.Connection, world: World, case_id: UUID) -> None:
    """Take one entry out of a case's chain, and leave no seam."""
    await superuser.execute("DELETE FROM audit WHERE chain = $1 AND seq = 2", case_id)
    await link_again(superuser, world)
