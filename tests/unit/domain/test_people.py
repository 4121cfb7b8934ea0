from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.contacts import ContactDetails, PhoneNumber, SafeContact
from app.domain.fields import LONG, Known
from app.domain.matching import candidates, match_keys, same_person
from app.domain.people import Diversity, PersonKnown, PersonTold, Sex, known_from, merge

BORN = date(1991, 4, 2)
words = st.sampled_from(["Amy", "Osei", "Élin", "O'Neil", "Łukasz", "Ann-Marie", "amy"])
short_names = st.none() | words
yes_no = st.none() | st.sampled_from(Known)
phones = st.lists(
    st.builds(
        PhoneNumber,
        number=st.sampled_from(["07700 900123", "07700 900456"]),
        safe=st.sampled_from([True, False, None]),
        kind=st.none() | st.just("mobile"),
    ),
    max_size=3,
).map(tuple)
people = st.builds(
    PersonTold,
    given_name=short_names,
    family_name=short_names,
    known_as=short_names,
    aliases=st.lists(words, max_size=2).map(tuple),
    date_of_birth=st.none() | st.sampled_from([BORN, date(1991, 2, 4), date(1990, 4, 2)]),
    dob_variants=st.lists(st.sampled_from([date(1988, 1, 1), BORN]), max_size=2).map(tuple),
    estimated_age=st.none() | st.integers(20, 23),
    sex=st.none() | st.sampled_from(Sex),
    diversity=st.none() | st.builds(Diversity, religion=short_names, disabled=st.sampled_from([True, False, None])),
    interpreter_needed=yes_no,
    language=short_names,
    contact=st.none() | st.builds(ContactDetails, phones=phones),
    safe_contact=st.none()
    | st.builds(SafeContact, safe_to_call=yes_no, letter=yes_no, when=short_names, say=short_names),
    note=short_names,
)


def told(**fields: Any) -> PersonTold:
    return PersonTold(**fields)


def written(known: PersonKnown) -> str:
    return known.model_dump_json()


def test_blanks_are_filled() -> None:
    known = merge(known_from(told(given_name="Amy")), told(given_name="Amy", family_name="Osei", date_of_birth=BORN))
    assert (known.name, known.date_of_birth, known.aliases) == ("Amy Osei", BORN, ())


def test_a_different_name_becomes_an_alias_and_a_different_date_of_birth_a_variant() -> None:
    known = known_from(told(given_name="Amy", family_name="Osei", date_of_birth=BORN))
    known = merge(known, told(given_name="Amy", family_name="Marsh", date_of_birth=date(1991, 2, 4)))
    assert (known.name, known.aliases) == ("Amy Osei", ("Amy Marsh",))
    assert (known.date_of_birth, known.dob_variants) == (BORN, (date(1991, 2, 4),))


def test_halves_of_two_names_never_make_a_third() -> None:
    known = merge(known_from(told(given_name="Amy")), told(given_name="Nia", family_name="Osei"))
    assert (known.name, known.aliases) == ("Amy", ("Nia Osei",))


def test_a_name_as_heard_is_kept_beside_the_full_one() -> None:
    known = merge(known_from(told(known_as="Ames")), told(given_name="Amy", family_name="Osei"))
    assert known.all_names == ("Amy Osei", "Ames")


def test_safe_contact_turns_to_the_safe_side_and_keeps_both_instructions() -> None:
    first = told(safe_contact=SafeContact(safe_to_call=Known.YES, letter=Known.NO, say="Say: the surgery"))
    second = told(safe_contact=SafeContact(safe_to_call=Known.NO, letter=Known.YES, say="Hang up if a man answers"))
    safe = merge(known_from(first), second).safe_contact
    assert safe is not None
    assert (safe.safe_to_call, safe.letter) == (Known.NO, Known.NO)
    assert safe.say == "Say: the surgery\n\nHang up if a man answers"


def test_a_number_once_said_to_be_unsafe_never_looks_safe() -> None:
    first = told(contact=ContactDetails(phones=(PhoneNumber(number="07700 900123", safe=True),)))
    second = told(contact=ContactDetails(phones=(PhoneNumber(number="07700900123", safe=False),)))
    for one, other in ((first, second), (second, first)):
        contact = merge(known_from(one), other).contact
        assert contact is not None
        assert [(phone.number, phone.safe) for phone in contact.phones] == [("07700 900123", False)]


def test_a_number_that_nobody_called_unsafe_stays_as_it_was_told() -> None:
    contact = ContactDetails(phones=(PhoneNumber(number="07700 900123", safe=True),))
    assert merge(known_from(told(contact=contact)), told(contact=contact)).contact == contact


def test_what_contradicts_a_single_field_is_kept_beside_it() -> None:
    known = merge(known_from(told(sex="female", language="Welsh")), told(sex="male", language="Polish"))
    assert (known.sex, known.language) == (Sex.FEMALE, "Welsh")
    assert {(each.field, each.value) for each in known.also_told} == {("sex", "male"), ("language", "Polish")}


def test_not_knowing_gives_way_to_knowing() -> None:
    known = merge(known_from(told(sex="not_known")), told(sex="female"))
    assert (known.sex, known.also_told) == (Sex.FEMALE, ())


