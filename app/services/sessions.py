"""Sessions: begun once somebody has proven who they are, renewed when what they may do changes, ended at any time.

Each runs as the person themself. The key that ``begin``, ``renew`` and ``confirm`` return is the only copy of the
secret in it: it goes into the cookie, and nowhere else.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.db import sessions as queries
from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.tables.sign_in import session
from app.domain.errors import Forbidden, NotFound, Unauthenticated
from app.domain.sessions import SECRET_BYTES, EndReason, Lifetimes, SessionKey, SessionKind
from app.services import leaving


async def begin(uow: UnitOfWork, methods: Sequence[str], device: str, lifetimes: Lifetimes) -> SessionKey:
    """Sign somebody in, in a browser. methods: codes of how they proved who they are, the first named in the trail."""
    key = _add(
        uow,
        methods=list(methods),
        device=device,
        idle=lifetimes.idle,
        until_at=uow.now + lifetimes.longest,
        confirmed_until=uow.now + lifetimes.confirmed,
    )
    uow.record("sign_in.done", subjects=[uow.actor.agency, uow.actor.user], purpose=methods[0])
    return key


async def print_token(uow: UnitOfWork, minutes: int) -> UUID:
    """A session for a token that the command line prints, in a demonstration. Returns its id; Forbidden elsewhere."""
    if not await uow.value(queries.IS_DEMO):
        raise Forbidden("Tokens are printed for the people of a demonstration only. Sign in as yourself.")
    uow.record("sign_in.token_printed", subjects=[uow.actor.agency, uow.actor.user], purpose="command_line")
    return uow.add(
        session,
        user_id=uow.actor.user,
        kind=SessionKind.TOKEN,
        methods=["command_line"],
        created_at=uow.now,
        seen_at=uow.now,
        until_at=uow.now + timedelta(minutes=minutes),
    )


async def renew(uow: UnitOfWork) -> SessionKey:
    """The same session under a new key; the old one ends. For when what somebody may do has grown."""
    return await _replace(uow)


async def confirm(uow: UnitOfWork, method: str, lifetimes: Lifetimes) -> SessionKey:
    """Somebody has shown again who they are: for a while they may do what asks for it, under a new key."""
    key = await _replace(uow, confirmed_until=uow.now + lifetimes.confirmed)
    uow.record("sign_in.confirmed", subjects=[uow.actor.agency, uow.actor.user], purpose=method)
    return key


async def mine(uow: UnitOfWork) -> list[Any]:
    """What the actor is signed in by at this moment, the newest first."""
    uow.record("sign_in.sessions_read")
    return await uow.rows(queries.MINE, user_id=uow.actor.user, current=_current(uow), now=uow.now)


async def end_own(uow: UnitOfWork) -> None:
    """Sign out."""
    await _end(uow, _current(uow), EndReason.SIGNED_OUT)


async def end(uow: UnitOfWork, session_id: UUID) -> None:
    """End one of the actor's own sessions. Raises NotFound for any other."""
    await _end(uow, session_id, EndReason.ENDED_ELSEWHERE)


async def end_others(uow: UnitOfWork, because: EndReason = EndReason.ENDED_ELSEWHERE) -> int:
    """End all that the actor is signed in by, but this. Returns how many there were."""
    return await end_all_of(uow, uow.actor.user, because, but=_current(uow))


async def end_all_of(uow: UnitOfWork, user_id: UUID, because: EndReason, *, but: UUID | None = None) -> int:
    """End all that somebody is signed in by, or a system holds tokens for. Who may is the caller's to decide.

    Once it is answered, nothing that was asked by way of those is still in hand. Returns how many there were.
    """
    await leaving.hold(uow, user_id)
    ended = await uow.rows(
        queries.END_OTHERS, user_id=user_id, but=but, because=because, ended_by=uow.actor.user_id, now=uow.now
    )
    if ended:
        uow.record("sign_in.ended", subjects=[user_id], purpose=because)
    return len(ended)


async def forget_old(uow: UnitOfWork) -> None:
    """Upkeep: drop what can be used no more. Sessions stay 400 days, answers kept for repeats 7, made documents one."""
    await uow.value(queries.FORGET)


def _current(uow: UnitOfWork) -> UUID | None:
    return uow.actor.session.id if uow.actor.session else None


async def _end(uow: UnitOfWork, session_id: UUID | None, because: EndReason) -> None:
    await leaving.hold(uow, uow.actor.user)
    ended = await uow.value(
        queries.END, id=session_id, user_id=uow.actor.user, because=because, ended_by=uow.actor.user, now=uow.now
    )
    if ended is None and session_id == _current(uow):
        raise Unauthenticated  # another request of theirs was first
    if ended is None:
        raise NotFound("session")
    uow.record("sign_in.ended", subjects=[uow.actor.agency, uow.actor.user], purpose=because)


async def _replace(uow: UnitOfWork, **changes: Any) -> SessionKey:
    old = await uow.row(queries.CURRENT, id=_current(uow))
    if old is None:
        raise Unauthenticated
    values = dict(old) | changes
    key = _add(uow, idle=timedelta(seconds=values.pop("idle_seconds")), **values)
    await uow.value(
        queries.END,
        id=_current(uow),
        user_id=uow.actor.user,
        because=EndReason.RENEWED,
        ended_by=uow.actor.user,
        now=uow.now,
    )
    return key


def _add(uow: UnitOfWork, *, idle: timedelta, until_at: datetime, **values: Any) -> SessionKey:
    key = SessionKey(uow.actor.partnership_id, uow.actor.user, new_id(), secrets.token_bytes(SECRET_BYTES))
    uow.add(
        session,
        id=key.session_id,
        user_id=key.user_id,
        kind=SessionKind.WEB,
        digest=key.digest,
        created_at=uow.now,
        seen_at=uow.now,
        idle_seconds=int(idle.total_seconds()),
        idle_until=min(uow.now + idle, until_at),
        until_at=until_at,
        **values,
    )
    return key
