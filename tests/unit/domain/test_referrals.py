from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.completeness import age_on, complete
from app.domain.fields import LONG, SHORT, problems_from
from app.domain.referrals import ReferralForm, grading_facts
from app.risk.grading import GradingRules, Ground, Level, grade
from tests.unit.domain.referral import CATALOGUE, TODAY, changed, refused


def problems(*changes: tuple[str, Any]) -> dict[str, str]:
    return {p.pointer: p.code for p in complete(changed(*changes), CATALOGUE, TODAY)}


def test_a_complete_form_has_no_problems() -> None:
    assert problems() == {}


def test_an_empty_draft_is_allowed_and_every_missing_field_is_named_at_once() -> None:
    found = {p.pointer: p.code for p in complete(ReferralForm(), CATALOGUE, TODAY)}
    assert found == dict.fromkeys(
        [
            "/referrer/name",
            "/referrer/role",
            "/referrer/phone",
            "/victim/given_name",
            "/victim/date_of_birth",
            "/victim/safe_contact/safe_to_call",
            "/victim_view/aware",
            "/perpetrators",
            "/incident/occurred_on",
            "/incident/narrative",
            "/assessment/answers",
        ],
        "missing",
    )


@pytest.mark.parametrize(
    ("place", "value", "pointer", "code"),
    [
        ("victim/date_of_birth", "2026-11-21", "/victim/date_of_birth", "in_the_future"),
        ("victim/date_of_birth", "1899-12-31", "/victim/date_of_birth", "before_1900"),
        ("incident/occurred_on", "2027-01-01", "/incident/occurred_on", "in_the_future"),
        ("assessment/assessed_at", "2026-11-21T09:00:00Z", "/assessment/assessed_at", "in_the_future"),
        ("assessment/assessed_at", "9999-12-31T23:59:59-12:00", "/assessment/assessed_at", "in_the_future"),
        ("assessment/assessed_at", "0001-01-01T00:00:00+14:00", "/assessment/assessed_at", "before_1900"),
        ("events", [{"occurred_on": "1066-10-14"}], "/events/0/occurred_on", "before_1900"),
        ("assessment/answers/28", {"value": "yes"}, "/assessment/answers/28", "unknown_question"),
        ("assessment/instrument", "dash-28", "/assessment/instrument", "unknown_instrument"),
        ("assessment/version", "77", "/assessment/version", "unknown_version"),
        ("assessment/instrument", "hba", "/assessment/instrument", "wrong_form"),
        ("professional_judgement", {}, "/professional_judgement/rationale", "missing"),
        ("victim_view/aware", "no", "/victim_view/why_not_told", "missing"),
        ("referrer/date_of_birth", "2012-01-01", "/referrer/date_of_birth", "child_as_referrer"),
        ("referrer/name", "CAI", "/referrer/name", "child_as_referrer"),
        ("children/0/lives_with", ["other-1"], "/children/0/lives_with/0", "unknown_party"),
        ("assessment/assessed_at", None, "/assessment/assessed_at", "missing"),
        ("assessment/assessed_by", " ", "/assessment/assessed_by", "missing"),
        ("assessment/instrument", None, "/assessment/instrument", "missing"),
        ("children/0/estimated_age", None, "/children/0/date_of_birth", "missing"),
        ("children/0/given_name", None, "/children/0/given_name", "missing"),
        ("events", [{"kind": "assault"}], "/events/0/occurred_on", "missing"),
        ("children/0/lives_with", ["child-1"], "/children/0/lives_with/0", "unknown_party"),
        ("perpetrators/0/relationship", "", "/perpetrators/0/relationship", "missing"),
        (
            "screens",
            [{"instrument": "hba", "answers": {"11": {"value": "no"}}}],
            "/screens/0/answers/11",
            "unknown_question",
        ),
    ],
)
def test_what_is_wrong_is_named_where_it_is(place: str, value: Any, pointer: str, code: str) -> None:
    assert problems((place, value))[pointer] == code


def test_the_first_day_of_1900_is_a_date_of_birth_and_a_tenancy_may_end_in_the_future() -> None:
    assert problems(("victim/date_of_birth", "1900-01-01")) == {}
    assert problems(("victim/contact/addresses/0/until", "2027-01-01")) == {}


def test_a_screen_is_part_of_the_same_asking() -> None:
    assert problems(("screens", [{"instrument": "hba", "answers": {"10": {"value": "no"}}}])) == {}


def test_professional_judgement_stands_in_for_an_assessment() -> None:
    judged = ("professional_judgement", {"rationale": "The fear is new"})
    assert problems(("assessment", ...), judged) == {}


