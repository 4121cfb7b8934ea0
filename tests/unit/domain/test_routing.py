from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clock import Calendar, add_working_days, at_local, is_working_day, local_date
from app.domain.errors import Conflict
from app.domain.forums import Forum, ForumKind, Overflow, sits_on, sitting_on, standard_hrda, standard_marac
from app.domain.meetings import MeetingStatus
from app.domain.routing import (
    HORIZON,
    Diary,
    ForumRoute,
    Pathway,
    Placement,
    PlannedMeeting,
    Route,
    RoutingRules,
    SupportKind,
    SupportRoute,
    find_place,
    route,
)
from app.domain.timetable import Timetable
from app.risk.grading import Ground, Level

HRDA = standard_hrda()
MARAC = standard_marac(date(2026, 1, 8)).model_copy(update={"capacity": 2})
HRDA_ID, MARAC_ID = UUID(int=1), UUID(int=2)
FRIDAY = date(2026, 11, 20)
NOON = at_local(FRIDAY, time(12))
MARAC_ONLY = RoutingRules(pathway=Pathway.MARAC_ONLY)
HRDA_FIRST = RoutingRules(pathway=Pathway.HRDA_THEN_MARAC)
SCHEDULED = MeetingStatus.SCHEDULED


def meeting(
    forum: Forum, day: date, listed: int = 0, status: MeetingStatus = SCHEDULED, number: int | None = None
) -> PlannedMeeting:
    sitting = sitting_on(forum, day)
    key = UUID(int=day.toordinal() if number is None else number)
    return PlannedMeeting(key, day, sitting.starts_at, sitting.cut_off, status, listed)


def diary(forum: Forum, *meetings: PlannedMeeting) -> Diary:
    return Diary(HRDA_ID if forum.kind is ForumKind.HRDA else MARAC_ID, Timetable(forum), meetings)


def listed_at(
    *diaries: Diary, rules: RoutingRules = MARAC_ONLY, grounds: Sequence[Ground] = (Ground.VISIBLE_HIGH_RISK,)
) -> ForumRoute:
    found = route(Level.HIGH, grounds, rules=rules, diaries=diaries, now=NOON)
    assert isinstance(found, ForumRoute)
    return found


def supported(level: Level, *grounds: Ground, rules: RoutingRules, support: SupportKind | None = None) -> SupportRoute:
    found = route(level, grounds, rules=rules, diaries=[diary(HRDA)], now=NOON, support=support)
    assert isinstance(found, SupportRoute)
    return found


def rule_ids(found: Route) -> list[str]:
    return [reason.rule for reason in found.reasons]


def test_a_high_risk_referral_on_friday_is_on_mondays_hrda_list() -> None:
    found = listed_at(diary(HRDA), diary(MARAC), rules=HRDA_FIRST)
    assert (found.forum_id, found.forum_kind, found.date) == (HRDA_ID, ForumKind.HRDA, date(2026, 11, 23))
    assert found.reasons[-1].text == "Listed for HRDA, Monday 23 November 2026, 09:30."


def test_a_referral_in_the_night_is_on_the_next_working_days_list_and_not_the_same_days() -> None:
    monday_night = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
    assert find_place(diary(HRDA), version="1", now=monday_night).date == date(2026, 11, 24)
    sunday_night = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
    assert find_place(diary(HRDA), version="1", now=sunday_night).date == date(2026, 11, 23)


def test_a_referral_just_after_midnight_in_summer_is_on_the_next_local_days_list() -> None:
    tuesday_in_london = datetime(2026, 6, 15, 23, 30, tzinfo=UTC)
    assert find_place(diary(HRDA), version="1", now=tuesday_in_london).date == date(2026, 6, 17)


def test_a_list_past_its_cut_off_is_left_for_the_next() -> None:
    day_before = HRDA.model_copy(
        update={"clocks": HRDA.clocks.model_copy(update={"cut_off_days": 1, "cut_off_time": time(11)})}
    )
    assert listed_at(diary(day_before), rules=HRDA_FIRST).date == date(2026, 11, 24)
    planned = diary(day_before, meeting(day_before, date(2026, 11, 23)))
    assert listed_at(planned, rules=HRDA_FIRST).date == date(2026, 11, 24)


def test_marac_only_goes_to_the_next_meeting_that_is_not_locked_even_past_its_cut_off() -> None:
    locked = meeting(MARAC, date(2026, 11, 26), status=MeetingStatus.LOCKED)
    late = meeting(MARAC, date(2026, 12, 1))
    assert late.cut_off < NOON < late.starts_at
    found = listed_at(diary(MARAC, locked, late))
    assert (found.meeting_id, found.placement) == (late.meeting_id, Placement.LISTED)


def test_a_meeting_that_has_begun_takes_no_case_even_if_nobody_locked_it() -> None:
    begun = meeting(MARAC, FRIDAY)
    assert begun.starts_at < NOON
    assert listed_at(diary(MARAC, begun)).date == date(2026, 12, 10)


