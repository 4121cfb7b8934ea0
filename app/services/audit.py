"""The trail, as far as it is one's own: what one did, and who looked at a case that one sees."""

from uuid import UUID

from app.db import audit as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.errors import NotFound
from app.services.once import Document


async def listed(uow: UnitOfWork, *, case_id: UUID | None, after: UUID | None, limit: int) -> Document:
    """The newest entries first. Without a case: the actor's own."""
    uow.actor.must(Verb.READ)
    if case_id is None:
        row = await uow.row(queries.OWN, actor=uow.actor.user, after=after, limit=limit)
    else:
        row = await uow.row(queries.OF_CASE, case_id=case_id, after=after, limit=limit)
        if row is not None and not row["seen"]:
            raise NotFound("case")
    assert row is not None  # noqa: S101  # an aggregate always has a row
    uow.record("audit.read", case_id=case_id)
    ids = row["ids"] or []
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)
