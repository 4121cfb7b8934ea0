"""Looking at a browser's session without that being a request of its holder: it moves no limit, and acts for nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.db import stay as queries
from app.db.session import UnitOfWork
from app.db.vault import Vault
from app.domain.access import Actor
from app.domain.sessions import EndReason, SessionKey
from app.domain.stay import Ending, ending

_TYPED: Final = "typed and not sent"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a session stands. ended: why, once it is over. left: until it is, for want of a request."""

    agency_id: UUID
    ended: Ending | None
    ended_at: datetime | None
    left: timedelta


async def look(uow: UnitOfWork, key: SessionKey) -> Standing | None:
    """How the session of a cookie stands; None if there is none. Run before it is known who asks: the key proves it."""
    row = await uow.row(queries.STANDING, id=key.session_id, user_id=key.user_id, digest=key.digest)
    if row is None:
        return None
    because = EndReason(row["ended_because"]) if row["ended_because"] else None
    ended = ending(
        because,
        locked_out=row["locked_out"],
        idle_until=row["idle_until"],
        until=row["until_at"],
        now=uow.now,
    )
    return Standing(row["agency_id"], ended, row["ended_at"], row["idle_until"] - uow.now)


def typing_key(vault: Vault, actor: Actor, salt: str) -> bytes:
    """Under what a page seals what was typed on it and not sent: drawn anew for each page, and another for each person.

    Nothing of it is kept here. Whoever is the same person, and knows the salt, is given it again.
    """
    return vault.blind(_TYPED, f"{actor.user} {salt}", partnership_id=actor.partnership_id).digest


async def typing_key_again(uow: UnitOfWork, salt: str) -> bytes:
    """The key of a page that was opened before, for whoever is signed in now."""
    return typing_key(uow.vault, uow.actor, salt)
