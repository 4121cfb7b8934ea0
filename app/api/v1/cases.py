"""Cases: the list, one case's page, and the moves people make between meetings."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Cursor, DayAsked, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.cases import Case, CaseAccess, CaseMoved, CasePage, IdvaAllocated, Timeline, Trail
from app.domain.cases import Allocation, CaseMove
from app.domain.lifecycle import State
from app.risk.grading import Level
from app.risk.markers import Marker
from app.services import cases

router = APIRouter(prefix="/cases", tags=["Cases"])


@router.get("", responses=answers(200, CasePage))
async def list_cases(
    desk: AtDesk,
    state: State | None = None,
    level: Level | None = None,
    repeat: bool | None = None,
    marker: Marker | None = None,
    idva: Annotated[
        Literal["me", "none"] | None,
        Query(description="Only cases of which you are the IDVA, or only open ones that nobody is the IDVA of."),
    ] = None,
    new: Annotated[
        Literal["hrda_today"] | None,
        Query(description="Only cases that today's HRDA hears for the first time since they were referred."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The cases you can see, newest first."""
    return await desk.show(
        cases.listed,
        state=state,
        level=level,
        repeat=repeat,
        marker=marker,
        mine=idva == "me",
        no_idva=idva == "none",
        new_at_hrda=new is not None,
        after=cursor,
        limit=limit,
    )


@router.get("/{case_id}", responses=answers(200, Case, 404))
async def read_case(desk: AtDesk, case_id: UUID) -> Response:
    """Everything on a case's page: people, risk over time, plan, meetings, offers, referrals, and the legal moves."""
    return await desk.show(cases.read, case_id)


@router.get("/{case_id}/timeline", responses=answers(200, Timeline, 404))
async def read_timeline(desk: AtDesk, case_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """What happened to a case, newest first, with the reasons of each decision."""
    return await desk.show(cases.timeline, case_id, after=cursor, limit=limit)


@router.get("/{case_id}/access", responses=answers(200, CaseAccess, 404))
async def read_access(
    desk: AtDesk,
    case_id: UUID,
    on: Annotated[DayAsked | None, Query(description="A day that is past: who could see it then.")] = None,
) -> Response:
    """Who can see a case, and why."""
    return await desk.show(cases.access, case_id, on)


@router.get("/{case_id}/trail", responses=answers(200, Trail, 404))
async def read_trail(desk: AtDesk, case_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Who looked at a case or changed it, newest first."""
    return await desk.show(cases.trail, case_id, after=cursor, limit=limit)


@router.post("/{case_id}/moves", responses=answers(200, CaseMoved, 404, 409, 412, 428))
async def move_case(desk: AtDesk, case_id: UUID, move: CaseMove) -> Response:
    """Monitor, step down, transfer, close or send to MARAC. Needs `If-Match`. A move that is not legal names those
    that are; meetings make the others, and only a new referral re-refers."""
    return await desk.make(200, cases.move, case_id, move, desk.version("case"))


@router.put("/{case_id}/idva", responses=answers(200, IdvaAllocated, 404, 412, 428))
async def allocate_idva(desk: AtDesk, case_id: UUID, allocation: Allocation) -> Response:
    """Give the victim an IDVA. The case opens to them, and closes to the IDVA before them. Needs `If-Match`."""
    return await desk.show(cases.allocate_idva, case_id, allocation, desk.version("case"))
