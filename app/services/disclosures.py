"""The ledger: each sharing between agencies, and each decision not to share, on the basis that somebody chose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.db import disclosures as queries
from app.db.json import to_json
from app.db.lawful_bases import register_from
from app.db.session import UnitOfWork
from app.db.tables.disclosures import disclosure
from app.domain.access import Verb
from app.domain.agendas import Recipient
from app.domain.clock import local_date
from app.domain.disclosures import (
    Act,
    Channel,
    Chosen,
    DisclosureForm,
    Item,
    Kind,
    Nature,
    Sharing,
    check_considered,
    check_disclosure,
    check_sharing,
    choose,
)
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.lawful_bases import LawfulBasis, Purpose, Register
from app.domain.sharing_sheet import MOST_ENTRIES, SharingSheet, SheetEntry
from app.services import authority
from app.services.lawful_bases import register_of
from app.services.once import Document


@dataclass(frozen=True, slots=True)
class Told:
    """What one case's entry says besides its basis: what was told, of whom, to whom.

    subjects: party ids; empty: everybody in the case. to_agencies: one's own among them is passed over. to_users: the
    people at those agencies, when it was told to some and not to the agency as such. source: the row that did it.
    from_agency: whose it was, when the actor's own agency is the one that takes it: where people can be found, or a
    case in an emergency.
    """

    case_id: UUID
    to_agencies: Sequence[UUID]
    items: Sequence[Item]
    to_users: Sequence[UUID] = ()
    to_outside: str | None = None
    subjects: Sequence[UUID] = ()
    source: UUID | None = None
    detail: str | None = None
    corrects: UUID | None = None
    at: datetime | None = None
    from_agency: UUID | None = None


async def choose_basis(
    uow: UnitOfWork,
    told: Sharing | None,
    purpose: Purpose,
    *,
    nature: Nature | None = None,
    register: Register | None = None,
) -> Chosen:
    """Hold what was said of a sharing against the register of this agency on this day.

    Raises Invalid, naming what may be chosen, when something lacks. ``register``: if a statement has loaded it already;
    else this is one more. ``nature``: known from what is shared, so that nobody need say it.
    """
    return choose(told, register or await register_of(uow), purpose=purpose, nature=nature)


def record_share(
    uow: UnitOfWork, chosen: Chosen, told: Told, *, act: Act, channel: Channel = Channel.ROUNDTABLE
) -> UUID | None:
    """Write one case's entry and its line in the trail. None, and nothing written, when nobody new hears of it:
    telling one's own agency is no disclosure."""
    agencies = list(told.to_agencies) if told.from_agency else _others(uow, told.to_agencies)
    if not agencies and told.to_outside is None:
        return None
    said = chosen.told
    row_id = _add(
        uow,
        told,
        kind=Kind.SHARED,
        act=act,
        channel=channel,
        to_agencies=agencies,
        purpose=chosen.purpose,
        basis_id=chosen.basis.id,
        basis=chosen.basis.snapshot(),
        agreement_id=chosen.agreement.id if chosen.agreement else None,
        necessity=said.necessity,
        proportionality=said.proportionality,
        awareness=said.awareness,
        nature=chosen.nature,
        onward=said.onward,
        because=None,
    )
    uow.record("information.shared", case_id=told.case_id, subjects=[row_id], purpose=act)
    return row_id


def record_shares(uow: UnitOfWork, chosen: Chosen, each_case: Iterable[Told], *, act: Act) -> list[UUID | None]:
    """As ``record_share``, for many cases on one choice: an agenda that is published tells of each case on it."""
    return [record_share(uow, chosen, told, act=act) for told in each_case]


