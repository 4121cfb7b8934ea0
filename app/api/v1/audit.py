"""The trail of who saw and did what."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.audit import AuditPage
from app.services import audit

router = APIRouter(tags=["Audit"])


@router.get("/audit", responses=answers(200, AuditPage, 404))
async def list_audit(
    desk: AtDesk,
    case: Annotated[UUID | None, Query(description="Everyone's entries about this case.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Your own entries in the trail, newest first; or, with `case`, everyone's about a case that you can see.

    Entries cannot be changed or removed: `roundtable audit verify` finds it when one was.
    """
    return await desk.show(audit.listed, case_id=case, after=cursor, limit=limit)
