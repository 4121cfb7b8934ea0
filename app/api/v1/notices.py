"""Notices: what somebody needs to know of at once, sent to a person or to whoever holds a role at an agency."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.notices import Notice, NoticePage
from app.services import notices

router = APIRouter(prefix="/notices", tags=["Notices"])


@router.get("", responses=answers(200, NoticePage))
async def list_notices(
    desk: AtDesk,
    cursor: Annotated[str | None, Query(max_length=60, description="The `next` of the page before.")] = None,
    limit: Limit = 50,
) -> Response:
    """Notices to you, in person or by your role: those not seen first, each newest first. They name nobody."""
    return await desk.show(notices.listed, cursor=cursor, limit=limit)


@router.post("/{notice_id}/seen", responses=answers(200, Notice, 404))
async def see_notice(desk: AtDesk, notice_id: UUID) -> Response:
    """Say that you have seen a notice. One sent to a role counts as seen for everybody who holds it. Safe to repeat."""
    return await desk.show(notices.seen, notice_id)
