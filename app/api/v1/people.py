"""People: what is already known of somebody."""

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.people import PeopleFound
from app.domain.people import PersonSearch
from app.services import people

router = APIRouter(prefix="/people", tags=["People"])


@router.post("/search", responses=answers(200, PeopleFound))
async def search_people(desk: AtDesk, person: PersonSearch) -> Response:
    """People in cases you can see who may be this one, and what they were asked in the last 72 hours.

    By name, phone number, email or postcode. A POST, so that none of them is in an address. Nobody is linked: give a
    `person_reference` in the referral.
    """
    found = await desk.show(people.search, person)
    await desk.on_the_beat()
    return found
