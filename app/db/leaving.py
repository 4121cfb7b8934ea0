"""The locks by which whatever ends somebody's access waits for what they have in hand: what `enter` shares, whole.

In the order of their ids, so that two who hold several never wait for each other.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from app.db.statements import sql
from app.db.transaction import LOST

# As long as what is in hand may last (`pool.py`), and how often it is looked at, holding no connection.
_OUTWAIT_SECONDS: Final = 60
_LOOK_SECONDS: Final = 0.01
_LONGEST_LOOK_SECONDS: Final = 0.5
_CONNECTION_SECONDS: Final = 10

_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended(CAST(held.id AS text), 0)) FROM ({ids} ORDER BY 1) held"
# Nearly as long as one statement may last (`pool.py`).
PATIENCE = sql("SELECT set_config('lock_timeout', '55s', true)")
# Every transaction that shares the lock, which is told by two halves.
_IN_HAND = sql("""
    SELECT coalesce(array_agg(l.virtualtransaction), '{}') FROM pg_locks l
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
       AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
       AND ((CAST(l.classid AS bigint) << 32) | CAST(l.objid AS bigint))
           = hashtextextended(CAST(CAST(:id AS uuid) AS text), 0)
""")
HOLD = sql(_HOLD.format(ids="SELECT DISTINCT id FROM unnest(CAST(:ids AS uuid[])) AS asked(id)"))
HOLD_CLOSED_OUT = sql(
    _HOLD.format(
        ids="""
    SELECT DISTINCT u.id FROM grants_of_case(:case_id) g
      JOIN app_user u ON u.partnership_id = g.partnership_id AND u.agency_id = g.agency_id
       AND (u.id = g.user_id OR (g.user_id IS NULL AND EXISTS (SELECT 1 FROM user_role r
             WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id AND r.ended_at IS NULL
               AND r.role <> 'practitioner')))
     WHERE g.reason <> 'named' AND g.from_at < :now AND (g.until_at IS NULL OR g.until_at > :now)
       AND u.ended_at IS NULL AND u.id <> :actor AND NOT EXISTS (SELECT 1 FROM grants_of_case(:case_id) n
             WHERE n.reason = 'named' AND n.user_id = u.id AND (n.until_at IS NULL OR n.until_at > :now))"""
    )
)


async def outwait(pool: Any, user_id: UUID) -> None:
    """Wait until whatever of this person's or system's is in hand at this moment is done; for a minute at most.

    Call it once what they end is committed: what begins meanwhile knows of that already, and is not waited for.
    """
    ticking = asyncio.get_running_loop().time
    came, look = ticking(), _LOOK_SECONDS
    begun: set[str] | None = None
    while begun != set() and ticking() - came < _OUTWAIT_SECONDS:
        if begun is not None:
            await asyncio.sleep(look)
            look = min(look * 2, _LONGEST_LOOK_SECONDS)
        with suppress(*LOST):  # it is committed all the same: look again
            async with pool.acquire(timeout=_CONNECTION_SECONDS) as connection:
                seen = set(await connection.fetchval(_IN_HAND.text, user_id))
            begun = seen if begun is None else begun & seen
