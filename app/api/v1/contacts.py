"""Contact details: what there is, masked; and where people can be found, released on purpose."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.contacts import CaseContacts, ReleasedContacts
from app.domain.contacts import Release
from app.services import contacts

router = APIRouter(prefix="/cases/{case_id}/contacts", tags=["Contact details"])


@router.get("", responses=answers(200, CaseContacts, 404))
async def read_contacts(desk: AtDesk, case_id: UUID) -> Response:
    """What contact details there are, masked, and in words how each person can be reached safely.

    Never a street, a place, or more than the last two digits of a number.
    """
    return await desk.show(contacts.masked, case_id)


@router.post("/release", responses=answers(200, ReleasedContacts, 404))
async def release_contacts(desk: AtDesk, case_id: UUID, asked: Release) -> Response:
    """Where the people you name can be found, for the reason you give. Each release is in the trail.

    What is released stays open to you for 15 minutes, at `GET /cases/{case_id}/contacts/released`. Ask again after
    that. There is no `Idempotency-Key`: no copy of this answer is kept.
    """
    return await desk.show(contacts.release, case_id, asked)


@router.get("/released", responses=answers(200, ReleasedContacts, 404))
async def read_released_contacts(desk: AtDesk, case_id: UUID) -> Response:
    """What was released to you and is still open to you. Empty when nothing is."""
    return await desk.show(contacts.released, case_id)
