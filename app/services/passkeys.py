"""Passkeys: made, shown to sign in or to confirm, named, taken away.

A sign-in by one: ``to_show``, the browser's answer, ``prove``, and then, as the person, ``use``. Whatever is wrong with
what was shown, whoever shows it hears the same, on the beat, and it leaves the same entry in the trail.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.db import passkeys as queries
from app.db.session import Credentials, UnitOfWork
from app.db.tables.sign_in import passkey
from app.domain import base64url
from app.domain.ceremonies import BeginAgain, CeremonyKey, CeremonyKind
from app.domain.errors import DomainError, NotFound, Unauthenticated
from app.domain.notices import NoticeKind
from app.domain.passkeys import Known, Made, NameForm, NotRecognised, Passkey, Shown, Signed, handle_of, went_back
from app.domain.sessions import Lifetimes, SessionKey
from app.domain.sign_in import Method
from app.services import ceremonies, notices, sessions, sign_in, ways, webauthn
from app.services.errand import Errand
from app.services.sign_in import SignedIn, Whence
from app.services.webauthn import Owner, Party

MINUTES = 10
_DECOY = webauthn.decoy()


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser's cookie is to hold, and what its script is to ask the device."""

    key: CeremonyKey
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proven:
    """A passkey that was shown and is right. It counts once ``use`` was called, as its owner."""

    id: UUID
    partnership_id: UUID
    user_id: UUID
    signed: Signed


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found for a credential, or for none. stands: it would let its owner in, if it is right."""

    id: UUID | None
    user_id: UUID | None
    agency_id: UUID | None
    public_key: bytes
    sign_count: int
    stands: bool
    challenge: bytes


async def to_show(uow: UnitOfWork, party: Party, kind: CeremonyKind, of: UUID | None = None) -> Begun:
    """Ask for a passkey: any, of whoever it may be; or one of somebody's own."""
    known = await _known(uow, of) if of else []
    challenge = secrets.token_bytes(webauthn.CHALLENGE_BYTES)
    key = await ceremonies.begin(uow, kind, {"challenge": base64url.encode(challenge)}, MINUTES, of)
    return Begun(key, webauthn.to_show(party, challenge, known))


async def prove(
    errand: Errand,
    key: CeremonyKey | None,
    kind: CeremonyKind,
    shown: Shown,
    party: Party,
    *,
    of: UUID | None = None,
) -> Proven:
    """Judge what was shown. ``of``: only a passkey of theirs will do. Raises NotRecognised and BeginAgain."""
    try:
        return await _prove(errand, key, kind, shown, party, of)
    except DomainError:
        await errand.on_the_beat()
        raise


async def use(uow: UnitOfWork, proven: Proven) -> None:
    """Let it count, as its owner. Raises NotRecognised when it was ended, or the same answer used, meanwhile."""
    used = await uow.value(
        queries.USE,
        id=proven.id,
        user_id=uow.actor.user,
        sign_count=proven.signed.sign_count,
        backed_up=proven.signed.backed_up,
        now=uow.now,
    )
    if used is None:
        raise NotRecognised


async def by_passkey(
    errand: Errand, key: CeremonyKey | None, shown: Shown, party: Party, whence: Whence, lifetimes: Lifetimes
) -> SignedIn:
    """Sign somebody in by a passkey alone. Raises NotRecognised and BeginAgain."""
    proven = await prove(errand, key, CeremonyKind.PASSKEY_SIGN_IN, shown, party)
    who = Credentials(proven.partnership_id, proven.user_id)
    try:
        return await errand.do(who, _begin, proven, whence, lifetimes)
    except (Unauthenticated, NotRecognised):  # ended, or used, meanwhile
        await errand.on_the_beat()
        raise NotRecognised from None


async def confirm(uow: UnitOfWork, proven: Proven, lifetimes: Lifetimes) -> SessionKey:
    """Somebody who is signed in has shown again who they are. Raises NotRecognised."""
    await use(uow, proven)
    return await sessions.confirm(uow, Method.PASSKEY, lifetimes)


async def may_add(uow: UnitOfWork) -> None:
    """Raises ConfirmFirst unless the actor has shown a moment ago who they are."""
    uow.actor.must_be_confirmed()


async def to_make(uow: UnitOfWork, party: Party, *, instead: bool = False) -> Begun:
    """Ask for a new passkey of the actor's. Raises ConfirmFirst.

    instead: of those that they have, and so on a device that holds one of them as well as on any other.
    """
    uow.actor.must_be_confirmed()
    row = await uow.one(queries.OWNER, user_id=uow.actor.user)
    challenge = secrets.token_bytes(webauthn.CHALLENGE_BYTES)
    key = await ceremonies.begin(uow, CeremonyKind.PASSKEY_ADD, {"challenge": base64url.encode(challenge)}, MINUTES)
    owner = Owner(handle_of(uow.actor.partnership_id, uow.actor.user), row["email"], row["name"])
    known = [] if instead else await _known(uow, uow.actor.user)
    return Begun(key, webauthn.to_make(party, challenge, owner, known))


async def add(uow: UnitOfWork, key: CeremonyKey | None, made: Made, party: Party) -> UUID:
    """Keep a passkey that the actor has just made. Raises NotTaken, BeginAgain and ConfirmFirst."""
    uow.actor.must_be_confirmed()
    data = await ceremonies.finish(uow, key, CeremonyKind.PASSKEY_ADD)
    taken = webauthn.taken(made, base64url.decode(data["challenge"]), party)
    passkey_id = uow.add(
        passkey,
        user_id=uow.actor.user,
        name=made.name,
        credential_id=taken.credential_id,
        public_key=taken.public_key,
        sign_count=taken.sign_count,
        transports=list(made.transports),
        backed_up=taken.backed_up,
        created_at=uow.now,
    )
    _record(uow, "sign_in.method_added")
    return passkey_id


