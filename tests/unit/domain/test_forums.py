from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.agenda_order import Section
from app.domain.clock import ENGLAND, Calendar, add_working_days, is_working_day, local, next_working_day
from app.domain.forums import (
    FURTHEST_MOVE,
    STANDARD_OUTCOMES,
    Clocks,
    Daily,
    EveryWeeks,
    Forum,
    ForumKind,
    HolidayRule,
    Monthly,
    Weekday,
    sits_on,
    sitting_on,
    sittings,
    standard_hrda,
    standard_marac,
)

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
working_days = days.map(lambda day: add_working_days(day, 0))
daily = st.lists(st.sampled_from(Weekday), min_size=1, unique=True).map(lambda each: Daily(weekdays=tuple(each)))
weekly = st.builds(EveryWeeks, weeks=st.integers(1, 8), anchor=working_days)
monthly = st.builds(
    Monthly, week=st.sampled_from(["first", "second", "third", "fourth", "last"]), weekday=st.sampled_from(Weekday)
)
forums = st.builds(
    Forum,
    kind=st.sampled_from(ForumKind),
    name=st.just("Forum"),
    cadence=daily | weekly | monthly,
    starts_at=st.times(time(8), time(19)),
    skips=st.lists(days, max_size=3).map(tuple),
    holiday_rule=st.sampled_from(HolidayRule),
    clocks=st.builds(
        Clocks, cut_off_days=st.integers(0, 12), agenda_days=st.integers(0, 12), minutes_days=st.integers(0, 3)
    ),
    outcomes=st.just(STANDARD_OUTCOMES[ForumKind.MARAC]),
)
calendars = st.frozensets(days, max_size=5).map(Calendar)


def monthly_forum(week: str, weekday: Weekday, rule: HolidayRule) -> Forum:
    return standard_marac(date(2026, 1, 8)).model_copy(
        update={"cadence": Monthly.model_validate({"week": week, "weekday": weekday}), "holiday_rule": rule}
    )


def dates(forum: Forum, start: date, end: date, calendar: Calendar = ENGLAND) -> list[date]:
    return [sitting.date for sitting in sittings(forum, start, end, calendar)]


def test_hrda_sits_every_working_day() -> None:
    christmas = dates(standard_hrda(), date(2026, 12, 21), date(2026, 12, 31))
    assert [day.day for day in christmas] == [21, 22, 23, 24, 29, 30, 31]


def test_hrda_may_sit_four_days_a_week() -> None:
    four = Daily(weekdays=(Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY))
    forum = standard_hrda().model_copy(update={"cadence": four})
    assert date(2026, 11, 20) not in dates(forum, date(2026, 11, 16), date(2026, 11, 22))
    assert len(dates(forum, date(2026, 11, 16), date(2026, 11, 22))) == 4


def test_marac_sits_every_fortnight_from_its_first_sitting_and_not_before() -> None:
    forum = standard_marac(date(2026, 1, 8))
    assert dates(forum, date(2025, 12, 1), date(2026, 2, 10)) == [
        date(2026, 1, 8),
        date(2026, 1, 22),
        date(2026, 2, 5),
    ]


def test_a_clinic_may_sit_on_the_second_or_the_last_tuesday_of_the_month() -> None:
    second = monthly_forum("second", Weekday.TUESDAY, HolidayRule.SKIP)
    last = monthly_forum("last", Weekday.TUESDAY, HolidayRule.SKIP)
    assert dates(second, date(2026, 11, 1), date(2026, 12, 31)) == [date(2026, 11, 10), date(2026, 12, 8)]
    assert dates(last, date(2026, 11, 1), date(2026, 12, 31)) == [date(2026, 11, 24), date(2026, 12, 29)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (HolidayRule.SKIP, []),
        (HolidayRule.NEXT_WORKING_DAY, [date(2026, 5, 5)]),
        (HolidayRule.PREVIOUS_WORKING_DAY, [date(2026, 5, 1)]),
    ],
)
def test_a_sitting_on_a_bank_holiday_follows_the_forums_rule(rule: HolidayRule, expected: list[date]) -> None:
    first_monday = monthly_forum("first", Weekday.MONDAY, rule)
    assert dates(first_monday, date(2026, 4, 20), date(2026, 5, 20)) == expected


def test_a_skipped_date_is_not_moved_anywhere() -> None:
    forum = standard_marac(date(2026, 1, 8)).model_copy(update={"skips": (date(2026, 1, 22),)})
    assert dates(forum, date(2026, 1, 9), date(2026, 2, 5)) == [date(2026, 2, 5)]


def test_a_moved_sitting_does_not_land_on_a_skipped_date() -> None:
    forum = monthly_forum("first", Weekday.MONDAY, HolidayRule.NEXT_WORKING_DAY)
    forum = forum.model_copy(update={"skips": (date(2026, 5, 5),)})
    assert dates(forum, date(2026, 5, 1), date(2026, 5, 20)) == [date(2026, 5, 6)]


