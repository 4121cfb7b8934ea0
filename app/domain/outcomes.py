"""What a meeting decides of a case, as it is said, and which outcomes are open to it."""

from collections.abc import Collection
from datetime import date
from typing import Annotated

from pydantic import Field

from app.domain.disclosures import Sharing
from app.domain.errors import FieldProblem
from app.domain.fields import Day, Form, Line, Long, Short
from app.domain.lifecycle import Outcome, State, legal_moves
from app.domain.routing import SupportKind
from app.risk.grading import add_months

FURTHEST_MONTHS = 12


class OutcomeForm(Form):
    """An outcome with what it requires: see ``docs/lifecycle.md``.

    criteria: codes of the forum's escalation criteria. until: the day to which the case is deferred. area: where the
    case goes. review_on: when the plan is looked at again. sharing: needed when it opens the case to an agency that
    does not see it.
    """

    outcome: Outcome
    reason: Long = None
    criteria: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    until: Day | None = None
    support: SupportKind | None = None
    area: Short = None
    review_on: Day | None = None
    sharing: Sharing | None = None


class ItemMinutesForm(Form):
    """What was said of one case, and the safety plan as agreed."""

    minutes: Long = None
    safety_plan: Long = None


def legal_outcomes(state: State, offered: Collection[Outcome]) -> tuple[Outcome, ...]:
    """Those of the forum's outcomes that the lifecycle allows from here."""
    moves = legal_moves(state)
    return tuple(each for each in offered if each.rule.move in moves)


def check_dates(form: OutcomeForm, today: date) -> tuple[FieldProblem, ...]:
    """What is wrong with the days named: a case is not put off, or left unseen, for longer than its flags last."""
    last = add_months(today, FURTHEST_MONTHS)
    problems = []
    if form.until is not None and form.until > last:
        problems.append(FieldProblem("/until", "too_far", "Give a date within the next 12 months."))
    if form.review_on is not None and not today < form.review_on <= last:
        text = "Give a day after today and within the next 12 months."
        problems.append(FieldProblem("/review_on", "out_of_range", text))
    return tuple(problems)