async def share(
    uow: UnitOfWork,
    case_id: UUID,
    told: Sharing | None,
    *,
    act: Act,
    source: UUID | None,
    to_agencies: Sequence[UUID],
    items: Sequence[Item],
    purpose: Purpose,
    to_users: Sequence[UUID] = (),
    nature: Nature | None = None,
    register: Register | None = None,
) -> UUID | None:
    """Choose the basis and write the entry: see ``choose_basis`` and ``record_share``.

    When only one's own agency hears of it, nothing is asked for and nothing written.
    """
    if not _others(uow, to_agencies):
        return None
    chosen = await choose_basis(uow, told, purpose, nature=nature, register=register)
    what = Told(case_id, to_agencies, items, to_users, source=source)
    return record_share(uow, chosen, what, act=act)


def withhold(
    uow: UnitOfWork,
    told: Told,
    *,
    act: Act,
    purpose: Purpose,
    because: str,
    sharing: Sharing | None = None,
    basis: LawfulBasis | None = None,
) -> UUID:
    """Write down that this agency does not share something, and why. No other agency learns of it.

    So the trail's line names no case: other agencies read the case's part of the trail. ``basis``: what was weighed,
    if anything was.
    """
    said = sharing or Sharing()
    row_id = _add(
        uow,
        told,
        kind=Kind.WITHHELD,
        act=act,
        channel=Channel.ROUNDTABLE,
        to_agencies=_others(uow, told.to_agencies),
        purpose=purpose,
        basis_id=basis.id if basis else None,
        basis=basis.snapshot() if basis else {},
        agreement_id=None,
        necessity=said.necessity,
        proportionality=said.proportionality,
        awareness=said.awareness,
        nature=said.nature,
        onward=None,
        because=because,
    )
    uow.record("information.withheld", subjects=[row_id], purpose=act)
    return row_id


async def record(uow: UnitOfWork, case_id: UUID, form: DisclosureForm) -> Document:
    """Write down what was told outside Roundtable, or that it was not told. Entries are never changed: one that is
    wrong is put right by another, which names it."""
    await authority.must(uow, Verb.SHARE, case_id)
    known = await uow.one(
        queries.TO_RECORD,
        case_id=case_id,
        today=local_date(uow.now),
        kind=uow.actor.agency_kind,
        corrects=form.corrects,
        agency=uow.actor.agency,
        kind_of_entry=form.kind,
    )
    parties, register = known["parties"] or [], register_from(known["register"])
    agencies = known["agencies"] or ()
    problems = check_disclosure(form, own=uow.actor.agency, agencies=agencies, parties=parties, now=uow.now)
    if form.kind is Kind.SHARED:
        problems += check_sharing(form.sharing, register, purpose=form.purpose)
    elif form.sharing is not None:
        problems += check_considered(form.sharing, register, form.purpose)
    if form.corrects is not None and not known["correctable"]:
        # A sharing that named a decision not to share would tell others that there was one.
        text = "Your agency has no entry of this kind with this id in this case. Leave it out for a new entry."
        problems += (FieldProblem("/corrects", "unknown", text),)
    if problems:
        raise Invalid(problems)
    if known["corrected"]:
        raise Conflict("This entry has been put right already. Correct the entry that did it.")
    told = Told(
        case_id,
        form.to_agencies,
        form.items,
        to_outside=form.to_outside,
        subjects=list(dict.fromkeys(form.subjects)) or parties,
        detail=form.detail,
        corrects=form.corrects,
        at=form.at,
    )
    if form.kind is Kind.SHARED:
        chosen = choose(form.sharing, register, purpose=form.purpose)
        row_id = record_share(uow, chosen, told, act=Act.BY_HAND, channel=form.channel or Channel.IN_PERSON)
    else:
        weighed = register.find(form.sharing.basis) if form.sharing and form.sharing.basis else None
        row_id = withhold(
            uow,
            told,
            act=Act.BY_HAND,
            purpose=form.purpose,
            because=form.because or "",
            sharing=form.sharing,
            basis=weighed,
        )
    await uow.flush()
    body: str = await uow.value(queries.ONE, id=row_id)
    return Document(body.encode(), location=f"/api/v1/cases/{case_id}/disclosures", case_id=case_id)


