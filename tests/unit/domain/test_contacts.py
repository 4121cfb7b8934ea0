"""Masks say that there is something and never where; spellings of one number find each other."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.contacts import (
    ContactDetails,
    PhoneNumber,
    Release,
    ReleaseReason,
    SafeContact,
    in_words_only,
    look_ups,
    mask,
)

# Words of two letters and less may be in anything, such as "no" in "none".
words = st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=3, max_size=20).filter(str.strip)
numbers = st.from_regex(r"07700 900[0-9]{3}", fullmatch=True) | st.from_regex(r"01632 960[0-9]{3}", fullmatch=True)
postcodes = st.from_regex(r"SO1[0-9] [0-9][ABD-HJLN]{2}", fullmatch=True)
flags = st.none() | st.booleans()
kinds = st.sampled_from(["mobile", "Home", "WORK", None]) | words | numbers
details = st.builds(
    lambda **told: ContactDetails.model_validate(told),
    addresses=st.lists(
        st.fixed_dictionaries(
            {"lines": st.lists(words, min_size=1, max_size=4)},
            optional={"postcode": postcodes, "safe": flags, "current": flags, "note": words},
        ),
        max_size=3,
    ),
    phones=st.lists(
        st.fixed_dictionaries({"number": numbers}, optional={"kind": kinds, "safe": flags, "note": words}), max_size=3
    ),
    emails=st.lists(
        st.fixed_dictionaries({"address": st.from_regex(r"[a-z]{5,9}@example\.org", fullmatch=True)}), max_size=2
    ),
    schools=st.lists(st.fixed_dictionaries({"name": words}, optional={"town": words, "key_adult": words}), max_size=2),
)
_OWN_WORDS = {"mobile", "home", "work", "other"}


def texts(value: Any) -> list[str]:
    """Every text inside, but no name of a field."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [value] if isinstance(value, str) else [each for part in inside for each in texts(part)]


@given(details)
def test_no_word_that_anybody_typed_survives_in_a_mask(told: ContactDetails) -> None:
    left = texts(mask(told).model_dump(mode="json"))
    assert all(each in _OWN_WORDS or re.fullmatch("[0-9]{2}", each) for each in left)


@given(details)
def test_at_most_the_last_two_digits_of_each_phone_survive(told: ContactDetails) -> None:
    masked = mask(told)
    assert [each.ends_in for each in masked.phones] == [each.number[-2:] for each in told.phones]
    digits = re.findall("[0-9]", "".join(texts(masked.model_dump(mode="json"))))
    assert len(digits) == 2 * len(told.phones)


@given(details)
def test_a_mask_counts_everything_and_says_what_is_safe(told: ContactDetails) -> None:
    masked = mask(told)
    assert [each.safe for each in masked.addresses] == [each.safe for each in told.addresses]
    assert [each.safe for each in masked.phones] == [each.safe for each in told.phones]
    assert (len(masked.emails), masked.schools) == (len(told.emails), len(told.schools))


def test_a_number_too_short_to_hide_anything_shows_no_digit() -> None:
    assert mask(ContactDetails(phones=(PhoneNumber.model_construct(number="60123"),))).phones[0].ends_in is None


@pytest.mark.parametrize("written", ["07700 900123", "07700900123", "+44 7700 900123", "0044 7700 900123"])
def test_every_spelling_of_a_number_is_looked_up_as_one(written: str) -> None:
    told = ContactDetails.model_validate({"phones": [{"number": written}]})
    assert look_ups(told) == {("phone", "+447700900123")}


def test_emails_and_postcodes_are_looked_up_whatever_their_case_and_spaces() -> None:
    told = {"emails": [{"address": "A.B@Example.ORG"}], "addresses": [{"lines": ["x"], "postcode": "so147ly"}]}
    assert look_ups(ContactDetails.model_validate(told)) == {("email", "a.b@example.org"), ("postcode", "SO147LY")}


def test_instructions_lose_what_is_shaped_like_a_contact_detail_and_keep_their_words_and_times() -> None:
    told = SafeContact.model_validate(
        {"safe_to_call": "yes", "when": "10:00 to 14:00", "note": "Her sister: 07700 900456, a@b.example, SO14 7LY"}
    )
    shown = in_words_only(told)
    assert shown.note == "Her sister: [withheld], [withheld], [withheld]"
    assert (shown.when, shown.safe_to_call) == ("10:00 to 14:00", "yes")


def test_only_another_reason_needs_words() -> None:
    party = ["0193e0a0-0000-7000-8000-000000000000"]
    for reason in ReleaseReason:
        asked = Release.model_validate({"reason": reason, "parties": party})
        assert [each.pointer for each in asked.problems()] == (["/because"] if reason == "other" else [])
    assert Release.model_validate({"reason": "other", "because": "x", "parties": party}).problems() == ()
