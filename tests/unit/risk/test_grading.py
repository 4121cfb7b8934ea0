from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.risk.grading import (
    AbuseEvent,
    GradingFacts,
    GradingRules,
    Ground,
    Level,
    ProfessionalJudgement,
    RepeatDefinition,
    Screen,
    add_months,
    grade,
)
from app.risk.instruments import load_catalogue
from app.risk.markers import Marker
from app.risk.scoring import Answer, AnswerValue

CATALOGUE = load_catalogue()
DASH = CATALOGUE.get("dash-27")
RULES = GradingRules()
TODAY = date(2026, 11, 20)
YES = Answer(AnswerValue.YES)


def first(count: int) -> dict[int, Answer]:
    return dict.fromkeys(range(1, count + 1), YES)


def scored(count: int) -> GradingFacts:
    return GradingFacts(instrument=DASH, answers=first(count))


def events(*days_ago: int) -> tuple[AbuseEvent, ...]:
    return tuple(AbuseEvent(TODAY - timedelta(days=days)) for days in days_ago)


answer_sets = st.dictionaries(st.integers(1, 27), st.sampled_from(AnswerValue).map(Answer))
judgements = st.none() | st.builds(ProfessionalJudgement, st.just("He said it twice"), st.sampled_from(Level))
event_lists = st.lists(
    st.builds(AbuseEvent, st.dates(date(2024, 1, 1), TODAY), st.sampled_from([True, False, None])), max_size=5
).map(tuple)
facts = st.builds(
    GradingFacts,
    instrument=st.just(DASH),
    answers=answer_sets,
    judgement=judgements,
    events=event_lists,
    last_referral_on=st.none() | st.dates(date(2024, 1, 1), TODAY),
)


@pytest.mark.parametrize(
    ("count", "level"),
    [
        (0, Level.STANDARD),
        (9, Level.STANDARD),
        (10, Level.MEDIUM),
        (13, Level.MEDIUM),
        (14, Level.HIGH),
        (27, Level.HIGH),
    ],
)
def test_a_score_of_fourteen_is_visible_high_risk_and_ten_is_medium(count: int, level: Level) -> None:
    result = grade(scored(count), RULES, TODAY)
    assert (result.level, result.actuarial) == (level, level)
    assert (Ground.VISIBLE_HIGH_RISK in result.grounds) == (level is Level.HIGH)


def test_the_threshold_is_the_partnerships_own() -> None:
    rules = GradingRules(version="southampton-2016", high_at={"dash-27": 15})
    assert grade(scored(14), rules, TODAY).level is Level.MEDIUM
    result = grade(scored(15), rules, TODAY)
    assert result.level is Level.HIGH
    assert result.reasons[0].version == "southampton-2016"


def test_an_instrument_without_a_rule_of_its_own_keeps_the_threshold_of_its_data_file() -> None:
    shorter = CATALOGUE.get("dash-24")
    assert grade(GradingFacts(shorter, first(14)), RULES, TODAY).level is Level.HIGH
    assert grade(GradingFacts(shorter, first(13)), RULES, TODAY).level is Level.MEDIUM


def test_professional_judgement_is_ground_enough_by_itself() -> None:
    result = grade(GradingFacts(judgement=ProfessionalJudgement("Her fear is new")), RULES, TODAY)
    assert (result.level, result.actuarial) == (Level.HIGH, Level.STANDARD)
    assert result.grounds == (Ground.PROFESSIONAL_JUDGEMENT,)
    assert result.score is None


def test_professional_judgement_may_raise_to_medium_without_being_a_ground_for_the_high_risk_route() -> None:
    judged = ProfessionalJudgement("More than the answers show", Level.MEDIUM)
    result = grade(GradingFacts(DASH, first(3), judgement=judged), RULES, TODAY)
    assert (result.level, result.grounds) == (Level.MEDIUM, ())


@pytest.mark.parametrize("rationale", ["", "  \n"])
def test_professional_judgement_needs_a_rationale(rationale: str) -> None:
    with pytest.raises(ValueError, match="rationale"):
        ProfessionalJudgement(rationale)


def test_three_events_in_twelve_months_are_potential_escalation() -> None:
    result = grade(GradingFacts(DASH, first(2), events=events(0, 100, 365)), RULES, TODAY)
    assert (result.level, result.actuarial) == (Level.HIGH, Level.STANDARD)
    assert result.grounds == (Ground.POTENTIAL_ESCALATION,)
    assert Marker.ESCALATION in result.markers


@pytest.mark.parametrize("days_ago", [(0, 100), (0, 100, 366), (0, 100, -1)])
def test_two_events_or_a_third_outside_the_window_are_not(days_ago: tuple[int, ...]) -> None:
    assert grade(GradingFacts(DASH, first(2), events=events(*days_ago)), RULES, TODAY).grounds == ()


def test_a_repeat_is_measured_from_the_last_referral_up_to_the_same_day_a_year_later() -> None:
    def repeat(last: date, happened: date) -> bool:
        return grade(GradingFacts(events=(AbuseEvent(happened),), last_referral_on=last), RULES, TODAY).repeat

    assert repeat(date(2025, 11, 20), date(2026, 11, 20))
    assert not repeat(date(2025, 11, 19), date(2026, 11, 20))
    assert repeat(date(2026, 11, 19), date(2026, 11, 20))
    assert not repeat(date(2026, 11, 20), date(2026, 11, 20))


