"""Whether an actor may do something to a case: their role, and the way the case is open to them.

Everywhere in the same order, before anything is said of the state of things: a role that never may (403, and the case
is not looked for), a case that does not exist for the actor (404), a relation to it that does not allow the act (403).
"""

from collections.abc import Collection, Sequence
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
    found = await relations(uow, case_id)
    if not found:
        raise NotFound(noun)
    uow.actor.must(verb, found)
    return found


async def relations(uow: UnitOfWork, case_id: UUID) -> Sequence[str]:
    """The reasons for which a case is open to the actor; none when it is hidden."""
    found: Sequence[str] = await uow.value(queries.RELATIONS, case_id=case_id)
    return found


async def must_on_each(uow: UnitOfWork, verb: Verb, case_ids: Collection[UUID]) -> None:
    """The same for cases that the actor is known to see, in one look. Raises Forbidden when one does not allow it."""
    uow.actor.must(verb)
    for row in await uow.rows(queries.RELATIONS_TO_EACH, case_ids=list(case_ids)):
        uow.actor.must(verb, row["relations"])
