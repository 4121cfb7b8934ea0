"""Dates that matter to a client's safety: court, police, an order's end, somebody's release."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Day, Flag, Form, Long
from app.domain.safe_times import Clock
from app.risk.grading import add_months


class DateKind(StrEnum):
    """What happens on the day."""

    COURT = "court"
    POLICE = "police"
    SOLICITOR = "solicitor"
    CHILDREN = "children"
    HOUSING = "housing"
    HEALTH = "health"
    ORDER_ENDS = "order_ends"
    RELEASE = "release"
    OTHER = "other"


class DateForm(Form):
    """One date. starts: the time of day, if there is one. dropped: it will not take place after all."""

    kind: DateKind = Field(title="What it is")
    held_on: Day = Field(title="Date")
    starts: Clock | None = Field(None, title="Time")
    what: Long = Field(None, title="Details")
    dropped: Flag = False

    def problems(self, today: date) -> tuple[FieldProblem, ...]:
        """What is missing or cannot be."""
        found = []
        if self.kind is DateKind.OTHER and self.what is None:
            found.append(FieldProblem("/what", "required", "Say what happens on this day."))
        if not add_months(today, -12) <= self.held_on <= add_months(today, 60):
            text = "Give a date within the last year or the next five."
            found.append(FieldProblem("/held_on", "out_of_range", text))
        return tuple(found)
