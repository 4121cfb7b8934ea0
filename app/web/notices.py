"""Notices: what somebody was told at once, and that they have seen it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.services import notices
from app.web import case_words
from app.web.notice_words import KINDS
from app.web.paths import opens
from app.web.visit import AtVisit

router = APIRouter(prefix="/notices")

_PAGE: Final = 25
_ANY: Final = UUID(int=0)


@router.get("")
async def everything(visit: AtVisit, cursor: str | None = None) -> Response:
    """Notices, those not seen first."""
    found = await visit.read(notices.listed, cursor=cursor, limit=_PAGE)
    ways = {
        kind: words
        for kind, words in KINDS.items()
        if words.path
        and opens(visit.request, words.path.format(about=_ANY))
        and (words.verb is None or visit.me.may(words.verb))
    }
    return visit.page(
        "notices/list.html",
        notices=found.value["items"],
        after=found.next_cursor,
        KINDS=KINDS,
        ways=ways,
        words=case_words,
    )


@router.post("/{notice_id}/seen")
async def seen(visit: AtVisit, notice_id: Annotated[UUID, Path()]) -> Response:
    """Say that a notice was seen; of one to a role, for everybody who holds it."""
    await visit.do(notices.seen, notice_id)
    return visit.to("/notices")
