from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import IllegalMove
from app.domain.forums import QuorumRule, standard_marac
from app.domain.meetings import (
    TABLE,
    Attendance,
    MeetingMove,
    MeetingStatus,
    Standing,
    next_status,
    quorum,
    takes_cases,
)

FORUM = standard_marac(date(2026, 1, 8)).model_copy(
    update={"quorum": QuorumRule(minimum_agencies=3, required_kinds=("police", "idva_service"))}
)
attendances = st.lists(
    st.builds(
        Attendance,
        st.integers(1, 6).map(lambda number: UUID(int=number)),
        st.sampled_from(["police", "idva_service", "health", "housing"]),
        st.sampled_from(Standing),
    )
)


def there(number: int, kind: str, standing: Standing = Standing.PRESENT) -> Attendance:
    return Attendance(UUID(int=number), kind, standing)


def test_a_meeting_goes_from_scheduled_to_minutes_issued() -> None:
    status = MeetingStatus.SCHEDULED
    seen = [status]
    for move in (
        MeetingMove.LOCK,
        MeetingMove.PUBLISH,
        MeetingMove.START,
        MeetingMove.END,
        MeetingMove.ISSUE_MINUTES,
    ):
        status = next_status(status, move)
        seen.append(status)
    assert seen == [each for each in MeetingStatus if each is not MeetingStatus.CANCELLED]


@pytest.mark.parametrize("status", MeetingStatus)
@pytest.mark.parametrize("move", MeetingMove)
def test_any_other_move_is_refused_naming_the_legal_ones(status: MeetingStatus, move: MeetingMove) -> None:
    if move in TABLE[status]:
        assert next_status(status, move) is TABLE[status][move]
    else:
        with pytest.raises(IllegalMove) as refusal:
            next_status(status, move)
        assert refusal.value.legal == tuple(sorted(TABLE[status]))


def test_a_meeting_that_has_begun_cannot_be_cancelled() -> None:
    can = {status for status in MeetingStatus if MeetingMove.CANCEL in TABLE[status]}
    assert can == {MeetingStatus.SCHEDULED, MeetingStatus.LOCKED, MeetingStatus.PUBLISHED}


def test_only_a_scheduled_meeting_takes_cases() -> None:
    assert [status for status in MeetingStatus if takes_cases(status)] == [MeetingStatus.SCHEDULED]


def test_quorum_is_met_when_enough_agencies_and_each_required_kind_are_present() -> None:
    result = quorum(FORUM, [there(1, "police"), there(2, "idva_service"), there(3, "health")])
    assert result.met
    assert [reason.text for reason in result.reasons] == ["3 agencies are present; the forum needs at least 3."]


def test_two_people_of_one_agency_count_once() -> None:
    result = quorum(FORUM, [there(1, "police"), there(1, "police"), there(2, "idva_service")])
    assert not result.met
    assert result.reasons[0].text == "2 agencies are present; the forum needs 3."


def test_observers_and_apologies_do_not_count_even_with_information_sent() -> None:
    result = quorum(
        FORUM,
        [
            there(1, "police"),
            there(2, "idva_service", Standing.APOLOGIES_WITH_INFORMATION),
            there(3, "health", Standing.OBSERVER),
            there(4, "housing", Standing.APOLOGIES),
        ],
    )
    assert not result.met
    assert [reason.rule for reason in result.reasons] == ["quorum.agencies", "quorum.required_kind"]
    assert result.reasons[0].text == "1 agency is present; the forum needs 3."
    assert "idva service" in result.reasons[1].text


@given(attendances, attendances)
def test_one_more_person_never_loses_the_quorum(some: list[Attendance], more: list[Attendance]) -> None:
    assert quorum(FORUM, [*some, *more]).met >= quorum(FORUM, some).met
    assert quorum(FORUM, some).reasons
