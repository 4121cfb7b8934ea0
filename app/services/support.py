"""Support below high risk: an offer is accepted, or declined with a reason and offered again. Nobody is dropped."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.db import support as queries
from app.db.json import to_json
from app.db.partnerships import load_facts
from app.db.session import UnitOfWork
from app.db.tables.cases import case_file
from app.db.tables.referrals import support_offer
from app.domain.access import GrantReason, Verb
from app.domain.clock import add_working_days, local_date
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Stale
from app.domain.lifecycle import State
from app.domain.routing import SupportRoute
from app.domain.support import STANDING, DeclineForm, OfferForm, OfferStatus
from app.risk.grading import Level
from app.risk.reasons import Reason
from app.services import authority, grants, listing
from app.services.cases import share_place
from app.services.once import Document


async def listed(
    uow: UnitOfWork, *, status: OfferStatus | None, mine: bool, after: UUID | None, limit: int
) -> Document:
    """Offers to the actor's agency, newest first; to every agency, for those who find support for cases.

    They see a declined offer for as long as its case waits for another.
    """
    uow.actor.must(Verb.READ)
    everyones = uow.actor.may(Verb.MANAGE_CASE) and not mine
    row = await uow.one(
        queries.LIST,
        agency=None if everyones else uow.actor.agency,
        statuses=[status] if status else list(OfferStatus),
        unmet=everyones,
        standing=sorted(STANDING),
        after=after,
        limit=limit,
        today=local_date(uow.now),
    )
    uow.record("support.listed", subjects=sorted(set(row["cases"] or ())))
    ids = row["ids"] or []
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


async def offer(uow: UnitOfWork, case_id: UUID, form: OfferForm) -> Document:
    """Offer a case to a support service, again or besides."""
    await authority.must(uow, Verb.MANAGE_CASE, case_id)
    row = await uow.row(queries.CASE_TO_OFFER, case_id=case_id, agency=form.agency_id)
    if row is None:
        raise NotFound("case")
    if row["state"] == State.CLOSED:
        raise Conflict("This case is closed. Refer it again before you offer it to a service.")
    if form.agency_id is not None and not row["has_agency"]:
        raise Invalid([FieldProblem("/agency_id", "unknown", "There is no such agency. Check the id.")])
    facts = await load_facts(uow)
    rules = facts.routing
    days = rules.standard_accept_days if row["level"] == Level.STANDARD else rules.medium_accept_days
    why = Reason("route.support_chosen", rules.version, "The service was chosen by the person who offered the case.")
    way = SupportRoute(form.service, add_working_days(local_date(uow.now), days), (why,))
    agency_id = listing.agency_for(form.service, facts, uow.actor.agency, form.agency_id)
    await grants.must_reach(uow, case_id, agency_id=agency_id)
    asked = {"case_id": case_id, "service": form.service, "agency": agency_id, "standing": sorted(STANDING)}
    if await uow.value(queries.STANDING, **asked):
        raise Conflict("This service already has this case, or has been asked. Choose another service or agency.")
    place = listing.offer_support(uow, case_id, way, facts, agency_id=agency_id)
    assert place.offer_id is not None  # noqa: S101  # an offer was made
    await share_place(uow, case_id, form.sharing, place, facts)
    uow.event(case_id, "support.offered", place.as_data(), [asdict(why)])
    await uow.change(case_file, case_id, updated_at=uow.now)
    return await _shown(uow, place.offer_id)


async def accept(uow: UnitOfWork, offer_id: UUID, version: int | None) -> Document:
    """Take the case on, for the agency that was asked."""
    row = await _to_answer(uow, offer_id, version)
    await _answer(uow, row, OfferStatus.ACCEPTED, None)
    return await _shown(uow, offer_id)


async def decline(uow: UnitOfWork, offer_id: UUID, form: DeclineForm, version: int | None) -> Document:
    """Say why the agency cannot take the case on. It stays with the coordinator, and closes to this agency."""
    row = await _to_answer(uow, offer_id, version)
    await _answer(uow, row, OfferStatus.DECLINED, form.reason)
    document = await _shown(uow, offer_id)
    await grants.end(uow, row["case_id"], GrantReason.OFFERED_SUPPORT, source=offer_id)
    return document


async def _to_answer(uow: UnitOfWork, offer_id: UUID, version: int | None) -> Any:
    uow.actor.must(Verb.ANSWER_SUPPORT)
    row = await uow.row(queries.TO_ANSWER, id=offer_id)
    if row is None:
        raise NotFound("offer of support")
    await authority.must(uow, Verb.ANSWER_SUPPORT, row["case_id"], noun="offer of support")
    if row["agency_id"] != uow.actor.agency:
        raise Forbidden("Only the agency that was asked can answer this offer.")
    if version is not None and version != row["version"]:
        raise Stale("offer of support")
    if row["status"] != OfferStatus.OFFERED:
        raise Conflict(f"This offer has been {row['status']} already.")
    return row


async def _answer(uow: UnitOfWork, row: Any, status: OfferStatus, reason: str | None) -> None:
    data = {"support_offer_id": str(row["id"]), "service": row["service"], "agency": uow.actor.agency_name}
    uow.event(row["case_id"], f"support.{status}", data | ({"reason": reason} if reason else {}))
    await uow.change(
        support_offer,
        row["id"],
        status=status,
        reason=reason,
        answered_at=uow.now,
        answered_by=uow.actor.user,
    )


async def _shown(uow: UnitOfWork, offer_id: UUID) -> Document:
    await uow.flush()
    row = await uow.one(queries.READ, id=offer_id, today=local_date(uow.now))
    return Document(row["body"].encode(), row["version"], case_id=row["case_id"])
