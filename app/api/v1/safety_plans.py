"""Safety plans."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.safety_plans import PlanStepKept
from app.domain.safety_plans import PlanItemForm
from app.services import safety_plans

router = APIRouter(tags=["IDVA support"])


@router.post(
    "/cases/{case_id}/safety-plan", status_code=201, responses=answers(201, PlanStepKept, 404, 409, repeats=True)
)
async def add_plan_step(desk: AtDesk, case_id: UUID, told: PlanItemForm) -> Response:
    """Add a step to the client's safety plan."""
    return await desk.make(201, safety_plans.add, case_id, told)


@router.put("/safety-plan-steps/{step_id}", responses=answers(200, PlanStepKept, 404, 409, 412, 428))
async def change_plan_step(desk: AtDesk, step_id: UUID, told: PlanItemForm) -> Response:
    """Put a step right, say that it is done, or drop it. Needs `If-Match`."""
    return await desk.show(safety_plans.change, step_id, told, desk.version("step of the safety plan"))
