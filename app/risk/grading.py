"""Grading: from answers, judgement, events and earlier referrals to a level, with every reason.

A score is one ground among several. Nothing here lowers a grade, and nobody is dropped by a score.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.risk.instruments import Instrument
from app.risk.markers import Marker
from app.risk.reasons import Reason
from app.risk.scoring import Answer, Score, markers_raised, score


class Level(StrEnum):
    """Ordered: compare with ``rank``, since strings sort by letter."""

    STANDARD = "standard"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Ground(StrEnum):
    """Why a case is high risk and goes to the high-risk route. Any one is enough."""

    VISIBLE_HIGH_RISK = "visible_high_risk"
    PROFESSIONAL_JUDGEMENT = "professional_judgement"
    POTENTIAL_ESCALATION = "potential_escalation"
    REPEAT = "repeat"


class RepeatDefinition(StrEnum):
    """any_abuse: any instance of abuse, criminal or not. would_be_crime: the older, narrower definition."""

    ANY_ABUSE = "any_abuse"
    WOULD_BE_CRIME = "would_be_crime"


_Months = Annotated[int, Field(ge=1, le=120)]


class GradingRules(BaseModel):
    """A partnership's rules from some day on. Kept as JSON; a change is a new ``version``.

    high_at: instrument id to the number of yes answers that is high risk; an instrument that is not named
    keeps the threshold of its own data file. medium_at: the same for medium, for every instrument with a
    high threshold. escalation_events within escalation_months; months are calendar months, last day included.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(min_length=1, max_length=40)] = "1"
    high_at: Mapping[str, Annotated[int, Field(ge=1)]] = Field(default_factory=lambda: {"dash-27": 14})
    medium_at: Annotated[int, Field(ge=1)] = 10
    escalation_events: Annotated[int, Field(ge=1)] = 3
    escalation_months: _Months = 12
    repeat_months: _Months = 12
    repeat_definition: RepeatDefinition = RepeatDefinition.ANY_ABUSE

    @model_validator(mode="after")
    def _medium_is_below_high(self) -> Self:
        if any(high < self.medium_at for high in self.high_at.values()):
            raise ValueError("medium_at must not be above any high_at")
        return self


@dataclass(frozen=True, slots=True)
class ProfessionalJudgement:
    """A professional's own view. It raises a grade or leaves it. Raises ValueError without a rationale."""

    rationale: str
    level: Level = Level.HIGH

    def __post_init__(self) -> None:
        if not self.rationale.strip():
            raise ValueError("professional judgement needs a rationale")


@dataclass(frozen=True, slots=True)
class AbuseEvent:
    """One instance of abuse by the same perpetrator, reported to anyone or to no one.

    would_be_crime None means that nobody said; it is not taken as "no".
    """

    on: date
    would_be_crime: bool | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """A further instrument that was asked (stalking, honour-based abuse). It adds markers, never points."""

    instrument: Instrument
    answers: Mapping[int, Answer]


@dataclass(frozen=True, slots=True)
class GradingFacts:
    """All that a grade is made from.

    instrument and answers: None and empty when nothing has been asked yet. events: every known instance,
    including the incident now referred. last_referral_on: the day of the last referral of the same parties.
    """

    instrument: Instrument | None = None
    answers: Mapping[int, Answer] = field(default_factory=dict)
    screens: tuple[Screen, ...] = ()
    judgement: ProfessionalJudgement | None = None
    events: tuple[AbuseEvent, ...] = ()
    last_referral_on: date | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """level: what the case is treated as. actuarial: what the score alone says. score None: nobody asked.

    markers are in order of display. reasons is never empty and names rule ids and versions.
    """

    level: Level
    actuarial: Level
    score: Score | None
    grounds: tuple[Ground, ...]
    markers: tuple[Marker, ...]
    repeat: bool
    reasons: tuple[Reason, ...]


