"""How a client can be reached."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.safe_times import SafeTimesSet
from app.domain.safe_times import SafeTimes
from app.services import safe_times

router = APIRouter(prefix="/cases/{case_id}/safe-times", tags=["IDVA support"])


@router.put("", responses=answers(200, SafeTimesSet, 404, 409, 412, 428))
async def set_safe_times(desk: AtDesk, case_id: UUID, told: SafeTimes) -> Response:
    """Say how she can be reached from now on, in place of what was said before. Words only: no number, no address.

    Needs `If-Match` with the `safe_times_version` of `GET /cases/{case_id}/idva-support`.
    """
    return await desk.show(safe_times.set_, case_id, told, desk.version("safe times"))
