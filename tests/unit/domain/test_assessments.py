from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.assessments import Assessment, adopt, asked_recently, correct
from app.domain.errors import Conflict
from app.risk.scoring import Answer, AnswerValue

NOW = datetime(2026, 11, 20, 14, 10, tzinfo=UTC)
YES, NO = Answer(AnswerValue.YES), Answer(AnswerValue.NO)
POLICE, HEALTH = UUID(int=1), UUID(int=2)


def assessment(number: int, *, hours_ago: float = 11, person: int = 1) -> Assessment:
    return Assessment(
        id=UUID(int=number),
        person=UUID(int=person),
        agency=HEALTH,
        instrument="dash-27",
        version="1",
        answers={1: YES, 2: NO},
        assessed_at=NOW - timedelta(hours=hours_ago),
        assessed_by="Amy Osei",
    )


def test_an_assessment_cannot_be_changed_nor_its_answers() -> None:
    answers = {1: YES}
    made = replace(assessment(1), answers=answers)
    answers[1] = NO
    assert made.answers == {1: YES}
    with pytest.raises(FrozenInstanceError):
        made.assessed_by = "someone"  # type: ignore[misc]  # the point of the test
    with pytest.raises(TypeError):
        made.answers[1] = NO  # type: ignore[index]  # the point of the test


def test_a_correction_is_a_new_assessment_that_points_at_the_old() -> None:
    old = assessment(1)
    new = correct(old, id=UUID(int=2), answers={1: NO}, by="Amy Osei", agency=HEALTH)
    assert (new.corrects, new.answers, new.assessed_at) == (old.id, {1: NO}, old.assessed_at)
    assert old.answers == {1: YES, 2: NO}


def test_only_the_agency_that_made_an_assessment_corrects_it() -> None:
    with pytest.raises(Conflict, match="Adopt it"):
        correct(assessment(1), id=UUID(int=2), answers={}, by="Imran Shah", agency=POLICE)


def test_adopting_takes_the_answers_and_what_changed_and_keeps_the_time_of_asking() -> None:
    old = assessment(1)
    new = adopt(old, id=UUID(int=2), changed={2: YES, 18: YES}, by="Imran Shah", agency=POLICE)
    assert (new.adopted_from, new.agency, new.corrects) == (old.id, POLICE, None)
    assert new.answers == {1: YES, 2: YES, 18: YES}
    assert new.assessed_at == old.assessed_at


def test_an_assessment_cannot_correct_itself_nor_lack_a_time_zone() -> None:
    with pytest.raises(ValueError, match="itself"):
        replace(assessment(1), corrects=UUID(int=1))
    with pytest.raises(ValueError, match="aware"):
        replace(assessment(1), assessed_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_what_was_asked_in_72_hours_is_shown_together_newest_first() -> None:
    told = [assessment(1, hours_ago=72), assessment(2, hours_ago=3), assessment(3, hours_ago=72.1)]
    told += [assessment(4, person=2), assessment(5, hours_ago=-1)]
    groups = asked_recently(told, NOW)
    assert [asked.assessment.id.int for asked in groups[UUID(int=1)]] == [2, 1]
    assert [asked.assessment.id.int for asked in groups[UUID(int=2)]] == [4]


def test_a_superseded_assessment_is_shown_after_its_correction_and_marked() -> None:
    old = assessment(9)
    new = correct(old, id=UUID(int=2), answers={}, by="Amy Osei", agency=HEALTH)
    asked = asked_recently([old, new], NOW)[old.person]
    assert [(each.assessment.id, each.superseded_by) for each in asked] == [(new.id, None), (old.id, new.id)]


@given(st.lists(st.tuples(st.integers(-10, 200), st.integers(1, 3)), max_size=8))
def test_each_recent_assessment_is_shown_exactly_once_under_its_person(asked: list[tuple[int, int]]) -> None:
    told = [assessment(n, hours_ago=hours, person=p) for n, (hours, p) in enumerate(asked, start=1)]
    groups = asked_recently(reversed(told), NOW)
    shown = [each.assessment for group in groups.values() for each in group]
    assert {each.id for each in shown} == {UUID(int=n) for n, (h, _) in enumerate(asked, start=1) if 0 <= h <= 72}
    assert len({each.id for each in shown}) == len(shown)
    for person, group in groups.items():
        times = [each.assessment.assessed_at for each in group]
        assert times == sorted(times, reverse=True)
        assert all(each.assessment.person == person for each in group)