@pytest.mark.parametrize(
    ("born", "instrument", "pointer"),
    [
        ("2010-11-21", "dash-27", "/victim/date_of_birth"),
        ("2010-11-20", "dash-27", None),
        ("2010-11-21", "young-people", None),
        ("2013-11-21", "young-people", "/victim/date_of_birth"),
        ("2013-11-20", "young-people", None),
        ("2008-11-21", "young-people", None),
        ("2008-11-20", "young-people", "/assessment/instrument"),
    ],
)
def test_a_child_is_sent_to_the_young_peoples_form_from_13_to_17(
    born: str, instrument: str, pointer: str | None
) -> None:
    found = problems(
        ("victim/date_of_birth", born),
        ("assessment/instrument", instrument),
        ("assessment/answers", {"1": {"value": "yes"}}),
    )
    assert found == ({pointer: "wrong_form"} if pointer else {})


def test_the_age_for_the_adult_form_is_a_setting() -> None:
    form = changed(("victim/date_of_birth", "2009-06-01"))
    assert complete(form, CATALOGUE, TODAY) == ()
    assert [p.code for p in complete(form, CATALOGUE, TODAY, adult_from=18)] == ["wrong_form"]


def test_a_perpetrator_who_is_the_victim_is_refused_by_reference_or_by_name_and_date_of_birth() -> None:
    same = {"known_as": "MARSH, Élin", "date_of_birth": "1991-04-02", "relationship": "wife"}
    assert problems(("perpetrators/0", same)) == {"/perpetrators/0/date_of_birth": "perpetrator_is_victim"}
    by_reference = problems(("victim/person_reference", "P-7K2M9QX"), ("perpetrators/0/person_reference", "p-7k2m9qx "))
    assert by_reference == {"/perpetrators/0/person_reference": "perpetrator_is_victim"}


def test_the_same_child_twice_is_refused_and_twins_are_not() -> None:
    twins = [{"given_name": name, "date_of_birth": "2020-01-05"} for name in ("Cai", "Nia")]
    assert problems(("children", twins)) == {}
    assert problems(("children", [twins[0], twins[0]])) == {"/children/1/date_of_birth": "duplicate_party"}


def test_a_referrer_who_only_shares_a_childs_name_says_so_by_a_date_of_birth() -> None:
    assert problems(("referrer/name", "Cai"), ("referrer/date_of_birth", "1980-01-01")) == {}


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        ({"victm": {}}, "/victm", "unknown_field"),
        ({"victim": {"date_of_birth": 0}}, "/victim/date_of_birth", "bad_date"),
        ({"victim": {"date_of_birth": "670204800"}}, "/victim/date_of_birth", "bad_date"),
        ({"victim": {"date_of_birth": "1991-02-30"}}, "/victim/date_of_birth", "bad_date"),
        ({"victim": {"date_of_birth": "1991-04-02T00:00:00"}}, "/victim/date_of_birth", "bad_date"),
        ({"victim": {"given_name": 7}}, "/victim/given_name", "wrong_type"),
        ({"victim": {"given_name": "x" * (SHORT + 1)}}, "/victim/given_name", "too_long"),
        ({"note": "x" * (LONG + 1)}, "/note", "too_long"),
        ({"note": "a\0b"}, "/note", "bad_character"),
        ({"note": "a\x1bb"}, "/note", "bad_character"),
        ({"note": "a\uffffb"}, "/note", "bad_character"),
        ({"note": "a\ud800b"}, "/note", "bad_character"),
        ({"victim": {"contact": {"phones": [{"number": "12"}]}}}, "/victim/contact/phones/0/number", "bad_phone"),
        ({"referrer": {"phone": "07700 900 12"}}, "/referrer/phone", "bad_phone"),
        ({"referrer": {"phone": "960001"}}, "/referrer/phone", "bad_phone"),
        (
            {"victim": {"contact": {"addresses": [{"lines": ["1"], "postcode": "12345"}]}}},
            "/victim/contact/addresses/0/postcode",
            "bad_postcode",
        ),
        ({"victim": {"contact": {"addresses": [{"lines": []}]}}}, "/victim/contact/addresses/0/lines", "too_few"),
        ({"referrer": {"email": "nobody"}}, "/referrer/email", "bad_email"),
        ({"victim": {"sex": "femal"}}, "/victim/sex", "not_allowed"),
        ({"victim": {"person_reference": "7"}}, "/victim/person_reference", "bad_reference"),
        ({"incident": {"would_be_crime": "true"}}, "/incident/would_be_crime", "wrong_type"),
        ({"assessment": {"answers": {"01": {"value": "yes"}}}}, "/assessment/answers/01", "bad_question"),
        ({"assessment": {"answers": {"1": {"value": "maybe"}}}}, "/assessment/answers/1/value", "not_allowed"),
        ({"assessment": {"answers": {"1": {}}}}, "/assessment/answers/1/value", "missing"),
        ({"assessment": {"assessed_at": "2026-01-01T10:00:00"}}, "/assessment/assessed_at", "bad_time"),
        ({"assessment": {"assessed_at": 1764547200}}, "/assessment/assessed_at", "bad_time"),
        ({"children": [{"key": "child-1"}, {"key": "child-1"}]}, "/children", "duplicate_key"),
        ({"children": [{"key": {}}]}, "/children/0/key", "wrong_type"),
        ({"perpetrators": {"0": {}}}, "/perpetrators", "wrong_type"),
        ([], "", "wrong_type"),
        (None, "", "wrong_type"),
    ],
)
def test_a_draft_may_be_incomplete_but_not_wrong(data: Any, pointer: str, code: str) -> None:
    assert refused(data)[pointer].code == code


