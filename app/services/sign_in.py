"""Signing in with an e-mail address, a password and a code, or with one press in a demonstration.

Whoever is wrong about any of the three hears the same, as late, and leaves the same entry in the trail; so does whoever
asks for an account that does not exist. Counted before it is judged, so that tries made at once all count.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from app.db import sign_in as queries
from app.db.session import Credentials, UnitOfWork
from app.domain.authenticators import recovery_digest
from app.domain.errors import DomainError, Unauthenticated
from app.domain.sessions import Lifetimes, SessionKey
from app.domain.sign_in import DEVICE_BYTES, MARK_BYTES, Browser, Method, NotRight, SignInForm
from app.domain.throttle import Bucket, TooMany, counted_in, network_of
from app.services import proofs, sessions, throttle
from app.services.errand import Errand
from app.services.passwords import Busy, Passwords
from app.services.proofs import Looked, Proof
from app.services.throttle import Counted, Full

# Those to come after the first: what a session lets somebody do does not depend on them.
_NOBODY = UUID(int=0)
_MARK = "known browser"


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a try comes from. address: of the network. device: in words, for the list of one's own sessions."""

    address: str
    browser: Browser | None
    device: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun, and what the browser is to keep for the next time."""

    key: SessionKey
    browser: Browser


@dataclass(frozen=True, slots=True)
class Partnership:
    """Where somebody can sign in."""

    id: UUID
    slug: str
    name: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation's own sign-in, as a button names it."""

    id: UUID
    name: str


async def partnerships(errand: Errand) -> list[Partnership]:
    """Every partnership of the deployment, by name."""
    return await errand.do_as_nobody(_NOBODY, _partnerships)


async def providers(uow: UnitOfWork) -> list[Provider]:
    """The single sign-on of this partnership's organisations."""
    return [Provider(row["id"], row["name"]) for row in await uow.rows(queries.PROVIDERS)]


async def by_password(
    errand: Errand,
    partnership_id: UUID,
    form: SignInForm,
    whence: Whence,
    passwords: Passwords,
    lifetimes: Lifetimes,
) -> SignedIn:
    """Sign somebody in. Raises NotRight, and TooMany before anything is judged."""
    try:
        return await _by_password(errand, partnership_id, form, whence, passwords, lifetimes)
    except DomainError:
        await errand.on_the_beat()
        raise


async def as_demo_person(
    errand: Errand, partnership_id: UUID, email: str, whence: Whence, lifetimes: Lifetimes
) -> SignedIn:
    """Sign in as somebody invented, of a demonstration. Raises NotRight where there is none."""
    user_id = await errand.do_as_nobody(partnership_id, _demo_person, email.lower())
    if user_id is None:
        raise NotRight
    who = Credentials(partnership_id, user_id)
    return await errand.do(who, begin, email.lower(), [Method.DEMO], whence, lifetimes)


async def begin(uow: UnitOfWork, email: str, methods: list[Method], whence: Whence, lifetimes: Lifetimes) -> SignedIn:
    """Begin a session, as the person, however they proved who they are; their browser is known from then on."""
    key = await sessions.begin(uow, methods, whence.device, lifetimes)
    browser = whence.browser or Browser(secrets.token_bytes(DEVICE_BYTES))
    return SignedIn(key, browser.marked(_mark(uow, browser, email.lower())))


async def _by_password(
    errand: Errand,
    partnership_id: UUID,
    form: SignInForm,
    whence: Whence,
    passwords: Passwords,
    lifetimes: Lifetimes,
) -> SignedIn:
    email = form.email.lower()
    counted, looked = await errand.do_as_nobody(
        partnership_id, _count_and_look, email, form.code.get_secret_value(), whence
    )
    if isinstance(counted, Full):
        raise TooMany(counted.until)
    known = any(bucket is Bucket.DEVICE for bucket, _ in counted.buckets)
    try:
        proof = await proofs.judge(looked, form.password.get_secret_value(), passwords, known=known)
    except Busy:
        await errand.do_as_nobody(partnership_id, throttle.give_back, counted)
        raise
    if proof is not None:
        who = Credentials(partnership_id, proof.user_id)
        try:
            return await errand.do(who, _begin_by_proof, proof, counted, email, whence, lifetimes)
        except (NotRight, Unauthenticated):  # used, changed or ended meanwhile
            pass
    await errand.do_as_nobody(partnership_id, _record, "sign_in.failed", email, looked)
    raise NotRight


async def _count_and_look(uow: UnitOfWork, email: str, code: str, whence: Whence) -> tuple[Counted | Full, Looked]:
    known = whence.browser is not None and not {
        mark[:MARK_BYTES] for mark in _marks(uow, whence.browser, email)
    }.isdisjoint(whence.browser.marks)
    of = {
        Bucket.ADDRESS: network_of(whence.address),
        Bucket.ACCOUNT: email,
        Bucket.DEVICE: f"{email} {whence.browser.number.hex() if whence.browser else ''}",
    }
    buckets = (throttle.digest(uow, bucket, of[bucket]) for bucket in counted_in(known_browser=known))
    counted = await throttle.count(uow, *buckets)
    row = await uow.row(queries.BY_EMAIL, email=email, digest=recovery_digest(code))
    looked = proofs.look(uow, row, code)
    if isinstance(counted, Full) and await throttle.is_new(uow, email):
        await _record(uow, "sign_in.throttled", email, looked)
    return counted, looked


async def _begin_by_proof(
    uow: UnitOfWork, proof: Proof, counted: Counted, email: str, whence: Whence, lifetimes: Lifetimes
) -> SignedIn:
    if not await proofs.use_up(uow, proof):
        raise NotRight
    await throttle.give_back(uow, counted)
    return await begin(uow, email, [proof.method], whence, lifetimes)


async def _record(uow: UnitOfWork, verb: str, email: str, looked: Looked) -> None:
    """Whose account was tried, and their agency; where there is none, two ids that nothing else has."""
    agency_id, user_id = nobody(uow, email)
    uow.record(verb, subjects=[looked.agency_id or agency_id, looked.user_id or user_id], purpose="password")


def nobody(uow: UnitOfWork, email: str) -> tuple[UUID, UUID]:
    """What the trail calls the agency and the person of an e-mail that is nobody's: always the same two."""
    digest = uow.vault.blind("sign-in of nobody", email, partnership_id=uow.actor.partnership_id).digest
    return UUID(bytes=digest[:16], version=4), UUID(bytes=digest[16:], version=4)


async def _partnerships(uow: UnitOfWork) -> list[Partnership]:
    rows = await uow.rows(queries.PARTNERSHIPS)
    return [Partnership(row["id"], row["slug"], row["name"], row["demo"]) for row in rows]


async def _demo_person(uow: UnitOfWork, email: str) -> UUID | None:
    found: UUID | None = await uow.value(queries.DEMO_PERSON, email=email)
    return found


def _mark(uow: UnitOfWork, browser: Browser, email: str) -> bytes:
    value = f"{browser.number.hex()} {email}"
    return uow.vault.blind(_MARK, value, partnership_id=uow.actor.partnership_id).digest[:MARK_BYTES]


def _marks(uow: UnitOfWork, browser: Browser, email: str) -> list[bytes]:
    """Under every key that is still in use."""
    value = f"{browser.number.hex()} {email}"
    return uow.vault.blinds(_MARK, value, partnership_id=uow.actor.partnership_id)
