"""Deadlines in words, by London's clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.due import end_of, say_due_by, say_due_on, say_moment, say_waited

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (date(2026, 11, 19), "was due yesterday"),
        (date(2026, 11, 20), "due today"),
        (date(2026, 11, 21), "due tomorrow"),
        (date(2026, 11, 27), "due Friday 27 November 2026"),
        (date(2026, 11, 13), "was due Friday 13 November 2026"),
    ],
)
def test_a_day_is_said_as_people_say_it(due: date, said: str) -> None:
    assert say_due_on(due, TODAY) == said


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "due by 16:00 today"),
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), "was due by 09:00 today"),
        (datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "due by 09:30 on Monday 23 November 2026"),
        (datetime(2026, 7, 1, 16, 0, tzinfo=UTC), "was due by 17:00 on Wednesday 1 July 2026"),
    ],
    ids=["today", "this morning", "another day", "in summer time"],
)
def test_a_moment_is_said_by_the_clocks_in_london(due: datetime, said: str) -> None:
    assert say_due_by(due, NOW) == said


def test_near_midnight_the_day_is_that_of_london() -> None:
    assert say_moment(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), datetime(2026, 7, 1, 8, tzinfo=UTC)) == "00:30 today"


@given(DAYS)
def test_what_is_due_on_a_day_is_late_only_when_the_day_is_over(day: date) -> None:
    over = end_of(day)
    assert say_due_by(over - timedelta(minutes=1), over - timedelta(minutes=2)).endswith("today")
    assert timedelta(hours=23) <= over - end_of(day - timedelta(days=1)) <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("waited", "said"),
    [
        (timedelta(minutes=-5), "less than an hour"),
        (timedelta(minutes=59), "less than an hour"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=14, minutes=50), "14 hours"),
        (timedelta(days=3, hours=5), "3 days"),
    ],
)
def test_waiting_is_told_in_hours_and_then_in_days(waited: timedelta, said: str) -> None:
    assert say_waited(NOW - waited, NOW) == said
