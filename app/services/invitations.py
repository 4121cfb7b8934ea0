"""Invitations: whoever is added gets a link, by which they choose how to sign in.

For somebody who has signed in before, an administrator's link replaces everything that they sign in with: for a lost
phone. Such a link is never mailed. The administrator makes sure of who asks for it, and hands it over.
"""

from typing import Any
from uuid import UUID

import orjson

from app.db import sign_in_links as queries
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.administration import NewUser
from app.domain.errors import Conflict, Forbidden, NotFound
from app.domain.letters import LetterKind
from app.domain.sign_in_links import INVITATION_LASTS, RESET_LASTS, Delivery, LinkKind
from app.services import administration, leaving, letters, sign_in_links
from app.services.once import Document


async def invite(uow: UnitOfWork, user_id: UUID, delivery: Delivery) -> str | None:
    """A link for somebody whom the actor keeps, in place of any before.

    Returns the link to hand over, to be shown once; None when it is mailed. Raises NotFound, Forbidden, Conflict, and
    ConfirmFirst.
    """
    uow.actor.must(Verb.GRANT_ACCESS)
    await _kept(uow, user_id)
    await leaving.hold(uow, user_id)
    row = await _kept(uow, user_id)
    if row["is_system"]:
        raise Conflict("A partner system has no sign-in of its own. Give it a client and a secret instead.")
    if row["ended_at"] is not None:
        raise Conflict("They have left. Add them again if they have come back.")
    if await uow.value(queries.HAS_BEEN_HERE, user_id=user_id):
        token = await sign_in_links.make(uow, user_id, row["agency_id"], LinkKind.RESET, RESET_LASTS)
        return token.at(delivery.origin)
    token = await sign_in_links.make(uow, user_id, row["agency_id"], LinkKind.INVITATION, INVITATION_LASTS)
    link = token.at(delivery.origin)
    if not delivery.mails:
        return link
    letters.write(uow, LetterKind.INVITATION, row["email"], link=link, user_id=user_id, agency_id=row["agency_id"])
    return None


async def may_invite(uow: UnitOfWork) -> None:
    """Raise Forbidden unless the actor makes links, gives roles and adds people, and ConfirmFirst; for their forms."""
    uow.actor.must(Verb.GRANT_ACCESS)


async def add_user(uow: UnitOfWork, told: NewUser, delivery: Delivery) -> Document:
    """Somebody who joins, with the mail that invites them. Without a mail server, their link is made on a page."""
    added = await administration.add_user(uow, told)
    if delivery.mails and not told.is_system:
        await uow.flush()
        await invite(uow, UUID(orjson.loads(added.body)["id"]), delivery)
    return added


async def invite_by_command(uow: UnitOfWork, user_id: UUID, origin: str) -> str:
    """A link for an administrator, by whoever may run commands on this machine. Raises NotFound and Conflict."""
    row = await uow.row(queries.PERSON, user_id=user_id)
    if row is None:
        raise NotFound("user")
    if row["is_system"] or row["ended_at"] is not None:
        raise Conflict("This is nobody who can sign in: a partner system, or somebody who has left.")
    token = await sign_in_links.make(uow, user_id, row["agency_id"], LinkKind.INVITATION, INVITATION_LASTS)
    return token.at(origin)


async def _kept(uow: UnitOfWork, user_id: UUID) -> Any:
    """Somebody whom the actor keeps. Raises NotFound and Forbidden."""
    row = await uow.row(queries.PERSON, user_id=user_id)
    if row is None:
        raise NotFound("user")
    if not await uow.value(queries.KEEPS, user_id=user_id):
        raise Forbidden(
            "You make links for others in your own agency, as long as they hold no role that only the partnership "
            "gives. Ask the partnership's administrator."
        )
    return row
