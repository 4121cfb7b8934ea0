"""The register of lawful bases: what an agency may choose today, and how a partnership's administrators keep it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db import lawful_bases as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.statements import Statement
from app.db.tables.disclosures import lawful_basis, sharing_agreement
from app.domain.access import Verb
from app.domain.clock import at_local, local_date
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.lawful_bases import (
    AgreementForm,
    EndForm,
    LawfulBasis,
    LawfulBasisForm,
    Purpose,
    Register,
    SharingAgreement,
    check_end,
    check_start,
)
from app.domain.standard_register import STANDARD_REGISTER
from app.services.once import Document

USED_OVER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an administrator keeps. times: by the id of an entry or an agreement; of none, it was never shared on."""

    today: date
    bases: tuple[LawfulBasis, ...]
    agreements: tuple[SharingAgreement, ...]
    times: Mapping[UUID, int]


def found_register(uow: UnitOfWork) -> None:
    """The register that a new partnership starts with. Run as the system."""
    for each in STANDARD_REGISTER:
        uow.add(
            lawful_basis,
            code=each.code,
            version=each.version,
            title=each.title,
            help=each.help,
            agency_kinds=list(each.kinds),
            proposed_for=list(each.proposed_for),
            article_6=each.article_6,
            article_9=each.article_9,
            article_10=each.article_10,
            power=each.power,
            effective_from=each.since,
            effective_until=each.until,
            created_at=uow.now,
        )


def add_agreement(
    uow: UnitOfWork, *, title: str, version: str, effective_from: date, effective_until: date | None = None
) -> UUID:
    """An agreement that the partners signed. Nobody's leave is asked: for set-up, and for services that have it."""
    return uow.add(
        sharing_agreement,
        title=title,
        version_name=version,
        effective_from=effective_from,
        effective_until=effective_until,
        created_at=uow.now,
    )


async def register_of(uow: UnitOfWork) -> Register:
    """What the actor's agency may choose today, and the agreements in force."""
    text = await uow.value(queries.REGISTER, today=local_date(uow.now), kind=uow.actor.agency_kind)
    return queries.register_from(text)


async def choosable(uow: UnitOfWork, purpose: Purpose | None) -> Document:
    """The entries that the actor's agency may choose today, the one proposed for the purpose marked and first."""
    uow.actor.must(Verb.LOOK_UP)
    register = await register_of(uow)
    proposed = register.proposed(purpose) if purpose else None
    items = [_shown(each) | {"proposed": each is proposed} for each in register.bases]
    items.sort(key=lambda each: not each["proposed"])
    return Document(to_json({"purpose": purpose, "agency_kind": uow.actor.agency_kind, "items": items}))


async def every_version(uow: UnitOfWork) -> Document:
    """The whole register with every version there was, for every kind of agency."""
    uow.actor.must(Verb.LOOK_UP)
    body: str = await uow.value(queries.EVERY_VERSION)
    return Document(b'{"items":%b}' % body.encode())


async def kept(uow: UnitOfWork) -> Kept:
    """The whole register and every agreement, with how often each was shared on in the last twelve months."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    today = local_date(uow.now)
    text: str = await uow.value(queries.KEPT, since=at_local(today - USED_OVER, time.min))
    uow.record("administration.register_read")
    found = orjson.loads(text)
    return Kept(
        today,
        tuple(LawfulBasis.model_validate(each) for each in found["bases"]),
        tuple(SharingAgreement.model_validate(each) for each in found["agreements"]),
        {UUID(each): times for each, times in found["times"].items()},
    )


async def add(uow: UnitOfWork, form: LawfulBasisForm) -> Document:
    """A new entry, or the next version of one: the version before it ends on the day on which this one begins."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    text = await uow.value(queries.LATEST, code=form.code)
    latest = LawfulBasis.model_validate_json(text) if text else None
    problems = check_start(form, latest, local_date(uow.now))
    if problems:
        raise Invalid(problems)
    version = latest.version + 1 if latest else 1
    if latest:
        await uow.value(queries.END, id=latest.id, on=form.effective_from)
    basis_id = uow.add(lawful_basis, **form.model_dump(), version=version, effective_until=None, created_at=uow.now)
    uow.record("administration.lawful_basis_added", purpose=f"{form.code} {version}")
    return await _one(uow, queries.ONE, basis_id)


async def end(uow: UnitOfWork, basis_id: UUID, form: EndForm) -> Document:
    """End an entry. What was shared on it stands, with its words as they were."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    text = await uow.value(queries.ONE, id=basis_id)
    if text is None:
        raise NotFound("lawful basis")
    basis = LawfulBasis.model_validate_json(text)
    if problems := check_end(form.on, basis.effective_from, local_date(uow.now)):
        raise Invalid(problems)
    if await uow.value(queries.END, id=basis_id, on=form.on) is None:
        raise Conflict("This has ended already, or ends before that day.")
    uow.record("administration.lawful_basis_ended", purpose=f"{basis.code} {basis.version}")
    return await _one(uow, queries.ONE, basis_id)


async def agreements(uow: UnitOfWork) -> Document:
    """Every agreement, the newest first."""
    uow.actor.must(Verb.LOOK_UP)
    body: str = await uow.value(queries.AGREEMENTS)
    return Document(b'{"items":%b}' % body.encode())


async def sign_agreement(uow: UnitOfWork, form: AgreementForm) -> Document:
    """Write down an agreement. From its first day it is the one that a disclosure names unless another is chosen."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    if form.effective_until is not None and form.effective_until < form.effective_from:
        text = "Give the day on which it begins, or a later one."
        raise Invalid([FieldProblem("/effective_until", "out_of_order", text)])
    agreement_id = add_agreement(uow, **form.model_dump())
    uow.record("administration.agreement_added")
    return await _one(uow, queries.AGREEMENT, agreement_id)


async def end_agreement(uow: UnitOfWork, agreement_id: UUID, form: EndForm) -> Document:
    """End an agreement. What was shared under it stands."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    text = await uow.value(queries.AGREEMENT, id=agreement_id)
    if text is None:
        raise NotFound("sharing agreement")
    agreement = SharingAgreement.model_validate_json(text)
    if problems := check_end(form.on, agreement.effective_from, local_date(uow.now)):
        raise Invalid(problems)
    if await uow.value(queries.END_AGREEMENT, id=agreement_id, on=form.on) is None:
        raise Conflict("This has ended already, or ends before that day.")
    uow.record("administration.agreement_ended")
    return await _one(uow, queries.AGREEMENT, agreement_id)


async def _one(uow: UnitOfWork, query: Statement, row_id: UUID) -> Document:
    await uow.flush()
    body: str = await uow.value(query, id=row_id)
    return Document(body.encode())


def _shown(basis: LawfulBasis) -> dict[str, Any]:
    return basis.model_dump(mode="json")