async def of_case(uow: UnitOfWork, case_id: UUID, *, after: UUID | None, limit: int) -> Document:
    """What was shared from a case, newest first; and what one's own agency decided not to share."""
    uow.actor.must(Verb.READ)
    row = await uow.row(queries.OF_CASE, id=case_id, after=after, limit=limit)
    if row is None:
        raise NotFound("case")
    uow.record("disclosures.read", case_id=case_id)
    return _page(row["body"], row["ids"] or [], limit)


async def listed(
    uow: UnitOfWork, *, case_id: UUID | None, kind: Kind | None, after: UUID | None, limit: int
) -> Document:
    """What one's own agency told others, newest first; for the auditor, what every agency told."""
    _must_read(uow)
    everyone = uow.actor.may(Verb.AUDIT)
    page = {"kind": kind, "after": after, "limit": limit}
    agency = None if everyone else uow.actor.agency
    if case_id is not None:
        row = await uow.one(queries.IN_CASE, case_id=case_id, agency=agency, **page)
    elif agency is not None:
        row = await uow.one(queries.OUTGOING, agency=agency, **page)
    else:
        row = await uow.one(queries.EVERY, **page)
    uow.record("disclosures.listed", subjects=row["cases"] or [])
    return _page(row["body"], row["ids"] or [], limit)


async def about_person(uow: UnitOfWork, reference: str, *, after: UUID | None, limit: int) -> Document:
    """What was shared about somebody, in every case in which the actor knows them, newest first.

    The auditor is told of every sharing, and not of the name.
    """
    _must_read(uow)
    row = await uow.row(queries.OF_PERSON, reference=reference, after=after, limit=limit)
    if row is None or not row["parties"]:
        raise NotFound("person")
    uow.record("disclosures.read_of_person", subjects=row["cases"] or [])
    page = _page(row["body"], row["ids"] or [], limit)
    person = to_json({"person_reference": reference, "name": row["name"]})
    return Document(b'{"person":%b,%b' % (person, page.body[1:]), next_cursor=page.next_cursor)


async def sheet(uow: UnitOfWork, reference: str) -> SharingSheet:
    """What is printed of it: one person's sharings, the newest first. The reading is recorded before a page exists."""
    _must_read(uow)
    row = await uow.row(queries.SHEET, reference=reference, limit=MOST_ENTRIES + 1)
    if row is None or not row["parties"]:
        raise NotFound("person")
    uow.record("disclosures.printed", subjects=row["cases"] or [])
    entries = [SheetEntry.model_validate(each) for each in orjson.loads(row["body"])]
    partnership = orjson.loads(row["partnership"])
    return SharingSheet(
        person=row["name"],
        person_reference=reference,
        partnership=partnership["name"],
        marking=partnership["marking"],
        entries=tuple(entries[:MOST_ENTRIES]),
        more=len(entries) > MOST_ENTRIES,
        recipient=Recipient(name=uow.actor.name, agency=uow.actor.agency_name),
        at=uow.now,
    )


def _must_read(uow: UnitOfWork) -> None:
    if not uow.actor.may(Verb.AUDIT):
        uow.actor.must(Verb.READ)


def _page(body: str, ids: Sequence[UUID], limit: int) -> Document:
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (body.encode(), to_json(more)), next_cursor=more)


def _others(uow: UnitOfWork, agencies: Sequence[UUID]) -> list[UUID]:
    return [each for each in dict.fromkeys(agencies) if each != uow.actor.agency_id]


def _add(uow: UnitOfWork, told: Told, **columns: Any) -> UUID:
    return uow.add(
        disclosure,
        case_id=told.case_id,
        source_id=told.source,
        subjects=list(told.subjects),
        items=list(told.items),
        detail=told.detail,
        from_agency_id=told.from_agency or uow.actor.agency,
        from_user_id=uow.actor.user,
        to_users=list(told.to_users),
        to_outside=told.to_outside,
        corrects=told.corrects,
        at=told.at or uow.now,
        **columns,
    )
