"""Which of the people already known may be the one now told of. ``candidates`` is the only judge of that."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from app.domain.people import PersonTold

Who = TypeVar("Who")

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Who]):
    """Someone known who may be the same person. ``why`` is in plain words and never empty."""

    person: Who
    why: tuple[str, ...]


def candidates(told: PersonTold, others: Iterable[tuple[Who, PersonTold]]) -> list[Candidate[Who]]:
    """Those of ``others`` who may be the person told of, likeliest first; a person must confirm each.

    Names match whatever their case, accents and order, aliases included; dates of birth match with variants
    and with day and month swapped. A name alone is enough; a date of birth needs part of a name as well.
    ``others`` need only hold those who share one of ``match_keys(told)``.
    """
    found: list[tuple[int, Candidate[Who]]] = []
    names, dates = _names(told), set(told.all_dates_of_birth)
    for who, other in others:
        other_names, other_dates = _names(other), set(other.all_dates_of_birth)
        same_name = bool(names & other_names)
        part_of_name = bool(frozenset().union(*names) & frozenset().union(*other_names))
        same_date = bool(dates & other_dates)
        swapped = bool({_swap(each) for each in dates} & other_dates)
        born = "same date of birth" if same_date else "date of birth with day and month swapped"
        if same_name and (same_date or swapped):
            found.append((0 if same_date else 1, Candidate(who, ("same name", born))))
        elif part_of_name and (same_date or swapped):
            found.append((2, Candidate(who, ("part of the name is the same", born))))
        elif same_name:
            apart = "different date of birth" if dates and other_dates else "no date of birth to compare"
            found.append((4 if dates and other_dates else 3, Candidate(who, ("same name", apart))))
    return [candidate for _, candidate in sorted(found, key=lambda each: each[0])]


def same_person(one: PersonTold, other: PersonTold) -> bool:
    """True when a name and a date of birth both match exactly: enough to question a form, not to link people."""
    dates = set(one.all_dates_of_birth) & set(other.all_dates_of_birth)
    return bool(dates) and bool(_names(one) & _names(other))


def nothing_against(one: PersonTold, other: PersonTold) -> bool:
    """True when a name matches and no date of birth speaks against it: enough within one known family, not beyond."""
    dates, other_dates = set(one.all_dates_of_birth), set(other.all_dates_of_birth)
    return bool(_names(one) & _names(other)) and (not dates or not other_dates or bool(dates & other_dates))


def same_name(one: PersonTold, name: str) -> bool:
    return fold(name) in _names(one)


def match_keys(told: PersonTold) -> frozenset[str]:
    """Keys to look people up by: any two people who are candidates for each other share at least one."""
    dates = set(told.all_dates_of_birth)
    born = {f"born:{each.isoformat()}" for each in dates | {_swap(each) for each in dates}}
    return frozenset(born | {"name:" + " ".join(sorted(name)) for name in _names(told)})


def fold(name: str) -> frozenset[str]:
    """The words of a name without case, accents, apostrophes or order."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    plain = plain.translate(_LETTERS).replace("'", "").replace("’", "")
    return frozenset(re.findall(r"[^\W_]+", plain))


def _names(told: PersonTold) -> frozenset[frozenset[str]]:
    return frozenset(filter(None, map(fold, told.all_names)))


def _swap(day: date) -> date:
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else day
