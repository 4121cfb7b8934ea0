"""Providers, as the partnership's administrator keeps them: who vouches for its people, and how far.

A provider's secret is sealed, and never shown again. Its issuer never changes: whom it means by a subject hangs on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db import openid as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.sign_in import openid_provider
from app.db.vault import Sealed
from app.domain.access import Verb
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound, Stale
from app.domain.openid import Client, OpenidError, issuer_from
from app.domain.providers import (
    BACK,
    ChangedProvider,
    FactorForm,
    NewProvider,
    RuleForm,
    SecondFactor,
    Trust,
    without_rule,
)
from app.services.errand import Do
from app.services.once import Document
from app.services.openid import Openid


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider without its secret."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    trust: Trust
    ended_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class AgencyName:
    """An agency to choose."""

    id: UUID
    name: str


async def listed(uow: UnitOfWork) -> list[Provider]:
    """Every provider there is or was, those in use first."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    uow.record("single_sign_on.read")
    return [_provider(row) for row in await uow.rows(queries.PROVIDERS)]


async def read(uow: UnitOfWork, provider_id: UUID) -> tuple[Provider, list[AgencyName]]:
    """One provider, and the agencies that its rules can name. Raises NotFound."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    found = _provider(await _row(uow, provider_id))
    uow.record("single_sign_on.read", subjects=[provider_id])
    return found, [AgencyName(row["id"], row["name"]) for row in await uow.rows(queries.AGENCIES)]


async def told_of_all(uow: UnitOfWork) -> Document:
    """The same as ``listed``, for programs."""
    return Document(to_json({"items": [_told(each) for each in await listed(uow)]}))


async def told_of(uow: UnitOfWork, provider_id: UUID) -> Document:
    """The same as ``read``, for programs."""
    found, _ = await read(uow, provider_id)
    return Document(to_json(_told(found)), found.version, f"/api/v1/identity-providers/{provider_id}")


async def kept(uow: UnitOfWork, told: NewProvider, issuer: str) -> Document:
    """``keep``, and what is then kept."""
    await keep(uow, told, issuer)
    return await _shown(uow, told.id)


async def changed(uow: UnitOfWork, provider_id: UUID, version: int | None, told: ChangedProvider) -> Document:
    """``change``, and what is then kept."""
    await change(uow, provider_id, version, told)
    return await _shown(uow, provider_id)


async def trusted(uow: UnitOfWork, provider_id: UUID, version: int | None, told: Trust) -> Document:
    """``trust``, and what is then kept."""
    await trust(uow, provider_id, version, told)
    return await _shown(uow, provider_id)


async def ended(uow: UnitOfWork, provider_id: UUID) -> Document:
    """``end``, and what is then kept."""
    await end(uow, provider_id)
    return await _shown(uow, provider_id)


async def add(do: Do, openid: Openid, now: datetime, told: NewProvider) -> None:
    """Add a provider, once it has shown that it can be used. Raises Invalid, which names what is wrong with it."""
    await do(keep, told, await check(do, openid, now, told))


async def check(do: Do, openid: Openid, now: datetime, told: NewProvider) -> str:
    """Ask a provider whether it can be used. Returns its issuer, for ``keep``. Raises Invalid, and what that raises."""
    await do(may_keep)
    try:
        issuer = issuer_from(told.issuer, loopback=openid.loopback)
        await openid.check(issuer, now)
    except OpenidError as error:
        raise Invalid([FieldProblem("/issuer", error.fault, error.message)], error.message) from None
    return issuer


async def may_keep(uow: UnitOfWork) -> None:
    """Raise Forbidden unless the actor keeps providers, and ConfirmFirst unless they have just shown who they are."""
    uow.actor.must(Verb.ADMIT)


async def change(uow: UnitOfWork, provider_id: UUID, version: int | None, told: ChangedProvider) -> None:
    """Change its name, or what we are called there. Raises NotFound, Conflict, Stale."""
    await _to_change(uow, provider_id, Verb.ADMIT)
    sealed = {}
    if told.client_secret is not None:
        kept = _seal(uow, provider_id, told.client_secret.get_secret_value())
        sealed = {"key_id": kept.key_id, "sealed": kept.data}
    await uow.change(openid_provider, provider_id, version, name=told.name, client_id=told.client_id.strip(), **sealed)
    uow.record("single_sign_on.provider_changed", subjects=[provider_id], purpose="client")


async def set_factors(uow: UnitOfWork, provider_id: UUID, told: FactorForm) -> None:
    """Say whether signing in there proves somebody by two factors. Raises Invalid, NotFound, Conflict, Stale."""
    await _trust(uow, provider_id, told.version, told.on, "second_factor")


async def add_rule(uow: UnitOfWork, provider_id: UUID, told: RuleForm) -> None:
    """Add a rule behind the others. Raises Invalid, NotFound, Conflict, Stale."""
    if told.agency_id not in {row["id"] for row in await uow.rows(queries.AGENCIES)}:
        raise Invalid([FieldProblem("/agency_id", "unknown", "Choose an agency of this partnership.")])
    await _trust(uow, provider_id, told.version, told.on, "rule_added")


async def end_rule(uow: UnitOfWork, provider_id: UUID, place: int, version: int) -> None:
    """Take a rule away. Whoever joined by it stays. Raises NotFound, Conflict, Stale."""
    verb = Verb.ADMINISTER_PARTNERSHIP
    await _trust(uow, provider_id, version, lambda trust: without_rule(trust, place), "rule_ended", verb)


async def trust(uow: UnitOfWork, provider_id: UUID, version: int | None, told: Trust) -> None:
    """Say anew whom it lets in, and how surely it proves them. Raises Invalid, NotFound, Conflict, Stale."""
    row = await _to_change(uow, provider_id, Verb.ADMIT)
    there = {each["id"] for each in await uow.rows(queries.AGENCIES)}
    # A rule may go on naming an agency that has left; it lets nobody in.
    there |= {rule.agency_id for rule in trust_of(row).rules}
    text = "Choose an agency of this partnership."
    unknown = [
        FieldProblem(f"/rules/{n}/agency_id", "unknown", text)
        for n, rule in enumerate(told.rules)
        if rule.agency_id not in there
    ]
    if told.second_factor is SecondFactor.WHEN_SAID and not (told.amr or told.acr):
        unknown.append(FieldProblem("/amr", "missing", "Name a method or level by which it says that two were used."))
    if unknown:
        raise Invalid(unknown)
    await uow.change(openid_provider, provider_id, version, rules=told.model_dump(mode="json"))
    uow.record("single_sign_on.provider_changed", subjects=[provider_id], purpose="trust")


async def end(uow: UnitOfWork, provider_id: UUID, version: int | None = None) -> None:
    """Nobody signs in by way of it any more. Raises NotFound, Conflict, Stale."""
    await _to_change(uow, provider_id, Verb.ADMINISTER_PARTNERSHIP)
    await uow.change(openid_provider, provider_id, version, ended_at=uow.now)
    uow.record("single_sign_on.provider_ended", subjects=[provider_id])


def trust_of(row: Any) -> Trust:
    """How far a provider is trusted, as it is kept."""
    return Trust.model_validate(row["rules"])


def client_of(uow: UnitOfWork, row: Any) -> Client:
    """Who we are at a provider. Raises SealBroken."""
    sealed = Sealed(row["key_id"], row["sealed"])
    secret = uow.vault.open(sealed, partnership_id=uow.actor.partnership_id, row_id=row["id"])
    return Client(row["issuer"], row["client_id"], secret.decode())


async def keep(uow: UnitOfWork, told: NewProvider, issuer: str) -> None:
    """Keep a provider that ``check`` has asked. Raises Conflict and Invalid when it is in the list already."""
    await may_keep(uow)
    if await uow.row(queries.PROVIDER, id=told.id) is not None:
        raise Conflict("This provider has been added already. See the list.")
    same = [row for row in await uow.rows(queries.PROVIDERS) if row["issuer"] == issuer and row["ended_at"] is None]
    if any(row["client_id"] == told.client_id for row in same):
        text = "This provider, with this client ID, is in the list already."
        raise Invalid([FieldProblem("/issuer", "twice", text)])
    sealed = _seal(uow, told.id, told.client_secret.get_secret_value())
    uow.add(
        openid_provider,
        id=told.id,
        name=told.name,
        issuer=issuer,
        client_id=told.client_id,
        key_id=sealed.key_id,
        sealed=sealed.data,
        rules=Trust().model_dump(mode="json"),
        created_at=uow.now,
        version=1,
    )
    uow.record("single_sign_on.provider_added", subjects=[told.id])


async def _trust(
    uow: UnitOfWork,
    provider_id: UUID,
    version: int,
    decide: Callable[[Trust], Trust],
    purpose: str,
    verb: Verb = Verb.ADMIT,
) -> None:
    row = await _to_change(uow, provider_id, verb)
    if row["version"] != version:
        raise Stale("provider")
    trust = decide(trust_of(row))
    await uow.change(openid_provider, provider_id, version, rules=trust.model_dump(mode="json"))
    uow.record("single_sign_on.provider_changed", subjects=[provider_id], purpose=purpose)


async def _to_change(uow: UnitOfWork, provider_id: UUID, verb: Verb) -> Any:
    uow.actor.must(verb)
    row = await _row(uow, provider_id)
    if row["ended_at"] is not None:
        raise Conflict("This provider has been switched off. Add it again to use it.")
    return row


async def _row(uow: UnitOfWork, provider_id: UUID) -> Any:
    row = await uow.row(queries.PROVIDER, id=provider_id)
    if row is None:
        raise NotFound("provider")
    return row


def _seal(uow: UnitOfWork, provider_id: UUID, secret: str) -> Sealed:
    return uow.vault.seal(secret.encode(), partnership_id=uow.actor.partnership_id, row_id=provider_id)


async def _shown(uow: UnitOfWork, provider_id: UUID) -> Document:
    await uow.flush()
    return await told_of(uow, provider_id)


def _told(found: Provider) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "issuer": found.issuer,
        "client_id": found.client_id,
        "comes_back_to": f"{BACK}/{found.id}",
        "trust": found.trust.model_dump(mode="json"),
        "ended_at": found.ended_at,
        "version": found.version,
    }


def _provider(row: Any) -> Provider:
    return Provider(
        id=row["id"],
        name=row["name"],
        issuer=row["issuer"],
        client_id=row["client_id"],
        trust=trust_of(row),
        ended_at=row["ended_at"],
        version=row["version"],
    )
