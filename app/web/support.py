"""Requests for support: which families a service was asked to take on, and which still wait for an answer."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.support import OfferStatus
from app.services import support
from app.web import case_words
from app.web.visit import AtVisit

router = APIRouter(prefix="/support")

_PAGE: Final = 25
STATUSES: Final = {
    OfferStatus.OFFERED: "To answer",
    OfferStatus.ACCEPTED: "Taken on",
    OfferStatus.DECLINED: "Declined",
}


@router.get("")
async def everything(visit: AtVisit, status: str = "", cursor: str = "") -> Response:
    """What one's own agency was asked; they are answered on the case's page."""
    chosen = OfferStatus(status) if status in list(OfferStatus) else OfferStatus.OFFERED
    found = await visit.read(support.listed, status=chosen, mine=True, after=_place(cursor), limit=_PAGE)
    return visit.page(
        "support/list.html",
        offers=found.value["items"],
        after=found.next_cursor,
        chosen=chosen,
        STATUSES=STATUSES,
        words=case_words,
    )


def _place(cursor: str) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        return None
