"""Retention: cases whose period is over, legal holds, and what people decide. Nothing is erased through the API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.retention import PeriodsByDate, Retention, RetentionPage
from app.domain.retention import HoldForm, PeriodsForm, ReviewForm, Standing
from app.domain.rules import FromDay
from app.services import retention

router = APIRouter(prefix="/retention", tags=["Retention"])


@router.get("", responses=answers(200, RetentionPage))
async def list_retention(
    desk: AtDesk,
    standing: Annotated[Standing, Query(description="Where the cases stand today.")] = Standing.DUE,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Cases by where they stand, those opened first at the top. By reference: nothing of what is in them.

    Information-governance auditors and the partnership's administrators are told of every case but those that are
    restricted or from which they are kept; coordinators and chairs of those that they see.
    """
    return await desk.show(retention.listed, standing, after=cursor, limit=limit)


@router.get("/periods", responses=answers(200, PeriodsByDate))
async def read_periods(desk: AtDesk) -> Response:
    """For how many years cases of each kind are kept once they have ended; what is planned; who set it and why."""
    return await desk.show(retention.periods)


@router.post("/periods/changes", responses=answers(200, PeriodsByDate, 412, 428))
async def change_periods(desk: AtDesk, form: PeriodsForm) -> Response:
    """Set the periods from a day on. Needs `If-Match`. Administrators of the partnership only."""
    return await desk.make(200, retention.set_periods, form, desk.version("rule"))


@router.post("/periods/take-back", responses=answers(200, PeriodsByDate, 409, 412, 428))
async def take_back_periods(desk: AtDesk, form: FromDay) -> Response:
    """Undo a change that is planned for a day to come. Needs `If-Match`. Administrators of the partnership only."""
    return await desk.make(200, retention.take_back_periods, form, desk.version("rule"))


@router.get("/{case_id}", responses=answers(200, Retention, 404))
async def read_retention(desk: AtDesk, case_id: UUID) -> Response:
    """Where one case stands and why, its holds, and every decision about it."""
    return await desk.show(retention.read, case_id)


@router.post("/{case_id}/holds", status_code=201, responses=answers(201, Retention, 404, 409))
async def hold_case(desk: AtDesk, case_id: UUID, form: HoldForm) -> Response:
    """Keep everything of a case, whatever its period, until a day or until somebody lifts the hold."""
    return await desk.make(201, retention.hold, case_id, form)


@router.post("/holds/{hold_id}/lift", responses=answers(200, Retention, 404, 409, 412, 428))
async def lift_hold(desk: AtDesk, hold_id: UUID) -> Response:
    """End a hold. Needs `If-Match` with the hold's version. What was to be erased needs two people again."""
    return await desk.show(retention.lift, hold_id, desk.version("legal hold"))


@router.post("/{case_id}/reviews", status_code=201, responses=answers(201, Retention, 404, 409))
async def review_retention(desk: AtDesk, case_id: UUID, form: ReviewForm) -> Response:
    """Decide of a case whose period is over: keep it until a day, or propose that it is erased.

    Somebody else must approve an erasure. Until then, and until the operator carries it out, it can be taken back.
    """
    return await desk.make(201, retention.decide, case_id, form)


@router.post("/reviews/{review_id}/approve", responses=answers(200, Retention, 404, 409, 412, 428))
async def approve_erasure(desk: AtDesk, review_id: UUID) -> Response:
    """Approve an erasure that somebody else proposed. Needs `If-Match` with the review's version."""
    return await desk.show(retention.approve, review_id, desk.version("review"))


@router.post("/reviews/{review_id}/drop", responses=answers(200, Retention, 404, 409, 412, 428))
async def drop_review(desk: AtDesk, review_id: UUID) -> Response:
    """Turn a decision down, or take it or its approval back. Needs `If-Match` with the review's version."""
    return await desk.show(retention.drop, review_id, desk.version("review"))
