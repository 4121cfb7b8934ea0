"""The rules of break-glass: how long, when reviewed, and which of several cases a name opens."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.break_glass import Ambiguous, BreakGlassForm, Match, PersonSought, choose, review_due_on, until
from app.domain.clock import is_working_day

MOMENTS = st.timedeltas(timedelta(0), timedelta(days=9000)).map(lambda span: datetime(2020, 1, 1, tzinfo=UTC) + span)
MATCHES = st.builds(Match, st.uuids(), st.sampled_from([UUID(int=1), UUID(int=2)]), st.booleans(), MOMENTS)


@given(MOMENTS, st.integers(1, 24))
def test_a_use_lasts_the_hours_that_were_asked_for(now: datetime, hours: int) -> None:
    assert until(now, hours) - now == timedelta(hours=hours)


@pytest.mark.parametrize("hours", [0, -1, 25])
def test_nobody_opens_a_case_for_no_time_or_for_more_than_a_day(hours: int) -> None:
    with pytest.raises(ValueError, match="1 to 24"):
        until(datetime(2026, 11, 21, tzinfo=UTC), hours)


@given(MOMENTS)
def test_a_review_is_due_on_a_working_day_at_least_two_days_later(used_at: datetime) -> None:
    due = review_due_on(used_at)
    assert is_working_day(due)
    assert due >= used_at.date() + timedelta(days=2)


def test_a_use_late_on_christmas_eve_is_to_be_reviewed_after_the_holidays() -> None:
    assert review_due_on(datetime(2026, 12, 24, 23, 30, tzinfo=UTC)) == date(2026, 12, 30)


def match(case: int, victim: int = 1, *, ended: bool = False, day: int = 1) -> Match:
    return Match(UUID(int=case), UUID(int=victim), ended, datetime(2026, 1, day, tzinfo=UTC))


def test_nothing_is_opened_when_nothing_fits() -> None:
    assert choose([]) is None


def test_of_one_victims_cases_the_one_last_referred_is_opened() -> None:
    assert choose([match(1, day=2), match(2, day=3), match(3, day=1)]) == UUID(int=2)


def test_a_case_that_is_worked_on_comes_before_one_that_ended() -> None:
    assert choose([match(1, victim=1), match(2, victim=2, ended=True, day=9)]) == UUID(int=1)
    assert choose([match(2, ended=True)]) == UUID(int=2)


def test_cases_of_two_victims_are_not_chosen_between() -> None:
    with pytest.raises(Ambiguous):
        choose([match(1, victim=1), match(2, victim=2)])


@given(st.lists(MATCHES, max_size=5), st.randoms())
def test_the_order_in_which_cases_are_found_decides_nothing(found: list[Match], chance: Random) -> None:
    def outcome(matches: list[Match]) -> UUID | str | None:
        try:
            return choose(matches)
        except Ambiguous:
            return "ambiguous"

    shuffled = list(found)
    chance.shuffle(shuffled)
    assert outcome(found) == outcome(shuffled)


def test_a_name_is_sought_whatever_its_case_accents_and_order() -> None:
    def key(given_name: str, family_name: str) -> str | None:
        born = date(1991, 4, 17)
        return PersonSought(given_name=given_name, family_name=family_name, date_of_birth=born).name_key

    assert key("Zoë", "O'Hara") == key("OHARA", "zoe")
    assert key("Zoe", "Hara") != key("Zoe", "O'Hara")
    assert key("?", "-") is None


def test_a_reference_is_taken_as_people_type_it() -> None:
    form = BreakGlassForm.model_validate({"reference": " c-7k2m9qxa ", "reason": "She is here now, alone.", "hours": 1})
    assert form.reference == "C-7K2M9QXA"
    assert form.problems() == ()
