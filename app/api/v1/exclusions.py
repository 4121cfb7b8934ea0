"""Conflicts of interest: declared by oneself, or recorded by those who keep people apart."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.exclusions import ConflictDeclared, Exclusion, Exclusions
from app.domain.exclusions import ConflictForm, ExclusionForm
from app.services import exclusions

router = APIRouter(prefix="/cases/{case_id}", tags=["Conflicts of interest"])


@router.post("/conflicts", status_code=201, responses=answers(201, ConflictDeclared, 404, 409))
async def declare_conflict(desk: AtDesk, case_id: UUID, form: ConflictForm) -> Response:
    """Declare your own conflict of interest. From your next request on, the case does not exist for you, and you
    cannot undo it."""
    return await desk.make(201, exclusions.declare, case_id, form)


@router.get("/exclusions", responses=answers(200, Exclusions, 404))
async def list_exclusions(desk: AtDesk, case_id: UUID) -> Response:
    """Who is, or was, kept from a case: for coordinators and chairs who see it."""
    return await desk.show(exclusions.listed, case_id)


@router.post("/exclusions", status_code=201, responses=answers(201, Exclusion, 404, 409))
async def record_exclusion(desk: AtDesk, case_id: UUID, form: ExclusionForm) -> Response:
    """Keep somebody else from a case, whatever opens it to them. They are not told, and cannot find out."""
    return await desk.make(201, exclusions.record, case_id, form)


@router.post("/exclusions/{exclusion_id}/end", responses=answers(200, Exclusion, 404, 409, 412, 428))
async def end_exclusion(desk: AtDesk, case_id: UUID, exclusion_id: UUID) -> Response:
    """Let somebody see the case again, if anything opens it to them. Needs `If-Match`."""
    return await desk.show(exclusions.end, case_id, exclusion_id, desk.version("exclusion"))
