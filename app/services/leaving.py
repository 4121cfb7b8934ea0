"""Leaving: what ends somebody's access waits for what they have in hand, and lets nothing of theirs begin meanwhile.

Every request holds its user and their agency, shared, from its first statement to its commit (``enter``). So once an
end is answered, nothing done in their name is still under way. Of what they end themselves, see ``hold``.
"""

from uuid import UUID

from app.db import leaving as queries
from app.db.session import UnitOfWork


async def hold(uow: UnitOfWork, *ids: UUID) -> None:
    """Wait until nothing of these people, systems or agencies is in hand; nothing of theirs begins before the commit.

    Call it before anything that they might be waiting for is locked. Raises Unavailable when it takes too long.
    Whoever ends something of their own cannot wait for themself: that is committed first, and answered once whatever
    else of theirs was in hand at that moment is done. It is done then, however long the rest takes.
    """
    others = [each for each in ids if each != uow.actor.user_id]
    uow.ends_own = uow.ends_own or len(others) < len(ids)
    if others:
        await uow.rows(queries.HOLD, ids=others)


async def wait_as_long_as_it_takes(uow: UnitOfWork) -> None:
    """Have ``hold`` outwait whatever may be in hand. Meanwhile nothing more of theirs begins, so that ends."""
    await uow.value(queries.PATIENCE)


async def hold_those_closed_out(uow: UnitOfWork, case_id: UUID) -> None:
    """The same for everybody who saw the case before this moment and is not named on its list."""
    await uow.rows(queries.HOLD_CLOSED_OUT, case_id=case_id, now=uow.now, actor=uow.actor.user)
