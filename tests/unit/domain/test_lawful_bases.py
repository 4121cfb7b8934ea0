from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lawful_bases import (
    LawfulBasis,
    LawfulBasisForm,
    Purpose,
    Register,
    check_end,
    check_start,
)
from app.domain.standard_register import RECOGNISED_SINCE, STANDARD_REGISTER

TODAY = date(2026, 11, 21)
KINDS = sorted({kind for each in STANDARD_REGISTER for kind in each.kinds})
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


def basis(code: str = "public_task", **changes: Any) -> LawfulBasis:
    given: dict[str, Any] = {
        "id": uuid4(),
        "code": code,
        "version": 1,
        "title": code,
        "help": "Help.",
        "agency_kinds": (),
        "proposed_for": (),
        "article_6": "UK GDPR Article 6(1)(e)",
        "article_9": None,
        "article_10": None,
        "power": None,
        "effective_from": date(2020, 1, 1),
    }
    return LawfulBasis(**{**given, **changes})


def register(kind: str, on: date) -> Register:
    """What the standard register offers to that kind of agency on a day."""
    return Register(
        bases=tuple(
            basis(each.code, agency_kinds=tuple(each.kinds), proposed_for=tuple(each.proposed_for))
            for each in STANDARD_REGISTER
            if (not each.kinds or kind in each.kinds) and each.since <= on and (each.until is None or each.until > on)
        ),
        agreements=(),
    )


def proposed(kind: str, on: date = TODAY) -> str:
    found = register(kind, on).proposed(Purpose.PROTECT)
    assert found is not None
    return found.code


@given(kind=st.sampled_from(KINDS), on=DAYS)
def test_on_any_day_an_agency_has_a_basis_for_its_daily_work_and_no_code_twice(kind: str, on: date) -> None:
    offered = register(kind, on)
    codes = [each.code for each in offered.bases]
    assert len(set(codes)) == len(codes)
    assert {"vital_interests", "legal_obligation"} <= set(codes)
    for purpose in (Purpose.PROTECT, Purpose.PLAN, Purpose.ASSESS_RISK, Purpose.SUPPORT, Purpose.CONTACT):
        assert offered.proposed(purpose), purpose


@given(on=DAYS)
def test_a_charity_is_proposed_the_recognised_interest_from_the_day_the_law_gave_it(on: date) -> None:
    expected = "recognised_legitimate_interest" if on >= RECOGNISED_SINCE else "legitimate_interests"
    assert proposed("idva_service", on) == expected


def test_police_are_proposed_law_enforcement_and_other_public_bodies_their_public_task() -> None:
    assert proposed("police") == "law_enforcement"
    assert {proposed(kind) for kind in ("health", "local_authority", "childrens_services")} == {"public_task"}


def test_a_kind_that_the_register_does_not_know_is_proposed_nothing_for_daily_work() -> None:
    assert register("circus", TODAY).proposed(Purpose.PLAN) is None


@pytest.mark.parametrize("entry", STANDARD_REGISTER, ids=lambda each: f"{each.code}-{each.version}")
def test_each_standard_entry_is_one_that_an_administrator_could_have_added(entry: Any) -> None:
    form = LawfulBasisForm(
        code=entry.code,
        title=entry.title,
        help=entry.help,
        agency_kinds=tuple(entry.kinds),
        proposed_for=tuple(entry.proposed_for),
        article_6=entry.article_6,
        article_9=entry.article_9,
        article_10=entry.article_10,
        power=entry.power,
        effective_from=TODAY,
    )
    assert check_start(form, None, TODAY) == ()
    assert "consent" not in entry.title.casefold()


def test_the_entry_made_for_the_fewest_kinds_is_the_one_proposed() -> None:
    every = basis("legal_obligation", proposed_for=("plan",))
    many = basis("public_task", proposed_for=("plan",), agency_kinds=("health", "police", "housing"))
    few = basis("law_enforcement", proposed_for=("plan",), agency_kinds=("police",))
    assert Register(bases=(every, many, few), agreements=()).proposed(Purpose.PLAN) is few
    assert Register(bases=(every, many), agreements=()).proposed(Purpose.PLAN) is many
    assert Register(bases=(every,), agreements=()).proposed(Purpose.PLAN) is every
    assert Register(bases=(every,), agreements=()).proposed(Purpose.CONTACT) is None


def test_the_choices_are_named_and_so_is_there_being_none() -> None:
    offered = Register(bases=(basis(proposed_for=("plan",)), basis("other")), agreements=())
    said = "Your agency may choose: 'public_task', 'other'."
    assert offered.choices(Purpose.PLAN) == f"{said} For this purpose 'public_task' is proposed."
    assert offered.choices(Purpose.CONTACT) == said
    assert "administrator" in Register(bases=(), agreements=()).choices(Purpose.PLAN)


def test_what_is_kept_of_a_basis_is_its_law_and_not_its_help() -> None:
    kept = basis(power="Care Act 2014 section 42").snapshot()
    assert kept["power"] == "Care Act 2014 section 42"
    assert (kept["effective_from"], kept["version"]) == ("2020-01-01", 1)
    assert "help" not in kept


@given(days=st.integers(-400, 400))
def test_a_version_begins_today_or_later_and_not_before_the_one_that_is_there(days: int) -> None:
    begins = TODAY + timedelta(days=days)
    form = LawfulBasisForm(code="a", title="A", help="A.", article_6="6", effective_from=begins)
    latest = basis(effective_from=TODAY + timedelta(days=100))
    codes = [each.code for each in check_start(form, latest, TODAY)]
    assert codes == (["in_the_past"] if days < 0 else ["out_of_order"] if days < 100 else [])


@given(on=DAYS, began=DAYS)
def test_an_entry_ends_neither_in_the_past_nor_before_it_began(on: date, began: date) -> None:
    assert (check_end(on, began, TODAY) == ()) == (on >= TODAY and on >= began)
