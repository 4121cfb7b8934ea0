"""Dates that matter to a client's safety."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.key_dates import KeyDateKept
from app.domain.key_dates import DateForm
from app.services import key_dates

router = APIRouter(tags=["IDVA support"])


@router.post("/cases/{case_id}/key-dates", status_code=201, responses=answers(201, KeyDateKept, 404, 409, repeats=True))
async def add_key_date(desk: AtDesk, case_id: UUID, told: DateForm) -> Response:
    """Write a date down: court, police, an order's end, somebody's release."""
    return await desk.make(201, key_dates.add, case_id, told)


@router.put("/key-dates/{date_id}", responses=answers(200, KeyDateKept, 404, 409, 412, 428))
async def change_key_date(desk: AtDesk, date_id: UUID, told: DateForm) -> Response:
    """Put a date right, or drop it. Needs `If-Match`."""
    return await desk.show(key_dates.change, date_id, told, desk.version("date"))
