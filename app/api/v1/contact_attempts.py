"""Attempts to reach a client."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.contact_attempts import AttemptLogged
from app.domain.contact_attempts import AttemptForm
from app.services import contact_attempts

router = APIRouter(prefix="/cases/{case_id}/contact-attempts", tags=["IDVA support"])


@router.post("", status_code=201, responses=answers(201, AttemptLogged, 404, 409, repeats=True))
async def log_contact_attempt(desk: AtDesk, case_id: UUID, attempt: AttemptForm) -> Response:
    """Log an attempt. The first that reaches her stops the clock. Other agencies learn of it, but not of the note."""
    return await desk.make(201, contact_attempts.log, case_id, attempt)
