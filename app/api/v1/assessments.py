"""Assessments: seen before anyone asks again, asked again, corrected, adopted; and the instruments."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.assessments import AssessmentResult, AssessmentShape, CaseAssessments, Instruments
from app.domain.assessments import Adoption, AskedAgain, Correction
from app.risk.instruments import Instrument
from app.services import assessments

router = APIRouter(tags=["Assessments"])


@router.get("/cases/{case_id}/assessments", responses=answers(200, CaseAssessments, 404))
async def list_assessments(desk: AtDesk, case_id: UUID) -> Response:
    """A case's assessments, and what its people were asked in the last 72 hours: look here before asking again."""
    return await desk.show(assessments.listed, case_id)


@router.post("/cases/{case_id}/assessments", status_code=201, responses=answers(201, AssessmentResult, 404, 409))
async def ask_again(desk: AtDesk, case_id: UUID, asked: AskedAgain) -> Response:
    """Keep questions that were asked again. The case may rise, and never falls by itself; risen to high while nobody
    meets about it, it goes to a meeting as a new referral would."""
    return await desk.make(201, assessments.ask, case_id, asked)


@router.get("/assessments/{assessment_id}", responses=answers(200, AssessmentShape, 404))
async def read_assessment(desk: AtDesk, assessment_id: UUID) -> Response:
    """One assessment with its answers, its reasons, and what corrected it."""
    return await desk.show(assessments.read, assessment_id)


@router.post(
    "/assessments/{assessment_id}/correct", status_code=201, responses=answers(201, AssessmentResult, 404, 409)
)
async def correct_assessment(desk: AtDesk, assessment_id: UUID, correction: Correction) -> Response:
    """Put right what your own agency wrote down. The old one stays; it can be corrected once."""
    return await desk.make(201, assessments.correct, assessment_id, correction)


@router.post("/assessments/{assessment_id}/adopt", status_code=201, responses=answers(201, AssessmentResult, 404, 409))
async def adopt_assessment(desk: AtDesk, assessment_id: UUID, adoption: Adoption) -> Response:
    """Take another agency's answers instead of asking again. It keeps the time when they were given."""
    return await desk.make(201, assessments.adopt, assessment_id, adoption)


@router.get("/instruments", responses=answers(200, Instruments))
async def list_instruments(desk: AtDesk) -> Response:
    """Every instrument that can be used here."""
    return await desk.show(assessments.instruments)


@router.get("/instruments/{instrument_id}", responses=answers(200, Instrument, 404))
async def read_instrument(
    desk: AtDesk,
    instrument_id: str,
    version: Annotated[str | None, Query(max_length=40, description="The newest one, if left out.")] = None,
) -> Response:
    """One instrument with its questions, help, and the markers and further instruments that each leads to."""
    return await desk.show(assessments.instrument, instrument_id, version)
