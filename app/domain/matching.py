"""Which of the people already known may be the one now told of. ``candidates`` is the only judge of that."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Generic, TypeVar

from app.domain.people import PersonTold
from app.domain.sounds import sounds, sounds_of_parts

Who = TypeVar("Who")

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_OR: Final = re.compile(r"[?/;]|\bor\b")
_SOUNDS: Final = "the name sounds the same"
_NO_DATE: Final = "no date of birth to compare"


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Who]):
    """Someone known who may be the same person. ``why`` is in plain words and never empty."""

    person: Who
    why: tuple[str, ...]


def candidates(told: PersonTold, others: Iterable[tuple[Who, PersonTold]]) -> list[Candidate[Who]]:
    """Those of ``others`` who may be the person told of, likeliest first; a person must confirm each.

    Names match whatever their case, accents and order, aliases included, and when they sound the same; dates of birth
    match with variants and with day and month swapped. A name alone is enough, and one that only sounds the same unless
    the dates of birth differ; a date of birth needs part of a name as well, written or sounding the same.
    ``others`` need only hold those who share one of ``match_keys(told)``.
    """
    found: list[tuple[int, Candidate[Who]]] = []
    heard = _Heard(told)
    for who, other in others:
        judged = _judge(heard, _Heard(other))
        if judged is not None:
            rank, why = judged
            found.append((rank, Candidate(who, why)))
    return [candidate for _, candidate in sorted(found, key=lambda each: each[0])]


class _Heard:
    """Somebody's names and dates of birth. How the names sound is worked out when it is first asked for.

    Whoever heard a name badly may write two: "Dannika? Danika Wardel" is either, and the whole.
    """

    def __init__(self, told: PersonTold) -> None:
        said = (each for name in told.all_names for each in (name, *_OR.split(name)))
        self._spoken = [words for words in map(_words, dict.fromkeys(said)) if words]
        self.names = {frozenset(words) for words in self._spoken}
        self.parts = frozenset[str]().union(*self.names)
        self.dates = set(told.all_dates_of_birth)

    @cached_property
    def sounds(self) -> frozenset[str]:
        return frozenset[str]().union(*map(sounds, self._spoken))

    @cached_property
    def sounds_of_parts(self) -> frozenset[str]:
        return frozenset[str]().union(*map(sounds_of_parts, self._spoken))


def _judge(one: _Heard, other: _Heard) -> tuple[int, tuple[str, str]] | None:
    """How far down the list somebody belongs, and why; None when nothing speaks for one person."""
    same_name = bool(one.names & other.names)
    same_date = bool(one.dates & other.dates)
    if same_date or {_swap(each) for each in one.dates} & other.dates:
        born = "same date of birth" if same_date else "date of birth with day and month swapped"
        if same_name:
            return (0 if same_date else 1), ("same name", born)
        if one.sounds & other.sounds:
            return 2, (_SOUNDS, born)
        if one.parts & other.parts:
            return 3, ("part of the name is the same", born)
        if one.sounds_of_parts & other.sounds_of_parts:
            return 4, ("part of the name sounds the same", born)
        return None
    apart = bool(one.dates and other.dates)
    if same_name:
        return (7 if apart else 5), ("same name", "different date of birth" if apart else _NO_DATE)
    if not apart and one.sounds & other.sounds:
        return 6, (_SOUNDS, _NO_DATE)
    return None


def same_person(one: PersonTold, other: PersonTold) -> bool:
    """True when a name and a date of birth both match exactly: enough to question a form, not to link people."""
    dates = set(one.all_dates_of_birth) & set(other.all_dates_of_birth)
    return bool(dates) and bool(_names(one) & _names(other))


def nothing_against(one: PersonTold, other: PersonTold) -> bool:
    """True when a name matches and no date of birth speaks against it: enough within one known family, not beyond."""
    dates, other_dates = set(one.all_dates_of_birth), set(other.all_dates_of_birth)
    return bool(_names(one) & _names(other)) and (not dates or not other_dates or bool(dates & other_dates))


def same_name(one: PersonTold, name: str) -> bool:
    """Whether somebody goes by this name, whatever the case, the accents and the order of its words."""
    return fold(name) in _names(one)


def match_keys(told: PersonTold) -> frozenset[str]:
    """Keys to look people up by: any two people who are candidates for each other share at least one."""
    dates = set(told.all_dates_of_birth)
    born = {f"born:{each.isoformat()}" for each in dates | {_swap(each) for each in dates}}
    heard = _Heard(told)
    written = {"name:" + " ".join(sorted(name)) for name in heard.names}
    return frozenset(born | written | {f"sounds:{each}" for each in heard.sounds})


def fold(name: str) -> frozenset[str]:
    """The words of a name without case, accents, apostrophes or order."""
    return frozenset(_words(name))


def _words(name: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    plain = plain.translate(_LETTERS).replace("'", "").replace("’", "")
    return re.findall(r"[^\W_]+", plain)


def _names(told: PersonTold) -> frozenset[frozenset[str]]:
    return frozenset(filter(None, map(fold, told.all_names)))


def _swap(day: date) -> date:
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else day
