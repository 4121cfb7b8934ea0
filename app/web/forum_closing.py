"""The end of a forum, what it leaves, and its new beginning. For the partnership's administrator."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.fields import Form, Line
from app.domain.forum_forms import Closing, Reopening
from app.services import forum_closing, forums
from app.web.forms import Filled, blank
from app.web.forum_pages import page
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/forums")

ForumId = Annotated[UUID, Path()]


class ClosingTyped(Form):
    """cases_left: it was agreed who brings the cases on its lists elsewhere."""

    because: Line = Field(title="Why")
    cases_left: bool = Field(False, title="Cases on its lists")


@router.get("/{forum_id}/close")
async def ask(visit: AtVisit, forum_id: ForumId) -> Response:
    """What closing it leaves, and why; or why it meets again."""
    return await _page(visit, forum_id, blank(ClosingTyped))


@router.post("/{forum_id}/close")
async def close(visit: AtVisit, forum_id: ForumId) -> Response:
    """Close it."""
    form = visit.form(ClosingTyped, because="Say why")
    if form.value:
        told = Closing(because=form.value.because, cases_left=form.value.cases_left)
        try:
            await visit.do(forum_closing.close, forum_id, told, None)
        except (Invalid, Conflict) as refused:
            form = form.refused(_of_all(refused))
        else:
            visit.say("The forum is closed.")
            return visit.to(f"/forums/{forum_id}")
    return await _page(visit, forum_id, form, 422)


@router.post("/{forum_id}/reopen")
async def reopen(visit: AtVisit, forum_id: ForumId) -> Response:
    """Open it again."""
    form = visit.form(Reopening, because="Say why")
    if form.value:
        try:
            await visit.do(forum_closing.reopen, forum_id, form.value, None)
        except Conflict as refused:
            form = form.refused(_of_all(refused))
        else:
            visit.say("The forum is open again. Check its dates.")
            return visit.to(f"/forums/{forum_id}")
    return await _page(visit, forum_id, form, 422)


def _of_all(refused: Invalid | Conflict) -> Invalid:
    """What stands in the way is of no field."""
    return refused if isinstance(refused, Invalid) else Invalid([FieldProblem("", "conflict", refused.message)])


async def _page(
    visit: Visit, forum_id: UUID, form: Filled[ClosingTyped] | Filled[Reopening], status: int = 200
) -> Response:
    found = (await visit.read(forums.read, forum_id)).value
    left = await visit.do(forum_closing.foresee, forum_id) if found["active"] else None
    return page(visit, "forums/close.html", found, status, form=form, left=left)
