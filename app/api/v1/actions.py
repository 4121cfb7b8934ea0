"""Actions: promise one, find those that are owed, and say what became of each."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.paging import Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.actions import Action, ActionPage
from app.domain.actions import OUTSTANDING, ActionForm, ActionStatus, ActionUpdateForm
from app.services import actions

router = APIRouter(tags=["Actions"])


@router.post("/cases/{case_id}/actions", status_code=201, responses=answers(201, Action, 404, 409, repeats=True))
async def promise_action(desk: AtDesk, case_id: UUID, form: ActionForm) -> Response:
    """Write down what an agency will do for a case, and by when. It need not wait for a meeting.

    The agency's desk, and the owner if one is named, can see the case for as long as the action is owed.
    """
    return await desk.make(201, actions.promise, case_id, form)


@router.get("/actions", responses=answers(200, ActionPage))
async def list_actions(
    desk: AtDesk,
    agency: Annotated[UUID | Literal["mine"] | None, Query(description="An agency's id, or `mine`.")] = None,
    status: Annotated[
        ActionStatus | Literal["outstanding"] | None, Query(description="`outstanding`: open or not done.")
    ] = None,
    overdue: Annotated[bool, Query(description="Only those that are owed and were due before today.")] = False,
    case: Annotated[UUID | None, Query(description="Only those of this case.")] = None,
    cursor: Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")] = None,
    limit: Limit = 50,
) -> Response:
    """The actions you may see by due date, the earliest first: an agency's worklist, or a case's plan."""
    statuses = OUTSTANDING if status == "outstanding" else {status} - {None}
    return await desk.show(
        actions.listed,
        agency=agency if isinstance(agency, UUID) else None,
        mine=agency == "mine",
        case_id=case,
        statuses={ActionStatus(each) for each in statuses if each},
        overdue=overdue,
        cursor=cursor,
        limit=limit,
    )


@router.get("/actions/{action_id}", responses=answers(200, Action, 404))
async def read_action(desk: AtDesk, action_id: UUID) -> Response:
    """One action, with everything that became of it."""
    return await desk.show(actions.read, action_id)


@router.post(
    "/actions/{action_id}/updates",
    status_code=201,
    responses=answers(201, Action, 404, 409, 412, 428, repeats=True),
)
async def update_action(desk: AtDesk, action_id: UUID, form: ActionUpdateForm) -> Response:
    """Say what became of an action: done, not done, no longer possible, or handed over to another agency.

    For the agency that owns it, the coordinator and the chair. Needs `If-Match`. When it is handed over, the other
    agency's action is made at once and `handed_to` names it.
    """
    return await desk.make(201, actions.update, action_id, form, desk.version("action"))