def test_a_sitting_that_would_move_too_far_is_not_held() -> None:
    closed = Calendar(frozenset(date(2026, 1, 8) + timedelta(n) for n in range(FURTHEST_MOVE + 1)))
    far = EveryWeeks(weeks=26, anchor=date(2026, 1, 8))
    forum = standard_marac(date(2026, 1, 8)).model_copy(update={"cadence": far})
    assert dates(forum, date(2026, 1, 1), date(2026, 3, 1), closed) == []


def test_deadlines_are_counted_in_working_days_in_local_time_over_a_clock_change() -> None:
    sitting = sitting_on(standard_marac(date(2026, 1, 8)), date(2026, 4, 9))
    assert sitting.starts_at == datetime(2026, 4, 9, 8, 30, tzinfo=UTC)
    assert sitting.cut_off == datetime(2026, 3, 25, 16, 0, tzinfo=UTC)
    assert sitting.agenda_due == datetime(2026, 3, 26, 17, 0, tzinfo=UTC)
    assert sitting.research_due == datetime(2026, 4, 7, 16, 0, tzinfo=UTC)
    assert sitting.minutes_due == datetime(2026, 4, 14, 16, 0, tzinfo=UTC)


def test_nothing_for_a_daily_list_is_due_after_it_starts() -> None:
    sitting = sitting_on(standard_hrda(), date(2026, 11, 23))
    assert sitting.agenda_due == sitting.research_due == sitting.starts_at
    assert sitting.cut_off == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@given(forums, days, st.integers(0, 90), calendars)
def test_sittings_are_in_order_and_never_on_a_closed_or_skipped_day(
    forum: Forum, start: date, length: int, calendar: Calendar
) -> None:
    found = dates(forum, start, start + timedelta(length), calendar)
    assert found == sorted(set(found))
    for day in found:
        assert start <= day <= start + timedelta(length)
        assert is_working_day(day, calendar)
        assert day not in forum.skips


@given(forums, days, st.integers(0, 60), st.integers(0, 60), calendars)
def test_a_sitting_does_not_depend_on_the_period_that_is_asked_for(
    forum: Forum, start: date, first: int, then: int, calendar: Calendar
) -> None:
    middle = start + timedelta(first)
    end = middle + timedelta(then + 1)
    halves = dates(forum, start, middle, calendar) + dates(forum, middle + timedelta(1), end, calendar)
    assert dates(forum, start, end, calendar) == halves


@given(forums, days)
def test_a_sitting_starts_at_the_forums_local_time_and_its_deadlines_are_in_order(forum: Forum, day: date) -> None:
    sitting = sitting_on(forum, add_working_days(day, 0))
    assert local(sitting.starts_at).time() == forum.starts_at
    assert local(sitting.starts_at).date() == sitting.date
    assert max(sitting.cut_off, sitting.agenda_due, sitting.research_due) <= sitting.starts_at <= sitting.minutes_due


@given(weekly | monthly, days)
def test_a_bank_holiday_moves_a_sitting_to_the_next_working_day(cadence: EveryWeeks | Monthly, start: date) -> None:
    marac = standard_marac(date(2026, 1, 8)).model_copy(update={"cadence": cadence})
    skipping = marac.model_copy(update={"holiday_rule": HolidayRule.SKIP})
    everywhere = Calendar(frozenset(sitting.date for sitting in sittings(skipping, start, start)))
    for closed in everywhere.extra_closed:
        assert sits_on(marac, next_working_day(closed, everywhere), everywhere)


@given(forums)
def test_a_forum_survives_being_stored(forum: Forum) -> None:
    assert Forum.model_validate_json(forum.model_dump_json()) == forum


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cadence": {"every": "weeks", "weeks": 2, "anchor": "2026-11-21"}}, "Monday to Friday"),
        ({"cadence": {"every": "weeks", "weeks": 0, "anchor": "2026-11-20"}}, "greater than or equal to 1"),
        ({"cadence": {"every": "day", "weekdays": []}}, "at least 1"),
        ({"cadence": {"every": "month", "week": "fifth", "weekday": "monday"}}, "'last'"),
        ({"cadence": {"every": "moon"}}, "'day', 'weeks', 'month'"),
        ({"starts_at": "09:30:00+01:00"}, "without a time zone"),
        ({"agenda_order": ["children", "adults"]}, ", ".join(Section)),
        ({"agenda_order": [*Section, "children"]}, "each of these once"),
        ({"capacity": 0}, "greater than or equal to 1"),
        ({"outcomes": []}, "at least 1"),
        ({"escalation_criteria": [{"code": "Not a code", "text": "x"}]}, "match pattern"),
        ({"room": "12"}, "not permitted"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, object], words: str) -> None:
    good = standard_marac(date(2026, 1, 8)).model_dump(mode="json")
    with pytest.raises(ValidationError, match=words):
        Forum.model_validate({**good, **change})
