"""Administration: the one page that leads to everything an administrator keeps, with what waits for them."""

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.accounts import UNUSED_DAYS
from app.services import attention
from app.web import case_words, retention_words
from app.web.navigation import administration
from app.web.visit import AtVisit

router = APIRouter(prefix="/administration")


@router.get("")
async def show(visit: AtVisit) -> Response:
    """What waits, and where everything is kept."""
    waiting = await visit.do(attention.waiting)
    return visit.page(
        "administration/administration.html",
        waiting=waiting,
        kept=administration(visit.actor, visit.request),
        words=case_words,
        retention_lines=retention_words.lines,
        UNUSED_DAYS=UNUSED_DAYS,
    )