def add_months(day: date, months: int) -> date:
    """The same day so many calendar months later (earlier if negative), or the month's last day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def grade(facts: GradingFacts, rules: GradingRules, on: date) -> Grade:
    """The grade on the day ``on``. Raises ValueError for answers to questions that do not exist."""
    actuarial, counted, reasons = _actuarial(facts, rules)
    level = actuarial
    grounds = []
    if actuarial is Level.HIGH:
        grounds.append(Ground.VISIBLE_HIGH_RISK)

    if facts.judgement is not None:
        judged = facts.judgement.level
        level = max(level, judged, key=lambda each: each.rank)
        if judged is Level.HIGH:
            grounds.append(Ground.PROFESSIONAL_JUDGEMENT)
        effect = "raises the grade" if judged.rank > actuarial.rank else "does not change the grade"
        text = f"Professional judgement says {judged} and {effect}. The rationale is recorded."
        reasons.append(Reason("risk.professional_judgement", rules.version, text))

    escalating = _escalation(facts, rules, on)
    if escalating is not None:
        grounds.append(Ground.POTENTIAL_ESCALATION)
        reasons.append(escalating)
    repeating = _repeat(facts, rules, on)
    if repeating is not None:
        grounds.append(Ground.REPEAT)
        reasons.append(repeating)
    if grounds:
        level = Level.HIGH

    markers, why = _markers(facts, escalating is not None, rules)
    return Grade(
        level=level,
        actuarial=actuarial,
        score=counted,
        grounds=tuple(grounds),
        markers=markers,
        repeat=repeating is not None,
        reasons=(*reasons, *why),
    )


def _actuarial(facts: GradingFacts, rules: GradingRules) -> tuple[Level, Score | None, list[Reason]]:
    instrument = facts.instrument
    if instrument is None:
        text = "No risk questions have been asked yet, so there is no score. That is not a low score."
        return Level.STANDARD, None, [Reason("risk.score", rules.version, text)]
    counted = score(instrument, facts.answers)
    high_at = rules.high_at.get(instrument.id, instrument.high_at)
    if high_at is None:
        text = f"{instrument.title}: {counted.yes} of {counted.out_of}. This screen has no threshold."
        return Level.STANDARD, counted, [Reason("risk.score", rules.version, text)]
    if counted.yes >= high_at:
        level, compared = Level.HIGH, f"at or over {high_at}, which is high risk"
    elif counted.yes >= rules.medium_at:
        level, compared = Level.MEDIUM, f"at or over {rules.medium_at} and under {high_at}, which is medium"
    else:
        level, compared = Level.STANDARD, f"under {min(rules.medium_at, high_at)}, which is standard"
    reasons = [
        Reason(
            "risk.visible_high_risk" if level is Level.HIGH else "risk.score",
            rules.version,
            f"The score is {counted.yes} of {counted.out_of}: {compared}.",
        )
    ]
    if counted.unanswered:
        number = counted.unanswered
        reasons.append(
            Reason(
                "risk.unanswered",
                rules.version,
                f"{number} {'question is' if number == 1 else 'questions are'} unanswered: the score could "
                f"reach {counted.could_reach}"
                + (", which would be high risk." if counted.yes < high_at <= counted.could_reach else "."),
            )
        )
    return level, counted, reasons


def _escalation(facts: GradingFacts, rules: GradingRules, on: date) -> Reason | None:
    since = add_months(on, -rules.escalation_months)
    number = sum(since <= event.on <= on for event in facts.events)
    if number < rules.escalation_events:
        return None
    text = (
        f"{number} events in the last {rules.escalation_months} months, reported to the police or not; "
        f"{rules.escalation_events} are potential escalation."
    )
    return Reason("risk.potential_escalation", rules.version, text)


def _repeat(facts: GradingFacts, rules: GradingRules, on: date) -> Reason | None:
    last = facts.last_referral_on
    if last is None:
        return None
    until = min(on, add_months(last, rules.repeat_months))
    # An event on the day of the last referral is taken to be what that referral was about.
    within = [event for event in facts.events if last < event.on <= until]
    if rules.repeat_definition is RepeatDefinition.ANY_ABUSE:
        what = "any instance of abuse, criminal or not"
    else:
        within = [event for event in within if event.would_be_crime is not False]
        what = "what would be a crime, or may be since nobody has said"
    if not within:
        return None
    text = (
        f"A repeat: abuse between the same parties within {rules.repeat_months} months of the last referral, "
        f"counting {what}."
    )
    return Reason(f"risk.repeat.{rules.repeat_definition}", rules.version, text)


def _markers(facts: GradingFacts, escalating: bool, rules: GradingRules) -> tuple[tuple[Marker, ...], list[Reason]]:
    asked = list(facts.screens)
    if facts.instrument is not None:
        asked.insert(0, Screen(facts.instrument, facts.answers))
    why: dict[Marker, list[Reason]] = {}
    for each in asked:
        for marker, numbers in markers_raised(each.instrument, each.answers).items():
            named = " and ".join(str(number) for number in numbers)
            questions = "question" if len(numbers) == 1 else "questions"
            text = (
                f"{marker.label} is a critical marker, whatever the score "
                f"({each.instrument.title}, {questions} {named})."
            )
            version = f"{each.instrument.id} {each.instrument.version}"
            why.setdefault(marker, []).append(Reason(f"risk.marker.{marker}", version, text))
    if escalating:
        text = "Escalation is a critical marker, whatever the score (number of events)."
        why.setdefault(Marker.ESCALATION, []).append(Reason("risk.marker.escalation", rules.version, text))
    ordered = tuple(marker for marker in Marker if marker in why)
    return ordered, [reason for marker in ordered for reason in why[marker]]
