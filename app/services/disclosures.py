"""The ledger: each sharing between agencies, and each decision not to share, on the basis that somebody chose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.session import UnitOfWork
from app.db.tables.disclosures import disclosure
from app.domain.disclosures import Act, Channel, Chosen, Item, Kind, Nature, Sharing, choose
from app.domain.lawful_bases import Purpose, Register
from app.services.lawful_bases import register_of


@dataclass(frozen=True, slots=True)
class Told:
    """What one case's entry says besides its basis: what was told, of whom, to whom.

    subjects: party ids; empty: everybody in the case. to_agencies: one's own among them is passed over. to_users: the
    people at those agencies, when it was told to some and not to the agency as such. source: the row that did it.
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


async def choose_basis(
    uow: UnitOfWork,
    told: Sharing | None,
    purpose: Purpose,
    *,
    nature: Nature | None = None,
    pointer: str = "/sharing",
    register: Register | None = None,
) -> Chosen:
    """Hold what was said of a sharing against the register of this agency on this day.

    Raises Invalid, naming what may be chosen, when something lacks. ``register``: if a statement has loaded it already;
    else this is one more. ``nature``: known from what is shared, so that nobody need say it.
    """
    return choose(told, register or await register_of(uow), purpose=purpose, nature=nature, pointer=pointer)


def record_share(
    uow: UnitOfWork, chosen: Chosen, told: Told, *, act: Act, channel: Channel = Channel.ROUNDTABLE
) -> UUID | None:
    """Write one case's entry and its line in the trail. None, and nothing written, when nobody new hears of it:
    telling one's own agency is no disclosure."""
    agencies = _others(uow, told.to_agencies)
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


def record_shares(
    uow: UnitOfWork, chosen: Chosen, each_case: Iterable[Told], *, act: Act, channel: Channel = Channel.ROUNDTABLE
) -> list[UUID | None]:
    """As ``record_share``, for many cases on one choice: an agenda that is published tells of each case on it."""
    return [record_share(uow, chosen, told, act=act, channel=channel) for told in each_case]


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
    to_outside: str | None = None,
    subjects: Sequence[UUID] = (),
    channel: Channel = Channel.ROUNDTABLE,
    detail: str | None = None,
    nature: Nature | None = None,
    pointer: str = "/sharing",
    register: Register | None = None,
) -> UUID | None:
    """Choose the basis and write the entry: see ``choose_basis`` and ``record_share``.

    When only one's own agency hears of it, nothing is asked for and nothing written.
    """
    if not _others(uow, to_agencies) and to_outside is None:
        return None
    chosen = await choose_basis(uow, told, purpose, nature=nature, pointer=pointer, register=register)
    what = Told(case_id, to_agencies, items, to_users, to_outside, subjects, source, detail)
    return record_share(uow, chosen, what, act=act, channel=channel)


def withhold(
    uow: UnitOfWork,
    told: Told,
    *,
    act: Act,
    purpose: Purpose,
    because: str,
    sharing: Sharing | None = None,
    chosen: Chosen | None = None,
) -> UUID:
    """Write down that this agency does not share something, and why. No other agency learns of it.

    So the trail's line names no case: other agencies read the case's part of the trail. ``chosen``: the basis that was
    weighed, if one was.
    """
    said = sharing or (chosen.told if chosen else Sharing())
    row_id = _add(
        uow,
        told,
        kind=Kind.WITHHELD,
        act=act,
        channel=Channel.ROUNDTABLE,
        to_agencies=_others(uow, told.to_agencies),
        purpose=purpose,
        basis_id=chosen.basis.id if chosen else None,
        basis=chosen.basis.snapshot() if chosen else {},
        agreement_id=chosen.agreement.id if chosen and chosen.agreement else None,
        necessity=said.necessity,
        proportionality=said.proportionality,
        awareness=said.awareness,
        nature=said.nature,
        onward=None,
        because=because,
    )
    uow.record("information.withheld", subjects=[row_id], purpose=act)
    return row_id


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
        from_agency_id=uow.actor.agency,
        from_user_id=uow.actor.user,
        to_users=list(told.to_users),
        to_outside=told.to_outside,
        corrects=told.corrects,
        at=told.at or uow.now,
        **columns,
    )
