"""Whoever a case is opened to is told of it, and each telling is in the ledger, on a basis that somebody chose.

The unit of work gathers every grant that opens a case to another agency, and does not end while nobody has said on what
basis that was done.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.db import audience as queries
from app.db.session import UnitOfWork
from app.domain.access import GrantReason
from app.domain.audience import Audience
from app.domain.disclosures import Act, Item, Nature, Sharing
from app.domain.lawful_bases import Purpose, Register
from app.services import disclosures
from app.services.disclosures import Told

# Whoever sees a case sees all of it but where people can be found.
_OPENED = (Item.CASE,)
_PURPOSES = {
    Act.LISTED: Purpose.PLAN,
    Act.ACTION: Purpose.PLAN,
    Act.IDVA_ALLOCATED: Purpose.SUPPORT,
    Act.SUPPORT_OFFERED: Purpose.SUPPORT,
    Act.NAMED: Purpose.PROTECT,
}


async def share_opened(
    uow: UnitOfWork,
    case_id: UUID,
    told: Sharing | None,
    *,
    act: Act,
    source: UUID | None,
    register: Register | None = None,
) -> None:
    """Enter in the ledger whom this unit of work opened a case to. Raises Invalid when somebody new needs a basis.

    When all of them saw it already, nothing is asked for and nothing written. Call it before any grant is ended.
    """
    made = uow.opened.get(case_id, ())
    if not made:
        return
    # Those who act, even if no grant is flushed yet, see the case by one that they had before.
    row = await uow.one(queries.BEFORE, case_id=case_id, made=[each["id"] for each in made])
    new = opened(uow, case_id, restricted=row["restricted"]).without(from_row(row))
    await disclosures.share(
        uow,
        case_id,
        told,
        act=act,
        source=source,
        to_agencies=new.agencies(uow.actor.agency),
        to_users=new.users(uow.actor.agency),
        items=_OPENED,
        purpose=_PURPOSES[act],
        nature=Nature.BOTH,
        register=register,
    )


def opened(uow: UnitOfWork, case_id: UUID, *, restricted: bool = False) -> Audience:
    """Other agencies and their people to whom this unit of work opened a case, whether or not they saw it before.

    The caller answers for telling the ledger. ``restricted``: only who is named gets to know of it.
    """
    made = uow.opened.pop(case_id, [])
    return of_grants(each for each in made if not restricted or each["reason"] == GrantReason.NAMED)


def of_grants(rows: Iterable[Mapping[str, Any]]) -> Audience:
    """To whom these grants open a case."""
    rows = list(rows)
    return Audience(
        frozenset(each["agency_id"] for each in rows if each["user_id"] is None),
        {each["user_id"]: each["agency_id"] for each in rows if each["user_id"] is not None},
    )


async def of_cases(uow: UnitOfWork, cases: Sequence[UUID]) -> dict[UUID, Audience]:
    """To whom each of these cases is open at this moment, of those that the actor sees."""
    await uow.flush()
    return {row["case_id"]: from_row(row) for row in await uow.rows(queries.OF_CASES, cases=list(cases))}


async def share_with_all(
    uow: UnitOfWork,
    sources: Mapping[UUID, UUID],
    told: Sharing | None,
    *,
    act: Act,
    items: Sequence[Item],
    purpose: Purpose,
    nature: Nature,
) -> dict[UUID, Audience]:
    """Enter, for each case, that everybody who sees it is told something new. ``sources``: by case, what tells it.

    One look at who sees them, one choice of a basis, however many cases. Where only one's own agency sees a case, no
    basis is asked for. Returns who sees each.
    """
    own = uow.actor.agency
    seen = await of_cases(uow, list(sources))
    tellings = [
        Told(case_id, found.agencies(own), items, to_users=found.users(own), source=sources[case_id])
        for case_id, found in seen.items()
        if found.agencies(own)
    ]
    if tellings:
        chosen = await disclosures.choose_basis(uow, told, purpose, nature=nature)
        disclosures.record_shares(uow, chosen, tellings, act=act)
    return seen


def from_row(row: Any) -> Audience:
    """Who sees a case, as a statement with ``DESKS`` and ``PEOPLE`` says it."""
    return Audience(frozenset(row["desks"]), dict(zip(row["users"], row["agencies_of"], strict=True)))
