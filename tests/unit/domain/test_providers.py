"""Whom a provider's claims make of somebody: an agency by rule, two factors or one, a name and an e-mail."""

from typing import Any
from unicodedata import normalize
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.access import Role
from app.domain.administration import GIVEN_BY_AGENCY
from app.domain.providers import JoiningRule, Newcomer, SecondFactor, Trust, newcomer

POLICE, HEALTH = uuid4(), uuid4()
# In the form that a rule's values are kept in.
TEXT = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8).map(lambda text: normalize("NFC", text))
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), st.lists, max_leaves=5
)
CLAIMS = st.dictionaries(st.sampled_from(["groups", "hd", "email", "name", "acr", "amr", "email_verified"]), ANY)


def rule(claim: str = "groups", *values: str, agency_id: UUID = POLICE, roles: tuple[Role, ...] = ()) -> JoiningRule:
    return JoiningRule(claim=claim, one_of=values or ("ops",), agency_id=agency_id, roles=roles)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ops", True),
        (["response", "ops"], True),
        ("OPS", False),
        ("ops and more", False),
        (["op", "s"], False),
        ([["ops"]], False),
        ({"ops": True}, False),
        (None, False),
        ([], False),
    ],
)
def test_a_rule_means_a_text_that_is_its_value_or_a_list_that_holds_it(said: object, meant: bool) -> None:
    assert rule().matches({"groups": said}) is meant


@given(said=st.lists(TEXT), values=st.lists(TEXT, min_size=1, max_size=5))
def test_a_rule_matches_a_list_exactly_when_they_share_a_value(said: list[str], values: list[str]) -> None:
    assert rule("groups", *values).matches({"groups": said}) is bool(set(said) & set(values))


@given(rules=st.lists(st.tuples(TEXT, st.sampled_from([POLICE, HEALTH])), max_size=6), said=st.lists(TEXT))
def test_the_first_rule_that_matches_counts(rules: list[tuple[str, UUID]], said: list[str]) -> None:
    trust = Trust(rules=tuple(rule("groups", value, agency_id=agency) for value, agency in rules))
    first = next((agency for value, agency in rules if value in said), None)
    found = trust.agency({"groups": said})
    assert (found and found.agency_id) == first


@pytest.mark.parametrize("verified", [None, False, "true", 1])
def test_an_email_opens_no_agency_unless_the_provider_says_that_it_is_verified(verified: object) -> None:
    by_email = rule("email", "ann@police.example")
    assert not by_email.matches({"email": "ann@police.example", "email_verified": verified})
    assert by_email.matches({"email": "ann@police.example", "email_verified": True})


@pytest.mark.parametrize("role", sorted(set(Role)))
def test_a_rule_gives_only_what_an_agencys_own_administrator_may_give(role: Role) -> None:
    if role in GIVEN_BY_AGENCY:
        assert rule(roles=(role, role)).roles == (role,)
    else:
        with pytest.raises(ValidationError, match="Give others by hand"):
            rule(roles=(role,))


@pytest.mark.parametrize(
    ("second_factor", "claims", "two"),
    [
        (SecondFactor.NEVER, {"acr": "gold", "amr": ["mfa"]}, False),
        (SecondFactor.ALWAYS, {}, True),
        (SecondFactor.WHEN_SAID, {"acr": "gold"}, True),
        (SecondFactor.WHEN_SAID, {"amr": ["pwd", "mfa"]}, True),
        (SecondFactor.WHEN_SAID, {"amr": ["pwd"], "acr": "silver"}, False),
        (SecondFactor.WHEN_SAID, {"amr": "mfa", "acr": ["gold"]}, False),
        (SecondFactor.WHEN_SAID, {"amr": [["mfa"]]}, False),
        (SecondFactor.WHEN_SAID, {}, False),
    ],
)
def test_two_factors_are_what_the_administrator_said_shows_them(
    second_factor: SecondFactor, claims: dict[str, Any], two: bool
) -> None:
    assert Trust(second_factor=second_factor, acr=("gold",), amr=("mfa", "hwk")).two_factors(claims) is two


@pytest.mark.parametrize(
    ("claims", "who"),
    [
        ({"name": "Ann Weaver", "email": "Ann@Police.example"}, Newcomer("Ann Weaver", "ann@police.example")),
        ({"given_name": "Ann", "family_name": "Weaver", "email": "a@b.example"}, Newcomer("Ann Weaver", "a@b.example")),
        ({"name": "Ann", "email": "a@b.example", "email_verified": True}, Newcomer("Ann", "a@b.example")),
        ({"name": "Ann", "preferred_username": "ann@b.example"}, Newcomer("Ann", "ann@b.example")),
        ({"name": "Ann", "email": "a@b.example", "preferred_username": "x@b.example"}, Newcomer("Ann", "a@b.example")),
        ({"name": "Ann", "preferred_username": "POLICE-7"}, None),
        ({"name": "Ann", "email": "a@b.example", "email_verified": False}, None),
        ({"name": "Ann", "email": "a@b.example", "email_verified": "false"}, None),
        ({"name": "Ann"}, None),
        ({"name": "Ann", "email": "nobody"}, None),
        ({"email": "a@b.example"}, None),
        ({"name": "Ann\x00", "email": "a@b.example"}, None),
        ({"name": 7, "email": "a@b.example"}, None),
    ],
)
def test_a_newcomer_has_a_name_and_an_email_that_the_provider_stands_by(
    claims: dict[str, Any], who: Newcomer | None
) -> None:
    assert newcomer(claims) == who


@given(claims=CLAIMS)
def test_whatever_a_provider_says_is_read_without_a_fault(claims: dict[str, Any]) -> None:
    trust = Trust(rules=(rule(), rule("email", "x")), second_factor=SecondFactor.WHEN_SAID, acr=("a",), amr=("b",))
    newcomer(claims)
    trust.agency(claims)
    assert trust.two_factors(claims) in (True, False)
