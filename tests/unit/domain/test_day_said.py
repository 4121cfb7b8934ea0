"""By when, as it is said aloud: what is understood, and what is asked again."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clock import is_working_day
from app.domain.day_said import day_said

SUNDAY = date(2026, 11, 22)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("today", date(2026, 11, 22)),
        ("Tomorrow", date(2026, 11, 23)),
        ("Friday", date(2026, 11, 27)),
        ("by fri", date(2026, 11, 27)),
        ("next Friday", date(2026, 11, 27)),
        ("Sunday", date(2026, 11, 29)),
        ("2", date(2026, 11, 24)),
        ("2 days", date(2026, 11, 24)),
        ("in 3 working days", date(2026, 11, 25)),
        ("1 week", date(2026, 11, 29)),
        ("2 weeks", date(2026, 12, 6)),
        ("27/11", date(2026, 11, 27)),
        ("27.11.26", date(2026, 11, 27)),
        ("27-11-2026", date(2026, 11, 27)),
        ("2026-11-27", date(2026, 11, 27)),
        ("27 November", date(2026, 11, 27)),
        ("27th nov 2026", date(2026, 11, 27)),
        ("Friday,", date(2026, 11, 27)),
        ("5 January", date(2027, 1, 5)),
        ("29 feb 2028", date(2028, 2, 29)),
    ],
)
def test_what_people_say_is_understood(said: str, meant: date) -> None:
    assert day_said(said, SUNDAY) == meant


@pytest.mark.parametrize(
    "said", ["", "soon", "as soon as possible", "30/2", "31 feb", "29 feb 2027", "mo", "27 x", "99/99/9999", "0/0"]
)
def test_what_cannot_be_told_is_asked_again(said: str) -> None:
    assert day_said(said, SUNDAY) is None


@given(today=DAYS, day=DAYS)
def test_a_day_written_in_full_is_that_day(today: date, day: date) -> None:
    for said in (day.isoformat(), f"{day:%d/%m/%Y}", f"{day.day} {day:%B %Y}"):
        assert day_said(said, today) == day


@given(today=DAYS, name=st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
def test_a_weekday_is_within_the_next_seven_days_and_never_today(today: date, name: str) -> None:
    found = day_said(name, today)
    assert found is not None
    assert timedelta(0) < found - today <= timedelta(7)
    assert f"{found:%A}".casefold().startswith(name)


@given(today=DAYS, count=st.integers(1, 60))
def test_days_are_working_days(today: date, count: int) -> None:
    found = day_said(f"{count} days", today)
    assert found is not None
    assert is_working_day(found)
    assert sum(is_working_day(today + timedelta(n)) for n in range(1, (found - today).days + 1)) == count


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_day_or_nothing(said: str) -> None:
    found = day_said(said, SUNDAY)
    assert found is None or isinstance(found, date)
