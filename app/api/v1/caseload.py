"""An IDVA's caseload."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.caseload import Caseload
from app.services import caseload

router = APIRouter(prefix="/caseload", tags=["IDVA support"])


@router.get("", responses=answers(200, Caseload))
async def read_caseload(
    desk: AtDesk,
    whose: Annotated[Literal["mine", "service"], Query(description="Your own clients, or your service's.")] = "mine",
) -> Response:
    """Whom you support, and why each is to be looked at today: first contact, a window to call, actions, dates."""
    return await desk.show(caseload.listed, mine=whose == "mine")
