"""How often somebody may try."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.throttle import (
    RULES,
    Bucket,
    Rule,
    TooMany,
    after_try,
    counted_in,
    given_back,
    network_of,
    room_at,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPANS = st.lists(st.integers(0, 1200).map(lambda seconds: timedelta(seconds=seconds)), max_size=150)
RULE = RULES[Bucket.ACCOUNT]


class Door:
    """The buckets of one partnership, and the rules of this module applied to them."""

    def __init__(self) -> None:
        self._empty_at: dict[tuple[Bucket, str], datetime] = {}

    def knock(self, now: datetime, *, account: str, address: str, device: str | None = None) -> bool:
        names = {Bucket.ADDRESS: address, Bucket.ACCOUNT: account, Bucket.DEVICE: f"{account} {device}"}
        keys = [(bucket, names[bucket]) for bucket in counted_in(known_browser=device is not None)]
        after = {key: after_try(RULES[key[0]], self._empty_at.get(key), now) for key in keys}
        if None in after.values():
            return False
        self._empty_at |= {key: moment for key, moment in after.items() if moment is not None}
        return True


@given(SPANS, st.lists(st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]), min_size=1, max_size=5))
def test_nobody_tries_one_account_more_often_than_the_rule_says_from_however_many_addresses(
    spans: list[timedelta], addresses: list[str]
) -> None:
    door, now, tried = Door(), NOW, []
    for n, span in enumerate(spans):
        now += span
        if door.knock(now, account="shah", address=addresses[n % len(addresses)]):
            tried.append(now)
    for first in tried:
        assert sum(first <= moment < first + HOUR for moment in tried) <= RULE.tries + HOUR // RULE.every


def test_sixteen_tries_an_hour_at_one_account_is_the_most() -> None:
    assert RULE.tries + HOUR // RULE.every == 16


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30).map(lambda seconds: timedelta(seconds=seconds)),
            st.sampled_from(["shah", "okafor"]),
            st.sampled_from(["here", "there"]),
            st.sampled_from([None, "theirs"]),
        ),
        max_size=300,
    )
)
def test_nobody_elsewhere_stops_an_honest_person_on_a_browser_that_is_known(
    tries: list[tuple[timedelta, str, str, str | None]],
) -> None:
    door, now = Door(), NOW
    for span, account, address, device in tries:
        now += span
        door.knock(now, account=account, address=address, device=device)
    assert door.knock(now, account="shah", address="here", device="hers")


@given(SPANS, st.integers(1, 20), st.integers(1, 900))
def test_whoever_waits_as_long_as_they_are_told_may_try_again(spans: list[timedelta], tries: int, every: int) -> None:
    rule, now, empty_at = Rule(tries, timedelta(seconds=every)), NOW, None
    for span in spans:
        now += span
        after = after_try(rule, empty_at, now)
        if after is None:
            assert empty_at is not None
            wait_until = room_at(rule, empty_at)
            assert wait_until > now
            assert after_try(rule, empty_at, wait_until) is not None
            assert after_try(rule, empty_at, wait_until - timedelta(microseconds=1)) is None
        else:
            empty_at = after


@given(st.integers(1, 20), st.integers(1, 900), st.integers(0, 100), st.integers(0, 20))
def test_a_right_try_costs_nothing(tries: int, every: int, later: int, before: int) -> None:
    rule = Rule(tries, timedelta(seconds=every))
    empty_at: datetime | None = None
    for _ in range(min(before, tries - 1)):
        empty_at = after_try(rule, empty_at, NOW)
    tried = after_try(rule, empty_at, NOW)
    assert tried is not None
    moment = NOW + timedelta(seconds=later)
    assert given_back(rule, tried, moment) == max(empty_at or moment, moment)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_address_stands_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (datetime(2026, 11, 21, 9, 0, 0, 1, tzinfo=UTC), "9:01am"),
        (datetime(2026, 11, 21, 9, 1, tzinfo=UTC), "9:01am"),
        (datetime(2026, 7, 1, 11, 59, 30, tzinfo=UTC), "1:00pm"),
        (datetime(2026, 11, 21, 0, 5, tzinfo=UTC), "12:05am"),
    ],
)
def test_whoever_is_stopped_is_told_from_when_on_the_clock_in_london(until: datetime, said: str) -> None:
    assert f"Try again at {said}." in TooMany(until).message
