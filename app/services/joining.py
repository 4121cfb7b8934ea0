"""Joining: somebody who holds a link chooses how to sign in from now on. All of it counts together, or none of it.

Until it is finished nothing has changed, and the link opens it again. What finishes it ends the link, whatever the
person signed in by before, and everywhere that they are signed in.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

from app.db import recovery_codes as codes_kept
from app.db import sign_in_links as queries
from app.db.session import Credentials, UnitOfWork
from app.domain.ceremonies import BeginAgain, CeremonyKey, CeremonyKind
from app.domain.errors import Conflict, Invalid, Unauthenticated
from app.domain.passkeys import Made
from app.domain.passwords import Whose
from app.domain.providers import OneFactor
from app.domain.sessions import EndReason, Lifetimes
from app.domain.sign_in import Method
from app.domain.sign_in_links import JoinForm, Link, LinkKind, LinkOver, LinkToken, ResetForm
from app.services import (
    authenticators,
    ceremonies,
    confirmation,
    identities,
    passkeys,
    recovery_codes,
    sessions,
    sign_in,
    sign_in_links,
)
from app.services.authenticators import Enrolment
from app.services.errand import Errand
from app.services.identities import Returned
from app.services.passkeys import Begun
from app.services.passwords import Passwords
from app.services.sign_in import SignedIn, Whence
from app.services.webauthn import Party

P = ParamSpec("P")
T = TypeVar("T")

MINUTES = 60
_BEFORE: Final = (
    (queries.END_PASSWORD, "password"),
    (queries.END_APP, "authenticator"),
    (codes_kept.END, "recovery_code"),
    (queries.END_PASSKEYS, Method.PASSKEY),
    (queries.END_IDENTITIES, Method.OPENID),
)


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a link is for, as its page says it. by: the administrator's name; None if no person made it.

    vouched: their organisation's account let them come here, and goes on to, beside what they set up.
    """

    link: Link
    name: str
    email: str
    agency: str
    by: str | None
    vouched: bool = False

    @property
    def starts_over(self) -> bool:
        """Whether this replaces what they signed in by before, rather than being the first time."""
        return self.link.kind is LinkKind.RESET


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody who is done, and signed in. codes: their recovery codes, to be shown once."""

    signed_in: SignedIn
    codes: tuple[str, ...] = ()


async def open_link(uow: UnitOfWork, token: LinkToken) -> CeremonyKey:
    """Begin, as nobody. The link stays as it is. Raises LinkOver."""
    guest = await _guest(uow, await sign_in_links.find(uow, token))
    link = guest.link
    return await ceremonies.begin(uow, CeremonyKind.JOIN, {"link": str(link.id)}, MINUTES, user_id=link.user_id)


async def guest(uow: UnitOfWork, key: CeremonyKey) -> Guest:
    """Whom the link is for that this browser opened. Raises LinkOver, and BeginAgain when that was too long ago."""
    data = await ceremonies.look(uow, key, CeremonyKind.JOIN)
    found = await _guest(uow, await sign_in_links.still(uow, UUID(data["link"])))
    return replace(found, vouched=_is_vouched(data))


async def begin_app(errand: Errand, key: CeremonyKey) -> Enrolment:
    """Draw the secret of an app, for somebody who chose one. Raises LinkOver and BeginAgain."""
    _, who = await _found(errand, key)
    return await _as(errand, who, authenticators.begin)


async def app_again(errand: Errand, key: CeremonyKey, app: UUID) -> Enrolment:
    """The same once more. Raises NotFound when it is no longer being set up, LinkOver and BeginAgain."""
    _, who = await _found(errand, key)
    return await _as(errand, who, authenticators.again, app)


async def begin_passkey(errand: Errand, key: CeremonyKey, party: Party) -> Begun:
    """Ask for a passkey, for somebody who chose one. Raises LinkOver and BeginAgain."""
    _, who = await _found(errand, key)
    return await _as(errand, who, passkeys.to_make, party, instead=True)


async def with_password(
    errand: Errand,
    key: CeremonyKey,
    app: UUID,
    form: JoinForm,
    passwords: Passwords,
    whence: Whence,
    lifetimes: Lifetimes,
) -> Joined:
    """Finish with a password and an app, of ``begin_app``.

    Raises Invalid at ``/new_password`` or ``/code``, NotFound when the app is no longer being set up, LinkOver and
    BeginAgain.
    """
    found, who = await _found(errand, key)
    hashed = await _hashed(found, form.new_password.get_secret_value(), passwords)

    async def set_up(uow: UnitOfWork) -> tuple[str, ...]:
        await authenticators.finish(uow, app, form.code.get_secret_value())
        await confirmation.keep_password(uow, hashed)
        return tuple(await recovery_codes.renew(uow))

    return await _as(errand, who, _finish, key, found.email, Method.PASSWORD, set_up, whence, lifetimes)


async def with_passkey(
    errand: Errand,
    key: CeremonyKey,
    begun: CeremonyKey | None,
    made: Made,
    party: Party,
    whence: Whence,
    lifetimes: Lifetimes,
) -> Joined:
    """Finish with a passkey, which is enough alone. begun: of ``begin_passkey``.

    Raises NotTaken, LinkOver and BeginAgain.
    """
    found, who = await _found(errand, key)

    async def set_up(uow: UnitOfWork) -> tuple[str, ...]:
        await passkeys.add(uow, begun, made, party)
        return ()

    return await _as(errand, who, _finish, key, found.email, Method.PASSKEY, set_up, whence, lifetimes)


async def with_provider(
    errand: Errand, key: CeremonyKey, returned: Returned, whence: Whence, lifetimes: Lifetimes
) -> Joined:
    """Finish with an organisation's account, as somebody comes back from its provider.

    Raises OneFactor when they have not proven themselves by two factors there, since they have no second one here;
    Conflict when that account is somebody's already; LinkOver and BeginAgain.
    """
    found, who = await _found(errand, key)
    if returned.user_id != found.link.user_id:
        raise BeginAgain
    if not returned.two_factors:
        raise OneFactor
    already = await errand.do_as_nobody(returned.partnership_id, identities.known, returned.proven)
    if already is not None and already.stands and already.user_id != found.link.user_id:
        raise Conflict(
            "That account of your organisation is linked to somebody here already. Sign in there as yourself, and "
            "try again."
        )

    async def set_up(uow: UnitOfWork) -> tuple[str, ...]:
        identities.add(uow, uow.actor.user, uow.actor.agency, returned)
        return ()

    return await _as(errand, who, _finish, key, found.email, Method.OPENID, set_up, whence, lifetimes)


async def with_new_password(errand: Errand, key: CeremonyKey, form: ResetForm, passwords: Passwords) -> None:
    """Set a new password by a link that does nothing else. Signs nobody in: their second factor is still theirs.

    Raises Invalid at ``/new_password``, LinkOver and BeginAgain.
    """
    found, who = await _found(errand, key, password_only=True)
    hashed = await _hashed(found, form.new_password.get_secret_value(), passwords)
    await _as(errand, who, _set_password, key, hashed)


async def _found(errand: Errand, key: CeremonyKey, *, password_only: bool = False) -> tuple[Guest, Credentials]:
    found = await errand.do_as_nobody(key.partnership_id, guest, key)
    if found.link.password_only is not password_only:
        raise LinkOver
    return found, Credentials(key.partnership_id, found.link.user_id)


async def _as(
    errand: Errand,
    who: Credentials,
    use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    try:
        return await errand.do(who, use_case, *args, **kwargs)
    except Unauthenticated:  # they have left since
        raise LinkOver from None


async def _guest(uow: UnitOfWork, link: Link) -> Guest:
    row = await uow.row(queries.INVITED, user_id=link.user_id, made_by=link.made_by)
    if row is None or (link.password_only and not row["has_password"]):
        raise LinkOver
    return Guest(link, row["name"], row["email"], row["agency"], row["by"])


async def _hashed(found: Guest, typed: str, passwords: Passwords) -> str:
    problem = await passwords.refusal(typed, Whose(found.name, found.email), field="/new_password")
    if problem:
        raise Invalid([problem], problem.message)
    return await passwords.make(typed)


async def _finish(
    uow: UnitOfWork,
    key: CeremonyKey,
    email: str,
    method: Method,
    set_up: Callable[[UnitOfWork], Awaitable[tuple[str, ...]]],
    whence: Whence,
    lifetimes: Lifetimes,
) -> Joined:
    data = await _use(uow, key)
    for statement, name in _BEFORE:
        if name == Method.OPENID and _is_vouched(data):
            continue
        if await uow.rows(statement, user_id=uow.actor.user, now=uow.now):
            uow.record("sign_in.method_ended", subjects=[uow.actor.agency, uow.actor.user], purpose=name)
    codes = await set_up(uow)
    await sessions.end_all_of(uow, uow.actor.user, EndReason.PASSWORD_CHANGED)
    return Joined(await sign_in.begin(uow, email, [method], whence, lifetimes), codes)


async def _set_password(uow: UnitOfWork, key: CeremonyKey, hashed: str) -> None:
    await _use(uow, key)
    await confirmation.keep_password(uow, hashed)
    await sessions.end_all_of(uow, uow.actor.user, EndReason.PASSWORD_CHANGED)


async def _use(uow: UnitOfWork, key: CeremonyKey) -> dict[str, Any]:
    data = await ceremonies.finish(uow, key, CeremonyKind.JOIN)
    await sign_in_links.use(uow, UUID(data["link"]))
    return data


def _is_vouched(data: Mapping[str, Any]) -> bool:
    return data.get("vouched") is True
