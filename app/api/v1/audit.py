"""The trail of who saw and did what, and the heads by which it can be held to."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.audit import AuditHead, AuditPage
from app.services import audit, seals
from app.services.audit import Scope

router = APIRouter(tags=["Audit"])


@router.get("/audit", responses=answers(200, AuditPage, 404))
async def list_audit(
    desk: AtDesk,
    scope: Annotated[
        Scope,
        Query(
            description="`mine`, or what your role oversees: `partnership` for information-governance auditors, "
            "`administration` for administrators: what administrators did; with `verb=sign_in` or `verb=client`, which "
            "people and systems were let in, and which were not."
        ),
    ] = Scope.MINE,
    case: Annotated[UUID | None, Query(description="Everyone's entries about this case.")] = None,
    agency: Annotated[UUID | None, Query(description="Entries by this agency's people.")] = None,
    person: Annotated[UUID | None, Query(description="Entries by this person.")] = None,
    verb: Annotated[
        str | None,
        Query(
            pattern=r"^[a-z_]{1,40}(\.[a-z_]{1,40})?$",
            description="Entries of this verb, or of every verb that begins so: `denied` for `denied.forbidden`.",
        ),
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="Entries from this moment on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Entries before this moment.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Your own entries in the trail, newest first; or, with `case`, everyone's about a case that you can see.

    Reading the trail is in the trail. So is whatever was refused: `denied.not_found` in a case's part is somebody for
    whom it does not exist. Entries cannot be changed or removed: `roundtable audit verify` finds it when one was.
    """
    return await desk.show(
        audit.listed,
        scope=scope,
        case_id=case,
        agency=agency,
        person=person,
        verb=verb,
        since=since,
        until=until,
        after=cursor,
        limit=limit,
    )


@router.get("/audit/head", responses=answers(200, AuditHead, 404))
async def show_audit_head(desk: AtDesk) -> Response:
    """The newest seal of the partnership's whole trail, signed, for your agency to keep.

    Keep `text`, daily say, where whoever runs this service cannot reach it. It names nobody. With it,
    `roundtable audit verify --head` finds a trail that was written again as a whole, or cut short.
    """
    return await desk.show(seals.head)
