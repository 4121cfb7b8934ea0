"""Single dates of a forum: one on which it does not sit, and one on which it sits as well."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.clock import say_date
from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.forum_forms import DateSaid, SittingSaid
from app.domain.timetable import why_closed
from app.services import forums
from app.web.forms import blank
from app.web.forum_pages import DayTyped, asked_day, forum_page, typed_day
from app.web.visit import AtVisit

router = APIRouter(prefix="/forums")

ForumId = Annotated[UUID, Path()]


class SittingTyped(DayTyped):
    """closed_day: it is a weekend or a bank holiday, and that is meant."""

    closed_day: bool = Field(False, title="Meet on that day")


@router.get("/{forum_id}/skip")
async def ask_skip(visit: AtVisit, forum_id: ForumId) -> Response:
    """Ask which date to skip, and why."""
    return await forum_page(visit, "forums/skip.html", forum_id, form=blank(DayTyped, day=asked_day(visit)))


@router.post("/{forum_id}/skip")
async def skip(visit: AtVisit, forum_id: ForumId) -> Response:
    """Skip it."""
    form = visit.form(DayTyped, day="Enter the date", because="Say why")
    if form.value:
        try:
            told = DateSaid(day=typed_day(visit, form.value.day), because=form.value.because)
            await visit.do(forums.skip, forum_id, told, None)
        except (Invalid, Conflict) as refused:
            form = form.refused(_at_date(refused))
        else:
            visit.say(f"The forum does not sit on {say_date(told.day)}.")
            return visit.to(f"/forums/{forum_id}")
    return await forum_page(visit, "forums/skip.html", forum_id, 422, form=form)


@router.get("/{forum_id}/sit")
async def ask_sit(visit: AtVisit, forum_id: ForumId) -> Response:
    """Ask on which date it sits as well."""
    return await forum_page(
        visit, "forums/sit.html", forum_id, form=blank(SittingTyped, day=asked_day(visit)), closed=None
    )


@router.post("/{forum_id}/sit")
async def sit(visit: AtVisit, forum_id: ForumId) -> Response:
    """Put it into the diary."""
    form = visit.form(SittingTyped, day="Enter the date", because="Say why")
    closed = None
    if form.value:
        try:
            day = typed_day(visit, form.value.day)
            told = SittingSaid(day=day, because=form.value.because, closed_day=form.value.closed_day)
            closed = why_closed(day)
            await visit.do(forums.sit, forum_id, told, None)
        except (Invalid, Conflict) as refused:
            form = form.refused(_at_date(refused))
        else:
            visit.say(f"The forum sits on {say_date(told.day)}.")
            return visit.to(f"/forums/{forum_id}")
    return await forum_page(visit, "forums/sit.html", forum_id, 422, form=form, closed=closed)


def _at_date(refused: Invalid | Conflict) -> Invalid:
    """What is refused is so because of the date. Of a closed day, the box is where it is put right."""
    if isinstance(refused, Conflict):
        return Invalid([FieldProblem("/day", "taken", refused.message)])
    return Invalid(
        FieldProblem("/closed_day" if each.code == "closed" else each.pointer, each.code, each.message)
        for each in refused.problems
    )
