"""The ways in which somebody can sign in, as they stand at this moment."""

from dataclasses import replace
from uuid import UUID

from app.db import ways as queries
from app.db.session import UnitOfWork
from app.domain.ways import Ways


async def of(uow: UnitOfWork, user_id: UUID) -> Ways:
    """What somebody can sign in by, what was done in this unit of work included."""
    await uow.flush()
    row = await uow.one(queries.OF_PERSON, user_id=user_id)
    return Ways(**dict(row))


async def hold(uow: UnitOfWork) -> None:
    """Let nobody else take away a way of the actor's until this is committed. Call it before you take one away."""
    await uow.value(queries.HOLD, user_id=uow.actor.user)


async def must_remain(uow: UnitOfWork, without_passkeys: int = 0) -> None:
    """Raise LastWay if the actor has no way left, or would have none without so many of their passkeys.

    Call ``hold`` first where something is taken away.
    """
    found = await of(uow, uow.actor.user)
    replace(found, passkeys=found.passkeys - without_passkeys).must_let_in()
