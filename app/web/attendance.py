"""Who is at a meeting, and who accepted its confidentiality statement."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.domain.attendance import AcceptanceForm, PersonComing
from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Form, Line, Short
from app.domain.meetings import Standing
from app.services import attendance, meeting_pages
from app.web.forms import Filled, blank
from app.web.meetings import MeetingId, shown
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/meetings/{meeting_id}")

_OFF: Final = "off"


class AddedTyped(Form):
    """Somebody to put on the list: one with an account, or a guest by name and agency."""

    user_id: UUID | None = Field(None, title="Who")
    name: Short = Field(None, title="Name")
    agency_id: UUID | None = Field(None, title="Agency")
    standing: Standing = Standing.PRESENT


class AcceptedTyped(Form):
    """Who accepts the confidentiality statement, and which version. attendance_id: None for oneself."""

    version: Line
    attendance_id: UUID | None = None


@router.get("/attendance")
async def ask_attendance(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Who is there."""
    return await _attendance(visit, meeting_id, None)


@router.post("/attendance")
async def set_standings(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Keep how each person on the list stands."""
    await visit.do(meeting_pages.set_attendance, meeting_id, _standings(visit), ())
    visit.say("The attendance is saved.")
    return visit.to(f"/meetings/{meeting_id}/attendance")


@router.post("/attendance/add")
async def add_person(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Put somebody on the list."""
    form = visit.form(AddedTyped)
    if form.value:
        try:
            _, people = await visit.do(meeting_pages.people, meeting_id)
            await visit.do(meeting_pages.set_attendance, meeting_id, {}, [_coming(form.value, people)])
        except Invalid as refused:
            problems = (
                FieldProblem(f"/{each.pointer.rpartition('/')[2]}", each.code, each.message)
                for each in refused.problems
            )
            form = form.refused(Invalid(problems))
        else:
            return visit.to(f"/meetings/{meeting_id}/attendance")
    return await _attendance(visit, meeting_id, form)


@router.get("/statement")
async def ask_statement(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """The confidentiality statement, and who has accepted it."""
    page, told = await visit.do(meeting_pages.statement, meeting_id)
    return shown(visit, "meetings/statement.html", page, told=told)


@router.post("/statement")
async def accept(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Accept it, for oneself or for a guest who has no account."""
    form = visit.form(AcceptedTyped)
    if form.value:
        await visit.do(attendance.accept, meeting_id, AcceptanceForm(**form.value.model_dump()))
        visit.say("Accepted.")
    return visit.to(f"/meetings/{meeting_id}/statement")


async def _attendance(visit: Visit, meeting_id: UUID, form: Filled[AddedTyped] | None) -> Response:
    page, people = await visit.do(meeting_pages.people, meeting_id)
    there = {each["user_id"] for each in page.meeting["attendance"]}
    could = [(str(each["id"]), f"{each['agency']}: {each['name']}") for each in people if str(each["id"]) not in there]
    asked = form or blank(AddedTyped, standing=Standing.PRESENT.value)
    return shown(visit, "meetings/attendance.html", page, 422 if form else 200, form=asked, people=could)


def _standings(visit: Visit) -> dict[UUID, Standing | None]:
    """How each line stands, as the page sent it: fields called ``standing-`` and the line's id."""
    found: dict[UUID, Standing | None] = {}
    for name, (value, *_) in visit.sent.items():
        if name.startswith("standing-"):
            try:
                found[UUID(name.removeprefix("standing-"))] = None if value == _OFF else Standing(value)
            except ValueError:
                continue
    return found


def _coming(told: AddedTyped, people: list[dict[str, Any]]) -> PersonComing:
    known = next((each for each in people if each["id"] == told.user_id), None)
    if known is not None:
        return PersonComing(agency_id=known["agency_id"], user_id=known["id"], standing=told.standing)
    problems = []
    if told.name is None:
        problems.append(FieldProblem("/user_id", "required", "Choose who it is, or give a guest’s name and agency."))
    elif told.agency_id is None:
        problems.append(FieldProblem("/agency_id", "required", "Choose the guest’s agency."))
    if problems or told.agency_id is None:
        raise Invalid(problems)
    return PersonComing(agency_id=told.agency_id, name=told.name, standing=told.standing)
