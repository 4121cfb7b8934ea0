"""A forum's settings over time, and what new settings do to its diary."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.forums import Daily, EveryWeeks, Forum, HolidayRule, Monthly, Weekday, standard_hrda, standard_marac
from app.domain.meetings import MeetingStatus
from app.domain.timetable import InDiary, Realigned, Timetable, realign

MARAC = standard_marac(date(2026, 11, 26))
TUESDAYS = MARAC.model_copy(update={"cadence": EveryWeeks(weeks=2, anchor=date(2026, 12, 1))})
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TODAY = date(2026, 11, 21)
UNTIL = TODAY + timedelta(weeks=13)


def diary(timetable: Timetable) -> list[InDiary]:
    return [
        InDiary(each.date, MeetingStatus.SCHEDULED, extra=False, starts_at=each.starts_at, cut_off=each.cut_off)
        for each in timetable.sittings(TODAY, UNTIL)
    ]


def follow(timetable: Timetable, there: list[InDiary], since: date = TODAY) -> Realigned:
    return realign(timetable, there, since=since, until=UNTIL, now=NOW)


def test_settings_hold_from_their_day_and_not_before() -> None:
    timetable = Timetable(MARAC, ((date(2026, 12, 1), TUESDAYS),))
    assert [each.date for each in timetable.sittings(TODAY, date(2026, 12, 20))] == [
        date(2026, 11, 26),
        date(2026, 12, 1),
        date(2026, 12, 15),
    ]


def test_a_bank_holiday_on_which_it_would_have_sat_has_its_name() -> None:
    named = dict(Timetable(standard_hrda()).closed(date(2026, 12, 24), date(2027, 1, 4)))
    assert named[date(2026, 12, 25)] == "Christmas Day"
    assert date(2026, 12, 24) not in named
    assert dict(Timetable(MARAC).closed(date(2026, 12, 20), date(2027, 1, 4))) == {}


def test_other_days_call_off_the_old_sittings_and_add_the_new() -> None:
    there = diary(Timetable(MARAC))
    planned = follow(Timetable(MARAC, ((date(2026, 12, 1), TUESDAYS),)), there, date(2026, 12, 1))
    assert date(2026, 11, 26) not in planned.off
    assert planned.off[0] == date(2026, 12, 10)
    assert date(2026, 12, 15) in [each.date for each in planned.added]


def test_another_hour_changes_the_sitting_and_its_clocks_and_calls_nothing_off() -> None:
    later = MARAC.model_copy(update={"starts_at": time(14)})
    planned = follow(Timetable(later), diary(Timetable(MARAC)))
    assert (planned.off, planned.added) == ((), ())
    assert {each.starts_at.hour for each in planned.changed} == {14}


def test_a_list_that_has_closed_or_was_sent_stays() -> None:
    first, *others = diary(Timetable(MARAC))
    for status in (MeetingStatus.LOCKED, MeetingStatus.PUBLISHED, MeetingStatus.HELD):
        sent = InDiary(others[0].date, status, False, others[0].starts_at, others[0].cut_off)
        planned = follow(Timetable(TUESDAYS), [first, sent])
        assert planned.off == ()  # the first one's referrals closed a week ago
        assert planned.changed == ()


def test_an_extra_sitting_stays_and_a_date_that_somebody_skipped_stays_skipped() -> None:
    extra = InDiary(date(2026, 12, 16), MeetingStatus.SCHEDULED, True, NOW + timedelta(days=25), NOW + timedelta(15))
    skipped = InDiary(date(2026, 12, 15), MeetingStatus.CANCELLED, False, NOW + timedelta(days=24), NOW)
    planned = follow(Timetable(TUESDAYS), [extra, skipped])
    assert date(2026, 12, 16) not in planned.off
    assert date(2026, 12, 15) not in [each.date for each in planned.added]


def test_what_another_change_called_off_is_held_again_when_that_is_taken_back() -> None:
    gone = InDiary(date(2026, 12, 10), MeetingStatus.CANCELLED, False, NOW, NOW, moved_off=True)
    assert date(2026, 12, 10) in [each.date for each in follow(Timetable(MARAC), [gone]).added]


def cadences() -> st.SearchStrategy[Daily | EveryWeeks | Monthly]:
    weekdays = st.sampled_from(list(Weekday))
    anchors = st.dates(date(2026, 10, 1), date(2026, 12, 31)).filter(lambda day: day.weekday() < 5)
    return st.one_of(
        st.builds(Daily, weekdays=st.lists(weekdays, min_size=1, unique=True).map(tuple)),
        st.builds(EveryWeeks, weeks=st.integers(1, 8), anchor=anchors),
        st.builds(Monthly, week=st.sampled_from(["first", "second", "third", "fourth", "last"]), weekday=weekdays),
    )


def forums() -> st.SearchStrategy[Forum]:
    rules = st.sampled_from(list(HolidayRule))
    return st.builds(
        lambda told, rule: MARAC.model_copy(update={"cadence": told, "holiday_rule": rule}), cadences(), rules
    )


@given(before=forums(), after=forums())
def test_once_the_diary_has_followed_there_is_nothing_more_to_do(before: Forum, after: Forum) -> None:
    there = {each.date: each for each in diary(Timetable(before))}
    planned = follow(Timetable(after), [*there.values()])
    for day in planned.off:
        there[day] = InDiary(day, MeetingStatus.CANCELLED, False, NOW, NOW, moved_off=True)
    for each in (*planned.changed, *planned.added):
        there[each.date] = InDiary(each.date, MeetingStatus.SCHEDULED, False, each.starts_at, each.cut_off)
    again = follow(Timetable(after), [*there.values()])
    assert (again.off, again.added) == ((), ())
    assert {each.date for each in there.values() if each.status is MeetingStatus.SCHEDULED} >= {
        each.date for each in Timetable(after).sittings(TODAY, UNTIL) if each.cut_off > NOW
    }
