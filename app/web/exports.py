"""Documents of a meeting, for one person: asked for, waited for, and fetched."""

from typing import Annotated, Final, Protocol
from uuid import UUID

import orjson
from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.db.ids import new_id
from app.db.session import Credentials
from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.exports import ExportDocument, ExportForm, ExportFormat, JobStatus
from app.domain.fields import Form
from app.services import exports, meeting_pages
from app.web import meeting_words
from app.web.forms import Filled, blank
from app.web.meetings import MeetingId, shown
from app.web.visit import AtVisit, Visit, credentials_of

router = APIRouter()

ExportId = Annotated[UUID, Path()]


class Asked(Form):
    """A document to be made."""

    document: ExportDocument = Field(title="Document")
    format: ExportFormat = Field(title="Format")


_DOCUMENTS: Final = {
    ExportDocument.AGENDA: "The agenda, as it was sent",
    ExportDocument.MINUTES: "The minutes, as they were issued",
}


class _Worker(Protocol):
    """Whoever makes the documents in this process."""

    def take_up(self, who: Credentials, job_id: UUID) -> None: ...


@router.get("/meetings/{meeting_id}/export")
async def ask(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Choose a document, once it is shown again who asks."""
    return await _asking(visit, meeting_id, None)


@router.post("/meetings/{meeting_id}/export")
async def make(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Have it made."""
    form = visit.form(Asked, document="Choose a document", format="Choose a format")
    if form.value:
        job_id = new_id()
        told = ExportForm(document=form.value.document, format=form.value.format)
        try:
            await visit.do(exports.ask, meeting_id, told, job_id)
        except Invalid:
            text = "Minutes come as a PDF or a Word document. Choose one of those."
            form = form.refused(Invalid([FieldProblem("/format", "not_offered", text)]))
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("/document", refused.code, refused.message)]))
        else:
            _take_up(visit, job_id)
            return visit.to(f"/exports/{job_id}")
    return await _asking(visit, meeting_id, form)


@router.get("/exports/{export_id}")
async def progress(visit: AtVisit, export_id: ExportId) -> Response:
    """How far a document is; the page asks again by itself until it is ready."""
    document, waits = await visit.do(exports.read, export_id)
    if waits:
        _take_up(visit, export_id)
    export = orjson.loads(document.body)
    over = export["status"] in (JobStatus.READY, JobStatus.FAILED)
    return visit.page("meetings/export_progress.html", export=export, over=over, words=meeting_words)


@router.get("/exports/{export_id}/file")
async def fetch(visit: AtVisit, export_id: ExportId) -> Response:
    """The finished file."""
    made = await visit.do(exports.file, export_id)
    headers = {"content-disposition": f'attachment; filename="{made.name}"'}
    return visit.finish(Response(made.content, headers=headers, media_type=made.media_type))


async def _asking(visit: Visit, meeting_id: UUID, form: Filled[Asked] | None) -> Response:
    page = await visit.do(meeting_pages.to_export, meeting_id)
    documents = {each["kind"] for each in page.packs}
    offered = [(str(each), text) for each, text in _DOCUMENTS.items() if each in documents]
    asked = form or blank(Asked, document=offered[-1][0] if offered else "", format=ExportFormat.PDF.value)
    return shown(visit, "meetings/export.html", page, 422 if form else 200, form=asked, offered=offered)


def _take_up(visit: Visit, job_id: UUID) -> None:
    """See to a job, after the commit that made it."""
    worker: _Worker = visit.request.app.state.exports
    if visit.key is not None:
        worker.take_up(credentials_of(visit.key), job_id)
