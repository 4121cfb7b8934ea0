"""Accounts: who has what, when they were last here, and signing somebody out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.accounts import AccountPage, SessionsEnded
from app.domain.access import Role
from app.domain.accounts import AccountState
from app.services import accounts
from app.services.accounts import Wanted

router = APIRouter(prefix="/accounts", tags=["Accounts"])

AgencyAsked = Annotated[UUID | None, Query(description="Only those of this agency.")]
Unused = Annotated[
    int | None, Query(ge=1, le=3650, description="Only those without a sign of anybody for so many days.")
]


@router.get("", responses=answers(200, AccountPage))
async def list_accounts(
    desk: AtDesk,
    agency: AgencyAsked = None,
    role: Role | None = None,
    state: AccountState | None = None,
    unused: Unused = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Who has what: people and partner systems with their roles, how they sign in, and when they were last here.

    An agency's administrator is told of their own agency, the partnership's of all. `unused=90` finds those who may not
    need their access any more.
    """
    wanted = Wanted(agency, role, state, unused)
    return await desk.show(accounts.listed, wanted, after=cursor, limit=limit)


@router.get(
    "/export",
    response_class=Response,
    responses={
        **answers(200, None),
        200: {"description": "The file.", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def export_accounts(
    desk: AtDesk,
    agency: AgencyAsked = None,
    role: Role | None = None,
    state: AccountState | None = None,
    unused: Unused = None,
) -> Response:
    """The same as CSV, all of it. No cell is a formula. In a browser you are first asked again who you are."""
    made = await desk.do(accounts.exported, Wanted(agency, role, state, unused))
    headers = {"Content-Disposition": 'attachment; filename="accounts.csv"'}
    return Response(made, headers=headers, media_type="text/csv; charset=utf-8")


@router.post("/{user_id}/sessions/end", responses=answers(200, SessionsEnded, 404))
async def end_sessions(desk: AtDesk, user_id: UUID) -> Response:
    """Sign somebody out everywhere, from the moment that this is answered. They may sign in again."""
    return await desk.make(200, accounts.end_sessions, user_id)
