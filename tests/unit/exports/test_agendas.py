import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.agendas import WITHHELD, FrozenAgenda, FrozenItem, FrozenMinutes, FrozenParty, without_contact_details

from .samples import addendum, agenda, item, minutes


def test_an_agenda_survives_a_round_trip_through_json() -> None:
    frozen = agenda(3, addenda=(addendum(4),))

    assert FrozenAgenda.model_validate_json(frozen.model_dump_json()) == frozen


def test_minutes_survive_a_round_trip_through_json() -> None:
    assert FrozenMinutes.model_validate_json(minutes().model_dump_json()) == minutes()


def test_a_frozen_agenda_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        agenda(1).chair = "Someone else"  # type: ignore[misc]  # the refusal is the point


@pytest.mark.parametrize("field", ["address", "phone", "email", "place", "online_link"])
def test_there_is_no_field_for_contact_details_or_for_the_place(field: str) -> None:
    party = {"role": "victim", "name": "Joanne Pell", field: "12 Canary Row"}
    with pytest.raises(ValidationError, match="Extra inputs"):
        FrozenParty.model_validate(party)
    with pytest.raises(ValidationError, match="Extra inputs"):
        FrozenAgenda.model_validate(agenda(0).model_dump() | {field: "12 Canary Row"})


@pytest.mark.parametrize(
    "detail",
    ["07700 900123", "+44 7700 900 123", "01632 960001", "(01632) 960-001", "jo@example.org", "SO14 7LY", "po11aa"],
)
def test_a_contact_warning_withholds_what_could_reach_someone(detail: str) -> None:
    frozen = FrozenItem.model_validate(item(1).model_dump() | {"safe_contact": [f"Only by {detail}, never at night"]})

    (warning,) = frozen.safe_contact
    assert detail.strip("()") not in warning
    assert warning.startswith("Only by ")
    assert warning.endswith(", never at night")
    assert WITHHELD in warning


@pytest.mark.parametrize(
    "harmless", ["Call between 09:00 and 17:30", "Not before 26 November 2026", "Ask for room 12B"]
)
def test_times_and_dates_in_a_warning_stay(harmless: str) -> None:
    assert without_contact_details(harmless) == harmless


@given(st.text())
def test_withholding_twice_is_withholding_once(text: str) -> None:
    once = without_contact_details(text)
    assert without_contact_details(once) == once


def test_an_addendum_raises_the_version_and_puts_its_cases_last() -> None:
    frozen = agenda(2, addenda=(addendum(9),))

    assert frozen.current_version == 2
    assert [entry.case_reference for entry in frozen.all_items] == ["C-2001", "C-2002", "C-2009"]


def test_items_are_heard_by_position_whatever_order_they_are_stored_in() -> None:
    frozen = agenda(3)
    shuffled = frozen.model_copy(update={"items": tuple(reversed(frozen.items))})

    assert shuffled.all_items == frozen.items


def test_a_case_that_an_addendum_changes_stands_once_in_its_place_as_last_circulated() -> None:
    changed = item(1).model_copy(update={"summary": "He was released this morning."})
    frozen = agenda(2, addenda=(addendum(9).model_copy(update={"items": (changed,)}),))

    assert [entry.case_reference for entry in frozen.all_items] == ["C-2001", "C-2002"]
    assert frozen.all_items[0].summary == "He was released this morning."
    assert frozen.items[0].summary == item(1).summary
