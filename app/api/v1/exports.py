"""Documents of a meeting, made for one recipient, and forums as calendars."""

from typing import Any, Protocol
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.request import AtDesk, reply
from app.api.v1.shapes import answers
from app.api.v1.shapes.exports import Export
from app.db.ids import new_id
from app.db.session import Credentials
from app.domain.exports import MEDIA_TYPES, ExportForm, ExportFormat
from app.services import exports

router = APIRouter(tags=["Exports"])


class _Worker(Protocol):
    """Whoever makes the documents in this process."""

    def take_up(self, who: Credentials, job_id: UUID) -> None: ...


def _worker(request: Request) -> _Worker:
    found: _Worker = request.app.state.exports
    return found


def _bytes(*media_types: str) -> dict[int | str, dict[str, Any]]:
    content = {each: {"schema": {"type": "string", "format": "binary"}} for each in media_types}
    return {200: {"description": "The file.", "content": content}}


@router.post("/meetings/{meeting_id}/exports", status_code=202, responses=answers(202, Export, 404, 409))
async def export_document(request: Request, desk: AtDesk, meeting_id: UUID, form: ExportForm) -> Response:
    """Ask for the agenda as it was published, or the minutes as they were issued, as a file.

    It is made behind the request, for you alone: your name, agency, the time and the marking are on each page. Ask
    the address in `Location` how far it is.
    """
    job_id = new_id()
    response = await desk.make(202, exports.ask, meeting_id, form, job_id)
    # After the commit. For a repeated request there is no such job, and nothing is done.
    _worker(request).take_up(desk.credentials, job_id)
    return response


@router.get("/exports/{export_id}", responses=answers(200, Export, 404))
async def read_export(request: Request, desk: AtDesk, export_id: UUID) -> Response:
    """How far a document of yours is. One that was left behind by a process that ended is taken up again."""
    document, waits = await desk.do(exports.read, export_id)
    if waits:
        _worker(request).take_up(desk.credentials, export_id)
    return reply(200, document)


@router.get(
    "/exports/{export_id}/file",
    response_class=Response,
    responses={**answers(200, None, 404, 409), **_bytes(*(MEDIA_TYPES[each] for each in ExportFormat))},
)
async def fetch_export(desk: AtDesk, export_id: UUID) -> Response:
    """The finished file. Every time it is fetched is recorded for each case in it."""
    made = await desk.do(exports.file, export_id)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, headers=headers, media_type=made.media_type)


@router.get(
    "/forums/{forum_id}/calendar.ics",
    response_class=Response,
    responses={**answers(200, None, 404), **_bytes("text/calendar")},
)
async def read_calendar(desk: AtDesk, forum_id: UUID) -> Response:
    """A forum's meetings for a calendar: when, and of which kind. It names nobody and no place."""
    made = await desk.do(exports.calendar, forum_id)
    return Response(made, media_type="text/calendar; charset=utf-8")
