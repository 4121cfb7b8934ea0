"""Administration: who works in the partnership, and in which roles."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.administration import UserKept
from app.domain.access import Role
from app.domain.administration import NewUser, RoleGiven
from app.services import administration, invitations

router = APIRouter(prefix="/users", tags=["Administration"])


@router.post("", status_code=201, responses=answers(201, UserKept, 409))
async def add_user(desk: AtDesk, request: Request, user: NewUser) -> Response:
    """Somebody who joins, with their roles. An agency's administrator adds people to their own agency, in roles that
    work on cases; the partnership's administrator anyone, in any role. They are mailed an invitation, by which they
    choose how to sign in; where no mail server is set, an administrator makes them a link on a page. No answer here
    holds a link."""
    return await desk.make(201, invitations.add_user, user, request.app.state.delivery)


@router.get("/{user_id}", responses=answers(200, UserKept, 404))
async def read_user(desk: AtDesk, user_id: UUID) -> Response:
    """Somebody with every role they hold or held, and who gave it. For administrators."""
    return await desk.show(administration.read_user, user_id)


@router.post("/{user_id}/end", responses=answers(200, UserKept, 404, 409))
async def end_user(desk: AtDesk, user_id: UUID) -> Response:
    """Somebody leaves: they are let in no more, and hold no role. What they wrote stays. Nobody ends themselves."""
    return await desk.make(200, administration.end_user, user_id)


@router.post("/{user_id}/roles", status_code=201, responses=answers(201, UserKept, 404, 409))
async def give_role(desk: AtDesk, user_id: UUID, given: RoleGiven) -> Response:
    """Give somebody a role, from their next request on. Nobody gives themselves one."""
    return await desk.make(201, administration.give_role, user_id, given)


@router.post("/{user_id}/roles/{role}/end", responses=answers(200, UserKept, 404, 409))
async def end_role(desk: AtDesk, user_id: UUID, role: Role) -> Response:
    """Take a role away, from their next request on. Nobody takes one from themselves."""
    return await desk.make(200, administration.end_role, user_id, role)
