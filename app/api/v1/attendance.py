"""Attendance: who is there, and the confidentiality statement that each of them accepts."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.attendance import Confidentiality
from app.api.v1.shapes.meetings import Meeting
from app.domain.attendance import AcceptanceForm, AttendanceForm
from app.services import attendance

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["Attendance"])


@router.put("/attendance", responses=answers(200, Meeting, 404, 409, 412, 428))
async def record_attendance(desk: AtDesk, meeting_id: UUID, form: AttendanceForm) -> Response:
    """Replace the list of who comes, observes or sends apologies. Needs `If-Match`."""
    return await desk.show(attendance.record, meeting_id, form, desk.version("meeting"))


@router.get("/confidentiality", responses=answers(200, Confidentiality, 404))
async def read_statement(desk: AtDesk, meeting_id: UUID) -> Response:
    """The confidentiality statement, and who accepted it."""
    return await desk.show(attendance.statement, meeting_id)


@router.post("/confidentiality", responses=answers(200, Confidentiality, 404, 409))
async def accept_statement(desk: AtDesk, meeting_id: UUID, form: AcceptanceForm) -> Response:
    """Accept the statement for yourself, or record that a guest without an account did."""
    return await desk.make(200, attendance.accept, meeting_id, form)
