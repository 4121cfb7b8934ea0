"""Reference data: who you are, who works in the partnership, its forums and its rules."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.reference import Agencies, Forums, Me, Partnership, UserPage
from app.domain.access import Role
from app.services import reference

router = APIRouter(tags=["Reference"])


@router.get("/me", responses=answers(200, Me))
async def read_me(desk: AtDesk) -> Response:
    """Who you are, and what your roles allow."""
    return await desk.show(reference.me)


@router.get("/agencies", responses=answers(200, Agencies))
async def list_agencies(desk: AtDesk) -> Response:
    """The partnership's agencies."""
    return await desk.show(reference.agencies)


@router.get("/users", responses=answers(200, UserPage))
async def list_users(
    desk: AtDesk,
    role: Role | None = None,
    agency: Annotated[UUID | None, Query(description="Only those of this agency.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Who works in the partnership. `role=idva` lists those who can be allocated to a victim."""
    return await desk.show(reference.users, role=role, agency_id=agency, after=cursor, limit=limit)


@router.get("/forums", responses=answers(200, Forums))
async def list_forums(desk: AtDesk) -> Response:
    """The partnership's forums, with their settings and members."""
    return await desk.show(reference.forums)


@router.get("/partnership", responses=answers(200, Partnership))
async def read_partnership(desk: AtDesk) -> Response:
    """The partnership, its confidentiality statement, and the rules in force today with their versions."""
    return await desk.show(reference.partnership)
