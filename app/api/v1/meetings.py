"""Meetings: when forums sit, and each meeting from planning to its end."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, DayAsked, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.meetings import CancelForm, ChairForm, Meeting, MeetingPage, PlanForm, ReasonForm, Sittings
from app.domain.meetings import MeetingStatus
from app.services import meetings

router = APIRouter(tags=["Meetings"])

Since = Annotated[DayAsked | None, Query(alias="from", description="From this day on.")]
Until = Annotated[DayAsked | None, Query(alias="to", description="Up to this day, included.")]
_CHANGED = answers(200, Meeting, 404, 409, 412, 428)


@router.get("/meetings", responses=answers(200, MeetingPage))
async def list_meetings(
    desk: AtDesk,
    forum: UUID | None = None,
    since: Since = None,
    until: Until = None,
    status: MeetingStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Meetings in the order in which they are held."""
    return await desk.show(
        meetings.listed, forum=forum, since=since, until=until, status=status, after=cursor, limit=limit
    )


@router.get("/forums/{forum_id}/sittings", responses=answers(200, Sittings, 404))
async def list_sittings(desk: AtDesk, forum_id: UUID, since: Since = None, until: Until = None) -> Response:
    """When a forum sits and what is due when, whether or not a meeting is planned yet. Sixty days unless you say."""
    return await desk.show(meetings.dates, forum_id, since=since, until=until)


@router.post("/forums/{forum_id}/meetings", status_code=201, responses=answers(201, Meeting, 404, 409))
async def plan_meeting(desk: AtDesk, forum_id: UUID, form: PlanForm) -> Response:
    """Put a meeting into the diary; an `extra` one on any working day, and on others only with `closed_day`."""
    return await desk.make(201, meetings.plan, forum_id, form.date, extra=form.extra, closed_day=form.closed_day)


@router.get("/meetings/{meeting_id}", responses=answers(200, Meeting, 404))
async def read_meeting(desk: AtDesk, meeting_id: UUID) -> Response:
    """One meeting: clocks, numbers, chair, attendance, quorum with reasons, and whose research is missing."""
    return await desk.show(meetings.read, meeting_id)


@router.put("/meetings/{meeting_id}/chair", responses=_CHANGED)
async def name_chair(desk: AtDesk, meeting_id: UUID, form: ChairForm) -> Response:
    """Name who chairs. Needs `If-Match`."""
    return await desk.show(meetings.set_chair, meeting_id, form.user_id, desk.version("meeting"))


@router.post("/meetings/{meeting_id}/lock", responses=_CHANGED)
async def lock_meeting(desk: AtDesk, meeting_id: UUID) -> Response:
    """Close the list. Needs `If-Match`."""
    return await desk.make_once(
        200, lambda uow: meetings.read(uow, meeting_id), meetings.lock, meeting_id, desk.version("meeting")
    )


@router.post("/meetings/{meeting_id}/start", responses=_CHANGED)
async def start_meeting(desk: AtDesk, meeting_id: UUID, form: ReasonForm | None = None) -> Response:
    """Open the meeting. Without a quorum, give the `reason`. Needs `If-Match`."""
    reason = form.reason if form else None
    return await desk.make_once(
        200, lambda uow: meetings.read(uow, meeting_id), meetings.start, meeting_id, reason, desk.version("meeting")
    )


@router.post("/meetings/{meeting_id}/end", responses=_CHANGED)
async def end_meeting(desk: AtDesk, meeting_id: UUID) -> Response:
    """Close the meeting. Needs `If-Match`."""
    return await desk.make_once(
        200, lambda uow: meetings.read(uow, meeting_id), meetings.end, meeting_id, desk.version("meeting")
    )


@router.post("/meetings/{meeting_id}/cancel", responses=_CHANGED)
async def cancel_meeting(desk: AtDesk, meeting_id: UUID, form: CancelForm) -> Response:
    """Call the meeting off: each case on its list goes to the next place by rule. Needs `If-Match`."""
    return await desk.make_once(
        200,
        lambda uow: meetings.read(uow, meeting_id),
        meetings.cancel,
        meeting_id,
        form.reason,
        form.sharing,
        desk.version("meeting"),
    )
