"""Restricted cases: they exist for the people on their list, and for nobody else."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.restrictions import Restriction, RestrictionLifted
from app.domain.exclusions import LiftForm, NamedForm, RestrictionForm
from app.services import restrictions

router = APIRouter(prefix="/cases/{case_id}/restriction", tags=["Restricted cases"])


@router.post("", status_code=201, responses=answers(201, Restriction, 404, 409))
async def restrict_case(desk: AtDesk, case_id: UUID, form: RestrictionForm) -> Response:
    """Open a case to the people you name only, at once. You are on the list; for everybody else it stops existing."""
    return await desk.make(201, restrictions.restrict, case_id, form)


@router.get("", responses=answers(200, Restriction, 404))
async def read_restriction(desk: AtDesk, case_id: UUID) -> Response:
    """Why a case you see is restricted, and who else is on its list. 404 when it is not restricted."""
    return await desk.show(restrictions.read, case_id)


@router.put("/names", responses=answers(200, Restriction, 404, 412, 428))
async def rename_restriction(desk: AtDesk, case_id: UUID, form: NamedForm) -> Response:
    """Replace the list of a restricted case. At least one person on it must be able to change it. Needs `If-Match`."""
    return await desk.show(restrictions.rename, case_id, form, desk.version("restriction"))


@router.post("/lift", responses=answers(200, RestrictionLifted, 404, 412, 428))
async def lift_restriction(desk: AtDesk, case_id: UUID, form: LiftForm) -> Response:
    """End a restriction: whatever opened the case before, and since, opens it again. Needs `If-Match`."""
    return await desk.show(restrictions.lift, case_id, form, desk.version("restriction"))
