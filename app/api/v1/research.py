"""Research: your agency's return for each case on a list, private until it is released."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.research import NotKnownAnswered, ResearchPage, ResearchReturn
from app.domain.research import NotKnownForm, ReleaseForm, ResearchForm
from app.services import research

router = APIRouter(tags=["Research"])


@router.get("/research", responses=answers(200, ResearchPage))
async def list_research(
    desk: AtDesk, status: Literal["missing", "released"] = "missing", cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The families your agency is asked about, soonest meeting first."""
    return await desk.show(research.worklist, status=status, after=cursor, limit=limit)


@router.post("/research/not-known", responses=answers(200, NotKnownAnswered))
async def answer_not_known(desk: AtDesk, form: NotKnownForm) -> Response:
    """Answer 'not known' for several families at once and release it: all of them, or none."""
    return await desk.make(200, research.not_known, form)


@router.get("/agenda-items/{item_id}/research", responses=answers(200, ResearchReturn, 404))
async def read_research(desk: AtDesk, item_id: UUID) -> Response:
    """Your agency's own return; version 0 while there is none."""
    return await desk.show(research.read, item_id)


@router.put("/agenda-items/{item_id}/research", responses=answers(200, ResearchReturn, 404, 409, 412, 428))
async def write_research(desk: AtDesk, item_id: UUID, form: ResearchForm) -> Response:
    """Keep your agency's return; with `release`, share it. Needs `If-Match` (`"0"` for the first)."""
    return await desk.show(research.write, item_id, form, desk.version("research return"))


@router.post("/agenda-items/{item_id}/research/release", responses=answers(200, ResearchReturn, 404, 409, 412, 428))
async def release_research(desk: AtDesk, item_id: UUID, form: ReleaseForm) -> Response:
    """Share what your agency chose to share, on a lawful basis. Needs `If-Match`."""
    return await desk.make(200, research.release, item_id, form, desk.version("research return"))
