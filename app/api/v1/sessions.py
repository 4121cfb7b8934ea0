"""Sessions: what you are signed in by, and ending it."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.accounts import Sessions, SessionsEnded
from app.services import accounts

router = APIRouter(prefix="/me/sessions", tags=["Sessions"])


@router.get("", responses=answers(200, Sessions))
async def list_my_sessions(desk: AtDesk) -> Response:
    """What you are signed in by at this moment: browsers and tokens, the newest first."""
    return await desk.show(accounts.my_sessions)


@router.post("/{session_id}/end", responses=answers(200, SessionsEnded, 404))
async def end_my_session(desk: AtDesk, session_id: UUID) -> Response:
    """End one of your own sessions: whoever holds it is signed out from the moment that this is answered."""
    return await desk.make(200, accounts.end_my_session, session_id)
