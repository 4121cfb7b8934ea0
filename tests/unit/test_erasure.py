"""What becomes of documents when a person is erased, and that no column of words is forgotten."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ARRAY, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.db.erasure import APART, KEPT, WORDS
from app.db.tables import metadata
from app.domain.agendas import FrozenItem, MinutesItem
from app.domain.erasure import (
    ERASED,
    Names,
    circulated_without,
    details_without,
    form_without,
    result_without,
    without_words,
)
from app.domain.referrals import ReferralForm
from tests.unit.exports.samples import agenda, minutes
from tests.world import referral_form

DALE = Names(["Dale Harrow", "Dale", "Harrow", "Big D"])


def holds_words(column: Any) -> bool:
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    return isinstance(kind, Text | JSONB | LargeBinary)


def test_every_column_of_text_is_kept_or_erased_and_somebody_decided_which() -> None:
    there = {(table.name, each.name) for table in metadata.sorted_tables for each in table.columns if holds_words(each)}
    lists = [(table, name) for each in (KEPT, WORDS, APART) for table, names in each.items() for name in names]
    assert sorted(there - set(lists)) == [], "put it into KEPT, WORDS or APART of app/db/erasure.py"
    assert sorted(set(lists) - there) == []
    assert len(lists) == len(set(lists))


def test_names_are_taken_out_whole_and_by_the_word_whatever_their_case() -> None:
    assert (
        DALE.taken_out_of("Dale Harrow, DALE or Mr harrow; big d too")
        == f"{ERASED}, {ERASED} or Mr {ERASED}; {ERASED} too"
    )
    assert DALE.taken_out_of("The dalesman of Harrowgate") == "The dalesman of Harrowgate"
    assert Names([]).taken_out_of("anything") == "anything"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["what", "note", "reason", "text", "items"]), inner)
    ),
)


def texts(value: Any) -> list[str]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if isinstance(value, str) else [each for part in inside for each in texts(part)]


@given(json)
def test_no_typed_text_is_left_in_a_document(value: Any) -> None:
    assert set(texts(without_words(value))) <= {ERASED, ""}


def test_codes_ids_and_dates_stay() -> None:
    data = {
        "state": "at_triage",
        "referral_id": "0193e0a0-0000-7000-8000-000000000000",
        "due": "2026-11-30",
        "at": "2026-11-21T03:10:00+00:00",
        "route": {"kind": "forum", "name": "HRDA"},
        "reason": "sepsis",
    }
    kept = without_words(data)
    assert kept == {**data, "route": {"kind": "forum", "name": ERASED}, "reason": ERASED}


def form() -> dict[str, Any]:
    told = referral_form(
        children=[
            {
                "given_name": "Isla",
                "family_name": "Harrow",
                "relationships": [{"to": "perpetrator-1", "relationship": "daughter"}, {"to": "victim"}],
                "lives_with": ["victim", "perpetrator-1"],
                "note": "He collects her.",
            }
        ],
        note="CANARY",
        professional_judgement={"rationale": "CANARY"},
        events=[{"occurred_on": "2026-10-01", "kind": "CANARY"}],
    )
    told["victim"]["safe_contact"]["who_must_not_know"] = "Dale, and his brother"
    told["assessment"]["answers"]["1"]["note"] = "CANARY"
    dumped: dict[str, Any] = ReferralForm.model_validate(told).model_dump(mode="json", exclude_none=True)
    return dumped


def test_a_perpetrator_goes_from_a_referral_and_the_victims_safety_stays() -> None:
    kept = form_without(form(), {"perpetrator-1"}, DALE)
    ReferralForm.model_validate(kept)
    assert kept["perpetrators"] == []
    assert kept["victim"]["given_name"] == "Maya"
    assert kept["victim"]["safe_contact"]["who_must_not_know"] == f"{ERASED}, and his brother"
    (child,) = kept["children"]
    assert child["family_name"] == "Harrow", "her own name, though it is his too"
    assert ([each["to"] for each in child["relationships"]], child["lives_with"]) == (["victim"], ["victim"])
    assert kept["assessment"]["answers"]["1"] == {"value": "yes"}
    assert [each for each in texts(kept) if "CANARY" in each or "Dale" in each or "neck" in each] == []


def test_a_victim_goes_with_all_that_was_said_of_them() -> None:
    kept = form_without(form(), {"victim"}, Names(["Maya Thornbury", "Maya", "Thornbury"]))
    ReferralForm.model_validate(kept)
    assert not {"victim", "victim_view", "events", "professional_judgement"} & kept.keys()
    assert kept["assessment"]["answers"] == {}
    assert kept["perpetrators"][0]["given_name"] == "Dale"
    assert [each for each in texts(kept) if "CANARY" in each or "Maya" in each or "neck" in each] == []


def test_what_was_circulated_keeps_the_others_and_loses_every_word() -> None:
    content = {
        "position": 1,
        "case_reference": "C-7KQ2MNPX",
        "level": "high",
        "summary": "CANARY",
        "parties": [
            {"name": "Dale Harrow", "role": "alleged_perpetrator"},
            {"name": "Maya", "role": "victim", "notes": "CANARY"},
        ],
        "risks": [{"person": "Dale Harrow", "risks": ["CANARY"]}, {"person": "Maya", "risks": ["CANARY"]}],
        "safe_contact": ["Do not call.", "Must not know: Dale"],
    }
    kept = circulated_without(content, DALE, victim_goes=False)
    assert kept["parties"] == [{"name": "Maya", "role": "victim"}]
    assert kept["risks"] == [{"person": "Maya", "risks": [ERASED]}]
    assert kept["safe_contact"] == ["Do not call.", f"Must not know: {ERASED}"]
    assert (kept["summary"], kept["case_reference"], kept["level"]) == (ERASED, "C-7KQ2MNPX", "high")
    assert circulated_without({"item": content}, DALE, victim_goes=True)["item"]["safe_contact"] == []


def test_the_answer_to_a_referral_forgets_who_it_was() -> None:
    result = {"people": [{"key": "victim", "person_reference": "P-1"}], "reasons": [{"rule": "r", "text": "words"}]}
    assert result_without(result, {"P-1"}) == {"people": [], "reasons": [{"rule": "r", "text": ERASED}]}


def test_what_else_was_told_of_others_goes_since_nobody_knows_about_whom_it_is() -> None:
    kept = details_without({"given_name": "Isla", "note": "x", "also_told": [], "language": "Dale's"}, DALE)
    assert kept == {"given_name": "Isla", "language": f"{ERASED}'s"}


@pytest.mark.parametrize("victim_goes", [True, False])
def test_what_was_circulated_can_still_be_read_afterwards(victim_goes: bool) -> None:
    names = Names([party.name for item in agenda().items for party in item.parties[:1]])
    for item in agenda().items:
        kept = circulated_without(item.model_dump(mode="json"), names, victim_goes=victim_goes)
        assert FrozenItem.model_validate(kept).case_reference == item.case_reference
        assert len(kept["parties"]) == len(item.parties) - 1
    for heard in minutes().items:
        kept = circulated_without(heard.model_dump(mode="json"), names, victim_goes=victim_goes)
        assert MinutesItem.model_validate(kept).outcome == heard.outcome
