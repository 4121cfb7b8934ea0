"""Rules by date: which of several settings stands, and what other thresholds would have made of what was assessed."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.rules import FromDay, Graded, Preview, Setting, next_version, preview, standing
from app.risk.grading import GradingRules, Level
from app.risk.instruments import load_catalogue

CATALOGUE = load_catalogue()
TODAY = date(2026, 11, 22)
NONE_HIGH = GradingRules(high_at={"dash-27": 27, "dash-24": 24, "young-people": 26}, medium_at=1)


def graded(instrument: str, yes: int, judged: Level | None = None) -> Graded:
    told: dict[str, Any] = {"incident": {}, "events": [], "earlier_marac": {}}
    return Graded(instrument, "1", yes, judged, TODAY, told, None)


def assessed() -> st.SearchStrategy[list[Graded]]:
    one = st.builds(
        graded, st.sampled_from(["dash-27", "dash-24"]), st.integers(0, 24), st.none() | st.sampled_from(Level)
    )
    return st.lists(one, max_size=20)


@given(made=assessed())
def test_the_same_rules_grade_nobody_differently(made: list[Graded]) -> None:
    rules = GradingRules()
    assert preview(made, CATALOGUE, rules, rules) == Preview(len(made), 0, 0)


@given(made=assessed(), lower=st.integers(10, 13))
def test_a_lower_threshold_only_raises_and_going_back_only_lowers(made: list[Graded], lower: int) -> None:
    now, then = GradingRules(), GradingRules(high_at={"dash-27": lower})
    there, back = preview(made, CATALOGUE, now, then), preview(made, CATALOGUE, then, now)
    raised = [each for each in made if each.instrument == "dash-27" and lower <= each.yes < 14]
    assert there.up == back.down == len([each for each in raised if each.judged is not Level.HIGH])
    assert there.down == back.up == 0


def test_what_a_professional_judged_high_stays_high_whatever_the_threshold() -> None:
    made = [graded("dash-27", 20), graded("dash-27", 20, Level.HIGH)]
    assert preview(made, CATALOGUE, GradingRules(), NONE_HIGH) == Preview(2, 0, 1)


def test_what_was_told_of_events_counts_as_it_did() -> None:
    events = [{"occurred_on": f"2026-0{month}-01"} for month in (3, 6, 9)]
    made = Graded("dash-27", "1", 3, None, TODAY, {"events": events}, None)
    stricter = GradingRules(escalation_events=4)
    assert preview([made], CATALOGUE, GradingRules(), stricter) == Preview(1, 0, 1)


def test_a_screen_without_a_threshold_is_not_counted() -> None:
    assert preview([graded("stalking-11", 5)], CATALOGUE, GradingRules(), NONE_HIGH) == Preview(0, 0, 0)


def test_of_several_for_one_day_the_last_stands_or_none_when_it_was_taken_back() -> None:
    first, second = date(2026, 12, 1), date(2027, 1, 1)
    settings = [Setting(second, False), Setting(first, False), Setting(first, False)]
    assert standing(settings) == {first: 2, second: 0}
    assert standing([*settings, Setting(second, True)]) == {first: 2}
    assert standing([*settings, Setting(second, True), Setting(second, False)]) == {first: 2, second: 4}


def test_a_version_is_one_more_than_any_number_before() -> None:
    assert [next_version(each) for each in ([], ["1"], ["9", "10"], ["2026-a", "3"])] == ["1", "2", "11", "4"]


def test_a_day_is_today_or_later_and_not_years_ahead() -> None:
    told = {
        day: FromDay(effective_from=day, because="x").problems(TODAY)
        for day in (TODAY, date(2026, 11, 21), date(2028, 1, 1))
    }
    assert [[each.code for each in found] for found in told.values()] == [[], ["in_the_past"], ["too_far"]]
