"""Dates that matter to a client."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Day, Form, Long
from app.domain.key_dates import DateForm, DateKind
from app.domain.safe_times import Hour
from app.services import client_page, key_dates
from app.web.case_forms import attempt
from app.web.client_pages import CaseId, client, draw, found
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/caseload/{case_id}/dates")

DateId = Annotated[UUID, Path()]
_EMPTY: Final = {"kind": "Choose what it is", "held_on": "Enter the date"}


class Dated(Form):
    """A date. version: as whoever changes it saw it; None for a new one."""

    version: int | None = None
    kind: DateKind | None = Field(None, title="What it is")
    held_on: Day | None = Field(None, title="Date")
    starts: Hour | None = Field(None, title="Time")
    what: Long = Field(None, title="Details")
    dropped: bool = False

    @property
    def told(self) -> DateForm:
        """As the service takes it. Raises Invalid when it lacks what it is, or the day."""
        if self.kind is None or self.held_on is None:
            lacking = [name for name in _EMPTY if getattr(self, name) is None]
            raise Invalid([FieldProblem(f"/{name}", "required", _EMPTY[name]) for name in lacking])
        return DateForm(**self.model_dump(exclude={"version"}))


@router.get("")
async def ask(visit: AtVisit, case_id: CaseId) -> Response:
    """Those ahead, the form for another, and those that are past."""
    return await client(visit, case_id, "caseload/dates.html", blank(Dated))


@router.post("")
async def add(visit: AtVisit, case_id: CaseId) -> Response:
    """Write one down."""

    async def work(told: Dated) -> None:
        await visit.do(key_dates.add, case_id, told.told)

    form = await attempt(visit.form(Dated), work)
    if form is None:
        visit.say("The date is saved.")
        return visit.to(f"/caseload/{case_id}/dates")
    return await client(visit, case_id, "caseload/dates.html", form)


@router.get("/{date_id}")
async def ask_change(visit: AtVisit, case_id: CaseId, date_id: DateId) -> Response:
    """The form to put one right."""
    return await _changing(visit, case_id, date_id, None)


@router.post("/{date_id}")
async def change(visit: AtVisit, case_id: CaseId, date_id: DateId) -> Response:
    """Put it right, or drop it."""

    async def work(told: Dated) -> None:
        await visit.do(key_dates.change, date_id, told.told, told.version)

    form = await attempt(visit.form(Dated), work)
    if form is None:
        visit.say("The date is changed.")
        return visit.to(f"/caseload/{case_id}/dates")
    return await _changing(visit, case_id, date_id, form)


async def _changing(visit: Visit, case_id: UUID, date_id: UUID, form: Filled[Dated] | None) -> Response:
    page = await visit.do(client_page.show, case_id)
    kept = found(page, "dates", date_id, "date")
    fields = {name: kept[name] for name in ("kind", "held_on", "starts", "what") if kept[name]}
    prefilled = blank(Dated, **fields, **({"dropped": "yes"} if kept["dropped"] else {}))
    return draw(visit, "caseload/date.html", page, form or prefilled, version=kept["version"])
