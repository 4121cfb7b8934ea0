"""Leaving: what ends somebody's access waits for what they have in hand, and lets nothing of theirs begin meanwhile.

Every request holds its user and their agency, shared, from its first statement to its commit (``enter``). So once an
end is answered, nothing done in their name is still under way.
"""

from uuid import UUID

from app.db import leaving as queries
from app.db.session import UnitOfWork
from app.db.transaction import HoldOneself


async def hold(uow: UnitOfWork, *ids: UUID) -> None:
    """Wait until nothing of these people, systems or agencies is in hand; nothing of theirs begins before the commit.

    Call it before anything that they might be waiting for is locked. Raises Unavailable when it takes too long.
    """
    if uow.actor.user_id in ids and not await uow.value(queries.TRY_HOLD, id=uow.actor.user_id):
        raise HoldOneself
    await uow.rows(queries.HOLD, ids=list(ids))


async def wait_as_long_as_it_takes(uow: UnitOfWork) -> None:
    """Have ``hold`` outwait whatever may be in hand. Meanwhile nothing more of theirs begins, so that ends."""
    await uow.value(queries.PATIENCE)


async def hold_those_closed_out(uow: UnitOfWork, case_id: UUID) -> None:
    """The same for everybody who saw the case before this moment and is not named on its list."""
    await uow.rows(queries.HOLD_CLOSED_OUT, case_id=case_id, now=uow.now, actor=uow.actor.user)
