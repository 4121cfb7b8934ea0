"""Matches: records in different cases that may be one person."""

from fastapi import APIRouter, Response

from app.api.paging import Cursor
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.people import MatchDecided, MatchPage
from app.domain.matches import Decision
from app.services import matches

router = APIRouter(prefix="/matches", tags=["People"])


@router.get("", responses=answers(200, MatchPage))
async def list_matches(desk: AtDesk, cursor: Cursor = None) -> Response:
    """Pairs of records that may be one person and that nobody has decided about, newest first."""
    return await desk.show(matches.listed, after=cursor)


@router.post("", status_code=201, responses=answers(201, MatchDecided, 404, 409))
async def decide_match(desk: AtDesk, decision: Decision) -> Response:
    """Say whether two records are one person. If so they share one reference from now on, and if the later case is
    then a repeat it is graded again, with its reasons, and goes where that leads."""
    return await desk.make(201, matches.decide, decision)
