"""Clients, as administrators keep them: an agency's its own, the partnership's any.

Whatever ends holds the system first, so that once it is answered nothing asked by its tokens is still in hand.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from app.db import administration as people
from app.db import clients as queries
from app.db.ids import new_id
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.partnerships import user_role
from app.db.tables.sign_in import api_client, api_credential
from app.domain import base64url
from app.domain.access import Role, Verb
from app.domain.clients import (
    MOST_LIVE,
    SECRET_BYTES,
    SECRET_PREFIX,
    ChangedClient,
    CredentialKind,
    NewClient,
    digest_of,
    good_until,
    hint_of,
)
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from app.domain.public_jwks import PublicJwk
from app.domain.sessions import EndReason
from app.services import administration, leaving, partnerships
from app.services.once import Document


@dataclass(frozen=True, slots=True)
class Named:
    """Something to choose."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Whose a new client can be, and in whose name it can act."""

    agencies: tuple[Named, ...]
    systems: tuple[Named, ...]


async def listed(uow: UnitOfWork, *, after: UUID | None = None, limit: int = 200) -> Document:
    """The clients that the actor keeps, newest first, with those that have ended."""
    uow.actor.must(Verb.ADMINISTER_AGENCY)
    row = await uow.one(queries.LIST, after=after, limit=limit, now=uow.now)
    ids = row["ids"] or []
    uow.record("administration.clients_listed", subjects=ids)
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


async def read(uow: UnitOfWork, client_id: UUID) -> Document:
    """One client, with everything it ever proved itself with; no secret among it."""
    uow.actor.must(Verb.ADMINISTER_AGENCY)
    row = await _row(uow, client_id)
    uow.record("administration.client_read", subjects=[row["agency_id"], row["user_id"], client_id])
    return _document(row, client_id)


async def choices(uow: UnitOfWork) -> Choices:
    """What there is to choose from when a client is added. Raises ConfirmFirst."""
    uow.actor.must(Verb.GRANT_ACCESS)
    everywhere = uow.actor.may(Verb.ADMINISTER_PARTNERSHIP)
    row = await uow.one(queries.CHOICES, agency_id=None if everywhere else uow.actor.agency)
    agencies, systems = (
        tuple(Named(UUID(each["id"]), each["name"]) for each in orjson.loads(row[name]))
        for name in ("agencies", "systems")
    )
    return Choices(agencies, systems)


async def add(uow: UnitOfWork, told: NewClient) -> Document:
    """A client, with nothing yet to prove itself with. Its system is made with it, or one of the agency's."""
    uow.actor.must(Verb.GRANT_ACCESS)
    agency_id = told.agency_id or uow.actor.agency
    if agency_id != uow.actor.agency and not uow.actor.may(Verb.ADMINISTER_PARTNERSHIP):
        raise Forbidden("You keep the systems of your own agency. Ask the partnership's administrator for others.")
    if await uow.value(people.AGENCY, id=agency_id) is None:
        text = "There is no such agency. Choose one from /agencies."
        raise Invalid([FieldProblem("/agency_id", "unknown", text)])
    client_id = new_id()
    if told.user_id is None:
        user_id = await _add_system(uow, agency_id, told.name, client_id)
    elif await uow.value(queries.SYSTEM, id=told.user_id, agency_id=agency_id):
        user_id = told.user_id
    else:
        text = "This agency has no such system. Choose one of its systems, or leave this out to be given a new one."
        raise Invalid([FieldProblem("/user_id", "unknown", text)])
    uow.add(
        api_client,
        id=client_id,
        user_id=user_id,
        agency_id=agency_id,
        name=told.name,
        purpose=told.purpose,
        scopes=list(told.scopes),
        created_at=uow.now,
        made_by=uow.actor.user,
        version=1,
    )
    uow.record("administration.client_added", subjects=[agency_id, user_id, client_id])
    return await _shown(uow, client_id)