def test_notes_too_long_for_one_field_are_still_both_kept() -> None:
    known = merge(known_from(told(note="a" * LONG)), told(note="b" * LONG))
    assert "a" * LONG in written(known)
    assert "b" * LONG in written(known)
    assert PersonKnown.model_validate_json(written(known)) == known


@given(people, people)
def test_merging_never_loses_a_name_a_date_a_number_or_a_word(one: PersonTold, other: PersonTold) -> None:
    known = merge(known_from(one), other)
    everything = written(known)
    for each in (one, other):
        for name in each.all_names:
            parts = (known.given_name, known.family_name, *known.all_names)
            assert name in parts
        assert set(each.all_dates_of_birth) <= set(known.all_dates_of_birth)
        for field in ("language", "note"):
            assert (getattr(each, field) or "") in everything
        if each.estimated_age is not None:
            kept = {str(known.estimated_age)} | {a.value for a in known.also_told if a.field == "estimated_age"}
            assert str(each.estimated_age) in kept
        if each.diversity and each.diversity.religion:
            assert each.diversity.religion in everything
        if each.safe_contact and each.safe_contact.say:
            assert each.safe_contact.say in everything
        if each.contact:
            assert known.contact is not None
            assert {p.number for p in each.contact.phones} <= {p.number for p in known.contact.phones}


@given(people, people)
def test_no_is_the_answer_to_whether_it_is_safe_if_anyone_ever_said_no(one: PersonTold, other: PersonTold) -> None:
    said = [each.safe_contact.safe_to_call for each in (one, other) if each.safe_contact]
    safe = merge(known_from(one), other).safe_contact
    assert (safe is not None and safe.safe_to_call is Known.NO) == (Known.NO in said)


@given(people, people)
def test_being_told_the_same_again_changes_nothing(one: PersonTold, other: PersonTold) -> None:
    known = merge(known_from(one), other)
    assert merge(known, other) == known


@given(people, people)
def test_what_is_known_survives_storage(one: PersonTold, other: PersonTold) -> None:
    known = merge(known_from(one), other)
    assert PersonKnown.model_validate_json(written(known)) == known


@pytest.mark.parametrize(
    "other",
    [
        told(given_name="AMY", family_name="öséi", date_of_birth=BORN),
        told(known_as="Osei, Amy", date_of_birth=BORN),
        told(given_name="Someone", aliases=("Amy Osei",), date_of_birth=BORN),
        told(given_name="Amy", family_name="Osei", dob_variants=(BORN,)),
        told(given_name="Amy", family_name="Osei", date_of_birth=date(1991, 2, 4)),
        told(given_name="Amy", family_name="Osei"),
        told(given_name="Amy", family_name="Osei", date_of_birth=date(1970, 1, 1)),
        told(given_name="Amy", family_name="Marsh", date_of_birth=BORN),
    ],
)
def test_a_person_who_may_be_the_same_is_offered(other: PersonTold) -> None:
    known = told(given_name="Amy", family_name="Osei", date_of_birth=BORN)
    assert [candidate.person for candidate in candidates(known, [("P-1", other)])] == ["P-1"]


@pytest.mark.parametrize(
    "other",
    [
        told(given_name="Nia", family_name="Marsh", date_of_birth=BORN),
        told(given_name="Amy", family_name="Marsh", date_of_birth=date(1970, 1, 1)),
        told(given_name="Amy", family_name="Marsh"),
        told(date_of_birth=BORN),
        told(),
    ],
)
def test_a_date_alone_or_half_a_name_alone_is_not_enough(other: PersonTold) -> None:
    assert candidates(told(given_name="Amy", family_name="Osei", date_of_birth=BORN), [("P-1", other)]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("O'Neil", "ONeil"), ("Łukasz Wójcik", "lukasz wojcik"), ("Ann-Marie", "Marie Ann"), ("Weiß", "WEISS")],
)
def test_spelling_habits_do_not_hide_a_person(one: str, other: str) -> None:
    assert candidates(told(known_as=one), [(1, told(known_as=other))])


def test_the_likeliest_comes_first_and_each_says_why() -> None:
    amy = told(given_name="Amy", family_name="Osei", date_of_birth=BORN)
    others = [
        ("other date", amy.model_copy(update={"date_of_birth": date(1970, 5, 5)})),
        ("swapped", amy.model_copy(update={"date_of_birth": date(1991, 2, 4)})),
        ("same", amy),
        ("half", amy.model_copy(update={"family_name": "Marsh"})),
    ]
    found = candidates(amy, others)
    assert [candidate.person for candidate in found] == ["same", "swapped", "half", "other date"]
    assert found[0].why == ("same name", "same date of birth")


def test_half_a_name_and_a_swapped_date_still_share_a_key_to_look_up() -> None:
    one = told(given_name="Amy", family_name="Osei", date_of_birth=date(1991, 4, 2))
    other = told(given_name="Amy", family_name="Marsh", date_of_birth=date(1991, 2, 4))
    assert candidates(one, [(1, other)])
    assert match_keys(one) & match_keys(other)


@given(people, people)
def test_candidates_see_each_other_and_share_a_key_to_look_up(one: PersonTold, other: PersonTold) -> None:
    found = bool(candidates(one, [(1, other)]))
    assert found == bool(candidates(other, [(1, one)]))
    if found:
        assert match_keys(one) & match_keys(other)
    if same_person(one, other):
        assert found
