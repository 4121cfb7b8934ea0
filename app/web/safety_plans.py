"""A client's safety plan; and the page of it that she may read, print and leave in a hurry."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.fields import Day, Form, Long, Short
from app.domain.safety_plans import PlanItemForm, PlanStatus
from app.services import client_page, safety_plans
from app.web import case_words, idva_words
from app.web.case_forms import attempt
from app.web.client_pages import CaseId, client, draw, found
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/caseload/{case_id}")

StepId = Annotated[UUID, Path()]


class Step(Form):
    """A step of the plan. version: as whoever changes it saw it; None for a new one."""

    version: int | None = None
    what: Long = Field(None, title="What will be done")
    who: Short = Field(None, title="Who does it")
    by_on: Day | None = Field(None, title="By when")
    status: PlanStatus = Field(PlanStatus.TO_DO, title="How it stands")

    @property
    def told(self) -> PlanItemForm:
        """As the service takes it."""
        return PlanItemForm(**self.model_dump(exclude={"version"}))


@router.get("/safety-plan")
async def ask(visit: AtVisit, case_id: CaseId) -> Response:
    """The plan, and the form for another step."""
    return await client(visit, case_id, "caseload/plan.html", blank(Step))


@router.post("/safety-plan")
async def add(visit: AtVisit, case_id: CaseId) -> Response:
    """Add a step."""

    async def work(told: Step) -> None:
        await visit.do(safety_plans.add, case_id, told.told)

    form = await attempt(visit.form(Step), work)
    if form is None:
        visit.say("The step is in the plan.")
        return visit.to(f"/caseload/{case_id}/safety-plan")
    return await client(visit, case_id, "caseload/plan.html", form)


@router.get("/safety-plan/{step_id}")
async def ask_change(visit: AtVisit, case_id: CaseId, step_id: StepId) -> Response:
    """The form to change a step."""
    return await _changing(visit, case_id, step_id, None)


@router.post("/safety-plan/{step_id}")
async def change(visit: AtVisit, case_id: CaseId, step_id: StepId) -> Response:
    """Put it right, say that it is done, or drop it."""

    async def work(told: Step) -> None:
        await visit.do(safety_plans.change, step_id, told.told, told.version)

    form = await attempt(visit.form(Step), work)
    if form is None:
        visit.say("The plan is changed.")
        return visit.to(f"/caseload/{case_id}/safety-plan")
    return await _changing(visit, case_id, step_id, form)


@router.get("/my-plan")
async def for_her(visit: AtVisit, case_id: CaseId) -> Response:
    """What she may read over her IDVA's shoulder, or have on paper: no case, no reference, no name of his."""
    plan = await visit.do(safety_plans.for_her, case_id)
    return visit.page("caseload/my_plan.html", plan=plan, words=idva_words, case_words=case_words, case_id=case_id)


async def _changing(visit: Visit, case_id: UUID, step_id: UUID, form: Filled[Step] | None) -> Response:
    page = await visit.do(client_page.show, case_id)
    kept = found(page, "plan", step_id, "step of a safety plan")
    fields = {name: kept[name] for name in ("what", "who", "by_on", "status") if kept[name]}
    return draw(visit, "caseload/step.html", page, form or blank(Step, **fields), version=kept["version"])