def test_of_two_maracs_the_first_is_used() -> None:
    second = Diary(UUID(int=3), Timetable(MARAC))
    assert listed_at(diary(MARAC), second).forum_id == MARAC_ID


def test_a_date_without_a_meeting_counts_as_locked_once_its_cut_off_has_passed() -> None:
    assert sits_on(MARAC, date(2026, 11, 26))
    found = listed_at(diary(MARAC))
    assert (found.date, found.meeting_id) == (date(2026, 12, 10), None)


def test_a_cancelled_meeting_takes_no_case_and_its_date_is_not_offered_again() -> None:
    cancelled = meeting(MARAC, date(2026, 12, 10), status=MeetingStatus.CANCELLED)
    assert listed_at(diary(MARAC, cancelled)).date == date(2026, 12, 24)


def test_overflow_to_the_next_sitting() -> None:
    full = meeting(MARAC, date(2026, 12, 10), listed=2)
    found = listed_at(diary(MARAC, full))
    assert (found.date, found.placement) == (date(2026, 12, 24), Placement.LISTED)
    assert "route.capacity" in rule_ids(found)


def test_overflow_to_an_extra_sitting_on_the_next_free_working_day() -> None:
    forum = MARAC.model_copy(update={"overflow": Overflow.EXTRA_SITTING})
    full = meeting(forum, date(2026, 12, 10), listed=2)
    found = listed_at(diary(forum, full))
    assert (found.date, found.meeting_id) == (date(2026, 12, 11), None)
    assert found.placement is Placement.EXTRA_SITTING
    assert {"route.capacity", "route.extra_sitting"} <= set(rule_ids(found))


def test_an_extra_sitting_that_was_called_is_filled_before_another_is() -> None:
    forum = MARAC.model_copy(update={"overflow": Overflow.EXTRA_SITTING})
    full = meeting(forum, date(2026, 12, 10), listed=2)
    extra = meeting(forum, date(2026, 12, 11), listed=1)
    assert listed_at(diary(forum, full, extra)).meeting_id == extra.meeting_id
    filled = meeting(forum, date(2026, 12, 11), listed=2)
    assert listed_at(diary(forum, full, filled)).date == date(2026, 12, 14)


def test_an_extra_sitting_is_not_called_on_a_date_that_the_forum_skips() -> None:
    forum = MARAC.model_copy(update={"overflow": Overflow.EXTRA_SITTING, "skips": (date(2026, 12, 11),)})
    full = meeting(forum, date(2026, 12, 10), listed=2)
    assert listed_at(diary(forum, full)).date == date(2026, 12, 14)


def test_a_second_meeting_on_the_same_day_is_filled_before_an_extra_one_is_called() -> None:
    forum = MARAC.model_copy(update={"overflow": Overflow.EXTRA_SITTING})
    full = meeting(forum, date(2026, 12, 10), listed=2)
    second = meeting(forum, date(2026, 12, 10), listed=1, number=7)
    assert listed_at(diary(forum, full, second)).meeting_id == second.meeting_id


def test_overflow_over_capacity_lists_the_case_and_says_so() -> None:
    forum = MARAC.model_copy(update={"overflow": Overflow.OVER_CAPACITY})
    full = meeting(forum, date(2026, 12, 10), listed=2)
    found = listed_at(diary(forum, full))
    assert (found.meeting_id, found.placement) == (full.meeting_id, Placement.OVER_CAPACITY)
    assert "route.over_capacity" in rule_ids(found)


def test_a_forum_that_never_sits_again_still_yields_a_place() -> None:
    far = MARAC.model_copy(update={"cadence": MARAC.cadence.model_copy(update={"anchor": date(2036, 1, 3)})})
    found = listed_at(diary(far))
    assert (found.date, found.placement) == (date(2026, 11, 23), Placement.EXTRA_SITTING)
    assert "route.no_sitting" in rule_ids(found)


def test_a_partnership_closed_for_more_than_a_year_still_yields_a_place() -> None:
    closed = Calendar(frozenset(FRIDAY + timedelta(n) for n in range(HORIZON + 10)))
    found = find_place(diary(MARAC), version="1", now=NOON, calendar=closed)
    assert found.placement is Placement.EXTRA_SITTING
    assert is_working_day(found.date, closed)


def test_a_case_deferred_to_a_date_is_listed_on_or_after_it() -> None:
    found = find_place(diary(HRDA), version="1", now=NOON, not_before=date(2026, 12, 25))
    assert found.date == date(2026, 12, 29)


def test_a_case_deferred_to_a_date_that_has_passed_is_on_the_next_list() -> None:
    monday_night = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
    assert find_place(diary(HRDA), version="1", now=monday_night, not_before=FRIDAY).date == date(2026, 11, 24)


def test_without_an_hrda_the_case_goes_to_marac_and_the_reasons_say_so() -> None:
    found = listed_at(diary(MARAC), rules=HRDA_FIRST)
    assert found.forum_kind is ForumKind.MARAC
    assert "route.no_such_forum" in rule_ids(found)


