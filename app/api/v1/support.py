"""Support below high risk: offers to answer, and those that need another service."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.support import SupportOffer, SupportOfferPage
from app.domain.support import DeclineForm, OfferForm, OfferStatus
from app.services import support

router = APIRouter(tags=["Support"])


@router.get("/support-offers", responses=answers(200, SupportOfferPage))
async def list_support_offers(
    desk: AtDesk,
    status: OfferStatus | None = None,
    agency: Annotated[
        Literal["mine"] | None, Query(description="For a coordinator: only those to your own agency.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Offers to your agency, newest first. Coordinators see every agency's.

    Coordinators see a declined offer for as long as its case waits for another, so that nobody is dropped.
    """
    return await desk.show(support.listed, status=status, mine=agency == "mine", after=cursor, limit=limit)


@router.post(
    "/cases/{case_id}/support-offers", status_code=201, responses=answers(201, SupportOffer, 404, 409, repeats=True)
)
async def offer_support(desk: AtDesk, case_id: UUID, form: OfferForm) -> Response:
    """Offer a case to a support service: again after one declined, or besides another."""
    return await desk.make(201, support.offer, case_id, form)


@router.post("/support-offers/{offer_id}/accept", responses=answers(200, SupportOffer, 404, 409, 412, 428))
async def accept_support(desk: AtDesk, offer_id: UUID) -> Response:
    """Take the case on, for the agency that was asked. Needs `If-Match`."""
    return await desk.show(support.accept, offer_id, desk.version("offer of support"))


@router.post("/support-offers/{offer_id}/decline", responses=answers(200, SupportOffer, 404, 409, 412, 428))
async def decline_support(desk: AtDesk, offer_id: UUID, form: DeclineForm) -> Response:
    """Say why your agency cannot take the case on. It stays with the coordinator. Needs `If-Match`."""
    return await desk.show(support.decline, offer_id, form, desk.version("offer of support"))