def test_a_misspelt_field_is_answered_with_the_likely_one() -> None:
    found = refused({"children": [{"given_nam": "Cai", "zzz": 1}], "victm": {}})
    assert found["/children/0/given_nam"].message.endswith("Did you mean 'given_name'?")
    assert found["/children/0/zzz"].message.endswith("check its spelling.")
    assert found["/victm"].message == "There is no field called 'victm' here. Did you mean 'victim'?"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters()),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["victim", "children", "assessment", "answers", "key", "contact", "note"]) | st.text(),
                inner,
            )
        ),
    )
)
def test_whatever_is_sent_is_a_form_or_a_list_of_problems_that_can_be_written_down(data: Any) -> None:
    try:
        form = ReferralForm.model_validate(data)
    except ValidationError as error:
        found = problems_from(error, ReferralForm)
        assert found
        assert all((p.pointer + p.code + p.message).encode() and p.message for p in found)
    else:
        complete(form, CATALOGUE, TODAY)


def test_what_was_sent_is_never_repeated_in_a_problem() -> None:
    found = refused({"victim": {"date_of_birth": "SECRET", "sex": "SECRET", "contact": "SECRET"}, "note": "SECRET\0"})
    assert "SECRET" not in str(found)
    assert len(found) == 4


@pytest.mark.parametrize("text", ["'; DROP TABLE cases; --", "<script>alert(1)</script>", "{{7*7}}", "#set $x @y"])
def test_sql_and_markup_are_just_text(text: str) -> None:
    form = ReferralForm.model_validate({"note": text, "victim": {"known_as": text}})
    assert form.note == text
    assert form.victim is not None
    assert form.victim.name == text


def test_text_is_trimmed_composed_and_blank_is_nothing() -> None:
    form = ReferralForm.model_validate(
        {"note": " one\r\ntwo\t ", "victim": {"given_name": "Zoe\u0308  \n Ann", "family_name": "  "}}
    )
    assert form.note == "one\ntwo"
    assert form.victim is not None
    assert (form.victim.given_name, form.victim.family_name) == ("Zo\u00eb Ann", None)


def test_a_form_survives_the_journey_through_json() -> None:
    form = changed()
    assert ReferralForm.model_validate_json(form.model_dump_json()) == form


def test_a_complete_form_can_be_graded() -> None:
    result = grade(grading_facts(changed(), CATALOGUE, None), GradingRules(), TODAY)
    assert (result.level, result.markers) == (Level.STANDARD, ("strangulation",))


def test_the_incident_counts_once_even_if_it_is_listed_among_the_events() -> None:
    listed = [{"occurred_on": "2026-11-19", "would_be_crime": False}, {"occurred_on": "2026-05-01"}]
    facts = grading_facts(changed(("events", listed), ("incident/would_be_crime", True)), CATALOGUE, None)
    assert sorted((e.on, e.would_be_crime) for e in facts.events) == [
        (date(2026, 5, 1), None),
        (date(2026, 11, 19), True),
    ]


@pytest.mark.parametrize(("same", "repeat"), [(True, True), (None, True), (False, False)])
def test_an_earlier_marac_that_the_referrer_tells_of_makes_a_repeat_unless_about_someone_else(
    same: bool | None, repeat: bool
) -> None:
    told = {"known": "yes", "last_referral_on": "2026-03-01", "same_perpetrator": same}
    facts = grading_facts(changed(("earlier_marac", told)), CATALOGUE, None)
    assert (Ground.REPEAT in grade(facts, GradingRules(), TODAY).grounds) is repeat


def test_the_later_of_our_own_and_the_told_last_referral_counts() -> None:
    told = ("earlier_marac", {"last_referral_on": "2026-03-01"})
    assert grading_facts(changed(told), CATALOGUE, date(2026, 6, 1)).last_referral_on == date(2026, 6, 1)
    assert grading_facts(changed(told), CATALOGUE, date(2025, 6, 1)).last_referral_on == date(2026, 3, 1)


@given(st.dates(date(1900, 1, 1), TODAY))
def test_an_age_grows_by_one_on_each_birthday(born: date) -> None:
    age = age_on(TODAY, born)
    # A year has 365.2425 days on the whole, so an exact birthday may be a day off either way.
    assert -1 < (TODAY - born).days - age * 365.2425 < 367
    assert age_on(TODAY - timedelta(days=366), born) < age or age == 0


def test_the_schema_lets_a_party_go_without_a_key() -> None:
    schema = ReferralForm.model_json_schema()["$defs"]
    for party in ("Perpetrator", "Child", "Other"):
        assert "key" in schema[party]["properties"]
        assert "key" not in schema[party].get("required", [])
