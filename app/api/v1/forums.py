"""Forums: settings from a day on, seats and diary. For the partnership's administrator."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.forums import ForumKept, ForumsKept
from app.domain.forum_forms import (
    Closing,
    DateSaid,
    ForumChange,
    Naming,
    NewForum,
    Reopening,
    SeatEnd,
    SeatForm,
    SittingSaid,
)
from app.domain.rules import FromDay
from app.services import forum_closing, forum_names, forums, seats

router = APIRouter(prefix="/forums", tags=["Forums"])

_CHANGED = answers(200, ForumKept, 404, 409, 412, 428)


@router.get("/kept", responses=answers(200, ForumsKept))
async def list_forums_kept(desk: AtDesk) -> Response:
    """Every forum there is or was."""
    return await desk.show(forums.listed)


@router.post("", status_code=201, responses=answers(201, ForumKept))
async def add_forum(desk: AtDesk, form: NewForum) -> Response:
    """Add a forum, with the standard settings of its kind and its sittings of the next weeks."""
    return await desk.make(201, forums.add, form)


@router.get("/{forum_id}", responses=answers(200, ForumKept, 404))
async def read_forum(desk: AtDesk, forum_id: UUID) -> Response:
    """One forum: settings today and later, seats, diary, and who changed what, when and why."""
    return await desk.show(forums.read, forum_id)


@router.post("/{forum_id}/changes", responses=_CHANGED)
async def change_forum(desk: AtDesk, forum_id: UUID, form: ForumChange) -> Response:
    """Set it otherwise from a day on. The diary follows; what was circulated stays. Needs `If-Match`."""
    return await desk.make(200, forums.change, forum_id, form, desk.version("forum"))


@router.post("/{forum_id}/name", responses=_CHANGED)
async def name_forum(desk: AtDesk, forum_id: UUID, form: Naming) -> Response:
    """Call it something else; or make it one of another kind, while nothing was listed at it. Needs `If-Match`."""
    return await desk.make(200, forum_names.name, forum_id, form, desk.version("forum"))


@router.post("/{forum_id}/take-back", responses=_CHANGED)
async def take_back_forum(desk: AtDesk, forum_id: UUID, form: FromDay) -> Response:
    """Undo a change that is planned for a day to come. Needs `If-Match`."""
    return await desk.make(200, forums.take_back, forum_id, form, desk.version("forum"))


@router.post("/{forum_id}/skips", responses=_CHANGED)
async def skip_sitting(desk: AtDesk, forum_id: UUID, form: DateSaid) -> Response:
    """It does not sit on a date. Whoever coordinates a case on that list is told. Needs `If-Match`."""
    return await desk.make(200, forums.skip, forum_id, form, desk.version("forum"))


@router.post("/{forum_id}/sittings", responses=_CHANGED)
async def add_sitting(desk: AtDesk, forum_id: UUID, form: SittingSaid) -> Response:
    """It sits on a date that has none: an extra sitting, or one that was skipped; on a weekend or a bank holiday only
    with `closed_day`. Needs `If-Match`."""
    return await desk.make(200, forums.sit, forum_id, form, desk.version("forum"))


@router.post("/{forum_id}/seats", responses=_CHANGED)
async def add_seat(desk: AtDesk, forum_id: UUID, form: SeatForm) -> Response:
    """An agency sits on it from a day on. Needs `If-Match`."""
    return await desk.make(200, seats.add, forum_id, form, desk.version("forum"))


@router.post("/{forum_id}/seats/{agency_id}/end", responses=_CHANGED)
async def end_seat(desk: AtDesk, forum_id: UUID, agency_id: UUID, form: SeatEnd) -> Response:
    """An agency sits on it no more from a day on. Needs `If-Match`."""
    return await desk.make(200, seats.end, forum_id, agency_id, form, desk.version("forum"))


@router.post("/{forum_id}/close", responses=_CHANGED)
async def close_forum(desk: AtDesk, forum_id: UUID, form: Closing) -> Response:
    """It meets no more. While cases are listed at it, only with `cases_left`. Needs `If-Match`."""
    return await desk.make(200, forum_closing.close, forum_id, form, desk.version("forum"))


@router.post("/{forum_id}/reopen", responses=_CHANGED)
async def reopen_forum(desk: AtDesk, forum_id: UUID, form: Reopening) -> Response:
    """It meets again. Needs `If-Match`."""
    return await desk.make(200, forum_closing.reopen, forum_id, form, desk.version("forum"))
