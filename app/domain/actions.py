"""Actions: what an agency said it will do for a case, by when, and what became of it."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.domain.clock import ENGLAND, Calendar, add_working_days
from app.domain.disclosures import Sharing
from app.domain.errors import FieldProblem
from app.domain.fields import Day, Long

SHORTEST_TEXT = 10
LONGEST_TEXT = 2_000
LONGEST_WORKING_DAYS = 260
FURTHEST_DUE = timedelta(days=366)
EARLIEST_DONE = date(1900, 1, 1)


class ActionStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    NOT_DONE = "not_done"
    NOT_POSSIBLE = "not_possible"
    HANDED_OVER = "handed_over"


OUTSTANDING = frozenset({ActionStatus.OPEN, ActionStatus.NOT_DONE})
"""Still owed. An action reported as not done stays owed until it is done, handed over or impossible."""

NEEDS_REASON = frozenset({ActionStatus.NOT_DONE, ActionStatus.NOT_POSSIBLE, ActionStatus.HANDED_OVER})

_VAGUE_WORDS = """
    safeguard safeguarding monitor monitoring support supporting ongoing continue continued continuing review
    reviewing liaise liaising discuss consider be aware watch offer provide as and when necessary appropriate
    needed required possible further the to a an or with of for on in all any family victim survivor child
    children perpetrator case situation risk risks client agencies agency partners
"""
_VAGUE = frozenset(_VAGUE_WORDS.split())


@dataclass(frozen=True, slots=True)
class NewAction:
    """An action as someone proposes it. Give either ``due`` or ``due_in_working_days``."""

    what: str
    owner_agency: UUID | None
    due: date | None = None
    due_in_working_days: int | None = None


@dataclass(frozen=True, slots=True)
class ActionUpdate:
    """What became of an action. ``handed_to`` is the agency that takes it on, for ``handed_over`` only."""

    status: ActionStatus
    reason: str | None = None
    handed_to: UUID | None = None


@dataclass(frozen=True, slots=True)
class ActionStanding:
    """An action as far as closing its case is concerned."""

    status: ActionStatus
    reason: str | None = None


def due_on(action: NewAction, today: date, calendar: Calendar = ENGLAND) -> date:
    """The date by which the action is due. Raises ValueError when it has none: see ``check_action``."""
    if action.due is not None:
        return action.due
    if action.due_in_working_days is None:
        raise ValueError("The action has no due date.")
    return add_working_days(today, action.due_in_working_days, calendar)


def check_action(action: NewAction, today: date) -> tuple[FieldProblem, ...]:
    """Everything wrong with a proposed action; empty when it can be recorded."""
    problems = [*_text_problems(action.what), *_due_problems(action, today)]
    if action.owner_agency is None:
        problems.append(FieldProblem("/owner_agency", "required", "Choose the agency that will do this action."))
    return tuple(problems)


def check_update(update: ActionUpdate, current: ActionStatus, owner_agency: UUID) -> tuple[FieldProblem, ...]:
    """Everything wrong with an update; empty when it can be recorded."""
    problems: list[FieldProblem] = []
    if update.status is current and current is not ActionStatus.HANDED_OVER:
        problems.append(
            FieldProblem("/status", "unchanged", f"This action is already '{_say(current)}'. Choose another status.")
        )
    if update.status in NEEDS_REASON and not (update.reason or "").strip():
        problems.append(FieldProblem("/reason", "required", f"Say why the action is '{_say(update.status)}'."))
    if update.status is ActionStatus.HANDED_OVER:
        if update.handed_to is None:
            problems.append(FieldProblem("/handed_to", "required", "Choose the agency that takes this action on."))
        elif update.handed_to == owner_agency:
            problems.append(
                FieldProblem("/handed_to", "same_agency", "Choose another agency: this one already owns the action.")
            )
    elif update.handed_to is not None:
        problems.append(FieldProblem("/handed_to", "not_expected", "Leave this out unless the action is handed over."))
    return tuple(problems)


def _text_problems(what: str) -> list[FieldProblem]:
    text = what.strip()
    if not text:
        return [FieldProblem("/what", "required", "Say what will be done.")]
    if len(text) > LONGEST_TEXT:
        return [FieldProblem("/what", "too_long", f"Use {LONGEST_TEXT:,} characters or fewer.")]
    words = re.findall(r"\w+", text.casefold())
    if len(text) < SHORTEST_TEXT or all(word in _VAGUE for word in words):
        return [
            FieldProblem(
                "/what",
                "too_vague",
                "Be more specific, so that everyone can tell when it is done. "
                "For example: 'Fit new locks at the home and confirm with the IDVA'.",
            )
        ]
    return []


def _due_problems(action: NewAction, today: date) -> list[FieldProblem]:
    days = action.due_in_working_days
    if action.due is not None and days is not None:
        return [FieldProblem("/due", "one_of", "Give either a due date or a number of working days, not both.")]
    if action.due is None and days is None:
        return [FieldProblem("/due", "required", "Give a due date, or a number of working days.")]
    if days is not None and not 0 <= days <= LONGEST_WORKING_DAYS:
        return [
            FieldProblem(
                "/due_in_working_days",
                "out_of_range",
                f"Give a number of working days from 0 to {LONGEST_WORKING_DAYS}.",
            )
        ]
    if action.due is not None and action.due < today:
        return [FieldProblem("/due", "in_the_past", "Give a due date that is today or later.")]
    if action.due is not None and action.due > today + FURTHEST_DUE:
        return [FieldProblem("/due", "too_far", "Give a due date within the next year.")]
    return []


def _say(status: ActionStatus) -> str:
    return status.replace("_", " ")


class ActionForm(BaseModel):
    """An action as it is promised. Give `due_on`, or a number of working days from today."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: Long = Field(description="Specific enough for everyone to tell when it is done.")
    agency_id: UUID = Field(description="The agency that will do it.")
    owner_id: UUID | None = Field(None, description="Who there will do it.")
    due_on: Day | None = None
    working_days: Annotated[int, Field(strict=True)] | None = None
    meeting_id: UUID | None = Field(None, description="The meeting at which it was promised, if it was at one.")
    agenda_item_id: UUID | None = None
    party_id: UUID | None = Field(None, description="Whom it is for.")
    sharing: Sharing | None = Field(
        None, description="Needed when that agency, or that person, cannot see the case yet."
    )

    def problems(self, today: date) -> tuple[FieldProblem, ...]:
        """``check_action``, pointing at this form's fields."""
        return tuple(_renamed(check_action(self._value, today)))

    def due(self, today: date) -> date:
        """The date by which it is due. Raises ValueError when it has none: see ``problems``."""
        return due_on(self._value, today)

    @property
    def _value(self) -> NewAction:
        return NewAction(self.what or "", self.agency_id, self.due_on, self.working_days)


