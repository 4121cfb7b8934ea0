"""Outcomes: what a meeting decides of each case, and the minutes of it."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.outcomes import ItemDecided
from app.domain.outcomes import ItemMinutesForm, OutcomeForm
from app.services import outcomes

router = APIRouter(prefix="/agenda-items/{item_id}", tags=["Outcomes"])


@router.put("/minutes", responses=answers(200, ItemDecided, 404, 409, 412, 428))
async def write_minutes(desk: AtDesk, item_id: UUID, form: ItemMinutesForm) -> Response:
    """Write what was said of one case, and its safety plan. Needs `If-Match`."""
    return await desk.show(outcomes.minute, item_id, form, desk.version("agenda item"))


@router.post("/outcome", responses=answers(200, ItemDecided, 404, 409, 412, 428))
async def record_outcome(desk: AtDesk, item_id: UUID, form: OutcomeForm) -> Response:
    """Record the outcome with its reason; the case goes where it leads. Needs `If-Match`."""
    return await desk.make(200, outcomes.decide, item_id, form, desk.version("agenda item"))
