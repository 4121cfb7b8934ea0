"""One's own recovery codes: shown once, when they are made."""

from fastapi import APIRouter
from starlette.responses import Response

from app.services import recovery_codes
from app.web.visit import AtVisit

router = APIRouter()


@router.get("/account/recovery-codes")
async def show(visit: AtVisit) -> Response:
    """How many can still be used, and the way to new ones."""
    left = await visit.do(recovery_codes.left)
    return visit.page("recovery_codes/left.html", left=left)


@router.post("/account/recovery-codes")
async def renew(visit: AtVisit) -> Response:
    """Ten new ones, on this page and on no other."""
    codes = await visit.do(recovery_codes.renew)
    return visit.page("recovery_codes/codes.html", codes=codes)
