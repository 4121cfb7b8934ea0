"""Outcomes: which are open to a case, and how far off their dates may be."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import IllegalMove
from app.domain.forums import STANDARD_OUTCOMES, ForumKind
from app.domain.lifecycle import Outcome, State, next_state
from app.domain.outcomes import OutcomeForm, check_dates, legal_outcomes

TODAY = date(2026, 11, 23)


@given(st.sampled_from(State), st.sets(st.sampled_from(Outcome)))
def test_an_outcome_is_legal_exactly_when_its_move_is(state: State, offered: set[Outcome]) -> None:
    legal = legal_outcomes(state, offered)
    for outcome in offered:
        if outcome in legal:
            next_state(state, outcome.rule.move)
        else:
            with pytest.raises(IllegalMove):
                next_state(state, outcome.rule.move)


@pytest.mark.parametrize(
    ("kind", "state"), [(ForumKind.HRDA, State.AT_TRIAGE), (ForumKind.MARAC, State.LISTED_FOR_MARAC)]
)
def test_a_listed_case_can_take_every_outcome_of_its_forum(kind: ForumKind, state: State) -> None:
    assert legal_outcomes(state, STANDARD_OUTCOMES[kind]) == STANDARD_OUTCOMES[kind]


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_review_lies_ahead_and_within_twelve_months(day: date) -> None:
    form = OutcomeForm(outcome=Outcome.PLAN_AGREED, review_on=day)
    assert bool(check_dates(form, TODAY)) is not (TODAY < day <= date(2027, 11, 23))


def test_a_case_is_not_put_off_for_more_than_a_year() -> None:
    last = date(2027, 11, 23)
    for day, codes in ((last, []), (last + timedelta(days=1), ["too_far"])):
        form = OutcomeForm(outcome=Outcome.DEFERRED, until=day)
        assert [each.code for each in check_dates(form, TODAY)] == codes
