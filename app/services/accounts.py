"""Accounts: who has what, by what they sign in, and when they were last here; for whoever keeps them, and for oneself.

An agency's administrator is told of their own colleagues and systems, the partnership's of everybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db import accounts as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.sign_in_links import KEEPS
from app.domain.access import Role, Verb
from app.domain.accounts import LONGEST_EXPORT, AccountState
from app.domain.errors import Forbidden, NotFound
from app.domain.sessions import EndReason
from app.exports.accounts_csv import accounts_csv
from app.services import sessions
from app.services.once import Document

_START = UUID(int=0)
_MOST_SIGN_INS = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts. unused_days: those without a sign of anybody for so long."""

    agency_id: UUID | None = None
    role: Role | None = None
    state: AccountState | None = None
    unused_days: int | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """One entry of the trail about a sign-in. how: by what means, or why it ended."""

    at: datetime
    verb: str
    how: str | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What somebody is signed in by. current: by this very request."""

    id: UUID
    kind: str
    methods: tuple[str, ...]
    device: str | None
    began_at: datetime
    seen_at: datetime
    current: bool = False


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role that somebody holds or held. given_by: None when the partnership was set up."""

    role: Role
    given_at: datetime
    given_by: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """One person or system, with all that an administrator is told. told: as in the list of accounts."""

    told: dict[str, Any]
    roles: tuple[RoleHeld, ...]
    sessions: tuple[SignedIn, ...]
    sign_ins: tuple[SignIn, ...]


async def listed(uow: UnitOfWork, wanted: Wanted, *, after: UUID | None, limit: int) -> Document:
    """A page of accounts, in the order in which they were added. Raises Forbidden for another agency's."""
    uow.actor.must(Verb.ADMINISTER_AGENCY)
    row = await _page(uow, wanted, after, limit)
    ids = row["ids"] or []
    more = str(ids[-1]) if len(ids) == limit else None
    uow.record("administration.accounts_read", subjects=ids)
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


async def exported(uow: UnitOfWork, wanted: Wanted) -> bytes:
    """All of them as CSV, at most 20,000. Raises ConfirmFirst unless the actor has just shown who they are."""
    uow.actor.must(Verb.ADMINISTER_AGENCY)
    uow.actor.must_be_confirmed()
    row = await _page(uow, wanted, None, LONGEST_EXPORT)
    uow.record("administration.accounts_exported", subjects=row["ids"] or [])
    return accounts_csv(orjson.loads(row["body"]))


async def read(uow: UnitOfWork, user_id: UUID) -> Account:
    """Somebody, with every role they held, what they are signed in by, and their newest sign-ins and failures."""
    uow.actor.must(Verb.ADMINISTER_AGENCY)
    body: str | None = await uow.value(queries.ONE, id=user_id)
    if body is None:
        raise NotFound("user")
    told = orjson.loads(body)
    _check_agency(uow, UUID(told["agency"]["id"]))
    roles = await uow.rows(queries.ROLES, id=user_id)
    signed_in = await uow.rows(queries.SESSIONS, id=user_id, now=uow.now)
    uow.record("administration.user_read", subjects=[UUID(told["agency"]["id"]), user_id])
    return Account(
        told,
        tuple(RoleHeld(Role(row["role"]), row["given_at"], row["given_by"], row["ended_at"]) for row in roles),
        tuple(_signed_in(row) for row in signed_in),
        await _sign_ins(uow, user_id),
    )


async def end_sessions(uow: UnitOfWork, user_id: UUID) -> Document:
    """Sign somebody out everywhere. They may sign in again. Raises Forbidden unless the actor keeps them."""
    uow.actor.must(Verb.ADMINISTER_AGENCY)
    body: str | None = await uow.value(queries.ONE, id=user_id)
    if body is None:
        raise NotFound("user")
    _check_agency(uow, UUID(orjson.loads(body)["agency"]["id"]))
    if user_id == uow.actor.user:
        raise Forbidden("This is you. End your own sessions on your account's page.")
    if not await uow.value(KEEPS, user_id=user_id):
        raise Forbidden("They hold a role that only the partnership gives. Ask the partnership's administrator.")
    ended = await sessions.end_all_of(uow, user_id, EndReason.ADMINISTRATOR)
    return Document(to_json({"ended": ended}))


async def mine(uow: UnitOfWork) -> Account:
    """The actor's own account: by what they sign in, where they are signed in, and what was tried in their name."""
    body: str = await uow.value(queries.ONE, id=uow.actor.user)
    return Account(
        orjson.loads(body), (), tuple(_signed_in(row) for row in await sessions.mine(uow)), await recent_sign_ins(uow)
    )


async def my_sessions(uow: UnitOfWork) -> Document:
    """What the actor is signed in by at this moment, the newest first."""
    items = [
        {
            "id": each.id,
            "kind": each.kind,
            "methods": each.methods,
            "device": each.device,
            "began_at": each.began_at,
            "seen_at": each.seen_at,
            "current": each.current,
        }
        for each in map(_signed_in, await sessions.mine(uow))
    ]
    return Document(to_json({"items": items}))


async def end_my_session(uow: UnitOfWork, session_id: UUID) -> Document:
    """End one of the actor's own sessions. Raises NotFound for any other."""
    await sessions.end(uow, session_id)
    return Document(to_json({"ended": 1}))


async def recent_sign_ins(uow: UnitOfWork) -> tuple[SignIn, ...]:
    """The actor's newest sign-ins, and what was refused in their name."""
    return await _sign_ins(uow, uow.actor.user)


async def _sign_ins(uow: UnitOfWork, user_id: UUID) -> tuple[SignIn, ...]:
    rows = await uow.rows(queries.SIGN_INS, id=user_id, limit=_MOST_SIGN_INS)
    return tuple(SignIn(row["at"], row["verb"], row["purpose"]) for row in rows)


def _signed_in(row: Any) -> SignedIn:
    return SignedIn(
        row["id"],
        row["kind"],
        tuple(row["methods"]),
        row["device"],
        row["created_at"],
        row["seen_at"],
        bool(row.get("is_current")),
    )


async def _page(uow: UnitOfWork, wanted: Wanted, after: UUID | None, limit: int) -> Any:
    own = None if uow.actor.may(Verb.ADMINISTER_PARTNERSHIP) else uow.actor.agency
    if wanted.agency_id is not None:
        _check_agency(uow, wanted.agency_id)
    unused_since = uow.now - timedelta(days=wanted.unused_days) if wanted.unused_days is not None else None
    return await uow.one(
        queries.PAGE,
        agency=wanted.agency_id or own,
        role=wanted.role,
        state=wanted.state,
        unused_since=unused_since,
        after=after or _START,
        limit=limit,
    )


def _check_agency(uow: UnitOfWork, agency_id: UUID) -> None:
    if agency_id != uow.actor.agency and not uow.actor.may(Verb.ADMINISTER_PARTNERSHIP):
        raise Forbidden("You keep the people of your own agency. Ask the partnership's administrator for others.")
