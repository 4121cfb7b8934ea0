"""How often somebody may try to sign in: enough for the honest, too seldom to guess.

Each try is counted in buckets before it is judged, and given back when it was right. A browser that has signed in to an
account before has a bucket of its own for that account, and is counted in no other: nobody elsewhere, at the same
address or not, can use up its tries. Passkeys cannot be guessed, and are counted nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from app.domain.clock import LONDON
from app.domain.errors import DomainError


class Bucket(StrEnum):
    """What tries are counted by."""

    ADDRESS = "address"
    """Everybody at one network address: a hospital may share one."""
    ACCOUNT = "account"
    """One e-mail address, whoever's or nobody's, from every browser that has not signed in to it before."""
    DEVICE = "device"
    """One e-mail address from one browser that has signed in to it before."""
    CONFIRMATION = "confirmation"
    """One person, signed in, who shows again that it is they."""
    LETTERS = "letters"
    """Letters asked for at one e-mail address by whoever typed it."""
    ENTRIES = "entries"
    """Entries in the trail that one account was tried too often: nobody can fill it by knocking."""
    CLIENT = "client"
    """One partner system's client, or what says it is one, from one network address."""
    CLIENT_ADDRESS = "client_address"
    """Every client at one network address: apart from its people, whom a program with an old secret would stop."""


@dataclass(frozen=True, slots=True)
class Rule:
    """So many tries at once, and then one more each time the span has passed."""

    tries: int
    every: timedelta


RULES: Final[Mapping[Bucket, Rule]] = {
    Bucket.ADDRESS: Rule(200, timedelta(seconds=10)),
    Bucket.ACCOUNT: Rule(10, timedelta(minutes=10)),
    Bucket.DEVICE: Rule(10, timedelta(minutes=3)),
    Bucket.CONFIRMATION: Rule(10, timedelta(minutes=3)),
    Bucket.LETTERS: Rule(3, timedelta(hours=1)),
    Bucket.ENTRIES: Rule(1, timedelta(minutes=10)),
    Bucket.CLIENT: Rule(30, timedelta(seconds=30)),
    Bucket.CLIENT_ADDRESS: Rule(200, timedelta(seconds=5)),
}


class TooMany(DomainError):
    """Too many tries. ``until``: when one more may be made. The same for an account that does not exist."""

    code = "too_many_tries"

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(
            f"There have been too many tries. Try again at {_clock_time(until)}. A passkey works all the same."
        )


def _clock_time(moment: datetime) -> str:
    """The next whole minute, in London."""
    there = (moment + timedelta(seconds=59, microseconds=999_999)).astimezone(LONDON)
    return f"{there.hour % 12 or 12}:{there.minute:02}{'am' if there.hour < 12 else 'pm'}"


def counted_in(*, known_browser: bool) -> tuple[Bucket, ...]:
    """The buckets in which a try to sign in with a password counts."""
    return (Bucket.DEVICE,) if known_browser else (Bucket.ADDRESS, Bucket.ACCOUNT)


def after_try(rule: Rule, empty_at: datetime | None, now: datetime) -> datetime | None:
    """When the bucket will be empty once this try is in it; None if it has no room for the try.

    ``empty_at``: the same as it was kept, None for a bucket that was never used.
    """
    then = _from(empty_at, now) + rule.every
    return then if then - now <= rule.tries * rule.every else None


def room_at(rule: Rule, empty_at: datetime) -> datetime:
    """When a full bucket has room for one more."""
    return empty_at - (rule.tries - 1) * rule.every


def given_back(rule: Rule, empty_at: datetime, now: datetime) -> datetime:
    """When the bucket will be empty once one try has been taken out of it again."""
    return max(empty_at - rule.every, now)


def _from(empty_at: datetime | None, now: datetime) -> datetime:
    return now if empty_at is None else max(empty_at, now)


def network_of(address: str) -> str:
    """What stands for an address: all of an IPv4 one, the network (/64) of an IPv6 one, which a single household has.

    Text that is no address stands for itself: a proxy that names none makes everybody share one bucket.
    """
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found) >> 64 << 64, 64)))