async def change(uow: UnitOfWork, client_id: UUID, version: int | None, told: ChangedClient) -> Document:
    """Change a client's name, purpose and scopes. What it holds that lets it do more than that ends. Raises Stale."""
    row = await _to_change(uow, client_id, Verb.GRANT_ACCESS)
    await uow.change(api_client, client_id, version, name=told.name, purpose=told.purpose, scopes=list(told.scopes))
    if not set(row["scopes"]) <= set(told.scopes):
        await _end_sessions(uow, row["user_id"], client_id)
    uow.record("administration.client_changed", subjects=[row["agency_id"], row["user_id"], client_id])
    return await _shown(uow, client_id)


async def end(uow: UnitOfWork, client_id: UUID) -> Document:
    """End a client, all that it holds and can prove itself with; and its system, if no other client acts as that."""
    row = await _to_change(uow, client_id, Verb.ADMINISTER_AGENCY)
    await uow.value(queries.END_CREDENTIALS, id=client_id, now=uow.now)
    await uow.value(queries.END, id=client_id, now=uow.now)
    await _end_sessions(uow, row["user_id"], client_id)
    uow.record("administration.client_ended", subjects=[row["agency_id"], row["user_id"], client_id])
    if not row["shares_user"]:
        await administration.end_user(uow, row["user_id"])
    return await _shown(uow, client_id)


async def add_secret(uow: UnitOfWork, client_id: UUID, last_day: date | None) -> Document:
    """Draw a secret: it is in this answer and nowhere else. Raises Conflict when there are two already."""
    row = await _to_change(uow, client_id, Verb.GRANT_ACCESS, CredentialKind.SECRET)
    until = good_until(last_day, uow.now)
    secret = SECRET_PREFIX + base64url.encode(secrets.token_bytes(SECRET_BYTES))
    credential_id = _add(uow, client_id, CredentialKind.SECRET, until, hint_of(secret), digest_of(secret), {})
    _record(uow, row, client_id, "administration.client_credential_added", CredentialKind.SECRET)
    answer = {"id": credential_id, "client_id": client_id, "hint": hint_of(secret), "until": until.isoformat()}
    # Asked for again with the same key, it says all but the secret.
    return Document(
        to_json({**answer, "secret": secret}), kept=to_json({**answer, "secret": None}), location=_location(client_id)
    )


async def add_key(uow: UnitOfWork, client_id: UUID, jwk: object, last_day: date | None) -> Document:
    """Take a public key. jwk: JSON as text, or already parsed.

    Raises Invalid for one that is not good enough, and Conflict when there are two already.
    """
    row = await _to_change(uow, client_id, Verb.GRANT_ACCESS, CredentialKind.KEY)
    until = good_until(last_day, uow.now)
    try:
        key = PublicJwk.read(jwk)
    except ValueError as error:
        raise Invalid([FieldProblem("/jwk", "bad_key", str(error))]) from None
    if key.kid in {each["hint"] for each in await uow.rows(queries.KIDS, id=client_id, now=uow.now)}:
        text = "This client has a key with this 'kid'. Give the new key another name in 'kid'."
        raise Invalid([FieldProblem("/jwk", "twice", text)])
    _add(uow, client_id, CredentialKind.KEY, until, key.kid, None, key.document())
    _record(uow, row, client_id, "administration.client_credential_added", CredentialKind.KEY)
    return await _shown(uow, client_id)


async def end_credential(uow: UnitOfWork, client_id: UUID, credential_id: UUID) -> Document:
    """End a secret or a key, and every token that was given for it."""
    row = await _to_change(uow, client_id, Verb.ADMINISTER_AGENCY)
    kind = await uow.value(queries.END_CREDENTIAL, client_id=client_id, id=credential_id, now=uow.now)
    if kind is None:
        if await uow.value(queries.CREDENTIAL, client_id=client_id, id=credential_id) is None:
            raise NotFound("secret or key")
        raise Conflict("This has ended already.")
    await _end_sessions(uow, row["user_id"], client_id, credential_id)
    _record(uow, row, client_id, "administration.client_credential_ended", kind)
    return await _shown(uow, client_id)


