"""The year that is drawn: graded by the real rules, it comes out at the published figures, and it is all invented."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise, takewhile
from typing import Any

import pytest

from app.domain.clock import is_working_day, local_date
from app.domain.completeness import complete
from app.domain.referrals import ReferralForm, grading_facts
from app.risk.grading import Grade, GradingRules, Ground, grade
from app.risk.instruments import load_catalogue
from app.seeds.forms import HIGH_CHILDREN, HIGH_NOT_POLICE, HIGH_REPEATS, Submission, year_of_forms

START = date(2025, 11, 24)
CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def year() -> list[Submission]:
    return list(year_of_forms(2026, START))


def graded(form: ReferralForm, on: date, last_referral_on: date | None = None) -> Grade:
    return grade(grading_facts(form, CATALOGUE, last_referral_on), GradingRules(), on)


def test_a_year_has_the_published_number_of_each_level(year: list[Submission]) -> None:
    assert Counter(each.level for each in year) == {"high": 556, "medium": 1_090, "standard": 2_391}


def test_every_form_is_complete_and_graded_as_it_says_on_its_day_and_a_year_later(year: list[Submission]) -> None:
    for each in year[::5]:
        form = ReferralForm.model_validate(each.form)
        sent_on = local_date(each.sent_at)
        assert complete(form, CATALOGUE, sent_on) == ()
        assert {graded(form, day).level for day in (sent_on, sent_on + timedelta(days=365))} == {each.level}


def test_a_fifth_of_the_high_ones_come_from_others_than_the_police_and_on_working_days(year: list[Submission]) -> None:
    others = [each for each in year if each.agency_slug != "police"]
    assert sum(each.level == "high" for each in others) == HIGH_NOT_POLICE
    assert all(is_working_day(local_date(each.sent_at)) for each in others)


def test_high_repeats_are_repeats_by_the_rules_once_the_earlier_referral_is_known(year: list[Submission]) -> None:
    repeats = [each for each in year if each.level == "high" and each.repeat_of is not None]
    assert len(repeats) == HIGH_REPEATS
    for each in repeats:
        earlier = year[each.repeat_of or 0]
        assert earlier.form["victim"] is each.form["victim"]
        form = ReferralForm.model_validate(each.form)
        assert Ground.REPEAT in graded(form, local_date(each.sent_at), local_date(earlier.sent_at)).grounds


def test_the_children_of_high_risk_families_add_up(year: list[Submission]) -> None:
    first = [each for each in year if each.level == "high" and each.repeat_of is None]
    assert sum(len(each.form["children"]) for each in first) == HIGH_CHILDREN


def test_the_months_are_alike(year: list[Submission]) -> None:
    months = Counter(local_date(each.sent_at).strftime("%Y-%m") for each in year if each.level == "high")
    whole = [count for month, count in months.items() if month not in ("2025-11", "2026-11")]
    assert min(whole) >= 40
    assert max(whole) <= 52


def test_the_same_seed_draws_the_same_year_and_another_seed_another(year: list[Submission]) -> None:
    again = [each for each, _ in zip(year_of_forms(2026, START), range(50), strict=False)]
    other = [each for each, _ in zip(year_of_forms(2027, START), range(50), strict=False)]
    assert again == year[:50]
    assert other != year[:50]


def test_it_comes_in_order_of_time_and_numbered(year: list[Submission]) -> None:
    assert all(one.sent_at <= other.sent_at for one, other in pairwise(year))
    assert [each.number for each in year] == list(range(len(year)))
    assert len(list(takewhile(lambda each: local_date(each.sent_at) == START, year))) > 0


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def test_every_telephone_number_is_one_reserved_for_drama_and_every_email_goes_nowhere(year: list[Submission]) -> None:
    said = [text for each in year[::20] for text in texts(each.form)]
    numbers = [text for text in said if re.fullmatch(r"[0-9 ]{9,}", text)]
    assert numbers
    assert all(re.fullmatch(r"07700 900\d{3}|01632 960\d{3}", text) for text in numbers)
    assert all(text.endswith(".example") for text in said if "@" in text)
