"""Fields of a referral's pages: from what a browser sends to the nested form of the domain, and back."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from app.domain.clock import say_date
from app.domain.completeness import age_on
from app.domain.day_said import MONTHS
from app.domain.errors import FieldProblem
from app.web.forms import Filled, Typed

KNOWN: Final = (("yes", "Yes"), ("no", "No"), ("dont_know", "Do not know"))
YES_NO: Final = (("yes", "Yes"), ("no", "No"))

Json = Any
Step = str | int | tuple[str, str]
"""One step into JSON: a name, a place in a list, or the entry of a list whose field has that value."""


class Kind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    AGE = "age"
    FLAG = "flag"
    CHOICE = "choice"
    LINES = "lines"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Field:
    """name: in the browser, and the id that errors link to. path: where the value lives in its part of the form.

    items: what may be chosen. short: as wide as a number.
    """

    name: str
    path: tuple[Step, ...]
    label: str
    kind: Kind = Kind.LINE
    hint: str = ""
    items: tuple[tuple[str, ...], ...] = ()
    short: bool = False
    type: str = "text"
    rows: int = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together. folded: open only when something is in it, or wrong with it."""

    fields: tuple[Field, ...]
    title: str = ""
    hint: str = ""
    folded: bool = False
    add: str = ""
    """The list of which another entry may be added below, by its name in the form."""


@dataclass(frozen=True, slots=True)
class Told:
    """A part of the form with what was typed in it; and where in it each field ended up, by pointer."""

    part: dict[str, Json]
    places: dict[str, str]
    problems: tuple[FieldProblem, ...]


@dataclass(slots=True)
class _Leaf:
    name: str
    value: Json


def shown(fields: Iterable[Field], part: Mapping[str, Json]) -> dict[str, tuple[str, ...]]:
    """What stands in each field."""
    typed: dict[str, tuple[str, ...]] = {}
    for field in fields:
        value = _get(part, field.path)
        if value is None or value == []:
            continue
        if field.kind is Kind.DATE:
            year, month, day = str(value).split("-")
            typed |= {
                f"{field.name}-day": (str(int(day)),),
                f"{field.name}-month": (str(int(month)),),
                f"{field.name}-year": (year,),
            }
        elif field.kind is Kind.FLAG:
            typed[field.name] = ("yes" if value else "no",)
        elif field.kind is Kind.LINES:
            typed[field.name] = ("\n".join(value),)
        elif field.kind is Kind.MANY:
            typed[field.name] = tuple(value)
        else:
            typed[field.name] = (str(value),)
    return typed


def base_of(fields: Iterable[Field], part: Mapping[str, Json]) -> str:
    """A digest of what stands in these fields: whether it has changed since a page showed it."""
    kept = json.dumps(sorted(shown(fields, part).items()), ensure_ascii=False)
    return hashlib.sha256(kept.encode(errors="surrogatepass")).hexdigest()[:16]


def told(fields: Sequence[Field], part: Mapping[str, Json], sent: Typed, top: str) -> Told:
    """The part with what was sent. What these fields do not show is kept. ``top``: the part's pointer."""
    tree: dict[str, Json] = json.loads(json.dumps(part))
    problems: list[FieldProblem] = []
    for field in fields:
        try:
            value = _value(field, sent)
        except ValueError as error:
            problems.append(FieldProblem(f"/{field.name}", "bad_date", f"{field.label}: {error}"))
            continue
        _set(tree, field.path, _Leaf(field.name, value))
    places: dict[str, str] = {}
    plain = _plain(_pruned(tree) or {}, top, places)
    assert isinstance(plain, dict)  # noqa: S101  # it was one
    return Told(plain, places, tuple(problems))


def placed(problem: FieldProblem, fields: Sequence[Field], places: Mapping[str, str]) -> FieldProblem:
    """The same problem at the field that it is about, named in the message where it speaks of 'this'."""
    pointer = problem.pointer
    name = next((places[each] for each in _upwards(pointer) if each in places), None)
    if name is None:  # nothing was typed there: whatever stands beside it
        parent = pointer.rpartition("/")[0]
        name = next((found for place, found in places.items() if place.startswith(parent + "/")), None)
    field = next((each for each in fields if each.name == name), None)
    if field is None:
        return problem
    message = problem.message
    return replace(problem, pointer=f"/{field.name}", message=f"{field.label}: {message[0].lower()}{message[1:]}")


def filled(fields: Iterable[Field], typed: Typed, problems: Iterable[FieldProblem] = ()) -> Filled[Any]:
    """As the templates' macros take it."""
    return Filled(typed=typed, problems=tuple(problems), names=frozenset(each.name for each in fields))


def sent_in(fields: Iterable[Field], sent: Typed) -> dict[str, tuple[str, ...]]:
    """Of what was sent, what stood in these fields."""
    names = {name for field in fields for name in _names(field)}
    return {name: values for name, values in sent.items() if name in names}


