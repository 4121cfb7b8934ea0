"""Break-glass: opening a case in an emergency, for reading and for hours, and the review that follows."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.break_glass import BreakGlassPage, BreakGlassUse
from app.domain.break_glass import Ambiguous, BreakGlassForm, ReviewForm
from app.services import break_glass

router = APIRouter(prefix="/break-glass", tags=["Break-glass"])


@router.post("", status_code=201, responses=answers(201, BreakGlassUse, 404, 409))
async def open_in_emergency(desk: AtDesk, form: BreakGlassForm) -> Response:
    """Open a case that you cannot see, because somebody is in danger now. You can read it until the hours are up.

    The case's lead and the information-governance auditors are told at once, and somebody else reviews your reason.
    A case that is not there and one that you may not know of are one answer. A name that fits several families' cases
    opens none, and the auditors are told. At most 5 uses and 10 tries in 24 hours.
    """
    await desk.do(break_glass.knock, form)
    try:
        return await desk.make(201, break_glass.use, form)
    except Ambiguous:
        await desk.do(break_glass.tell_of_several)
        raise


@router.get("", responses=answers(200, BreakGlassPage))
async def list_break_glass(
    desk: AtDesk,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Whether the case can still be read by it.")
    ] = None,
    reviewed: Annotated[bool | None, Query(description="Whether somebody has reviewed it.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Uses, newest first: your own and those of cases that you see; for an information-governance auditor, all.

    One that nobody has reviewed stays here, and is `overdue` after two working days.
    """
    return await desk.show(break_glass.listed, is_open=is_open, reviewed=reviewed, after=cursor, limit=limit)


@router.get("/{use_id}", responses=answers(200, BreakGlassUse, 404))
async def read_break_glass(desk: AtDesk, use_id: UUID) -> Response:
    """One use: who, which case, why, until when, and what its review found."""
    return await desk.show(break_glass.read, use_id)


@router.post("/{use_id}/end", responses=answers(200, BreakGlassUse, 404))
async def end_break_glass(desk: AtDesk, use_id: UUID) -> Response:
    """Give a case up before the hours are over. From your next request it is closed to you. Safe to repeat."""
    return await desk.show(break_glass.end, use_id)


@router.post("/{use_id}/review", responses=answers(200, BreakGlassUse, 404, 409, 412, 428))
async def review_break_glass(desk: AtDesk, use_id: UUID, form: ReviewForm) -> Response:
    """Say whether a use was justified. Needs `If-Match`. Once, at any time, and never your own.

    One that was not justified ends at once, and the administrators of that person's agency are told.
    """
    return await desk.show(break_glass.review, use_id, form, desk.version("break-glass use"))
