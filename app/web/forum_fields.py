"""A forum's settings as a form's fields: one line each, days as people write them, and back."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from app.domain.agenda_order import Section
from app.domain.clock import say_date
from app.domain.day_said import day_said
from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Form, Line, Short, problems_from
from app.domain.forum_forms import ForumChange
from app.domain.forums import Code, Daily, EveryWeeks, Forum, HolidayRule, LocalTime, Monthly, Overflow, Weekday
from app.domain.lifecycle import Outcome

_Days = Annotated[int, Field(ge=0, le=60)]
BAD_DAY: Final = "Write the day as 1 January 2027 or 1/1/2027."


class CadenceTyped(Form):
    """When a forum sits: by ``every``, what the other fields of that choice say."""

    every: Literal["day", "weeks", "month"] = Field(title="When it sits")
    weekdays: tuple[Weekday, ...] = ()
    weeks: Annotated[int, Field(ge=1, le=26)] | None = Field(None, title="Every how many weeks")
    first: Short = Field(None, title="The first of these sittings")
    week: Literal["first", "second", "third", "fourth", "last"] | None = None
    weekday: Weekday | None = None
    starts_at: LocalTime = Field(title="Starts at")

    def cadence(self, today: date) -> dict[str, Any]:
        """The cadence, as its own form has it. Raises Invalid with what is missing."""
        problems = []
        told: dict[str, Any] = {"every": self.every}
        match self.every:
            case "day":
                told["weekdays"] = self.weekdays
                if not self.weekdays:
                    problems.append(FieldProblem("/weekdays", "missing", "Choose at least one day of the week."))
            case "weeks":
                first = day_said(self.first, today) if self.first else None
                told |= {"weeks": self.weeks, "anchor": first}
                if self.weeks is None:
                    problems.append(FieldProblem("/weeks", "missing", "Say every how many weeks."))
                if first is None:
                    problems.append(FieldProblem("/first", "bad_date", f"The first of these sittings: {BAD_DAY}"))
                elif first.weekday() >= len(Weekday):
                    text = "The first of these sittings: choose a day from Monday to Friday."
                    problems.append(FieldProblem("/first", "weekend", text))
            case "month":
                told |= {"week": self.week, "weekday": self.weekday}
                if self.week is None:
                    problems.append(FieldProblem("/week", "missing", "Choose which week of the month."))
                if self.weekday is None:
                    problems.append(FieldProblem("/weekday", "missing", "Choose which day of the week."))
        if problems:
            raise Invalid(problems)
        return told


class SettingsTyped(CadenceTyped):
    """Every setting, from a day on. version: what was there when the page was opened. sure: it was looked at again."""

    holiday_rule: HolidayRule = Field(title="On a bank holiday")
    cut_off_days: _Days = Field(title="Referrals close: working days before")
    cut_off_time: LocalTime = Field(title="Referrals close: time of day")
    agenda_days: _Days = Field(title="Agenda: working days before")
    research_days: _Days = Field(title="Research: working days before")
    minutes_days: _Days = Field(title="Minutes: working days after")
    due_time: LocalTime = Field(title="By what time")
    capacity: Annotated[int, Field(ge=1, le=500)] | None = Field(None, title="Most cases")
    overflow: Overflow = Field(title="When the list is full")
    minutes_per_case: Annotated[int, Field(ge=1, le=240)] = Field(title="Minutes for each case")
    minimum_agencies: Annotated[int, Field(ge=1, le=100)] = Field(title="Agencies for a quorum")
    required_kinds: tuple[Code, ...] = ()
    place_actions: int = 1
    place_children: int = 2
    place_adults: int = 3
    place_twelve_month_review: int = 4
    place_other: int = 5
    outcomes: tuple[Outcome, ...] = Field((), title="How it may leave a case")
    day: Line = Field(title="From which day")
    because: Line = Field(title="Why")
    version: int = 0
    sure: bool = False

    def change(self, today: date) -> ForumChange:
        """The change that is meant. Raises Invalid."""
        cadence = self.cadence(today)
        places = {section: getattr(self, f"place_{section}") for section in Section}
        if len(set(places.values())) != len(Section):
            text = "Give each part of the agenda a place of its own."
            raise Invalid([FieldProblem("/place_actions", "same_place", text)])
        if not self.outcomes:
            text = "Choose at least one way in which it may leave a case."
            raise Invalid([FieldProblem("/outcomes", "missing", text)])
        since = day_said(self.day, today)
        if since is None:
            raise Invalid([FieldProblem("/day", "bad_date", BAD_DAY)])
        clocks = ("cut_off_days", "cut_off_time", "agenda_days", "research_days", "minutes_days", "due_time")
        told = {
            "effective_from": since,
            "because": self.because,
            "cadence": cadence,
            "clocks": {name: getattr(self, name) for name in clocks},
            "quorum": {"minimum_agencies": self.minimum_agencies, "required_kinds": self.required_kinds},
            "agenda_order": sorted(Section, key=lambda each: places[each]),
        }
        same = ("starts_at", "holiday_rule", "capacity", "minutes_per_case", "overflow", "outcomes")
        try:
            return ForumChange.model_validate({**told, **{name: getattr(self, name) for name in same}})
        except ValidationError as error:
            raise Invalid(problems_from(error, ForumChange)) from None


def typed(forum: Forum) -> dict[str, Any]:
    """A forum's settings, as the form shows them."""
    clocks, told = forum.clocks, forum.cadence
    shown: dict[str, Any] = {
        "every": told.every,
        "starts_at": f"{forum.starts_at:%H:%M}",
        "holiday_rule": forum.holiday_rule,
        "cut_off_days": str(clocks.cut_off_days),
        "cut_off_time": f"{clocks.cut_off_time:%H:%M}",
        "agenda_days": str(clocks.agenda_days),
        "research_days": str(clocks.research_days),
        "minutes_days": str(clocks.minutes_days),
        "due_time": f"{clocks.due_time:%H:%M}",
        "capacity": str(forum.capacity or ""),
        "minutes_per_case": str(forum.minutes_per_case),
        "overflow": forum.overflow,
        "minimum_agencies": str(forum.quorum.minimum_agencies),
        "required_kinds": forum.quorum.required_kinds,
        "outcomes": forum.outcomes,
        **{f"place_{section}": str(place) for place, section in enumerate(forum.agenda_order, 1)},
    }
    match told:
        case Daily():
            shown["weekdays"] = told.weekdays
        case EveryWeeks():
            shown |= {"weeks": str(told.weeks), "first": say_date(told.anchor).partition(" ")[2]}
        case Monthly():
            shown |= {"week": told.week, "weekday": told.weekday}
    return shown
