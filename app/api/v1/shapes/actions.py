"""What is asked and answered about actions."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Named, Shape
from app.domain.actions import ActionStatus


class CaseOfAction(Shape):
    """The case an action belongs to."""

    id: UUID
    reference: str
    victim_name: str


class ActionLine(Shape):
    """An action in a worklist. `overdue`: still owed on the day after `due_on`, in London."""

    id: UUID
    version: int
    case: CaseOfAction
    what: str
    agency: Named
    owner: Named | None
    due_on: date
    status: ActionStatus
    overdue: bool
    reason: str | None
    done_on: date | None
    handed_to: UUID | None
    meeting_id: UUID | None
    agenda_item_id: UUID | None
    party_id: UUID | None
    created_at: datetime
    updated_at: datetime


class ActionUpdateShape(Shape):
    """One thing that became of an action."""

    status: ActionStatus
    reason: str | None
    by: str
    agency: str
    at: datetime


class Action(ActionLine):
    """An action with everything that became of it, oldest first."""

    updates: list[ActionUpdateShape]


class ActionPage(Shape):
    """A page of a worklist, by due date. `next` goes into `cursor` for the following page; null at the end."""

    items: list[ActionLine]
    next: str | None
