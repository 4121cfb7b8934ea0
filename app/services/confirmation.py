"""Showing again who one is, while signed in: for what asks for it, and to change a password."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from app.db import passwords as queries
from app.db import sign_in as proven
from app.db.session import UnitOfWork
from app.db.tables.sign_in import password
from app.domain.authenticators import recovery_digest
from app.domain.errors import Forbidden, Invalid
from app.domain.passwords import Whose
from app.domain.sessions import EndReason, Lifetimes, SessionKey
from app.domain.sign_in import ConfirmForm, Method, NewPasswordForm, NotRight
from app.domain.throttle import Bucket, TooMany
from app.services import proofs, sessions, throttle
from app.services.errand import Do
from app.services.passwords import Passwords
from app.services.proofs import Looked, Proof
from app.services.throttle import Counted, Full


@dataclass(frozen=True, slots=True)
class Means:
    """By what somebody who is signed in can show again who they are."""

    password: bool
    passkey: bool
    demo: bool


async def means(uow: UnitOfWork) -> Means:
    """What the actor can confirm with."""
    row = await uow.row(queries.MEANS, user_id=uow.actor.user)
    return Means(row["password"], row["passkey"], row["demo"]) if row else Means(False, False, False)


async def by_password(do: Do, form: ConfirmForm, passwords: Passwords, lifetimes: Lifetimes) -> SessionKey:
    """Confirm with a password and a code. Raises NotRight and TooMany. Returns the key of the session from now on."""

    async def then(uow: UnitOfWork, method: Method) -> SessionKey:
        return await sessions.confirm(uow, method, lifetimes)

    return await _once_proven(do, form.password.get_secret_value(), form.code.get_secret_value(), passwords, then)


async def in_demonstration(uow: UnitOfWork, lifetimes: Lifetimes) -> SessionKey:
    """Confirm with one press. Raises Forbidden outside a demonstration."""
    if not (await means(uow)).demo:
        raise Forbidden("This is possible only in a demonstration.")
    return await sessions.confirm(uow, Method.DEMO, lifetimes)


async def change_password(do: Do, form: NewPasswordForm, passwords: Passwords) -> SessionKey:
    """Set a new password: with the old one and a code or, without an old one, when just confirmed.

    Raises NotRight, TooMany, ConfirmFirst, and Invalid when the new password is refused. Returns the key of the session
    from now on; every other session of the person has ended.
    """
    whose, has_password = await do(_whose)
    typed = form.new_password.get_secret_value()
    problem = await passwords.refusal(typed, whose, field="/new_password")
    if problem:
        raise Invalid([problem], problem.message)
    hashed = await passwords.make(typed)
    if not has_password:
        return await do(_set_first, hashed)
    old = form.password.get_secret_value() if form.password else ""
    code = form.code.get_secret_value() if form.code else ""

    async def then(uow: UnitOfWork, _: Method) -> SessionKey:
        return await _replace(uow, hashed)

    return await _once_proven(do, old, code, passwords, then)


async def may_change_password(uow: UnitOfWork) -> bool:
    """Whether the actor has a password to change. Raises ConfirmFirst for one without who is not confirmed."""
    _, has_password = await _whose(uow)
    if not has_password:
        uow.actor.must_be_confirmed()
    return has_password


async def keep_password(uow: UnitOfWork, hashed: str) -> None:
    """Keep a new password of the actor's, in place of any other."""
    row = await uow.row(queries.OF_PERSON, user_id=uow.actor.user)
    if row is None:
        uow.add(password, user_id=uow.actor.user, hash=hashed, set_at=uow.now)
    else:
        await uow.change(password, row["id"], hash=hashed, set_at=uow.now)
    uow.record("sign_in.method_added", subjects=[uow.actor.agency, uow.actor.user], purpose="password")


async def _once_proven(
    do: Do,
    typed: str,
    code: str,
    passwords: Passwords,
    then: Callable[[UnitOfWork, Method], Awaitable[SessionKey]],
) -> SessionKey:
    """Use the proof up and do what it is for, in one transaction; or fail, which the trail tells of."""
    counted, looked = await do(_count_and_look, code)
    if isinstance(counted, Full):
        raise TooMany(counted.until)
    proof = await proofs.judge(looked, typed, passwords, known=True)

    async def use(uow: UnitOfWork, proof: Proof, counted: Counted) -> SessionKey:
        if not await proofs.use_up(uow, proof):
            raise NotRight(asked_email=False)
        await throttle.give_back(uow, counted)
        return await then(uow, proof.method)

    if proof is not None:
        with suppress(NotRight):  # used or changed meanwhile
            return await do(use, proof, counted)
    await do(_failed)
    raise NotRight(asked_email=False)


async def _count_and_look(uow: UnitOfWork, code: str) -> tuple[Counted | Full, Looked]:
    counted = await throttle.count(uow, throttle.digest(uow, Bucket.CONFIRMATION, str(uow.actor.user)))
    row = await uow.row(proven.BY_PERSON, user_id=uow.actor.user, digest=recovery_digest(code))
    if isinstance(counted, Full) and await throttle.is_new(uow, str(uow.actor.user)):
        _record(uow, "sign_in.throttled")
    return counted, proofs.look(uow, row, code)


async def _failed(uow: UnitOfWork) -> None:
    _record(uow, "sign_in.failed")


def _record(uow: UnitOfWork, verb: str) -> None:
    uow.record(verb, subjects=[uow.actor.agency, uow.actor.user], purpose="confirmation")


async def _whose(uow: UnitOfWork) -> tuple[Whose, bool]:
    row = await uow.one(queries.WHOSE, user_id=uow.actor.user)
    return Whose(row["name"], row["email"]), row["has_password"]


async def _set_first(uow: UnitOfWork, hashed: str) -> SessionKey:
    uow.actor.must_be_confirmed()
    return await _replace(uow, hashed)


async def _replace(uow: UnitOfWork, hashed: str) -> SessionKey:
    await keep_password(uow, hashed)
    await sessions.end_others(uow, EndReason.PASSWORD_CHANGED)
    return await sessions.renew(uow)
