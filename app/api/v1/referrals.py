"""Referrals: write a draft, revise it, send it; or send in one call."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.referrals import Referral, ReferralPage, ReferralResult
from app.domain.referrals import ReferralForm
from app.services import intake, referrals

router = APIRouter(prefix="/referrals", tags=["Referrals"])


@router.post("", status_code=201, responses=answers(201, ReferralResult | Referral, 409, repeats=True))
async def create_referral(
    desk: AtDesk,
    form: ReferralForm,
    submit: Annotated[bool, Query(description="Send it now instead of keeping a draft.")] = False,
) -> Response:
    """Keep a draft; or, with `submit=true`, send it: score, grade, route and answer with the pathway and reasons.

    The same referral sent twice is one case: the second answer is 200 with `Idempotent-Replayed: true`.
    """
    return await desk.make(201, intake.refer if submit else referrals.create, form)


@router.get("", responses=answers(200, ReferralPage))
async def list_referrals(
    desk: AtDesk,
    status: Literal["draft", "submitted", "withdrawn"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Your agency's referrals, newest first."""
    return await desk.show(referrals.listed, status=status, after=cursor, limit=limit)


@router.get("/{referral_id}", responses=answers(200, Referral, 404))
async def read_referral(desk: AtDesk, referral_id: UUID) -> Response:
    """One referral. A draft shows its contact details; once it is sent they are masked, and released on its case."""
    return await desk.show(referrals.read, referral_id)


@router.put("/{referral_id}", responses=answers(200, Referral, 404, 409, 412, 428))
async def revise_referral(desk: AtDesk, referral_id: UUID, form: ReferralForm) -> Response:
    """Replace a draft's content. Needs `If-Match`."""
    return await desk.show(referrals.revise, referral_id, form, desk.version("referral"))


@router.post("/{referral_id}/submit", status_code=201, responses=answers(201, ReferralResult, 404, 409, repeats=True))
async def submit_referral(desk: AtDesk, referral_id: UUID) -> Response:
    """Send a draft. Every missing field is named at once; sent twice, the first answer comes again."""
    return await desk.make(201, intake.submit, referral_id)


@router.post("/{referral_id}/withdraw", responses=answers(200, Referral, 404, 409, 412, 428))
async def withdraw_referral(desk: AtDesk, referral_id: UUID) -> Response:
    """Give up a draft. Needs `If-Match`."""
    return await desk.show(referrals.withdraw, referral_id, desk.version("referral"))
