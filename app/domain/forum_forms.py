"""What the partnership's administrator says of a forum: a new one, other settings from a day on, a date, a seat."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.agenda_order import Section
from app.domain.errors import FieldProblem
from app.domain.fields import Day, Flag, Form, Line
from app.domain.forums import (
    LOCAL_CRITERIA,
    STANDARD_OUTCOMES,
    Cadence,
    Clocks,
    Daily,
    EveryWeeks,
    Forum,
    ForumKind,
    HolidayRule,
    LocalTime,
    Overflow,
    QuorumRule,
    standard_hrda,
    standard_marac,
)
from app.domain.lifecycle import Outcome
from app.domain.rules import FromDay

_MOST_MEMBERS = 100
# Where a forum that does not count in weeks borrows its other settings from one that does.
_ANY_MONDAY = date(2026, 1, 5)


class ForumChange(FromDay):
    """Everything that may be set of a forum, from a day on. Its name and kind are of no day: see ``Naming``."""

    cadence: Cadence = Field(title="When it sits")
    starts_at: LocalTime = Field(title="Starts at")
    holiday_rule: HolidayRule = Field(title="On a bank holiday")
    clocks: Clocks = Field(title="What is due when")
    capacity: Annotated[int, Field(ge=1, le=500)] | None = Field(title="Most cases")
    minutes_per_case: Annotated[int, Field(ge=1, le=240)] = Field(title="Minutes for each case")
    overflow: Overflow = Field(title="When the list is full")
    quorum: QuorumRule = Field(title="Quorum")
    agenda_order: tuple[Section, ...] = Field(title="Order of the agenda")
    outcomes: tuple[Outcome, ...] = Field(min_length=1, title="How it may leave a case")

    def problems_of(self, kind: ForumKind) -> tuple[FieldProblem, ...]:
        """What a forum of this kind cannot do: it leaves a case only in ways of its kind."""
        if set(self.outcomes) <= set(STANDARD_OUTCOMES[kind]):
            return ()
        text = "Choose from the outcomes of a forum of this kind."
        return (FieldProblem("/outcomes", "of_another_kind", text),)

    def of(self, before: Forum) -> Forum:
        """The forum with these settings. Raises pydantic's ValidationError when they do not go together."""
        told = {name: getattr(self, name) for name in ForumChange.model_fields if name not in FromDay.model_fields}
        return Forum.model_validate({**dict(before), **told})


class NewForum(Form):
    """A forum from today on, with the standard settings of its kind. Change them afterwards."""

    kind: ForumKind = Field(title="Kind")
    name: Line = Field(title="Name")
    cadence: Cadence = Field(title="When it sits")
    starts_at: LocalTime = Field(title="Starts at")
    members: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=_MOST_MEMBERS, title="Agencies")]
    because: Line = Field(title="Why")

    def forum(self) -> Forum:
        """Its settings."""
        # A daily list has the clocks of one, whatever it is called.
        daily = isinstance(self.cadence, Daily)
        anchor = self.cadence.anchor if isinstance(self.cadence, EveryWeeks) else _ANY_MONDAY
        base = standard_hrda(self.name) if daily else standard_marac(anchor, self.name)
        told = {
            "kind": self.kind,
            "cadence": self.cadence,
            "starts_at": self.starts_at,
            "outcomes": STANDARD_OUTCOMES[self.kind],
            "escalation_criteria": LOCAL_CRITERIA if self.kind is ForumKind.HRDA else (),
        }
        return Forum.model_validate({**dict(base), **told})


class Naming(Form):
    """What a forum is called, of which kind it is, and why that changes. It holds at once."""

    name: Line = Field(title="Name")
    kind: ForumKind = Field(title="What it is")
    because: Line = Field(title="Why")


class DateSaid(Form):
    """A date on which a forum does not sit, and why."""

    day: Day = Field(title="Date")
    because: Line = Field(title="Why")


class SittingSaid(DateSaid):
    """A date on which it sits as well. closed_day: it is a weekend or a bank holiday, and that is meant."""

    closed_day: Flag = False


class SeatForm(Form):
    """An agency that sits on the forum from the beginning of a day on."""

    agency_id: UUID = Field(title="Agency")
    from_day: Day = Field(title="From which day")
    because: Line = Field(title="Why")


class SeatEnd(Form):
    """The first day on which an agency sits on the forum no more."""

    from_day: Day = Field(title="From which day")
    because: Line = Field(title="Why")


class Reopening(Form):
    """Why a forum is opened again."""

    because: Line = Field(title="Why")


class Closing(Reopening):
    """Why a forum is closed. cases_left: others bring the cases on its lists elsewhere, and that was agreed."""

    cases_left: Flag = False
