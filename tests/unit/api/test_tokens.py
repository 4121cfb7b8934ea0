"""A token says whose session it is, and is good from the moment it was issued until it expires."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from app.api.tokens import issue, verify
from app.domain.errors import Unauthenticated
from tests.unit.api.forge import (
    CLIENT,
    GOOD_CLAIMS,
    KEYS,
    NOW,
    PARTNERSHIP,
    PARTS,
    SESSION,
    TOKEN,
    USER,
    claims,
    client_claims,
    issued,
    unb64,
)


def for_client(scopes: tuple[str, ...] = ("refer", "read"), minutes: int = 10, client_id: UUID | None = CLIENT) -> str:
    """A token as a partner system is given it."""
    return issue(
        KEYS,
        user_id=USER,
        partnership_id=PARTNERSHIP,
        session_id=SESSION,
        now=NOW,
        minutes=minutes,
        client_id=client_id,
        scopes=scopes,
    )


def test_a_token_says_whose_session_where_and_until_when() -> None:
    said = verify(KEYS, TOKEN, NOW)
    assert (said.user_id, said.partnership_id, said.session_id) == (USER, PARTNERSHIP, SESSION)
    assert (said.issued_at, said.expires_at) == (NOW, NOW + timedelta(hours=1))
    assert (said.client_id, said.scopes) == (None, frozenset())


def test_a_token_holds_nothing_but_what_it_says() -> None:
    assert set(json.loads(unb64(PARTS[1]))) == set(GOOD_CLAIMS)


def test_a_partner_systems_token_names_its_client_and_its_scopes() -> None:
    made = for_client(("refer", "read", "refer"))
    said = verify(KEYS, made, NOW)
    assert (said.client_id, said.scopes) == (CLIENT, frozenset({"read", "refer"}))
    assert json.loads(unb64(made.split(".")[1]))["scope"] == "read refer"


@pytest.mark.parametrize("minutes", [-60, 0, 9, 481, 10_000])
def test_a_persons_token_lasts_ten_minutes_to_eight_hours(minutes: int) -> None:
    with pytest.raises(ValueError, match="10 to 480"):
        issued(minutes=minutes)


@pytest.mark.parametrize("minutes", [10, 480])
def test_a_persons_token_is_good_at_either_length(minutes: int) -> None:
    assert verify(KEYS, issued(minutes=minutes), NOW).expires_at == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("minutes", [-1, 0, 11, 60])
def test_a_partner_systems_token_lasts_ten_minutes_at_most(minutes: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        for_client(minutes=minutes)
    assert verify(KEYS, for_client(minutes=10), NOW).expires_at == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("client_id", "scopes"),
    [
        (CLIENT, ()),
        (None, ("read",)),
        *((CLIENT, (scope,)) for scope in ("", " ", "read refer", 're"ad', "re\\ad", "ré", "read\n")),
    ],
)
def test_a_token_that_would_not_be_accepted_is_not_issued(client_id: UUID | None, scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="its client and its scopes"):
        for_client(scopes, client_id=client_id)


def test_scopes_that_do_not_fit_into_a_token_are_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="too many"):
        for_client(tuple(f"scope-{number:04}" for number in range(400)))


def test_the_refusal_is_the_same_whatever_the_reason() -> None:
    said = set()
    for forged in ("", claims(sid=None), claims(exp=1), client_claims(exp=2**40)):
        with pytest.raises(Unauthenticated) as refused:
            verify(KEYS, forged, NOW)
        said.add(str(refused.value))
    assert len(said) == 1


def test_a_remembered_token_still_expires() -> None:
    """Signatures are remembered, time is not: the same token is judged by the clock at each use."""
    fresh = issued(minutes=10)
    assert verify(KEYS, fresh, NOW) == verify(KEYS, fresh, NOW + timedelta(minutes=9, seconds=59))
    for when in (NOW + timedelta(minutes=10), NOW + timedelta(days=1), NOW - timedelta(seconds=31)):
        with pytest.raises(Unauthenticated):
            verify(KEYS, fresh, when)
    assert verify(KEYS, fresh, NOW - timedelta(seconds=30)).user_id == USER


def test_a_neighbour_of_a_remembered_token_is_not_taken_for_it() -> None:
    verify(KEYS, TOKEN, NOW)
    for at in range(len(TOKEN)):
        with pytest.raises(Unauthenticated):
            verify(KEYS, TOKEN[:at] + TOKEN[at + 1 :], NOW)


def test_a_clock_in_another_zone_changes_nothing() -> None:
    summer = NOW.astimezone(timezone(timedelta(hours=1)))
    assert verify(KEYS, issued(now=summer), NOW).issued_at == NOW


def test_a_clock_without_a_zone_is_the_callers_mistake() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        verify(KEYS, TOKEN, naive)
    with pytest.raises(ValueError, match="zone"):
        issued(now=naive)


@pytest.mark.parametrize("when", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_clock_at_either_end_of_time_refuses_and_does_not_fail(when: datetime) -> None:
    with pytest.raises(Unauthenticated):
        verify(KEYS, TOKEN, when)


def test_no_two_tokens_share_an_id() -> None:
    assert verify(KEYS, issued(), NOW).token_id != verify(KEYS, TOKEN, NOW).token_id
