"""Recovery codes: for whoever has lost their app. Shown once, each used once. Each runs as the person."""

import secrets

from app.db import recovery_codes as queries
from app.db.session import UnitOfWork
from app.db.tables.sign_in import recovery_code
from app.domain.authenticators import RECOVERY_BYTES, RECOVERY_CODES, recovery_digest
from app.domain.authenticators import recovery_code as written


async def renew(uow: UnitOfWork) -> list[str]:
    """Ten new codes; no earlier one works any more. What is returned can never be read again."""
    uow.actor.must_be_confirmed()
    await uow.rows(queries.END, user_id=uow.actor.user, now=uow.now)
    codes = [written(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        uow.add(recovery_code, user_id=uow.actor.user, digest=recovery_digest(code), created_at=uow.now)
    uow.record("sign_in.method_added", subjects=[uow.actor.agency, uow.actor.user], purpose="recovery_code")
    return codes


async def left(uow: UnitOfWork) -> int:
    """How many of the actor's codes can still be used, for whoever is about to replace them."""
    uow.actor.must_be_confirmed()
    return int(await uow.value(queries.LEFT, user_id=uow.actor.user))
