"""Disclosures: the ledger of what was shared, with whom, why and on what lawful basis; and of what was not."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.disclosures import DisclosurePage, DisclosureShape, PersonDisclosures
from app.domain.disclosures import DisclosureForm, Kind
from app.domain.referrals import PersonReference
from app.services import disclosures

router = APIRouter(tags=["Disclosures"])

_PDF = "application/pdf"
_A_PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {_PDF: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post("/cases/{case_id}/disclosures", status_code=201, responses=answers(201, DisclosureShape, 404, 409))
async def record_disclosure(desk: AtDesk, case_id: UUID, form: DisclosureForm) -> Response:
    """Write down what your agency told somebody by phone, e-mail, on paper or in person; or decided not to tell.

    A decision not to share is seen by your own agency and the information-governance auditors alone. No entry can be
    changed: one that is wrong is put right by another, which names it in `corrects`.
    """
    return await desk.make(201, disclosures.record, case_id, form)


@router.get("/cases/{case_id}/disclosures", responses=answers(200, DisclosurePage, 404))
async def list_disclosures_of_case(desk: AtDesk, case_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """What was shared from a case, newest first; and what your own agency decided not to share."""
    return await desk.show(disclosures.of_case, case_id, after=cursor, limit=limit)


@router.get("/disclosures", responses=answers(200, DisclosurePage))
async def list_disclosures(
    desk: AtDesk,
    case: Annotated[UUID | None, Query(description="Only of this case.")] = None,
    kind: Annotated[Kind | None, Query(description="Only what was shared, or only what was not.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What your agency told others, newest first; for an information-governance auditor, what every agency told."""
    return await desk.show(disclosures.listed, case_id=case, kind=kind, after=cursor, limit=limit)


@router.get("/people/{person_reference}/disclosures", responses=answers(200, PersonDisclosures, 404))
async def list_disclosures_about_person(
    desk: AtDesk, person_reference: PersonReference, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """What was shared about somebody, with whom and on what basis, in every case in which you know them."""
    return await desk.show(disclosures.about_person, person_reference, after=cursor, limit=limit)


@router.get(
    "/people/{person_reference}/disclosures.pdf",
    response_class=Response,
    responses={**answers(200, None, 404), **_A_PDF},
)
async def print_disclosures_about_person(desk: AtDesk, person_reference: PersonReference) -> Response:
    """What was shared about somebody as a page to print: who told whom what, when, for what and on what basis.

    It holds no address and none of the words that were shared. What your agency decided not to share is not on it.
    """
    sheet = await desk.do(disclosures.sheet, person_reference)
    # Loaded with the first page: the typesetter takes 20 MB that most processes never need.
    from app.exports.sharing_page import sharing_page

    made = await asyncio.to_thread(sharing_page, sheet)
    headers = {"Content-Disposition": f'attachment; filename="sharing-{person_reference}.pdf"'}
    return Response(made, headers=headers, media_type=_PDF)
