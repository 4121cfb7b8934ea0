"""The trail, as far as it is one's own to read: what one did, who looked at a case that one sees, and oversight."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.db import audit as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.services import authority
from app.services.once import Document


class Scope(StrEnum):
    """Whose part of the trail."""

    MINE = "mine"
    PARTNERSHIP = "partnership"
    ADMINISTRATION = "administration"


async def listed(
    uow: UnitOfWork,
    *,
    scope: Scope,
    case_id: UUID | None,
    agency: UUID | None,
    person: UUID | None,
    verb: str | None,
    since: datetime | None,
    until: datetime | None,
    after: UUID | None,
    limit: int,
) -> Document:
    """The newest entries first: one's own, everyone's about one case, or what one's role oversees.

    Which rows those are is for PostgreSQL's policies to say, here as everywhere. Raises Forbidden when the actor's role
    has no such part, NotFound for a case that they do not see.
    """
    kind = str(scope)
    if scope is Scope.PARTNERSHIP:
        uow.actor.must(Verb.AUDIT)
    elif scope is Scope.ADMINISTRATION:
        uow.actor.must(Verb.ADMINISTER_AGENCY)
    elif case_id is not None:
        kind = "case"
        await authority.must(uow, Verb.READ, case_id)
    else:
        kind = "own"
        uow.actor.must(Verb.LOOK_UP)
    asked = {
        "after": after,
        "case_id": case_id,
        "agency": agency,
        "person": person,
        "kind" if verb is not None and "." not in verb else "verb": verb,
        "since": since,
        "until": until,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    statement = queries.page(kind, frozenset(given))
    row = await uow.one(statement, **given, actor=uow.actor.user, limit=limit)
    uow.record("audit.read", case_id=case_id if kind == "case" else None, purpose=kind)
    ids = row["ids"] or []
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)
