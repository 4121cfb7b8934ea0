"""Whether an actor may do something to a case: their role, and the way the case is open to them."""

from collections.abc import Sequence
from uuid import UUID

from app.db import grants as queries
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.errors import NotFound


async def must(uow: UnitOfWork, verb: Verb, case_id: UUID, *, noun: str = "case") -> Sequence[str]:
    """Raise Forbidden unless the actor's role and relation to the case allow the verb; NotFound when it is hidden.

    Returns the relations. ``noun`` is what was asked for, when that only hangs on the case.
    """
    uow.actor.must(verb)
    relations: Sequence[str] = await uow.value(queries.RELATIONS, case_id=case_id)
    if not relations:
        raise NotFound(noun)
    uow.actor.must(verb, relations)
    return relations
