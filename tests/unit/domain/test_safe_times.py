"""When somebody can be called: windows by London's clocks, and what words say so plainly that nobody misreads them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.fields import Form
from app.domain.safe_times import Hour, SafeTimes, Window, next_opening, open_until, say, windows_in

MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEN_TO_TWO = Window(days=(1, 2, 3, 4, 5), starts="10:00", ends="14:00")

clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
windows = st.builds(
    lambda days, both: Window(days=tuple(sorted(days)), starts=min(both), ends=max(both)),
    st.sets(st.integers(1, 7), min_size=1),
    st.lists(clocks, min_size=2, max_size=2, unique=True),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds it


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("10:00 to 14:00", "Every day 10:00 to 14:00"),
        ("10:00 to 14:00 only", "Every day 10:00 to 14:00"),
        ("10:00 to 14:00 on weekdays", "Monday to Friday 10:00 to 14:00"),
        ("weekdays 9-11am", "Monday to Friday 09:00 to 11:00"),
        ("10-2pm", "Every day 10:00 to 14:00"),
        ("Mon-Fri 10:00-12:00", "Monday to Friday 10:00 to 12:00"),
        ("Sat to Mon 9am to 11am", "Monday, Saturday and Sunday 09:00 to 11:00"),
        ("Monday, Thursday – 18:30-19:15", "Monday and Thursday 18:30 to 19:15"),
        ("Between 9:30 and 10.15", "Every day 09:30 to 10:15"),
    ],
)
def test_plain_words_are_windows(words: str, said: str) -> None:
    assert say(windows_in(words)) == said


@pytest.mark.parametrize(
    "words",
    [
        None,
        "",
        "Before noon",
        "After 20:00 on Tuesdays, when he works late",
        "10am to 2pm, not Fridays",
        "10:00 to 14:00 unless his car is there",
        "10:00 to 14:00 and 18:00 to 19:00",
        "1 to 2",
        "1:30 to 2:15",
        "9 to 5",
        "22:00 to 06:00",
        "25:00 to 26:00",
        "On sunny days 10:00-11:00",
    ],
)
def test_words_that_need_reading_are_left_to_people(words: str | None) -> None:
    assert windows_in(words) == ()


@given(st.text(max_size=60))
def test_no_words_break_it_and_every_window_runs_forwards(words: str) -> None:
    assert all(each.starts < each.ends for each in windows_in(words))


def test_a_window_opens_with_its_first_minute_and_closes_with_its_last() -> None:
    for minutes, opened in ((-121, False), (-120, True), (119, True), (120, False)):
        assert TEN_TO_TWO.holds(MONDAY_NOON + timedelta(minutes=minutes)) is opened


def test_a_window_keeps_to_londons_clocks_in_summer() -> None:
    assert not TEN_TO_TWO.holds(datetime(2026, 7, 6, 13, 30, tzinfo=UTC))
    assert TEN_TO_TWO.holds(datetime(2026, 7, 6, 9, 30, tzinfo=UTC))


@given(st.lists(windows, max_size=4), moments)
def test_the_next_opening_is_the_first_moment_at_which_one_of_them_begins(found: list[Window], now: datetime) -> None:
    opening = next_opening(found, now)
    if not found:
        assert opening is None
        return
    assert opening is not None
    assert now < opening <= now + timedelta(days=8)
    until = open_until(found, now)
    assert (until is not None) == any(each.holds(now) for each in found)


def test_windows_come_first_in_the_words_that_everybody_reads() -> None:
    told = SafeTimes(safe_to_call="yes", windows=(TEN_TO_TWO,), when="Not in the holidays.")
    assert told.said.when == "Monday to Friday 10:00 to 14:00\n\nNot in the holidays."
    assert told.problems() == ()


def test_nobody_sets_times_for_somebody_who_must_not_be_called() -> None:
    assert [each.pointer for each in SafeTimes(safe_to_call="no", windows=(TEN_TO_TWO,)).problems()] == ["/windows"]
    assert [each.pointer for each in SafeTimes().problems()] == ["/safe_to_call"]
    backwards = SafeTimes(safe_to_call="yes", windows=(Window(days=(1,), starts="14:00", ends="10:00"),))
    assert [each.pointer for each in backwards.problems()] == ["/windows/0/ends"]


class Typed(Form):
    at: Hour | None = None


@pytest.mark.parametrize(
    ("typed", "read"), [("9:30", "09:30"), ("9.30", "09:30"), ("2pm", "14:00"), ("14", "14:00"), ("", None)]
)
def test_a_time_is_read_as_people_type_it(typed: str, read: str | None) -> None:
    assert Typed(at=typed or None).at == read


@pytest.mark.parametrize("typed", ["2", "25:00", "noonish", "9:75", "13pm"])
def test_a_time_that_could_be_another_is_asked_again(typed: str) -> None:
    with pytest.raises(ValidationError, match="like 09:30 or 2pm"):
        Typed(at=typed)
