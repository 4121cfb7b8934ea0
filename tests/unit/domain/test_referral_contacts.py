"""How somebody on a referral is reached: written one way, kept apart from the form, and put back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.contacts import Contacts
from app.domain.referrals import ReferralForm, join_contacts, split_contacts
from tests.unit.domain.referral import changed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("07700900123", "07700 900123"),
        ("+44 (0)1632 960001", "01632 960001"),
        ("01632 96000", "01632 96000"),
        ("0161 496 000", "0161496000"),
        ("+48 22 000 00 00", "+48 22 000 00 00"),
    ],
)
def test_phone_numbers_are_written_one_way(typed: str, kept: str) -> None:
    form = ReferralForm.model_validate({"referrer": {"phone": typed}})
    assert form.referrer is not None
    assert form.referrer.phone == kept


def test_parties_without_a_key_are_given_one_and_given_keys_stay() -> None:
    form = ReferralForm.model_validate({"victim": {}, "children": [{}, {"key": "child-1"}, {"key": None}]})
    assert [party.key for party in form.parties] == ["victim", "child-2", "child-1", "child-3"]


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=20)
contacts = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "phones": st.just([{"number": "07700 900123"}]),
        "addresses": st.just([{"lines": ["1 Invented Row"]}]),
        "emails": st.just([{"address": "a@example.org"}]),
        "schools": st.just([{"name": "Invented Primary"}]),
    },
)
parties = st.lists(st.fixed_dictionaries({"known_as": names, "contact": contacts}), max_size=4)
forms = st.fixed_dictionaries(
    {},
    optional={
        "victim": st.fixed_dictionaries({"known_as": names, "contact": contacts}),
        "perpetrators": parties,
        "children": parties,
        "others": parties,
        "note": names,
    },
).map(ReferralForm.model_validate)


@given(forms)
def test_contacts_come_apart_and_go_back_together(form: ReferralForm) -> None:
    without, apart = split_contacts(form)
    assert join_contacts(without, apart) == form
    stored = ReferralForm.model_validate_json(without.model_dump_json())
    kept = Contacts.model_validate_json(apart.model_dump_json())
    assert join_contacts(stored, kept) == form


@given(forms)
def test_nothing_of_a_contact_stays_in_the_form(form: ReferralForm) -> None:
    without, _ = split_contacts(form)
    assert all(party.contact is None for party in without.parties)
    written = without.model_dump_json(exclude_none=True)
    assert not any(word in written for word in ('"phones"', '"addresses"', '"emails"', '"schools"'))


def test_contacts_of_a_party_that_is_not_on_the_form_are_refused() -> None:
    _, contacts = split_contacts(changed())
    with pytest.raises(ValueError, match="no party"):
        join_contacts(ReferralForm(), contacts)
