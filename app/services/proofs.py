"""A password and a code, judged together: which of the two was wrong is known to nobody, the caller included."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp

from app.db import sign_in as queries
from app.db.session import UnitOfWork
from app.db.tables.sign_in import password
from app.db.vault import Sealed
from app.domain.authenticators import as_digits, step_of
from app.domain.sign_in import Method
from app.services.passwords import Judged, Passwords

# Looked at for those who have no app, so that it takes as long; drawn anew by each process.
_NOBODYS = pyotp.random_base32()


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of somebody, or of nobody, and whether the code was theirs. The password is still to be judged."""

    user_id: UUID | None
    agency_id: UUID | None
    hash: str | None
    authenticator_id: UUID | None
    step: int | None
    recovery_id: UUID | None


@dataclass(frozen=True, slots=True)
class Proof:
    """A password and a code that were right. It counts once ``use_up`` has said so."""

    user_id: UUID
    hash: str
    stronger: str | None
    authenticator_id: UUID | None
    step: int | None
    recovery_id: UUID | None

    @property
    def method(self) -> Method:
        """As the trail calls it."""
        return Method.PASSWORD if self.step is not None else Method.RECOVERY_CODE


def look(uow: UnitOfWork, row: Any | None, code: str) -> Looked:
    """What there is to judge. ``row``: of BY_EMAIL or BY_PERSON; None for nobody."""
    found: Any = row or dict.fromkeys(("user_id", "agency_id", "hash", "authenticator_id", "last_step", "recovery_id"))
    secret = _NOBODYS
    if found["authenticator_id"] is not None:
        sealed = Sealed(found["key_id"], found["sealed"])
        partnership_id, row_id = uow.actor.partnership_id, found["authenticator_id"]
        secret = uow.vault.open(sealed, partnership_id=partnership_id, row_id=row_id).decode()
    step = step_of(secret, as_digits(code) or "", uow.now, found["last_step"])
    return Looked(
        user_id=found["user_id"],
        agency_id=found["agency_id"],
        hash=found["hash"],
        authenticator_id=found["authenticator_id"],
        step=step if found["authenticator_id"] is not None else None,
        recovery_id=found["recovery_id"],
    )


async def judge(looked: Looked, typed: str, passwords: Passwords, *, known: bool) -> Proof | None:
    """The proof, if both were right. Takes as long if they were not, and if there is nobody. Hold no connection.

    known: as ``Passwords.judge`` has it. Raises Busy.
    """
    judged: Judged = await passwords.judge(typed, looked.hash, known=known)
    coded = looked.step is not None or looked.recovery_id is not None
    if looked.user_id is None or looked.hash is None or not (judged.right and coded):
        return None
    return Proof(looked.user_id, looked.hash, judged.stronger, looked.authenticator_id, looked.step, looked.recovery_id)


async def use_up(uow: UnitOfWork, proof: Proof) -> bool:
    """Use the code up, as the person. False when it was used, or the password changed, since it was looked at."""
    row_id = await uow.value(queries.STILL, user_id=proof.user_id, hash=proof.hash)
    if row_id is None or not await _use_code(uow, proof, uow.now):
        return False
    if proof.stronger is not None:
        await uow.change(password, row_id, hash=proof.stronger)
    return True


async def _use_code(uow: UnitOfWork, proof: Proof, now: datetime) -> bool:
    if proof.step is not None:
        step, row_id = proof.step, proof.authenticator_id
        return await uow.value(queries.USE_STEP, id=row_id, user_id=proof.user_id, step=step, now=now) is not None
    row_id = proof.recovery_id
    return await uow.value(queries.USE_RECOVERY_CODE, id=row_id, user_id=proof.user_id, now=now) is not None
