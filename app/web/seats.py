"""Which agencies sit on a forum, from which day and until when. For the partnership's administrator."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.clock import say_date
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.forum_forms import SeatEnd, SeatForm
from app.services import forums, reference, seats
from app.web.forms import Filled, blank
from app.web.forum_pages import DayTyped, at_day, forum_page, page, typed_day
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/forums")

ForumId = Annotated[UUID, Path()]
AgencyId = Annotated[UUID, Path()]


class SeatTyped(DayTyped):
    """An agency, too. sure: it was read what that opens."""

    agency_id: UUID = Field(title="Agency")
    sure: bool = False


@router.get("/{forum_id}/agencies/add")
async def ask_seat(visit: AtVisit, forum_id: ForumId) -> Response:
    """Ask which agency sits on it, and from when."""
    (await visit.person()).must(Verb.ADMIT)
    agency = visit.request.query_params.get("agency", "")
    return await _seating(visit, forum_id, blank(SeatTyped, agency_id=agency, day="today"))


@router.post("/{forum_id}/agencies/add")
async def add_seat(visit: AtVisit, forum_id: ForumId) -> Response:
    """Say what that opens and, once whoever asks is sure, give it a seat."""
    form = visit.form(SeatTyped, agency_id="Choose an agency", day="Say from which day", because="Say why")
    if form.value:
        try:
            since = typed_day(visit, form.value.day)
            told = SeatForm(agency_id=form.value.agency_id, from_day=since, because=form.value.because)
            if not form.value.sure:
                return await _confirm(visit, forum_id, form, told)
            await visit.do(seats.add, forum_id, told, None)
        except Invalid as refused:
            form = form.refused(at_day(refused, "from_day"))
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("/agency_id", "seated", refused.message)]))
        else:
            visit.say(f"The agency sits on this forum from {say_date(since)}.")
            return visit.to(f"/forums/{forum_id}")
    return await _seating(visit, forum_id, form, 422)


@router.get("/{forum_id}/agencies/{agency_id}/end")
async def ask_end(visit: AtVisit, forum_id: ForumId, agency_id: AgencyId) -> Response:
    """Ask from when an agency sits on it no more."""
    return await _ending(visit, forum_id, agency_id, blank(DayTyped, day="today"))


@router.post("/{forum_id}/agencies/{agency_id}/end")
async def end_seat(visit: AtVisit, forum_id: ForumId, agency_id: AgencyId) -> Response:
    """End its seat."""
    form = visit.form(DayTyped, day="Say from which day", because="Say why")
    if form.value:
        try:
            until = typed_day(visit, form.value.day)
            told = SeatEnd(from_day=until, because=form.value.because)
            await visit.do(seats.end, forum_id, agency_id, told, None)
        except Invalid as refused:
            form = form.refused(at_day(refused, "from_day"))
        else:
            visit.say(f"The agency sits on this forum no more from {say_date(until)}.")
            return visit.to(f"/forums/{forum_id}")
    return await _ending(visit, forum_id, agency_id, form, 422)


async def _confirm(visit: Visit, forum_id: UUID, form: Filled[SeatTyped], told: SeatForm) -> Response:
    opens = await visit.do(seats.foresee, forum_id, told)
    return await forum_page(
        visit,
        "forums/confirm_agency.html",
        forum_id,
        sent=form.typed,
        opens=opens,
        since=say_date(told.from_day),
        because=told.because,
    )


async def _seating(visit: Visit, forum_id: UUID, form: Filled[SeatTyped], status: int = 200) -> Response:
    found = (await visit.read(reference.agencies)).value["items"]
    agencies = [("", "Choose"), *((each["id"], each["name"]) for each in found)]
    return await forum_page(visit, "forums/add_agency.html", forum_id, status, form=form, agencies=agencies)


async def _ending(visit: Visit, forum_id: UUID, agency_id: UUID, form: Filled[DayTyped], status: int = 200) -> Response:
    found = (await visit.read(forums.read, forum_id)).value
    seat = next((each for each in found["seats"] if each["agency"]["id"] == str(agency_id)), None)
    if seat is None:
        raise NotFound("agency")
    return page(visit, "forums/end_agency.html", found, status, form=form, agency=seat["agency"])
