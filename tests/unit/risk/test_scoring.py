import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.instruments import load_catalogue
from app.risk.markers import Marker
from app.risk.scoring import Answer, AnswerValue, markers_raised, prompted, score

CATALOGUE = load_catalogue()
DASH = CATALOGUE.get("dash-27")
YES = Answer(AnswerValue.YES)

answer_sets = st.dictionaries(st.integers(1, 27), st.sampled_from(AnswerValue).map(Answer))


def test_a_score_counts_yes_and_nothing_else() -> None:
    answers = {1: YES, 2: Answer(AnswerValue.NO), 3: Answer(AnswerValue.DONT_KNOW), 4: Answer(AnswerValue.NOT_ASKED)}
    counted = score(DASH, answers)
    assert (counted.yes, counted.no, counted.dont_know, counted.not_asked) == (1, 1, 1, 24)
    assert (counted.unanswered, counted.could_reach, counted.out_of) == (25, 26, 27)


def test_nine_with_five_unanswered_could_reach_fourteen() -> None:
    answers = dict.fromkeys(range(1, 10), YES) | {n: Answer(AnswerValue.NO) for n in range(10, 23)}
    counted = score(DASH, answers)
    assert (counted.yes, counted.unanswered, counted.could_reach) == (9, 5, 14)


def test_an_answer_to_a_question_that_does_not_exist_is_refused_not_ignored() -> None:
    with pytest.raises(ValueError, match="no question 28"):
        score(DASH, {28: YES})


@given(answer_sets)
def test_every_question_is_counted_once(answers: dict[int, Answer]) -> None:
    counted = score(DASH, answers)
    assert counted.yes + counted.no + counted.unanswered == counted.out_of


@given(answer_sets, st.integers(1, 27))
def test_leaving_a_question_unanswered_never_lowers_what_the_score_could_reach(
    answers: dict[int, Answer], number: int
) -> None:
    before = score(DASH, answers).could_reach
    for value in (AnswerValue.DONT_KNOW, AnswerValue.NOT_ASKED):
        assert score(DASH, {**answers, number: Answer(value)}).could_reach >= before
    without = {n: a for n, a in answers.items() if n != number}
    assert score(DASH, without).could_reach >= before


@given(answer_sets)
def test_the_order_of_answers_does_not_matter(answers: dict[int, Answer]) -> None:
    backwards = dict(reversed(answers.items()))
    assert score(DASH, backwards) == score(DASH, answers)
    assert markers_raised(DASH, backwards) == markers_raised(DASH, answers)
    assert prompted(DASH, backwards) == prompted(DASH, answers)


def test_separation_is_a_marker_only_together_with_control() -> None:
    assert Marker.SEPARATION_WITH_CONTROL not in markers_raised(DASH, {6: YES})
    assert Marker.SEPARATION_WITH_CONTROL not in markers_raised(DASH, {15: YES})
    assert markers_raised(DASH, {6: YES, 15: YES})[Marker.SEPARATION_WITH_CONTROL] == (6, 15)


@pytest.mark.parametrize("value", [AnswerValue.NO, AnswerValue.DONT_KNOW, AnswerValue.NOT_ASKED])
def test_only_a_yes_raises_a_marker_or_a_prompt(value: AnswerValue) -> None:
    answers = {n: Answer(value) for n in range(1, 28)}
    assert markers_raised(DASH, answers) == {}
    assert prompted(DASH, answers) == ()


def test_a_prompt_is_offered_once_however_many_questions_ask_for_it() -> None:
    assert prompted(DASH, {4: YES, 8: YES, 20: YES}) == ("hba", "stalking-11")
