"""Meetings: which there are and what is due for each, one of them with its list, and its diary."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.day_said import day_said
from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.fields import Form, Line, Long
from app.domain.lawful_bases import Purpose
from app.domain.timetable import why_closed
from app.services import exports, meeting_pages, meetings, reference
from app.web import meeting_words
from app.web.basis import WithBasis, at_fields, proposed
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/meetings")

MeetingId = Annotated[UUID, Path()]
ForumId = Annotated[UUID, Path()]

_PAGE: Final = 20


class PlanTyped(Form):
    """A meeting to put into the diary."""

    forum_id: UUID = Field(title="Meeting")
    day: Line = Field(title="Date")
    extra: bool = Field(False, title="Extra meeting")
    closed_day: bool = Field(False, title="Meet on that day")


class ChairTyped(Form):
    """Who chairs; nobody yet when it is left empty."""

    user_id: UUID | None = Field(None, title="Chair")
    version: int


class CancelTyped(WithBasis):
    """Why a meeting is called off."""

    reason: Long = Field(None, title="Reason")
    version: int


@router.get("")
async def every(visit: AtVisit, forum: str = "", past: str = "", after: str = "") -> Response:
    """Meetings to come, or those that are over."""
    which, over = _known(forum), past == "yes"
    found = await visit.read(meeting_pages.listed, forum=which, past=over, after=_known(after), limit=_PAGE)
    return visit.page(
        "meetings/list.html",
        **found.value,
        after=found.next_cursor,
        chosen=str(which or ""),
        past=over,
        now=visit.errand.now,
        plans=visit.me.may(Verb.RUN_MEETING),
        words=meeting_words,
    )


@router.get("/plan")
async def ask_plan(visit: AtVisit) -> Response:
    """The form for a meeting that is not in the diary yet."""
    return await _planning(visit, blank(PlanTyped))


@router.post("/plan")
async def plan(visit: AtVisit) -> Response:
    """Put it into the diary."""
    form = visit.form(PlanTyped, forum_id="Choose which meeting it is", day="Enter the date")
    closed = None
    if form.value:
        day = day_said(form.value.day, local_date(visit.errand.now))
        try:
            if day is None:
                raise Invalid([FieldProblem("/day", "bad_date", "Write the date as 27 November 2026 or 27/11/2026.")])
            closed = why_closed(day)
            told = {"extra": form.value.extra, "closed_day": form.value.closed_day}
            made = await visit.read(meetings.plan, form.value.forum_id, day, **told)
        except Invalid as refused:
            form = form.refused(Invalid([_said_of_date(each) for each in refused.problems]))
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("/day", "taken", refused.message)]))
        else:
            visit.say("The meeting is in the diary.")
            return visit.to(f"/meetings/{made.value['id']}")
    return await _planning(visit, form, 422, closed)


@router.get("/calendars/{forum_id}.ics")
async def calendar(visit: AtVisit, forum_id: ForumId) -> Response:
    """When a forum meets, for a calendar. It names nobody."""
    made = await visit.do(exports.calendar, forum_id)
    headers = {"content-disposition": 'attachment; filename="meetings.ics"'}
    return visit.finish(Response(made, headers=headers, media_type="text/calendar; charset=utf-8"))


@router.get("/{meeting_id}")
async def show(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """One meeting: its list in order, what each agency knows, and what is to be done next."""
    page = await visit.do(meeting_pages.page, meeting_id)
    return shown(visit, "meetings/meeting.html", page)


@router.post("/{meeting_id}/lock")
async def lock(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Close the list."""
    await visit.do(meetings.lock, meeting_id, None)
    visit.say("The list is closed. Later referrals go to the next meeting.")
    return visit.to(f"/meetings/{meeting_id}")


@router.post("/{meeting_id}/chase")
async def chase(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Remind the agencies whose research is missing."""
    told = await visit.do(meeting_pages.ask_again, meeting_id)
    agencies = "1 agency was" if told == 1 else f"{told} agencies were"
    visit.say(f"{agencies} reminded. The notice says only that something waits.")
    return visit.to(f"/meetings/{meeting_id}")


@router.get("/{meeting_id}/chair")
async def ask_chair(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Choose who chairs."""
    return await _choosing_chair(visit, meeting_id, None)


@router.post("/{meeting_id}/chair")
async def name_chair(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Keep who chairs."""
    form = visit.form(ChairTyped)
    if form.value:
        told = form.value
        try:
            await visit.do(meetings.set_chair, meeting_id, told.user_id, told.version)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The chair is named." if told.user_id else "Nobody is named as chair.")
            return visit.to(f"/meetings/{meeting_id}")
    return await _choosing_chair(visit, meeting_id, form)


@router.get("/{meeting_id}/cancel")
async def ask_cancel(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Ask whether to call it off, and why."""
    return await _cancelling(visit, meeting_id, None)


@router.post("/{meeting_id}/cancel")
async def cancel(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Call it off."""
    form = visit.form(CancelTyped)
    if form.value:
        told = form.value
        try:
            await visit.do(meetings.cancel, meeting_id, told.reason, told.sharing, told.version)
        except Invalid as refused:
            form = form.refused(at_fields(refused))
        else:
            visit.say("The meeting is cancelled. Each of its cases has a place at another.")
            return visit.to(f"/meetings/{meeting_id}")
    return await _cancelling(visit, meeting_id, form)


def shown(visit: Visit, template: str, page: meeting_pages.MeetingPage, status: int = 200, **facts: Any) -> Response:
    """A page about one meeting."""
    return visit.page(
        template,
        status,
        **{
            "page": page,
            "meeting": page.meeting,
            "agenda": page.agenda,
            "at": f"/meetings/{page.meeting['id']}",
            "name": f"{page.meeting['forum']['name']}, {meeting_words.day(page.meeting['starts_at'])}",
            "now": visit.errand.now,
            "words": meeting_words,
            **facts,
        },
    )


async def _planning(visit: Visit, form: Filled[PlanTyped], status: int = 200, closed: str | None = None) -> Response:
    found = await visit.read(reference.forums)
    forums = [(each["id"], each["settings"]["name"]) for each in found.value["items"]]
    return visit.page("meetings/plan.html", status, form=form, forums=forums, closed=closed)


async def _choosing_chair(visit: Visit, meeting_id: UUID, form: Filled[ChairTyped] | None) -> Response:
    page, people = await visit.do(meeting_pages.people, meeting_id)
    chair = page.meeting["chair"]
    chairs = [(str(each["id"]), f"{each['name']}, {each['agency']}") for each in people if each["chairs"]]
    asked = form or blank(ChairTyped, user_id=chair["id"] if chair else "")
    return shown(visit, "meetings/chair.html", page, 422 if form else 200, form=asked, chairs=chairs)


async def _cancelling(visit: Visit, meeting_id: UUID, form: Filled[CancelTyped] | None) -> Response:
    page, register = await visit.do(meeting_pages.page_with_register, meeting_id)
    asked = form or blank(CancelTyped, **proposed(register, Purpose.PLAN))
    return shown(visit, "meetings/cancel.html", page, 422 if form else 200, form=asked, register=register)


def _known(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _said_of_date(problem: FieldProblem) -> FieldProblem:
    """The service speaks to programs of ``extra``; people have a box to tick."""
    if problem.code == "no_sitting":
        text = "It does not usually meet that day. Choose one of its dates, or tick that this is an extra meeting."
        return FieldProblem("/day", problem.code, text)
    if problem.code == "closed":  # put right by the box
        return FieldProblem("/closed_day", problem.code, problem.message)
    return FieldProblem(problem.pointer.replace("/date", "/day"), problem.code, problem.message)
