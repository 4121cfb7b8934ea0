"""Whom a provider means by a subject: links between its accounts and the people here, and what is done by way of them.

A person is known by the provider's issuer and its subject, and by nothing else: an e-mail that a provider says is
somebody's opens nothing that is theirs here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.db import openid as queries
from app.db.session import UnitOfWork
from app.db.tables.sign_in import openid_identity
from app.domain.ceremonies import BeginAgain
from app.domain.errors import Conflict, NotFound
from app.domain.providers import NotLetIn, OneFactor, SecondFactor, Trust
from app.domain.sessions import Lifetimes, SessionKey
from app.domain.sign_in import Method
from app.services import sessions, ways
from app.services.errand import Do, Errand
from app.services.openid import Proven
from app.services.providers import trust_of


class Purpose(StrEnum):
    """Why somebody is sent to a provider."""

    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
    """To show again who they are; they must prove themselves there anew."""
    LINK = "link"
    """To sign in by way of it from then on, beside what they have."""
    JOIN = "join"
    """The same, as the first way that they have."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody who came back, with what their provider vouches for. going: where they were going, as they said."""

    partnership_id: UUID
    provider_id: UUID
    purpose: Purpose
    trust: Trust
    proven: Proven
    going: str
    user_id: UUID | None

    @property
    def two_factors(self) -> bool:
        """Whether they have proven themselves by two factors there."""
        return self.trust.two_factors(self.proven.claims)


@dataclass(frozen=True, slots=True)
class Linked:
    """A provider of the partnership, and whether the actor has linked it. identity_id: the link, if there is one."""

    provider_id: UUID
    name: str
    identity_id: UUID | None
    linked_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom a provider means, now or once. may_enter: neither have they left nor is their agency locked out."""

    identity_id: UUID
    user_id: UUID
    agency_id: UUID
    email: str
    stands: bool
    may_enter: bool


async def known(uow: UnitOfWork, proven: Proven) -> Known | None:
    """Whom the provider means; None when that is nobody, and never was."""
    row = await _row(uow, proven)
    if row is None:
        return None
    return Known(
        identity_id=row["id"],
        user_id=row["user_id"],
        agency_id=row["agency_id"],
        email=row["email"],
        stands=row["ended_at"] is None,
        may_enter=row["may_enter"],
    )


def add(uow: UnitOfWork, user_id: UUID, agency_id: UUID, returned: Returned) -> UUID:
    """Put down whom the provider means by its subject. Returns the id of the link."""
    identity_id = uow.add(
        openid_identity,
        provider_id=returned.provider_id,
        user_id=user_id,
        issuer=returned.proven.issuer,
        subject=returned.proven.subject,
        created_at=uow.now,
    )
    uow.record("sign_in.method_added", subjects=[agency_id, user_id], purpose=Method.OPENID)
    return identity_id


async def confirm(uow: UnitOfWork, returned: Returned, lifetimes: Lifetimes) -> SessionKey:
    """They have shown again who they are. Raises NotLetIn when it was somebody else, and OneFactor."""
    row = await _row(uow, returned.proven)
    if returned.user_id != uow.actor.user or row is None or row["user_id"] != uow.actor.user or row["ended_at"]:
        raise NotLetIn
    if not returned.two_factors:
        raise OneFactor
    await uow.value(queries.USED, id=row["id"], user_id=uow.actor.user, now=uow.now)
    return await sessions.confirm(uow, Method.OPENID, lifetimes)


async def link(errand: Errand, do: Do, returned: Returned) -> None:
    """Let them sign in by way of it from now on. Raises Conflict when that account is linked already."""
    already = await errand.do_as_nobody(returned.partnership_id, known, returned.proven)
    if already is not None and already.stands:
        raise Conflict(
            "That account of your organisation is linked to somebody here already. Sign in there as yourself, and "
            "try again."
        )
    await do(_link, returned)


async def to_confirm_with(uow: UnitOfWork) -> list[Linked]:
    """The providers by which the actor can show again who they are: linked, and ones that ask for two factors."""
    rows = await uow.rows(queries.MINE, user_id=uow.actor.user)
    return [
        _linked(row)
        for row in rows
        if row["identity_id"] is not None and trust_of(row).second_factor is not SecondFactor.NEVER
    ]


async def mine(uow: UnitOfWork) -> list[Linked]:
    """Each provider of the partnership, with the actor's link to it."""
    rows = await uow.rows(queries.MINE, user_id=uow.actor.user)
    uow.record("sign_in.methods_read", subjects=[uow.actor.user])
    return [_linked(row) for row in rows]


async def may_link(uow: UnitOfWork, provider_id: UUID) -> str:
    """The provider's name. Raises ConfirmFirst unless the actor has just shown who they are, and NotFound."""
    uow.actor.must_be_confirmed()
    row = await uow.row(queries.PROVIDER, id=provider_id)
    if row is None or row["ended_at"] is not None:
        raise NotFound("provider")
    return str(row["name"])


async def unlink(uow: UnitOfWork, identity_id: UUID) -> None:
    """Sign in by way of it no more. Raises NotFound, and LastWay."""
    uow.actor.must_be_confirmed()
    await ways.hold(uow)
    if await uow.value(queries.END, id=identity_id, user_id=uow.actor.user, now=uow.now) is None:
        raise NotFound("link")
    await ways.must_remain(uow)
    uow.record("sign_in.method_ended", subjects=[uow.actor.agency, uow.actor.user], purpose=Method.OPENID)


async def _link(uow: UnitOfWork, returned: Returned) -> None:
    if returned.user_id != uow.actor.user:
        raise BeginAgain
    add(uow, uow.actor.user, uow.actor.agency, returned)


def _linked(row: Any) -> Linked:
    return Linked(row["id"], row["name"], row["identity_id"], row["created_at"], row["used_at"])


async def _row(uow: UnitOfWork, proven: Proven) -> Any | None:
    return await uow.row(queries.IDENTITY, issuer=proven.issuer, subject=proven.subject)
