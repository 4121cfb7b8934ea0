"""Risks: to whom, or from whom, in plain words."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.risks import RiskNamed
from app.domain.risks import RiskForm
from app.services import risks

router = APIRouter(prefix="/agenda-items/{item_id}", tags=["Risks"])


@router.post("/risks", status_code=201, responses=answers(201, RiskNamed, 404, 409))
async def name_risk(desk: AtDesk, item_id: UUID, form: RiskForm) -> Response:
    """Name one risk to, or from, one person. It stays in the record as it was said."""
    return await desk.make(201, risks.name, item_id, form)
