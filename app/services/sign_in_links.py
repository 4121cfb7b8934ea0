"""Links by which somebody sets up how they sign in: made, found and used up. Who may is the caller's to decide."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.db import sign_in_links as queries
from app.db.session import UnitOfWork
from app.db.tables.sign_in import sign_in_link
from app.domain.sign_in_links import SECRET_BYTES, Link, LinkKind, LinkOver, LinkToken


async def make(uow: UnitOfWork, user_id: UUID, agency_id: UUID, kind: LinkKind, lasts: timedelta) -> LinkToken:
    """A link in place of any made before. Nobody asking for a reset ends only what was asked for like that.

    The token that is returned is the only copy of its secret.
    """
    only_asked = kind is LinkKind.RESET and uow.actor.user_id is None
    await uow.rows(queries.END_OPEN, user_id=user_id, only_asked=only_asked, now=uow.now)
    token = LinkToken(uow.actor.partnership_id, secrets.token_bytes(SECRET_BYTES))
    uow.add(
        sign_in_link,
        user_id=user_id,
        kind=kind,
        digest=token.digest,
        made_by=uow.actor.user_id,
        created_at=uow.now,
        until_at=uow.now + lasts,
    )
    uow.record("sign_in.link_made", subjects=[agency_id, user_id], purpose=kind)
    return token


async def find(uow: UnitOfWork, token: LinkToken) -> Link:
    """The link that somebody opened. Raises LinkOver."""
    return _link(await uow.row(queries.OPEN, digest=token.digest, now=uow.now))


async def still(uow: UnitOfWork, link_id: UUID) -> Link:
    """A link that was opened before and can still be used. Raises LinkOver."""
    return _link(await uow.row(queries.STILL_OPEN, id=link_id, now=uow.now))


async def use(uow: UnitOfWork, link_id: UUID) -> Link:
    """Use it up, as the person whom it is for. Raises LinkOver."""
    link = _link(await uow.row(queries.USE, id=link_id, user_id=uow.actor.user, now=uow.now))
    uow.record("sign_in.link_used", subjects=[uow.actor.agency, uow.actor.user], purpose=link.kind)
    return link


def _link(row: Any | None) -> Link:
    if row is None:
        raise LinkOver
    return Link(row["id"], row["user_id"], LinkKind(row["kind"]), row["made_by"])