def words(field: Field, part: Mapping[str, Json], today: date) -> str | None:
    """What stands in a field, as it is read; None if nothing."""
    value = _get(part, field.path)
    if value is None or value == []:
        return None
    if field.kind is Kind.DATE:
        day = date.fromisoformat(value)
        if "dob_variants" in field.path:
            return say_birth(day)
        if "date_of_birth" in field.path:
            return f"{say_birth(day)} (aged {age_on(today, day)})" if day <= today else say_birth(day)
        return say_date(day)
    if field.kind is Kind.FLAG:
        return "Yes" if value else "No"
    if field.kind is Kind.LINES:
        return "\n".join(value)
    if field.kind in (Kind.CHOICE, Kind.MANY):
        labels = {each[0]: each[1] for each in field.items}
        chosen = value if isinstance(value, list) else [value]
        return "\n".join(labels.get(each, str(each)) for each in chosen)
    return str(value)


def say_birth(day: date) -> str:
    """A date of birth as people say it: 17 April 1991."""
    return say_date(day).partition(" ")[2]


def pointer_of(field: Field) -> str:
    """Where a field's value is, below its part."""
    return "".join(f"/{each}" for each in field.path)


def _names(field: Field) -> tuple[str, ...]:
    if field.kind is Kind.DATE:
        return tuple(f"{field.name}-{each}" for each in ("day", "month", "year"))
    return (field.name,)


def _value(field: Field, sent: Typed) -> Json:
    if field.kind is Kind.DATE:
        return day_in(*(_first(sent, name) for name in _names(field)))
    if field.kind is Kind.MANY:
        return list(sent.get(field.name, ())) or None
    text = _first(sent, field.name)
    if not text.strip():
        return None
    if field.kind is Kind.FLAG:
        return text == "yes"
    if field.kind is Kind.LINES:
        return [line for line in text.splitlines() if line.strip()]
    if field.kind is Kind.AGE:
        if not text.strip().isdecimal():
            raise ValueError("Write it as a number of years, such as 34.")
        return int(text)
    return text


def day_in(day: str, month: str, year: str) -> str | None:
    """A date as three fields give it, as year-month-day; None if they are empty. Raises ValueError for no date."""
    day, month, year = day.strip(), month.strip().casefold(), year.strip()
    if not (day or month or year):
        return None
    named = [n for n, name in enumerate(MONTHS, start=1) if len(month) > 2 and name.startswith(month)]
    try:
        if len(year) != 4:
            raise ValueError  # 26 may be 1926 or 2026
        numbers = int(year), named[0] if named else int(month), int(day)
    except ValueError:
        raise ValueError("Write a day, a month and a year of four digits, such as 27 3 1991.") from None
    try:
        return date(*numbers).isoformat()
    except ValueError:
        raise ValueError("There is no such day. Check the day and the month.") from None


def _first(sent: Typed, name: str) -> str:
    return next(iter(sent.get(name, ())), "")


def _get(value: Json, path: tuple[Step, ...]) -> Json:
    for step in path:
        value = _entry(value, step)
        if value is None:
            return None
    return value


def _entry(value: Json, step: Step) -> Json:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, dict) else None
    entries = value if isinstance(value, list) else []
    if isinstance(step, int):
        return entries[step] if step < len(entries) else None
    return next((each for each in entries if each.get(step[0]) == step[1]), None)


def _set(tree: Json, path: tuple[Step, ...], leaf: _Leaf) -> None:
    here = tree
    for step, following in zip(path, (*path[1:], None), strict=True):
        if following is None:
            _put(here, step, leaf)
            return
        below = _entry(here, step)
        if below is None:
            below = {} if isinstance(following, str) else []
            if isinstance(step, tuple):
                below = {step[0]: step[1]}
            _put(here, step, below)
        here = below


def _put(here: Json, step: Step, value: Json) -> None:
    if isinstance(step, str):
        here[step] = value
    elif isinstance(step, int):
        empty: Callable[[], Json] = dict
        here.extend(empty() for _ in range(step + 1 - len(here)))
        here[step] = value
    else:
        here.append(value)


def _pruned(value: Json) -> Json:
    """Without what is empty; an entry that says only whom it would be about says nothing."""
    if isinstance(value, _Leaf):
        return value if value.value is not None else None
    if isinstance(value, dict):
        kept = {key: inner for key, each in value.items() if (inner := _pruned(each)) is not None}
        return kept if kept.keys() - {"to"} else None
    if isinstance(value, list):
        return [inner for each in value if (inner := _pruned(each)) is not None] or None
    return value


def _plain(value: Json, pointer: str, places: dict[str, str]) -> Json:
    if isinstance(value, _Leaf):
        places[pointer] = value.name
        return value.value
    if isinstance(value, dict):
        return {key: _plain(each, f"{pointer}/{key}", places) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, f"{pointer}/{n}", places) for n, each in enumerate(value)]
    return value


def _upwards(pointer: str) -> Iterator[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
