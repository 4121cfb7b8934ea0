"""Tokens for clients: who asks is looked up, proven by the edge that knows how, and let in for ten minutes.

Whoever is not let in hears the same, on the beat, and leaves the same entry in the trail: a client that does not
exist, one that has ended, one whose agency is locked out, a wrong secret, a signature by another key.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from app.db import clients as queries
from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.tables.sign_in import session
from app.domain.clients import TOKEN_MINUTES, ClientMethod, NotInScope, NotLetIn, assertion_digest, granted
from app.domain.errors import Unauthenticated
from app.domain.public_jwks import PublicJwk
from app.domain.sessions import SessionKind
from app.domain.throttle import Bucket, TooMany, network_of
from app.services import throttle
from app.services.errand import Errand
from app.services.sign_in import nobody
from app.services.throttle import Counted, Full

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Client:
    """A client that may come in, and by what it can prove itself: digests of secrets, and keys, with their ids."""

    id: UUID
    user_id: UUID
    agency_id: UUID
    secrets: tuple[tuple[UUID, bytes], ...]
    keys: tuple[tuple[UUID, PublicJwk], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who says that they are a client. client: None when they cannot be one that may come in."""

    partnership_id: UUID
    named: str
    client: Client | None
    counted: Counted


@dataclass(frozen=True, slots=True)
class Proof:
    """By what a client proved itself. jti, expires_at: of the assertion, if it was one, which is good once."""

    credential_id: UUID
    method: ClientMethod
    jti: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LetIn:
    """A session that has begun, and what its token is to say."""

    partnership_id: UUID
    client_id: UUID
    user_id: UUID
    session_id: UUID
    scopes: frozenset[str]


async def ask(errand: Errand, named: str, address: str) -> Asked:
    """Count a try of whoever goes by that id, before it is judged, and look them up. Raises TooMany."""
    client_id = _read_id(named)
    partnership_id = await errand.do_as_nobody(_NOBODY, _partnership_of, client_id)
    if partnership_id is None:
        raise NotLetIn  # there is no partnership at all
    asked = await errand.do_as_nobody(partnership_id, _count_and_look, named, client_id, network_of(address))
    if isinstance(asked, Full):
        raise TooMany(asked.until)
    return asked


async def let_in(errand: Errand, asked: Asked, proof: Proof | None, scopes: frozenset[str] | None) -> LetIn:
    """Begin a session for a client that has proven itself. scopes: None for all that it has.

    Raises NotLetIn and NotInScope, both of which the trail tells of.
    """
    try:
        if asked.client is None or proof is None:
            raise NotLetIn
        await errand.do_as_nobody(asked.partnership_id, _use_up, asked.client, proof, asked.counted)
        who = Credentials(asked.partnership_id, asked.client.user_id)
        return await errand.do(who, _begin, asked.client, proof, scopes)
    except (NotLetIn, Unauthenticated):
        await errand.do_as_nobody(asked.partnership_id, _refused, asked, NotLetIn.code)
        await errand.on_the_beat()
        raise NotLetIn from None
    except NotInScope:
        await errand.do_as_nobody(asked.partnership_id, _refused, asked, NotInScope.code)
        raise


def _read_id(named: str) -> UUID:
    """What is no id of ours stands for one that nothing has."""
    try:
        found = UUID(named)
    except ValueError:
        return new_id()
    return found if str(found) == named else new_id()


async def _partnership_of(uow: UnitOfWork, client_id: UUID) -> UUID | None:
    found: UUID | None = await uow.value(queries.PARTNERSHIP_OF, id=client_id)
    return found


async def _count_and_look(uow: UnitOfWork, named: str, client_id: UUID, network: str) -> Asked | Full:
    counted = await throttle.count(
        uow,
        throttle.digest(uow, Bucket.CLIENT, f"{named} {network}"),
        throttle.digest(uow, Bucket.CLIENT_ADDRESS, network),
    )
    row = await uow.row(queries.BY_ID, id=client_id, now=uow.now)
    client = None
    if row is not None:
        kept = orjson.loads(row["credentials"])
        client = Client(
            row["id"],
            row["user_id"],
            row["agency_id"],
            tuple((UUID(each["id"]), bytes.fromhex(each["digest"])) for each in kept if each["digest"]),
            tuple((UUID(each["id"]), PublicJwk.read(each["public_key"])) for each in kept if not each["digest"]),
        )
    if isinstance(counted, Full):
        if await throttle.is_new(uow, f"client {named} {network}"):
            _record(uow, "client.throttled", named, client, "too_many_tries")
        return counted
    return Asked(uow.actor.partnership_id, named, client, counted)


async def _use_up(uow: UnitOfWork, client: Client, proof: Proof, counted: Counted) -> None:
    """Take what is good once, and note that the credential was used. Raises NotLetIn."""
    if proof.jti is not None:
        digest = assertion_digest(client.id, proof.jti)
        if not await uow.value(queries.USE_ASSERTION, digest=digest, until_at=proof.expires_at):
            raise NotLetIn
    if not await uow.value(queries.USE_CREDENTIAL, id=proof.credential_id, now=uow.now):
        raise NotLetIn  # it was ended meanwhile
    await throttle.give_back(uow, counted)


async def _begin(uow: UnitOfWork, client: Client, proof: Proof, asked: frozenset[str] | None) -> LetIn:
    # Whatever ends the client, its system or its agency waits for this, or was there first and is seen here.
    held = await uow.value(queries.STANDS, id=client.id, credential_id=proof.credential_id, now=uow.now)
    if held is None:
        raise NotLetIn
    scopes = granted(set(held), asked)
    session_id = uow.add(
        session,
        user_id=client.user_id,
        kind=SessionKind.CLIENT,
        client_id=client.id,
        credential_id=proof.credential_id,
        scopes=sorted(scopes),
        methods=[proof.method],
        created_at=uow.now,
        seen_at=uow.now,
        until_at=uow.now + timedelta(minutes=TOKEN_MINUTES),
    )
    uow.record("client.token_issued", subjects=[client.agency_id, client.user_id, client.id], purpose=proof.method)
    return LetIn(uow.actor.partnership_id, client.id, client.user_id, session_id, scopes)


async def _refused(uow: UnitOfWork, asked: Asked, why: str) -> None:
    _record(uow, "client.refused", asked.named, asked.client, why)


def _record(uow: UnitOfWork, verb: str, named: str, client: Client | None, why: str) -> None:
    """Which client was tried, its system and agency; where there is none, three ids that nothing else has."""
    agency_id, user_id = nobody(uow, named)
    client_id, _ = nobody(uow, f"client {named}")
    subjects = [client.agency_id, client.user_id, client.id] if client else [agency_id, user_id, client_id]
    uow.record(verb, subjects=subjects, purpose=why)
