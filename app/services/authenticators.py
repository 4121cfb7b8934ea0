"""An authenticator app: shown its secret once, and counted on from its first right code. Each runs as the person."""

from dataclasses import dataclass
from uuid import UUID

import pyotp

from app.db import authenticators as queries
from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.tables.sign_in import authenticator
from app.db.vault import Sealed
from app.domain.authenticators import CodeRefused, as_digits, enrolment_uri, step_of
from app.domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An app that is being set up. ``uri`` is what the square says; the secret is shown for those who type it."""

    id: UUID
    secret: str
    uri: str


async def begin(uow: UnitOfWork) -> Enrolment:
    """Draw a secret for an app. It counts for nothing until ``finish``, and ends no other before that."""
    uow.actor.must_be_confirmed()
    row_id, secret = new_id(), pyotp.random_base32()
    sealed = uow.vault.seal(secret.encode(), partnership_id=uow.actor.partnership_id, row_id=row_id)
    uow.add(
        authenticator,
        id=row_id,
        user_id=uow.actor.user,
        key_id=sealed.key_id,
        sealed=sealed.data,
        created_at=uow.now,
    )
    return await _enrolment(uow, row_id, secret)


async def again(uow: UnitOfWork, authenticator_id: UUID) -> Enrolment:
    """The same once more, for the page that shows it. Raises NotFound."""
    uow.actor.must_be_confirmed()
    return await _enrolment(uow, authenticator_id, await _secret(uow, authenticator_id))


async def finish(uow: UnitOfWork, authenticator_id: UUID, code: str) -> None:
    """Count on this app from now on, and on no other. Raises NotFound, and CodeRefused when the code is not its."""
    uow.actor.must_be_confirmed()
    step = step_of(await _secret(uow, authenticator_id), as_digits(code) or "", uow.now, None)
    if step is None:
        raise CodeRefused
    before = await uow.rows(queries.END_OTHERS, user_id=uow.actor.user, but=authenticator_id, now=uow.now)
    if any(each["stood"] for each in before):
        _record(uow, "sign_in.method_ended")
    await uow.change(authenticator, authenticator_id, confirmed_at=uow.now, used_at=uow.now, last_step=step)
    _record(uow, "sign_in.method_added")


async def stands(uow: UnitOfWork) -> bool:
    """Whether the actor has an app that counts, for whoever is about to replace it."""
    uow.actor.must_be_confirmed()
    return await uow.value(queries.STANDING, user_id=uow.actor.user) is not None


async def _enrolment(uow: UnitOfWork, row_id: UUID, secret: str) -> Enrolment:
    email = await uow.value(queries.EMAIL, user_id=uow.actor.user)
    return Enrolment(row_id, secret, enrolment_uri(secret, email=email))


async def _secret(uow: UnitOfWork, authenticator_id: UUID) -> str:
    row = await uow.row(queries.WAITING, id=authenticator_id, user_id=uow.actor.user)
    if row is None:
        raise NotFound("authenticator app")
    sealed = Sealed(row["key_id"], row["sealed"])
    return uow.vault.open(sealed, partnership_id=uow.actor.partnership_id, row_id=row["id"]).decode()


def _record(uow: UnitOfWork, verb: str) -> None:
    uow.record(verb, subjects=[uow.actor.agency, uow.actor.user], purpose="authenticator")
