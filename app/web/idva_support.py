"""Before and after: the risk then and now, how severe the abuse is, and how support ends."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.domain.fields import Form, Long
from app.domain.idva_support import EndReason, Reply, SupportEnd, SupportOutcome
from app.domain.severity import SeverityForm, change, of_kinds
from app.services import client_page, idva_support, severity
from app.services.client_page import ClientPage
from app.web.case_forms import attempt
from app.web.client_pages import CaseId, client, draw
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/caseload/{case_id}")


class Ended(Form):
    """How support ends. version: of the support, as whoever ends it saw it."""

    version: int
    reason: EndReason = Field(title="Why support ends")
    note: Long = Field(None, title="What else there is to say")
    outcomes: tuple[SupportOutcome, ...] = Field((), title="What had come about")
    safer: Reply = Reply.NOT_ASKED
    less_afraid: Reply = Reply.NOT_ASKED
    knows_where_to_turn: Reply = Reply.NOT_ASKED
    better_life: Reply = Reply.NOT_ASKED

    @property
    def told(self) -> SupportEnd:
        """As the service takes it."""
        return SupportEnd(**self.model_dump(exclude={"version"}))


@router.get("/change")
async def show(visit: AtVisit, case_id: CaseId) -> Response:
    """The risk then, now, and what changed."""
    return await _change(visit, case_id, None)


@router.post("/change")
async def record(visit: AtVisit, case_id: CaseId) -> Response:
    """Record how severe the abuse is now."""

    async def work(told: SeverityForm) -> None:
        await visit.do(severity.record, case_id, told)

    form = await attempt(visit.form(SeverityForm, stage="Choose when in the support this is"), work)
    if form is None:
        visit.say("It is recorded.")
        return visit.to(f"/caseload/{case_id}/change")
    return await _change(visit, case_id, form)


@router.get("/end")
async def ask_end(visit: AtVisit, case_id: CaseId) -> Response:
    """The form that ends support."""
    return await client(visit, case_id, "caseload/end.html", blank(Ended), for_writing=True)


@router.post("/end")
async def end(visit: AtVisit, case_id: CaseId) -> Response:
    """End it. The case goes on."""

    async def work(told: Ended) -> None:
        await visit.do(idva_support.end, case_id, told.told, told.version)

    form = await attempt(visit.form(Ended, reason="Choose why support ends"), work)
    if form is None:
        visit.say("Your support has ended. The case goes on.")
        return visit.to(f"/caseload/{case_id}")
    return await client(visit, case_id, "caseload/end.html", form, for_writing=True)


async def _change(visit: Visit, case_id: CaseId, form: Filled[SeverityForm] | None) -> Response:
    page = await visit.do(client_page.show, case_id)
    stage = "during" if page.told["severity"] else "start"
    prefilled = blank(SeverityForm, stage=stage)
    return draw(visit, "caseload/change.html", page, form or prefilled, **_before_and_after(page))


def _before_and_after(page: ClientPage) -> dict[str, Any]:
    looks = [(each, of_kinds(each["kinds"])) for each in page.told["severity"]]
    first, last = (looks[0][1], looks[-1][1]) if looks else ({}, {})
    kinds = [(each, first[each], last[each], change(first[each], last[each])) for each in first]
    scored = [each for each in page.told["assessments"] if each["instrument"].startswith("dash")]
    comparable = [each for each in scored if each["instrument"] == scored[0]["instrument"]]
    return {"kinds": kinds, "looks": looks, "scored": scored, "comparable": comparable}
