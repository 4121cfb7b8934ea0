"""Notes privileged to an IDVA service."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.privileged_notes import PrivilegedNote, PrivilegedNotePage
from app.domain.privileged_notes import NoteForm
from app.services import privileged_notes

router = APIRouter(prefix="/cases/{case_id}/privileged-notes", tags=["IDVA support"])


@router.get("", responses=answers(200, PrivilegedNotePage, 404))
async def list_privileged_notes(desk: AtDesk, case_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The notes of your own IDVA service, newest first. Nobody else reads them: no other agency, chair or auditor."""
    return await desk.show(privileged_notes.listed, case_id, after=cursor, limit=limit)


@router.post("", status_code=201, responses=answers(201, PrivilegedNote, 404, 409, repeats=True))
async def write_privileged_note(desk: AtDesk, case_id: UUID, told: NoteForm) -> Response:
    """Write a note for the IDVAs of your service. It cannot be changed, and leaves with no export."""
    return await desk.make(201, privileged_notes.write, case_id, told)