async def may_keep(uow: UnitOfWork, client_id: UUID) -> Document:
    """One client, for a page on which it can be changed or given more. Raises ConfirmFirst."""
    uow.actor.must(Verb.GRANT_ACCESS)
    return await read(uow, client_id)


async def _add_system(uow: UnitOfWork, agency_id: UUID, name: str, client_id: UUID) -> UUID:
    """It has an address that nobody else can have and that no mail reaches (RFC 2606)."""
    user_id = await partnerships.add_user(
        uow, agency_id, name=name, email=f"{client_id}@system.invalid", roles=(), is_system=True
    )
    # The policy on roles looks at whose colleague somebody is, and so at a row already written.
    await uow.flush()
    uow.add(user_role, user_id=user_id, role=Role.PARTNER_SYSTEM, given_at=uow.now, given_by=uow.actor.user)
    uow.record("administration.user_added", subjects=[agency_id, user_id])
    uow.record("administration.role_given", subjects=[agency_id, user_id], purpose=Role.PARTNER_SYSTEM)
    return user_id


async def _to_change(uow: UnitOfWork, client_id: UUID, verb: Verb, adding: CredentialKind | None = None) -> Any:
    """The client as it stands, held. adding: what there must be room for. Whose it is not sees none, and holds none."""
    uow.actor.must(verb)
    user_id = await uow.value(queries.USER_OF, id=client_id)
    if user_id is None:
        raise NotFound("client")
    await leaving.hold(uow, user_id)
    row = await uow.row(queries.TO_CHANGE, id=client_id, kind=adding, now=uow.now)
    if row is None:
        raise NotFound("client")
    if row["ended_at"] is not None:
        raise Conflict("This client has ended. Add another if its program is to call again.")
    if adding and row["live"] >= MOST_LIVE:
        raise Conflict(f"This client has two {adding}s. End the one that is no longer used first.")
    return row


def _add(
    uow: UnitOfWork,
    client_id: UUID,
    kind: CredentialKind,
    until: datetime,
    hint: str,
    digest: bytes | None,
    public_key: dict[str, str],
) -> UUID:
    return uow.add(
        api_credential,
        client_id=client_id,
        kind=kind,
        hint=hint,
        digest=digest,
        public_key=public_key,
        created_at=uow.now,
        made_by=uow.actor.user,
        until_at=until,
    )


async def _end_sessions(uow: UnitOfWork, user_id: UUID, client_id: UUID, credential_id: UUID | None = None) -> None:
    ended: Sequence[Any] = await uow.rows(
        queries.END_SESSIONS,
        user_id=user_id,
        client_id=client_id,
        credential_id=credential_id,
        because=EndReason.ADMINISTRATOR,
        ended_by=uow.actor.user,
        now=uow.now,
    )
    if ended:
        uow.record("sign_in.ended", subjects=[user_id], purpose=EndReason.ADMINISTRATOR)


def _record(uow: UnitOfWork, row: Any, client_id: UUID, verb: str, kind: str) -> None:
    uow.record(verb, subjects=[row["agency_id"], row["user_id"], client_id], purpose=kind)


async def _shown(uow: UnitOfWork, client_id: UUID) -> Document:
    await uow.flush()
    return _document(await _row(uow, client_id), client_id)


async def _row(uow: UnitOfWork, client_id: UUID) -> Any:
    row = await uow.row(queries.SHOW, id=client_id, now=uow.now)
    if row is None:
        raise NotFound("client")
    return row


def _document(row: Any, client_id: UUID) -> Document:
    return Document(row["body"].encode(), version=row["version"], location=_location(client_id))


def _location(client_id: UUID) -> str:
    return f"/api/v1/clients/{client_id}"