async def mine(uow: UnitOfWork) -> list[Passkey]:
    """The actor's passkeys, the oldest first."""
    uow.record("sign_in.methods_read")
    return [Passkey(**dict(row)) for row in await uow.rows(queries.OF_PERSON, user_id=uow.actor.user)]


async def one(uow: UnitOfWork, passkey_id: UUID) -> Passkey:
    """One of the actor's passkeys. Raises NotFound."""
    row = await uow.row(queries.ONE, id=passkey_id, user_id=uow.actor.user)
    if row is None:
        raise NotFound("passkey")
    uow.record("sign_in.methods_read")
    return Passkey(**dict(row))


async def one_to_end(uow: UnitOfWork, passkey_id: UUID) -> Passkey:
    """The same, to ask its owner whether to end it. Raises ConfirmFirst, NotFound and LastWay."""
    uow.actor.must_be_confirmed()
    found = await one(uow, passkey_id)
    await ways.must_remain(uow, without_passkeys=1)
    return found


async def rename(uow: UnitOfWork, passkey_id: UUID, form: NameForm) -> None:
    """Call one of the actor's passkeys something else. Raises NotFound."""
    if await uow.value(queries.RENAME, id=passkey_id, user_id=uow.actor.user, name=form.name) is None:
        raise NotFound("passkey")
    _record(uow, "sign_in.method_renamed")


async def end(uow: UnitOfWork, passkey_id: UUID) -> None:
    """End one of the actor's passkeys, for good. Raises ConfirmFirst, NotFound and LastWay."""
    uow.actor.must_be_confirmed()
    await ways.hold(uow)
    if await uow.value(queries.END, id=passkey_id, now=uow.now) is None:
        raise NotFound("passkey")
    await ways.must_remain(uow)
    _record(uow, "sign_in.method_ended")


async def _prove(
    errand: Errand, key: CeremonyKey | None, kind: CeremonyKind, shown: Shown, party: Party, of: UUID | None
) -> Proven:
    if key is None:
        raise BeginAgain
    # Finished, whatever comes of it: nothing can be tried twice on one challenge.
    looked = await errand.do_as_nobody(key.partnership_id, _finish_and_look, key, kind, shown.credential_id)
    copied = False
    with suppress(NotRecognised):
        signed = webauthn.signed(shown, looked.public_key, looked.challenge, party)
        if looked.id and looked.user_id and looked.stands and _is_owner(key.partnership_id, looked.user_id, shown, of):
            copied = went_back(looked.sign_count, signed.sign_count)
            if not copied:
                return Proven(looked.id, key.partnership_id, looked.user_id, signed)
    await errand.do_as_nobody(key.partnership_id, _refuse, looked, shown.credential_id, copied)
    raise NotRecognised


def _is_owner(partnership_id: UUID, user_id: UUID, shown: Shown, of: UUID | None) -> bool:
    """A device says whose a passkey is, unless it was asked for those of one person."""
    if of is not None and (of != user_id or shown.user_handle is None):
        return of == user_id
    return shown.user_handle == handle_of(partnership_id, user_id)


async def _finish_and_look(uow: UnitOfWork, key: CeremonyKey, kind: CeremonyKind, credential_id: bytes) -> _Looked:
    data = await ceremonies.finish(uow, key, kind)
    challenge = base64url.decode(data["challenge"])
    row = await uow.row(queries.BY_CREDENTIAL, credential_id=credential_id)
    if row is None:
        return _Looked(None, None, None, _DECOY, 0, False, challenge)
    return _Looked(**dict(row), challenge=challenge)


async def _refuse(uow: UnitOfWork, looked: _Looked, credential_id: bytes, copied: bool) -> None:
    """Whose passkey was tried, and their agency; of one that nobody has, two ids that nothing else has."""
    nobodys_agency, nobody = sign_in.nobody(uow, credential_id.hex())
    agency_id, user_id = looked.agency_id or nobodys_agency, looked.user_id or nobody
    uow.record("sign_in.failed", subjects=[agency_id, user_id], purpose=Method.PASSKEY)
    if copied and looked.id is not None and await uow.value(queries.END, id=looked.id, now=uow.now):
        uow.record("sign_in.method_ended", subjects=[agency_id, user_id], purpose="passkey_copied")
        notices.tell(uow, [user_id], NoticeKind.PASSKEY_COPIED, about=looked.id)


async def _begin(uow: UnitOfWork, proven: Proven, whence: Whence, lifetimes: Lifetimes) -> SignedIn:
    await use(uow, proven)
    row = await uow.one(queries.OWNER, user_id=proven.user_id)
    return await sign_in.begin(uow, row["email"], [Method.PASSKEY], whence, lifetimes)


async def _known(uow: UnitOfWork, user_id: UUID) -> list[Known]:
    rows = await uow.rows(queries.KNOWN, user_id=user_id)
    return [Known(row["credential_id"], tuple(row["transports"])) for row in rows]


def _record(uow: UnitOfWork, verb: str) -> None:
    uow.record(verb, subjects=[uow.actor.agency, uow.actor.user], purpose=Method.PASSKEY)
