"""Your account: by what you sign in, where you are signed in, and what was tried in your name."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.services import accounts, sessions
from app.web import account_words
from app.web.visit import AtVisit

router = APIRouter(prefix="/account")


@router.get("")
async def show(visit: AtVisit) -> Response:
    """One's own account."""
    return visit.page("accounts/account.html", account=await visit.do(accounts.mine), words=account_words)


@router.post("/sessions/{session_id}/end")
async def end(visit: AtVisit, session_id: Annotated[UUID, Path()]) -> Response:
    """Sign out of one browser. Of this one, the next page is the one to sign in."""
    await visit.do(sessions.end, session_id)
    if visit.key is not None and visit.key.session_id == session_id:
        visit.signed_out()
        visit.say("You are signed out.")
        return visit.to("/sign-in")
    visit.say("That browser is signed out.")
    return visit.to("/account")


@router.post("/sessions/end-others")
async def end_others(visit: AtVisit) -> Response:
    """Sign out everywhere but here."""
    ended = await visit.do(sessions.end_others)
    visit.say("You are signed out everywhere else." if ended else "You were signed in nowhere else.")
    return visit.to("/account")
