"""Ceremonies: begun in one request, finished in another by the same browser, once and in time.

Each is bound to a secret that only that browser's cookie holds. What is to be remembered meanwhile is sealed.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db import ceremonies as queries
from app.db.ids import new_id
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.statements import Statement
from app.db.tables.sign_in import ceremony
from app.db.vault import Sealed
from app.domain.ceremonies import SECRET_BYTES, BeginAgain, CeremonyKey, CeremonyKind


async def begin(
    uow: UnitOfWork, kind: CeremonyKind, data: Mapping[str, Any], minutes: int, user_id: UUID | None = None
) -> CeremonyKey:
    """Begin one. data: plain JSON to be given back when it is finished. Returns what the browser's cookie is to hold.

    user_id: whom it is about, if that is known. What somebody begins who is signed in is about them, and only they,
    or somebody who is not signed in, can finish it.
    """
    key = CeremonyKey(uow.actor.partnership_id, new_id(), secrets.token_bytes(SECRET_BYTES))
    sealed = uow.vault.seal(to_json(dict(data)), partnership_id=key.partnership_id, row_id=key.ceremony_id)
    uow.add(
        ceremony,
        id=key.ceremony_id,
        kind=kind,
        digest=key.digest,
        user_id=user_id or uow.actor.user_id,
        key_id=sealed.key_id,
        sealed=sealed.data,
        created_at=uow.now,
        until_at=uow.now + timedelta(minutes=minutes),
    )
    return key


async def look(uow: UnitOfWork, key: CeremonyKey | None, kind: CeremonyKind) -> dict[str, Any]:
    """What was to be remembered, without finishing. Raises BeginAgain."""
    return await _data(uow, queries.LOOK, key, kind)


async def finish(uow: UnitOfWork, key: CeremonyKey | None, kind: CeremonyKind) -> dict[str, Any]:
    """What was to be remembered; it is given once. Raises BeginAgain.

    Given, that is, once the unit of work is committed: what must not be tried twice with one ceremony, such as a
    signature, is judged after that.
    """
    return await _data(uow, queries.FINISH, key, kind)


async def _data(uow: UnitOfWork, statement: Statement, key: CeremonyKey | None, kind: CeremonyKind) -> dict[str, Any]:
    if key is None or key.partnership_id != uow.actor.partnership_id:
        raise BeginAgain
    row = await uow.row(statement, id=key.ceremony_id, kind=kind, digest=key.digest, now=uow.now)
    if row is None:
        raise BeginAgain
    sealed = Sealed(row["key_id"], row["sealed"])
    plain = uow.vault.open(sealed, partnership_id=key.partnership_id, row_id=key.ceremony_id)
    found: dict[str, Any] = orjson.loads(plain)
    return found