class ActionUpdateForm(BaseModel):
    """What became of an action. `reason`: why, or what came of it; needed unless it is done or open again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: ActionStatus
    reason: Long = None
    done_on: Day | None = Field(None, description="The day it was done; today when left out.")
    to_agency_id: UUID | None = Field(None, description="The agency that takes it on, when it is handed over.")
    sharing: Sharing | None = Field(None, description="Needed when that agency cannot see the case yet.")

    def problems(self, current: ActionStatus, owner_agency: UUID, today: date) -> tuple[FieldProblem, ...]:
        """``check_update``, pointing at this form's fields, and whether the day it was done can be."""
        update = ActionUpdate(self.status, self.reason, self.to_agency_id)
        found = [*_renamed(check_update(update, current, owner_agency))]
        if self.done_on is not None and self.status is not ActionStatus.DONE:
            found.append(FieldProblem("/done_on", "not_expected", "Leave this out unless the action is done."))
        elif self.done_on is not None and not EARLIEST_DONE <= self.done_on <= today:
            found.append(FieldProblem("/done_on", "out_of_range", "Give the day it was done: today or earlier."))
        return tuple(found)


_FORM_FIELDS = {
    "/owner_agency": "/agency_id",
    "/due": "/due_on",
    "/due_in_working_days": "/working_days",
    "/handed_to": "/to_agency_id",
}


def _renamed(problems: tuple[FieldProblem, ...]) -> list[FieldProblem]:
    return [replace(each, pointer=_FORM_FIELDS.get(each.pointer, each.pointer)) for each in problems]
