"""Notes privileged to an IDVA service."""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.fields import Form, Long
from app.domain.privileged_notes import NoteForm
from app.services import client_page, privileged_notes
from app.web.case_forms import attempt
from app.web.client_pages import CaseId, draw
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/caseload/{case_id}/notes")

_PAGE = 20


class Noted(Form):
    """A note."""

    note: Long = None


@router.get("")
async def ask(visit: AtVisit, case_id: CaseId, cursor: UUID | None = None) -> Response:
    """Those of one's own service, newest first, and the form for another."""
    return await _page(visit, case_id, blank(Noted), cursor)


@router.post("")
async def write(visit: AtVisit, case_id: CaseId) -> Response:
    """Write one."""

    async def work(told: Noted) -> None:
        await visit.do(privileged_notes.write, case_id, NoteForm(note=told.note))

    form = await attempt(visit.form(Noted), work)
    if form is None:
        visit.say("The note is saved.")
        return visit.to(f"/caseload/{case_id}/notes")
    return await _page(visit, case_id, form, None)


async def _page(visit: Visit, case_id: UUID, form: Filled[Noted], cursor: UUID | None) -> Response:
    page = await visit.do(client_page.with_notes, case_id, after=cursor, limit=_PAGE)
    return draw(visit, "caseload/notes.html", page, form, notes=page.notes)
