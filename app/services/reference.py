"""Reference data: who asks and what they may do, and who and what the partnership is made of."""

from uuid import UUID

from app.db import reference as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.domain.access import Role, Verb
from app.domain.clock import local_date
from app.domain.errors import NotFound
from app.services.once import Document

_START = UUID(int=0)


async def me(uow: UnitOfWork) -> Document:
    """Who asks, as this transaction knows them."""
    body: str | None = await uow.value(queries.ME, user=uow.actor.user)
    if body is None:
        raise NotFound("user")
    more = {"roles": sorted(uow.actor.roles), "may": [verb for verb in Verb if uow.actor.may(verb)]}
    return Document(b"%b,%b" % (body.encode()[:-1], to_json(more)[1:]))


async def agencies(uow: UnitOfWork) -> Document:
    """The partnership's agencies, by name."""
    uow.actor.must(Verb.LOOK_UP)
    return _items(await uow.value(queries.AGENCIES))


async def users(
    uow: UnitOfWork, *, role: Role | None, agency_id: UUID | None, after: UUID | None, limit: int
) -> Document:
    """Who works in the partnership today, in the order in which they joined."""
    uow.actor.must(Verb.LOOK_UP)
    row = await uow.one(queries.USERS, role=role, agency=agency_id, after=after or _START, limit=limit)
    ids = row["ids"] or []
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


async def forums(uow: UnitOfWork) -> Document:
    """The partnership's forums with their settings and the agencies that sit on them today."""
    uow.actor.must(Verb.LOOK_UP)
    return _items(await uow.value(queries.FORUMS, now=uow.now, today=local_date(uow.now)))


async def partnership(uow: UnitOfWork) -> Document:
    """The partnership and the rules in force today, which decisions name by their versions."""
    uow.actor.must(Verb.LOOK_UP)
    body: str = await uow.value(queries.PARTNERSHIP, today=local_date(uow.now))
    return Document(body.encode())


def _items(body: str) -> Document:
    return Document(b'{"items":%b}' % body.encode())
