"""Agencies: who takes part in the partnership, and locking one out in an emergency."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.agencies import AgenciesKept, AgencyKept
from app.domain.agencies import AgencyForm, LockOutForm, RenameForm
from app.services import agencies

router = APIRouter(prefix="/agencies", tags=["Agencies"])


@router.get("/kept", responses=answers(200, AgenciesKept))
async def list_agencies_kept(desk: AtDesk) -> Response:
    """Every agency there is or was, with those that are locked out and why. For the partnership's administrator."""
    return await desk.show(agencies.listed)


@router.post("", status_code=201, responses=answers(201, AgencyKept, 409))
async def add_agency(desk: AtDesk, agency: AgencyForm) -> Response:
    """An agency joins the partnership. It sits on no forum yet."""
    return await desk.make(201, agencies.add, agency)


@router.get("/{agency_id}", responses=answers(200, AgencyKept, 404))
async def read_agency(desk: AtDesk, agency_id: UUID) -> Response:
    """One agency, as its partnership keeps it."""
    return await desk.show(agencies.read, agency_id)


@router.post("/{agency_id}/rename", responses=answers(200, AgencyKept, 404, 409))
async def rename_agency(desk: AtDesk, agency_id: UUID, name: RenameForm) -> Response:
    """Call an agency something else. Its short name stays."""
    return await desk.make(200, agencies.rename, agency_id, name)


@router.post("/{agency_id}/suspend", responses=answers(200, AgencyKept, 404, 409))
async def suspend_agency(desk: AtDesk, agency_id: UUID, reason: LockOutForm) -> Response:
    """Lock an agency out: none of its people or systems is let in, from the moment that this is answered."""
    return await desk.make(200, agencies.suspend, agency_id, reason)


@router.post("/{agency_id}/restore", responses=answers(200, AgencyKept, 404, 409))
async def restore_agency(desk: AtDesk, agency_id: UUID) -> Response:
    """Let an agency in again. Its people sign in anew."""
    return await desk.make(200, agencies.restore, agency_id)


@router.post("/{agency_id}/end", responses=answers(200, AgencyKept, 404, 409))
async def end_agency(desk: AtDesk, agency_id: UUID) -> Response:
    """An agency leaves, for good: it is let in no more and sits on no forum. What it wrote stays."""
    return await desk.make(200, agencies.end, agency_id)
