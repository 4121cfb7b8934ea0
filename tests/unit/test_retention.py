"""How long cases are kept: whole years exactly, over leap days, reopened cases and holds; and nobody erases alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clock import at_local, local_date
from app.domain.retention import (
    Decision,
    Ended,
    Hold,
    Kind,
    RetentionRules,
    Review,
    ReviewForm,
    Standing,
    due_on,
    ended_by,
    review_on,
    standing,
)

RULES = RetentionRules()
days = st.dates(date(1950, 1, 1), date(2400, 12, 31))
years = st.integers(1, 100)
moments = st.builds(at_local, st.dates(date(2000, 1, 1), date(2200, 1, 1)), st.times())
endings = st.builds(Ended, moments, st.booleans(), st.booleans(), st.booleans())
rules = st.builds(RetentionRules, high_risk=years, below_high=years, children=years, transferred=years)
holds = st.lists(st.builds(Hold, st.none() | days, st.booleans()), max_size=4)


def closed(on: date, *, high: bool = False, children: bool = False, transferred: bool = False) -> Ended:
    return Ended(at_local(on, datetime.min.time()), high, children, transferred)


ENDED = closed(date(2026, 11, 21))
OVER = date(2033, 11, 21)
ERASE = Review(Decision.ERASE, ENDED.at)
APPROVED = Review(Decision.ERASE, ENDED.at, approved=True)


@pytest.mark.parametrize(
    ("ended", "after", "due"),
    [
        (date(2026, 11, 21), 7, date(2033, 11, 21)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        # Seven years are not over on the last of February: the day after 28 February is the first that follows them.
        (date(2024, 2, 29), 7, date(2031, 3, 1)),
        (date(2096, 2, 29), 4, date(2100, 3, 1)),
    ],
)
def test_a_period_ends_on_the_same_date_and_never_early_after_a_leap_day(ended: date, after: int, due: date) -> None:
    assert due_on(ended, after) == due


@given(days, days, years)
def test_what_ended_by_a_day_is_exactly_what_is_due(ended: date, today: date, after: int) -> None:
    assert (ended <= ended_by(today, after)) == (due_on(ended, after) <= today)


@given(days, years)
def test_nothing_is_due_a_day_before_its_years_are_over(ended: date, after: int) -> None:
    due = due_on(ended, after)
    assert due.year - ended.year == after
    assert ended > ended_by(due - timedelta(days=1), after)
    assert ended <= ended_by(due, after)


@given(endings, rules)
def test_a_case_of_two_kinds_is_kept_for_the_longer_time(case: Ended, periods: RetentionRules) -> None:
    due, kind = review_on(case, periods)
    assert kind in case.kinds
    assert all(due >= due_on(local_date(case.at), periods.years(each)) for each in case.kinds)


def test_a_case_handed_to_another_area_has_a_period_of_its_own_whatever_its_grade() -> None:
    assert closed(OVER, high=True, transferred=True, children=True).kinds == (Kind.TRANSFERRED, Kind.CHILDREN)


@given(endings, rules, holds, st.lists(st.sampled_from(["keep", "erase", "approved", "done", "dropped"])), days)
def test_nothing_is_ready_to_be_erased_that_two_people_did_not_decide_or_that_is_held_or_not_due(
    case: Ended, periods: RetentionRules, held: list[Hold], decided: list[str], today: date
) -> None:
    made = {
        "keep": Review(Decision.KEEP, case.at, date(2100, 1, 1)),
        "erase": Review(Decision.ERASE, case.at),
        "approved": Review(Decision.ERASE, case.at, approved=True),
        "done": Review(Decision.ERASE, case.at, approved=True, done=True),
        "dropped": Review(Decision.ERASE, case.at, approved=True, dropped=True),
    }
    found = standing(case, periods, held, [made[each] for each in decided], today)
    if found is Standing.APPROVED:
        assert next(each for each in decided if each != "dropped") == "approved"
        assert not any(each.stands(today) for each in held)
        assert review_on(case, periods)[0] <= today
    assert standing(None, periods, held, [made[each] for each in decided], today) in (Standing.OPEN, Standing.HELD)


@given(moments, moments)
def test_a_case_that_was_opened_again_and_ended_anew_is_decided_anew(first: datetime, second: datetime) -> None:
    case = Ended(second, high_risk=True, children=False, transferred=False)
    late = local_date(second) + timedelta(days=366 * 8)
    found = standing(case, RULES, [], [Review(Decision.ERASE, first, approved=True, done=True)], late)
    assert found is (Standing.ERASED if first == second else Standing.DUE)


def test_a_hold_stands_until_the_day_it_names_and_what_was_decided_before_holds_again() -> None:
    hold = Hold(OVER + timedelta(days=10))
    assert standing(ENDED, RULES, [hold], [APPROVED], OVER + timedelta(days=9)) is Standing.HELD
    assert standing(ENDED, RULES, [hold], [APPROVED], OVER + timedelta(days=10)) is Standing.APPROVED
    assert standing(ENDED, RULES, [Hold(None)], [], OVER) is Standing.HELD
    assert standing(ENDED, RULES, [Hold(None, lifted=True)], [ERASE], OVER) is Standing.PROPOSED


def test_what_is_kept_is_due_again_on_the_day_that_was_given() -> None:
    kept = Review(Decision.KEEP, ENDED.at, date(2035, 1, 1))
    assert standing(ENDED, RULES, [], [kept], date(2034, 12, 31)) is Standing.KEPT
    assert standing(ENDED, RULES, [], [kept], date(2035, 1, 1)) is Standing.DUE


def test_the_day_on_which_a_case_ended_is_that_of_london() -> None:
    just_after_midnight = Ended(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), False, False, False)
    assert review_on(just_after_midnight, RULES)[0] == date(2033, 7, 1)


@pytest.mark.parametrize("keep_until", [None, OVER, date(2200, 1, 1)])
def test_keeping_needs_a_day_to_come_on_which_somebody_looks_again(keep_until: date | None) -> None:
    form = ReviewForm(decision=Decision.KEEP, keep_until=keep_until, because="A claim may come.")
    assert [each.pointer for each in form.problems(OVER)] == ["/keep_until"]