def test_a_repeat_goes_the_high_risk_route_even_under_the_threshold() -> None:
    result = grade(
        GradingFacts(DASH, first(2), events=events(1), last_referral_on=TODAY - timedelta(days=90)), RULES, TODAY
    )
    assert (result.level, result.actuarial, result.repeat) == (Level.HIGH, Level.STANDARD, True)
    assert result.grounds == (Ground.REPEAT,)


@pytest.mark.parametrize(
    ("would_be_crime", "any_abuse", "crime_only"), [(True, True, True), (None, True, True), (False, True, False)]
)
def test_the_two_definitions_of_a_repeat_differ_on_what_is_no_crime(
    would_be_crime: bool | None, any_abuse: bool, crime_only: bool
) -> None:
    known = GradingFacts(events=(AbuseEvent(TODAY, would_be_crime),), last_referral_on=TODAY - timedelta(days=30))
    older = GradingRules(repeat_definition=RepeatDefinition.WOULD_BE_CRIME)
    assert grade(known, RULES, TODAY).repeat is any_abuse
    result = grade(known, older, TODAY)
    assert result.repeat is crime_only
    assert any(reason.rule == "risk.repeat.would_be_crime" for reason in result.reasons) is crime_only
    assert not any("_" in reason.text for reason in result.reasons)


def test_strangulation_is_shown_whatever_the_score() -> None:
    result = grade(GradingFacts(DASH, {18: YES}), RULES, TODAY)
    assert (result.level, result.markers) == (Level.STANDARD, (Marker.STRANGULATION,))
    why = [reason for reason in result.reasons if reason.rule == "risk.marker.strangulation"]
    assert [reason.version for reason in why] == ["dash-27 1"]


def test_a_screen_adds_markers_and_never_points() -> None:
    screen = Screen(CATALOGUE.get("stalking-11"), first(11))
    result = grade(GradingFacts(DASH, first(1), screens=(screen,)), RULES, TODAY)
    assert (result.level, result.score and result.score.yes) == (Level.STANDARD, 1)
    assert Marker.STALKING in result.markers


def test_unanswered_questions_that_could_make_it_high_are_said() -> None:
    answers = first(9) | {n: Answer(AnswerValue.NO) for n in range(10, 23)}
    texts = [reason.text for reason in grade(GradingFacts(DASH, answers), RULES, TODAY).reasons]
    assert "5 questions are unanswered: the score could reach 14, which would be high risk." in texts


def test_without_any_questions_the_grade_says_that_this_is_not_a_low_score() -> None:
    result = grade(GradingFacts(), RULES, TODAY)
    assert result.score is None
    assert "not a low score" in result.reasons[0].text


@given(facts, st.integers(1, 27))
def test_one_more_yes_never_lowers_the_level_nor_removes_a_marker(known: GradingFacts, number: int) -> None:
    before = grade(known, RULES, TODAY)
    more = GradingFacts(DASH, {**known.answers, number: YES}, (), known.judgement, known.events, known.last_referral_on)
    after = grade(more, RULES, TODAY)
    assert after.level.rank >= before.level.rank
    assert set(after.markers) >= set(before.markers)


@given(facts, judgements)
def test_professional_judgement_never_lowers(known: GradingFacts, judged: ProfessionalJudgement | None) -> None:
    without = GradingFacts(DASH, known.answers, (), None, known.events, known.last_referral_on)
    with_it = GradingFacts(DASH, known.answers, (), judged, known.events, known.last_referral_on)
    assert grade(with_it, RULES, TODAY).level.rank >= grade(without, RULES, TODAY).level.rank
    assert grade(with_it, RULES, TODAY).actuarial == grade(without, RULES, TODAY).actuarial


@given(facts)
def test_reasons_are_never_empty_and_each_names_a_rule_and_a_version(known: GradingFacts) -> None:
    reasons = grade(known, RULES, TODAY).reasons
    assert reasons
    assert all(reason.rule.startswith("risk.") and reason.version and reason.text for reason in reasons)


@given(facts)
def test_each_ground_and_marker_has_its_reason_and_any_ground_means_high(known: GradingFacts) -> None:
    result = grade(known, RULES, TODAY)
    rules = {reason.rule for reason in result.reasons}
    for ground in result.grounds:
        assert any(rule.startswith(f"risk.{ground}") for rule in rules)
    assert {f"risk.marker.{marker}" for marker in result.markers} <= rules
    assert result.level is Level.HIGH or not result.grounds
    assert result.level.rank >= result.actuarial.rank


@given(facts)
def test_the_order_of_answers_and_events_is_irrelevant(known: GradingFacts) -> None:
    shuffled = GradingFacts(
        DASH,
        dict(reversed(list(known.answers.items()))),
        (),
        known.judgement,
        known.events[::-1],
        known.last_referral_on,
    )
    assert grade(shuffled, RULES, TODAY) == grade(known, RULES, TODAY)


def test_months_end_where_the_calendar_says() -> None:
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


def test_rules_round_trip_as_json_and_refuse_medium_above_high() -> None:
    assert GradingRules.model_validate_json(RULES.model_dump_json()) == RULES
    with pytest.raises(ValidationError, match="medium_at"):
        GradingRules(high_at={"dash-27": 9})