def test_without_any_forum_a_high_risk_referral_is_refused_with_the_way_to_mend_it() -> None:
    with pytest.raises(Conflict, match="Set one up"):
        listed_at(rules=HRDA_FIRST)


@pytest.mark.parametrize("ground", [Ground.REPEAT, Ground.POTENTIAL_ESCALATION])
def test_a_repeat_or_an_escalation_goes_to_the_forum_under_the_threshold(ground: Ground) -> None:
    for level in Level:
        found = route(level, [ground], rules=MARAC_ONLY, diaries=[diary(MARAC)], now=NOON)
        assert isinstance(found, ForumRoute)
        assert found.reasons[0].rule == "route.under_threshold"


def test_a_partnership_may_keep_repeats_under_the_threshold_in_support() -> None:
    rules = RoutingRules(pathway=Pathway.MARAC_ONLY, refer_under_threshold=(Ground.POTENTIAL_ESCALATION,))
    assert supported(Level.HIGH, Ground.REPEAT, rules=rules).support is SupportKind.ADVOCACY_WORKER
    assert listed_at(diary(MARAC), rules=rules, grounds=[Ground.REPEAT, Ground.PROFESSIONAL_JUDGEMENT])


def test_medium_and_standard_go_to_support_with_a_date_to_accept_by() -> None:
    medium = supported(Level.MEDIUM, rules=HRDA_FIRST)
    standard = supported(Level.STANDARD, rules=HRDA_FIRST)
    assert (medium.support, medium.accept_by) == (SupportKind.ADVOCACY_WORKER, date(2026, 11, 24))
    assert (standard.support, standard.accept_by) == (SupportKind.PIPPA, date(2026, 11, 27))


def test_the_person_referring_may_choose_the_support_service() -> None:
    found = supported(Level.STANDARD, rules=HRDA_FIRST, support=SupportKind.GP_IRIS)
    assert found.support is SupportKind.GP_IRIS
    assert "route.support_chosen" in rule_ids(found)


offsets = st.integers(0, 60)
plans = st.lists(
    st.tuples(offsets, st.integers(0, 3), st.sampled_from(MeetingStatus)), max_size=12, unique_by=lambda row: row[0]
)
moments = st.integers(1_767_225_600, 1_830_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@st.composite
def diaries(draw: st.DrawFn, now: datetime) -> Diary:
    forum = draw(st.sampled_from([HRDA, MARAC]))
    forum = forum.model_copy(
        update={"overflow": draw(st.sampled_from(Overflow)), "capacity": draw(st.sampled_from([None, 1, 2]))}
    )
    today = local_date(now)
    meetings = {
        day: meeting(forum, day, listed, status)
        for offset, listed, status in draw(plans)
        for day in [add_working_days(today + timedelta(offset - 5), 0)]
    }
    return diary(forum, *meetings.values())


@given(st.data(), moments)
def test_no_case_is_dropped_and_none_goes_to_a_locked_or_past_meeting(data: st.DataObject, now: datetime) -> None:
    book = data.draw(diaries(now))
    found = find_place(book, version="7", now=now)
    assert found.starts_at > now
    assert is_working_day(found.date)
    assert {reason.version for reason in found.reasons} == {"7"}
    by_id = {each.meeting_id: each for each in book.meetings}
    if found.meeting_id is None:
        assert found.date not in {each.date for each in book.meetings}
        assert sits_on(book.forum, found.date) is (found.placement is Placement.LISTED)
    else:
        chosen = by_id[found.meeting_id]
        assert chosen.status is SCHEDULED
        has_room = book.forum.capacity is None or chosen.listed < book.forum.capacity
        assert has_room is (found.placement is Placement.LISTED)


@given(st.data(), moments)
def test_an_earlier_meeting_with_room_is_never_passed_over(data: st.DataObject, now: datetime) -> None:
    book = data.draw(diaries(now))
    found = find_place(book, version="1", now=now)
    for each in book.meetings:
        room = book.forum.capacity is None or each.listed < book.forum.capacity
        open_to_it = each.cut_off > now and each.date > local_date(now)
        if each.status is SCHEDULED and room and open_to_it and each.starts_at < found.starts_at:
            pytest.fail(f"{each.date} had room and was passed over for {found.date}")


@given(st.sampled_from(Level), st.frozensets(st.sampled_from(Ground)), st.sampled_from(Pathway), moments)
def test_every_referral_has_a_route_with_reasons(
    level: Level, grounds: frozenset[Ground], pathway: Pathway, now: datetime
) -> None:
    rules = RoutingRules(pathway=pathway)
    found = route(level, grounds, rules=rules, diaries=[diary(HRDA), diary(MARAC)], now=now)
    assert found.reasons
    if grounds or level is Level.HIGH:
        assert isinstance(found, ForumRoute)
    else:
        assert isinstance(found, SupportRoute)
        assert found.accept_by > local_date(now)
