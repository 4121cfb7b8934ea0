"""Signing in by way of a provider: sent there, come back, and then let in, asked for more, linked or confirmed.

What a browser comes back with is used up before it is judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db import administration
from app.db import openid as queries
from app.db import sign_in as proven_queries
from app.db.session import Credentials, UnitOfWork
from app.domain.authenticators import recovery_digest
from app.domain.ceremonies import BeginAgain, CeremonyKey, CeremonyKind
from app.domain.errors import DomainError, NotFound, Unauthenticated
from app.domain.openid import Client, OpenidError, Pending
from app.domain.providers import JoiningRule, Newcomer, NoDetails, NotLetIn, SecondFactor, Trust, newcomer
from app.domain.sessions import Lifetimes
from app.domain.sign_in import Method, NotRight
from app.domain.sign_in_links import INVITATION_LASTS, LinkKind
from app.domain.throttle import Bucket, TooMany
from app.services import ceremonies, identities, joining, partnerships, proofs, sign_in, sign_in_links, throttle, ways
from app.services.errand import Errand
from app.services.identities import Known, Purpose, Returned
from app.services.openid import Openid
from app.services.proofs import Looked
from app.services.providers import client_of, trust_of
from app.services.sign_in import SignedIn, Whence
from app.services.throttle import Counted, Full

MINUTES = 10
_NAME_AND_EMAIL = ("name", "email")


@dataclass(frozen=True, slots=True)
class Away:
    """Where to send the browser, and what it is to keep until it is back."""

    url: str
    key: CeremonyKey


@dataclass(frozen=True, slots=True)
class Second:
    """Known, and still to prove themselves by a second factor here; or, when they have none yet, to set one up."""

    key: CeremonyKey
    to_set_up: bool = False


async def begin(
    errand: Errand,
    openid: Openid,
    partnership_id: UUID,
    provider_id: UUID,
    redirect_address: str,
    purpose: Purpose,
    *,
    going: str = "",
    user_id: UUID | None = None,
) -> Away:
    """Send somebody to a provider. Raises NotFound, and OpenidError when the provider cannot be used just now."""
    client, trust = await errand.do_as_nobody(partnership_id, _provider, provider_id)
    url, pending = await openid.begin(
        client,
        redirect_address,
        errand.now,
        acr_values=trust.acr if trust.second_factor is SecondFactor.WHEN_SAID else (),
        afresh=purpose is Purpose.CONFIRM,
    )
    data = {
        "provider_id": str(provider_id),
        "purpose": purpose,
        "going": going,
        "state": pending.state,
        "nonce": pending.nonce,
        "verifier": pending.verifier,
        "since": pending.since.isoformat() if pending.since else None,
        "user_id": str(user_id) if user_id else None,
    }
    key = await errand.do_as_nobody(
        partnership_id, ceremonies.begin, CeremonyKind.OPENID, data, MINUTES, user_id=user_id
    )
    return Away(url, key)


async def come_back(
    errand: Errand,
    openid: Openid,
    key: CeremonyKey | None,
    provider_id: UUID,
    redirect_address: str,
    answer: Mapping[str, str],
) -> Returned:
    """What the provider vouches for. Raises BeginAgain, NotFound, and OpenidError, which the trail tells of."""
    if key is None:
        raise BeginAgain
    data = await errand.do_as_nobody(key.partnership_id, ceremonies.finish, key, CeremonyKind.OPENID)
    # Each provider has an address of its own to come back to: what one was asked is no answer of another.
    if data["provider_id"] != str(provider_id):
        raise BeginAgain
    client, trust = await errand.do_as_nobody(key.partnership_id, _provider, provider_id)
    since = datetime.fromisoformat(data["since"]) if data["since"] else None
    pending = Pending(data["state"], data["nonce"], data["verifier"], since)
    try:
        proven = await openid.finish(client, redirect_address, answer, pending, errand.now)
    except OpenidError as error:
        await errand.do_as_nobody(key.partnership_id, _failed, [provider_id], f"openid.{error.fault}")
        raise
    return Returned(
        partnership_id=key.partnership_id,
        provider_id=provider_id,
        purpose=Purpose(data["purpose"]),
        trust=trust,
        proven=proven,
        going=data["going"],
        user_id=UUID(data["user_id"]) if data["user_id"] else None,
    )


async def let_in(
    errand: Errand, openid: Openid, returned: Returned, whence: Whence, lifetimes: Lifetimes
) -> SignedIn | Second:
    """Sign them in, or say that a second factor is still to come. Who is new joins by the first rule that matches.

    Raises NotLetIn, NoDetails, OpenidError.
    """
    try:
        return await _let_in(errand, openid, returned, whence, lifetimes)
    except DomainError:
        await errand.on_the_beat()
        raise


async def by_second_factor(
    errand: Errand, key: CeremonyKey | None, code: str, whence: Whence, lifetimes: Lifetimes
) -> tuple[SignedIn, str]:
    """Sign them in by a code, after their provider vouched for them; and where they were going.

    Raises NotRight, TooMany, BeginAgain.
    """
    if key is None:
        raise BeginAgain
    try:
        counted, looked, data = await errand.do_as_nobody(key.partnership_id, _count_and_look, key, code)
        if isinstance(counted, Full):
            raise TooMany(counted.until)
        if looked.user_id is None or (looked.step is None and looked.recovery_id is None):
            await errand.do_as_nobody(key.partnership_id, _failed, _of(looked), "openid")
            raise NotRight(asked_email=False)
        who = Credentials(key.partnership_id, looked.user_id)
        found = await errand.do(who, _begin_second, key, looked, counted, data, whence, lifetimes)
    except Unauthenticated:
        await errand.on_the_beat()
        raise BeginAgain from None
    except DomainError:
        await errand.on_the_beat()
        raise
    return found, str(data["going"])


async def second_is_due(uow: UnitOfWork, key: CeremonyKey) -> str:
    """Where they were going, whom a provider has just vouched for in this browser. Raises BeginAgain."""
    return str((await ceremonies.look(uow, key, CeremonyKind.SECOND))["going"])


async def _let_in(
    errand: Errand, openid: Openid, returned: Returned, whence: Whence, lifetimes: Lifetimes
) -> SignedIn | Second:
    partnership_id = returned.partnership_id
    known = await errand.do_as_nobody(partnership_id, identities.known, returned.proven)
    if known is None:
        known = await _join(errand, openid, returned)
    if known is not None and known.stands and known.may_enter:
        if not returned.two_factors:
            return await errand.do_as_nobody(partnership_id, _ask_second, known, returned.going)
        try:
            who = Credentials(partnership_id, known.user_id)
            return await errand.do(who, _begin, known.identity_id, known.email, [Method.OPENID], whence, lifetimes)
        except Unauthenticated:  # ended since
            pass
    about = [known.agency_id, known.user_id] if known else [returned.provider_id]
    await errand.do_as_nobody(partnership_id, _failed, about, Method.OPENID)
    raise NotLetIn


async def _join(errand: Errand, openid: Openid, returned: Returned) -> Known | None:
    wanted = (*returned.trust.asks_for, *_NAME_AND_EMAIL)
    claims = (await openid.more(returned.proven, wanted, errand.now)).claims
    rule = returned.trust.agency(claims)
    if rule is None:
        return None
    who = newcomer(claims)
    if who is None:
        raise NoDetails
    return await errand.do_as_nobody(returned.partnership_id, _add_newcomer, returned, rule, who)


async def _add_newcomer(uow: UnitOfWork, returned: Returned, rule: JoiningRule, who: Newcomer) -> Known | None:
    await uow.value(queries.HOLD, issuer=returned.proven.issuer, subject=returned.proven.subject)
    if known := await identities.known(uow, returned.proven):
        return known
    if await uow.value(queries.OPEN_AGENCY, id=rule.agency_id) is None:
        return None
    if await uow.value(administration.EMAIL_TAKEN, email=who.email):
        return None
    user_id = await partnerships.add_user(uow, rule.agency_id, name=who.name, email=who.email, roles=rule.roles)
    uow.record("administration.user_added", subjects=[rule.agency_id, user_id], purpose="openid_rule")
    for role in rule.roles:
        uow.record("administration.role_given", subjects=[rule.agency_id, user_id], purpose=role)
    identity_id = identities.add(uow, user_id, rule.agency_id, returned)
    return Known(identity_id, user_id, rule.agency_id, who.email, stands=True, may_enter=True)


async def _ask_second(uow: UnitOfWork, known: Known, going: str) -> Second:
    has = await ways.of(uow, known.user_id)
    if has.passkeys or has.app:
        about = {"user_id": known.user_id, "identity_id": known.identity_id, "email": known.email, "going": going}
        return Second(await ceremonies.begin(uow, CeremonyKind.SECOND, about, MINUTES, user_id=known.user_id))
    token = await sign_in_links.make(uow, known.user_id, known.agency_id, LinkKind.INVITATION, INVITATION_LASTS)
    await uow.flush()
    link = await sign_in_links.find(uow, token)
    # What they set up now is beside the provider's word, and takes nothing away.
    opened = {"link": link.id, "vouched": True}
    key = await ceremonies.begin(uow, CeremonyKind.JOIN, opened, joining.MINUTES, user_id=known.user_id)
    return Second(key, to_set_up=True)


async def _begin(
    uow: UnitOfWork, identity_id: UUID, email: str, methods: list[Method], whence: Whence, lifetimes: Lifetimes
) -> SignedIn:
    if await uow.value(queries.USED, id=identity_id, user_id=uow.actor.user, now=uow.now) is None:
        raise Unauthenticated
    return await sign_in.begin(uow, email, methods, whence, lifetimes)


async def _count_and_look(
    uow: UnitOfWork, key: CeremonyKey, code: str
) -> tuple[Counted | Full, Looked, dict[str, Any]]:
    data = await ceremonies.look(uow, key, CeremonyKind.SECOND)
    user_id = UUID(data["user_id"])
    counted = await throttle.count(uow, throttle.digest(uow, Bucket.CONFIRMATION, f"second {user_id}"))
    row = await uow.row(proven_queries.BY_PERSON, user_id=user_id, digest=recovery_digest(code))
    looked = proofs.look(uow, row, code)
    if isinstance(counted, Full) and await throttle.is_new(uow, f"second {user_id}"):
        uow.record("sign_in.throttled", subjects=_of(looked), purpose=Method.OPENID)
    return counted, looked, data


async def _begin_second(
    uow: UnitOfWork,
    key: CeremonyKey,
    looked: Looked,
    counted: Counted,
    data: dict[str, Any],
    whence: Whence,
    lifetimes: Lifetimes,
) -> SignedIn:
    await ceremonies.finish(uow, key, CeremonyKind.SECOND)
    if not await _use_code(uow, looked):
        raise NotRight(asked_email=False)
    await throttle.give_back(uow, counted)
    methods = [Method.OPENID] if looked.step is not None else [Method.OPENID, Method.RECOVERY_CODE]
    return await _begin(uow, UUID(data["identity_id"]), data["email"], methods, whence, lifetimes)


async def _use_code(uow: UnitOfWork, looked: Looked) -> bool:
    told = {"user_id": uow.actor.user, "now": uow.now}
    if looked.step is not None:
        used = await uow.value(proven_queries.USE_STEP, id=looked.authenticator_id, step=looked.step, **told)
    else:
        used = await uow.value(proven_queries.USE_RECOVERY_CODE, id=looked.recovery_id, **told)
    return used is not None


async def _provider(uow: UnitOfWork, provider_id: UUID) -> tuple[Client, Trust]:
    row = await uow.row(queries.PROVIDER, id=provider_id)
    if row is None or row["ended_at"] is not None:
        raise NotFound("provider")
    return client_of(uow, row), trust_of(row)


async def _failed(uow: UnitOfWork, about: list[UUID], purpose: str) -> None:
    uow.record("sign_in.failed", subjects=about, purpose=purpose)


def _of(looked: Looked) -> list[UUID]:
    return [each for each in (looked.agency_id, looked.user_id) if each is not None]
