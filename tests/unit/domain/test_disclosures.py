from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.disclosures import (
    OUTSIDE_ROUNDTABLE,
    Channel,
    DisclosureForm,
    Kind,
    Nature,
    Sharing,
    check_considered,
    check_disclosure,
    check_sharing,
    choose,
)
from app.domain.errors import Invalid
from app.domain.lawful_bases import Purpose, Register, SharingAgreement
from tests.unit.domain.test_lawful_bases import basis

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
OWN, OTHER, PARTY = uuid4(), uuid4(), uuid4()
NEWER, OLDER = (
    SharingAgreement(id=uuid4(), title="Agreement", version=version, effective_from=date(2025, month, 1))
    for version, month in (("2", 4), ("1", 1))
)
REGISTER = Register(
    bases=(basis("public_task", proposed_for=("plan",)), basis("legal_obligation")), agreements=(NEWER, OLDER)
)
FULL: dict[str, Any] = {"basis": "public_task", "necessity": "n", "proportionality": "p", "nature": "fact"}


def found(told: Sharing | None, **more: Any) -> dict[str, str]:
    return {each.pointer: each.code for each in check_sharing(told, REGISTER, purpose=Purpose.PLAN, **more)}


def problems(**changes: Any) -> dict[str, str]:
    given = {"to_agencies": [OTHER], "items": ["case"], "purpose": "plan", "channel": "phone"}
    form = DisclosureForm.model_validate({**given, **changes})
    return {
        each.pointer: each.code
        for each in check_disclosure(form, own=OWN, agencies={OWN, OTHER}, parties={PARTY}, now=NOW)
    }


@given(left_out=st.sets(st.sampled_from(sorted(FULL))))
def test_each_thing_left_out_is_asked_for_at_its_place_and_nothing_else(left_out: set[str]) -> None:
    told = Sharing.model_validate({name: value for name, value in FULL.items() if name not in left_out})
    assert found(told) == {f"/sharing/{name}": "required" for name in left_out}


def test_nothing_at_all_is_as_if_each_thing_were_left_out() -> None:
    with pytest.raises(Invalid) as refused:
        choose(None, REGISTER, purpose=Purpose.PLAN)
    assert "'public_task' is proposed" in refused.value.problems[0].message


@given(code=st.text(min_size=1, max_size=40))
def test_no_basis_but_one_of_the_register_is_ever_chosen(code: str) -> None:
    told = Sharing.model_construct(**{**FULL, "basis": code, "nature": Nature.FACT})
    if code in ("public_task", "legal_obligation"):
        assert choose(told, REGISTER, purpose=Purpose.PLAN).basis.code == code
    else:
        assert found(told) == {"/sharing/basis": "not_in_register"}


def test_what_somebody_says_of_fact_and_opinion_goes_before_what_is_known_of_it() -> None:
    silent = Sharing.model_validate({**FULL, "nature": None})
    assert choose(silent, REGISTER, purpose=Purpose.PLAN, nature=Nature.BOTH).nature is Nature.BOTH
    assert choose(Sharing(**FULL), REGISTER, purpose=Purpose.PLAN, nature=Nature.BOTH).nature is Nature.FACT


def test_the_newest_agreement_is_named_unless_another_in_force_is() -> None:
    assert choose(Sharing(**FULL), REGISTER, purpose=Purpose.PLAN).agreement is NEWER
    older = Sharing(**FULL, agreement=OLDER.id)
    assert choose(older, REGISTER, purpose=Purpose.PLAN).agreement is OLDER
    none = Register(bases=REGISTER.bases, agreements=())
    assert choose(Sharing(**FULL), none, purpose=Purpose.PLAN).agreement is None
    assert found(Sharing(**FULL, agreement=uuid4())) == {"/sharing/agreement": "not_in_force"}


def test_before_a_decision_not_to_share_a_basis_need_not_be_weighed_but_must_be_ones_own() -> None:
    assert check_considered(Sharing(), REGISTER, Purpose.PLAN) == ()
    assert check_considered(Sharing(basis="public_task"), REGISTER, Purpose.PLAN) == ()
    [problem] = check_considered(Sharing(basis="consent"), REGISTER, Purpose.PLAN)
    assert problem.code == "not_in_register"


@pytest.mark.parametrize("channel", Channel)
def test_what_is_written_down_by_hand_was_told_outside_the_program(channel: Channel) -> None:
    assert problems(channel=channel) == ({} if channel in OUTSIDE_ROUNDTABLE else {"/channel": "not_allowed"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"to_agencies": []}, {"/to_agencies": "required"}),
        ({"to_agencies": [], "to_outside": "A school"}, {}),
        ({"to_agencies": [OTHER, OWN]}, {"/to_agencies/1": "own_agency"}),
        ({"to_agencies": [UUID(int=1)]}, {"/to_agencies/0": "unknown"}),
        ({"subjects": [PARTY, UUID(int=1)]}, {"/subjects/1": "unknown"}),
        ({"items": ["other"]}, {"/detail": "required"}),
        ({"kind": "withheld", "channel": None}, {"/because": "required"}),
        ({"kind": "withheld", "channel": None, "because": "It is privileged."}, {}),
        ({"because": "It is privileged."}, {"/because": "contradiction"}),
    ],
)
def test_an_entry_made_by_hand_is_held_to_who_what_and_why(changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert problems(**changes) == expected


@given(ago=st.timedeltas(timedelta(days=-400), timedelta(days=8000)))
def test_it_was_told_in_the_past_and_not_beyond_memory(ago: timedelta) -> None:
    within = timedelta(0) <= ago <= timedelta(days=3653)
    assert problems(at=NOW - ago) == ({} if within else {"/at": "out_of_range"})


def test_sharing_is_what_is_meant_unless_somebody_says_otherwise() -> None:
    assert DisclosureForm.model_validate({"items": ["case"], "purpose": "plan"}).kind is Kind.SHARED
