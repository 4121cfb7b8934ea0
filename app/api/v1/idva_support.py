"""An IDVA's support of one client: all of it, how the abuse changed, and its end."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.idva_support import IdvaSupport, SupportEnded
from app.api.v1.shapes.severity import SeverityRecorded
from app.domain.idva_support import SupportEnd
from app.domain.severity import SeverityForm
from app.services import idva_support, severity

router = APIRouter(prefix="/cases/{case_id}/idva-support", tags=["IDVA support"])


@router.get("", responses=answers(200, IdvaSupport, 404))
async def read_idva_support(desk: AtDesk, case_id: UUID) -> Response:
    """What was done for the client: how she can be reached, her words, dates, her plan, and how things changed."""
    return await desk.show(idva_support.read, case_id)


@router.post("/severity", status_code=201, responses=answers(201, SeverityRecorded, 404, 409, repeats=True))
async def record_severity(desk: AtDesk, case_id: UUID, told: SeverityForm) -> Response:
    """Record how severe each kind of abuse is now. Each record stays, so that before and after can be told."""
    return await desk.make(201, severity.record, case_id, told)


@router.post("/end", responses=answers(200, SupportEnded, 404, 409, 412, 428))
async def end_idva_support(desk: AtDesk, case_id: UUID, told: SupportEnd) -> Response:
    """End the support, with what had come about. The case goes on. Needs `If-Match`."""
    return await desk.show(idva_support.end, case_id, told, desk.version("support"))
