"""Rules by date: what somebody sets from a day on and why, and what grading by other rules would change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Day, Form, Line
from app.domain.forums import LocalTime
from app.domain.idva_support import SupportRules
from app.domain.referrals import ReferralForm, grading_facts
from app.domain.routing import Pathway, RoutingRules, SupportKind
from app.risk.grading import GradingRules, Ground, Level, ProfessionalJudgement, RepeatDefinition, grade
from app.risk.instruments import Catalogue
from app.risk.scoring import Answer, AnswerValue

FURTHEST_AHEAD = timedelta(days=400)
"""How far ahead a rule can be set."""
PREVIEWED = timedelta(days=90)
"""Of how long the assessments are graded again, for whoever is about to change the rules."""

_MOST_QUESTIONS = 200


class Rule(StrEnum):
    """The rules that a partnership sets from a day on. Those of a forum are kept with the forum's id."""

    GRADING = "grading"
    ROUTING = "routing"
    IDVA_SUPPORT = "idva_support"


class FromDay(Form):
    """From which day something holds, and why."""

    effective_from: Day = Field(title="From which day")
    because: Line = Field(title="Why")

    def problems(self, today: date) -> tuple[FieldProblem, ...]:
        """Whether that day can be chosen: what was decided before today stays as it was decided."""
        if self.effective_from < today:
            text = "Choose today or a later day. What was decided before stays as it was decided."
            return (FieldProblem("/effective_from", "in_the_past", text),)
        if self.effective_from > today + FURTHEST_AHEAD:
            text = f"Choose a day within the next {FURTHEST_AHEAD.days} days."
            return (FieldProblem("/effective_from", "too_far", text),)
        return ()


_Count = Annotated[int, Field(ge=1, le=_MOST_QUESTIONS)]
_Months = Annotated[int, Field(ge=1, le=120)]


class GradingChange(FromDay):
    """Thresholds from a day on. high_at: by instrument; one that is not named keeps that of its own data."""

    high_at: Mapping[Annotated[str, Field(max_length=60)], _Count] = Field(max_length=20, title="High risk from")
    medium_at: _Count = Field(title="Medium risk from")
    escalation_events: _Count = Field(title="Events that are potential escalation")
    escalation_months: _Months = Field(title="Within how many months")
    repeat_months: _Months = Field(title="Months in which a new instance is a repeat")
    repeat_definition: RepeatDefinition = Field(title="What counts as a repeat")

    def rules(self, version: str) -> GradingRules:
        """The rules themselves."""
        return GradingRules(version=version, **_value_of(self))

    def problems(self, today: date) -> tuple[FieldProblem, ...]:
        """A day that cannot be, or thresholds that contradict each other."""
        found = super().problems(today)
        if any(high < self.medium_at for high in self.high_at.values()):
            text = "Medium risk must not begin above high risk. Lower it, or raise the threshold for high risk."
            return (FieldProblem("/medium_at", "above_high", text), *found)
        return found


class RoutingChange(FromDay):
    """The pathway, and where cases below high risk go, from a day on. Days are working days."""

    pathway: Pathway = Field(title="Where high-risk referrals go first")
    refer_under_threshold: tuple[Literal[Ground.POTENTIAL_ESCALATION, Ground.REPEAT], ...] = Field(
        (), max_length=2, title="What goes to a meeting although its score is lower"
    )
    medium_support: SupportKind = Field(title="Support for medium risk")
    medium_accept_days: Annotated[int, Field(ge=1, le=60)] = Field(title="Days to accept a medium-risk case")
    standard_support: SupportKind = Field(title="Support for standard risk")
    standard_accept_days: Annotated[int, Field(ge=1, le=60)] = Field(title="Days to accept a standard-risk case")

    def rules(self, version: str) -> RoutingRules:
        """The rules themselves."""
        return RoutingRules(version=version, **_value_of(self))


class SupportChange(FromDay):
    """What is expected of IDVAs, from a day on."""

    contact_within_days: Annotated[int, Field(ge=0, le=14)] = Field(title="Days until first contact")
    contact_by: LocalTime = Field(title="By what time of day")
    referrals_a_year: Annotated[int, Field(ge=1, le=1000)] = Field(title="Referrals a year for one IDVA")

    def rules(self, version: str) -> SupportRules:
        """The rules themselves."""
        return SupportRules(version=version, **_value_of(self))


RuleChange = GradingChange | RoutingChange | SupportChange


def _value_of(change: FromDay) -> dict[str, Any]:
    return {name: getattr(change, name) for name in type(change).model_fields if name not in FromDay.model_fields}


@dataclass(frozen=True, slots=True)
class Graded:
    """An assessment that was made, without whom it is about.

    yes: its score. judged: the level a professional gave it, if they did. told: of its referral, when things happened
    and whether they would be crimes, in the referral's own shape.
    """

    instrument: str
    version: str
    yes: int
    judged: Level | None
    on: date
    told: Mapping[str, Any]
    last_referral_on: date | None


@dataclass(frozen=True, slots=True)
class Preview:
    """How many of the assessments looked at would have been graded higher, or lower, by other rules."""

    assessments: int
    up: int
    down: int


def preview(made: Iterable[Graded], catalogue: Catalogue, now: GradingRules, then: GradingRules) -> Preview:
    """Grade each by both rules, and count. Screens, which have no threshold, are left out."""
    assessments = up = down = 0
    for each in made:
        instrument = catalogue.get(each.instrument, each.version)
        if instrument.high_at is None and instrument.id not in {*now.high_at, *then.high_at}:
            continue
        facts = replace(
            grading_facts(ReferralForm.model_validate(each.told), catalogue, each.last_referral_on),
            instrument=instrument,
            # Which of them were yes makes markers, and no level.
            answers={number: Answer(AnswerValue.YES) for number in sorted(instrument.numbers)[: each.yes]},
            judgement=ProfessionalJudgement("As it was.", each.judged) if each.judged else None,
        )
        was, would_be = (grade(facts, rules, each.on).level.rank for rules in (now, then))
        assessments += 1
        up += would_be > was
        down += would_be < was
    return Preview(assessments, up, down)


def next_version(versions: Sequence[str]) -> str:
    """One more than the highest number among the versions there were."""
    return str(1 + max((int(each) for each in versions if each.isdecimal()), default=0))


@dataclass(frozen=True, slots=True)
class Setting:
    """One time that a rule was set, or taken back, from a day on."""

    effective_from: date
    taken_back: bool


def standing(settings: Sequence[Setting]) -> dict[date, int]:
    """Which of them stands for each day from which one does, by its place in the order in which they were set."""
    last = {each.effective_from: place for place, each in enumerate(settings)}
    return {day: last[day] for day in sorted(last) if not settings[last[day]].taken_back}
