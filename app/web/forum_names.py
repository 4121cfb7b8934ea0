"""What a forum is called, and of which kind it is. For the partnership's administrator."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.forum_forms import Naming
from app.services import forum_names, forums
from app.web.forms import Filled, blank
from app.web.forum_pages import page
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/forums")

ForumId = Annotated[UUID, Path()]


@router.get("/{forum_id}/name")
async def ask(visit: AtVisit, forum_id: ForumId) -> Response:
    """The form for another name; and for another kind, where that can still be."""
    return await _page(visit, forum_id, None)


@router.post("/{forum_id}/name")
async def change(visit: AtVisit, forum_id: ForumId) -> Response:
    """Change them."""
    form = visit.form(Naming, name="Enter its name", kind="Choose what it is", because="Say why")
    if form.value:
        try:
            await visit.do(forum_names.name, forum_id, form.value, None)
        except Invalid as refused:
            form = form.refused(refused)
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("", "conflict", refused.message)]))
        else:
            visit.say("Saved. It holds at once, wherever the forum is named.")
            return visit.to(f"/forums/{forum_id}")
    return await _page(visit, forum_id, form, 422)


async def _page(visit: Visit, forum_id: UUID, form: Filled[Naming] | None, status: int = 200) -> Response:
    found = (await visit.read(forums.read, forum_id)).value
    free = await visit.do(forum_names.may_change_kind, forum_id)
    form = form or blank(Naming, name=found["name"], kind=found["kind"])
    return page(visit, "forums/name.html", found, status, form=form, free=free)
