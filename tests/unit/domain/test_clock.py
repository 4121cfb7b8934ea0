from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clock import (
    ENGLAND,
    LONDON,
    Calendar,
    add_working_days,
    at_local,
    bank_holidays,
    days_from,
    is_working_day,
    local,
    local_date,
    next_working_day,
    say_date,
)

days = st.dates(date(2015, 1, 1), date(2040, 12, 31))
times = st.times()
calendars = st.frozensets(days, max_size=20).map(Calendar)


def test_the_substitute_for_boxing_day_is_closed() -> None:
    assert not is_working_day(date(2026, 12, 28))
    assert next_working_day(date(2026, 12, 24)) == date(2026, 12, 29)


def test_easter_monday_is_closed_as_in_england_and_not_scotlands_second_of_january() -> None:
    assert date(2026, 4, 6) in bank_holidays(2026)
    assert is_working_day(date(2029, 1, 2))


def test_a_one_off_bank_holiday_is_closed() -> None:
    assert not is_working_day(date(2022, 9, 19))


def test_a_partnership_can_close_further_days() -> None:
    closure = Calendar(frozenset({date(2026, 12, 29), date(2026, 12, 30)}))
    assert next_working_day(date(2026, 12, 24), closure) == date(2026, 12, 31)


def test_a_saturday_plus_one_working_day_is_monday_and_minus_one_is_friday() -> None:
    saturday = date(2026, 11, 21)
    assert add_working_days(saturday, 1) == date(2026, 11, 23)
    assert add_working_days(saturday, -1) == date(2026, 11, 20)


def test_no_working_days_from_a_closed_day_is_the_next_open_one() -> None:
    assert add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 23)
    assert add_working_days(date(2026, 11, 23), 0) == date(2026, 11, 23)


@given(days, st.integers(-60, 60), calendars)
def test_counting_never_lands_on_a_closed_day(day: date, n: int, calendar: Calendar) -> None:
    assert is_working_day(add_working_days(day, n, calendar), calendar)


@given(days, st.integers(-60, 60), calendars)
def test_counting_there_and_back_returns_to_a_working_day(day: date, n: int, calendar: Calendar) -> None:
    start = add_working_days(day, 0, calendar)
    assert add_working_days(add_working_days(start, n, calendar), -n, calendar) == start


@given(days, st.integers(1, 30), st.integers(1, 30))
def test_counting_in_two_steps_is_counting_in_one(day: date, first: int, then: int) -> None:
    assert add_working_days(add_working_days(day, first), then) == add_working_days(day, first + then)


@given(days, times)
def test_london_clocks_show_the_time_that_was_asked(day: date, at: time) -> None:
    shown = local(at_local(day, at))
    asked = datetime.combine(day, at)
    spring_gap = timedelta(hours=1) if shown.replace(tzinfo=None) != asked else timedelta(0)
    assert shown.replace(tzinfo=None) == asked + spring_gap
    if spring_gap:
        assert (day.month, day.weekday(), at.hour) == (3, 6, 1)


@given(st.integers(1_420_000_000, 2_200_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)))
def test_a_moment_survives_being_shown_unless_it_is_the_second_of_an_autumn_hour(moment: datetime) -> None:
    shown = local(moment)
    back = at_local(shown.date(), shown.time())
    assert moment - back == (timedelta(hours=1) if shown.fold else timedelta(0))


def test_half_past_one_in_the_spring_gap_becomes_half_past_two() -> None:
    moment = at_local(date(2026, 3, 29), time(1, 30))
    assert moment == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert local(moment).time() == time(2, 30)


def test_half_past_one_in_the_autumn_fold_is_the_first_one() -> None:
    assert at_local(date(2026, 10, 25), time(1, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert at_local(date(2026, 10, 25), time(1, 30, fold=1)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_just_after_midnight_in_summer_is_already_the_next_day() -> None:
    assert local_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)


def test_a_moment_without_a_zone_and_a_local_time_with_one_are_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        local(datetime(2026, 1, 1))  # noqa: DTZ001 - the missing zone is the point
    with pytest.raises(ValueError, match="must not carry"):
        at_local(date(2026, 1, 1), time(9, tzinfo=LONDON))


def test_days_stop_where_the_calendar_ends() -> None:
    assert list(days_from(date.max, 3)) == [date.max]
    assert list(days_from(date(2026, 1, 31), 2)) == [date(2026, 1, 31), date(2026, 2, 1)]


def test_a_date_is_said_as_people_read_it() -> None:
    assert say_date(date(2026, 11, 3)) == "Tuesday 3 November 2026"
    assert is_working_day(date(2026, 11, 3), ENGLAND)
