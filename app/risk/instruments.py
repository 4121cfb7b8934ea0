"""Risk assessment instruments as versioned data: what is asked, of whom, and what an answer raises.

The files shipped with the package are paraphrases; the official wording is copyright. A site that holds a
licence puts its own files in a folder and names it in the settings.
"""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.risk.markers import Marker

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
_Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){0,3}$")]
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]


class InstrumentError(Exception):
    """An instrument file cannot be used. The text names the file, the field and how to mend it."""


class UnknownInstrumentError(LookupError):
    """No instrument of that id, or none of that version."""


class Audience(StrEnum):
    """Whom an instrument is for. ``anyone`` is for screens that follow a question of another instrument."""

    ADULT = "adult"
    YOUNG_PERSON = "young_person"
    ANYONE = "anyone"


class Question(BaseModel):
    """One question. ``prompts`` names instruments worth asking next when the answer is yes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Annotated[int, Field(ge=1, le=200, strict=True)]
    section: _Line
    topic: _Line
    text: _Line
    help: _Text = ""
    markers: tuple[Marker, ...] = ()
    prompts: tuple[_Id, ...] = ()


class Instrument(BaseModel):
    """One version of one instrument. Never changed once shipped: a change is a new version.

    high_at: yes answers at which the score alone is high risk, unless the partnership sets its own; None for
    a screen, whose score never grades.
    needs_all: markers that are raised only when *every* question that carries them is answered yes; any
    other marker is raised by any one of its questions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: _Id
    version: _Version
    title: _Line
    audience: Audience
    source: _Text
    high_at: Annotated[int, Field(ge=1, strict=True)] | None = None
    needs_all: tuple[Marker, ...] = ()
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]

    @cached_property
    def numbers(self) -> frozenset[int]:
        return frozenset(question.number for question in self.questions)

    @cached_property
    def carrying(self) -> Mapping[Marker, tuple[int, ...]]:
        """The numbers of the questions that carry each marker, in order of display."""
        by_marker = {m: tuple(q.number for q in self.questions if m in q.markers) for m in Marker}
        return {marker: numbers for marker, numbers in by_marker.items() if numbers}

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for place, question in enumerate(self.questions, start=1):
            if question.number != place:
                raise PydanticCustomError(
                    "numbering",
                    "question {place} has the number {number}; number the questions 1, 2, 3 in order",
                    {"place": place, "number": question.number},
                )
        if self.high_at is not None and self.high_at > len(self.questions):
            raise PydanticCustomError(
                "threshold",
                "high_at is {high_at} but there are only {count} questions; lower it or leave it out",
                {"high_at": self.high_at, "count": len(self.questions)},
            )
        for marker in self.needs_all:
            if sum(marker in question.markers for question in self.questions) < 2:
                raise PydanticCustomError(
                    "needs_all",
                    "needs_all names {marker}, which fewer than two questions carry; "
                    "add it to their markers or take it out of needs_all",
                    {"marker": marker.value},
                )
        return self


class Catalogue:
    """Every instrument and version that this installation knows."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._by_id: dict[str, dict[str, Instrument]] = {}
        for instrument in instruments:
            self._by_id.setdefault(instrument.id, {})[instrument.version] = instrument

    def get(self, id: str, version: str | None = None) -> Instrument:  # noqa: A002 - the field's own name
        """The instrument, its highest version unless one is named. Raises UnknownInstrumentError."""
        versions = self._by_id.get(id)
        if versions is None:
            raise UnknownInstrumentError("There is no instrument with that name.")
        if version is None:
            return max(versions.values(), key=_order)
        if version not in versions:
            raise UnknownInstrumentError("That instrument has no such version.")
        return versions[version]

    def ids(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_id))

    def versions(self, id: str) -> tuple[str, ...]:  # noqa: A002 - the field's own name
        """Newest first; empty when the instrument is not known."""
        return tuple(i.version for i in sorted(self._by_id.get(id, {}).values(), key=_order, reverse=True))

    def __iter__(self) -> Iterator[Instrument]:
        """The current version of each instrument, by id."""
        return (self.get(known) for known in self.ids())


def load_catalogue(extra: Path | None = None) -> Catalogue:
    """The shipped instruments, and those of the site's folder ``extra`` (every ``*.json`` in it).

    A site's file of a known id and a higher version takes its place; earlier versions stay readable, since
    recorded assessments point at them. Raises InstrumentError for the first file that cannot be used.
    """
    known: dict[tuple[str, str], tuple[str, Instrument]] = {}
    for name, text in _files(extra):
        instrument = _parse(name, text)
        key = (instrument.id, instrument.version)
        if key in known:
            raise InstrumentError(
                f"{name}: version: {instrument.id} {instrument.version} is already defined by "
                f"{known[key][0]}. Give this file a higher version."
            )
        known[key] = (name, instrument)
    ids = sorted({instrument.id for _, instrument in known.values()})
    for name, instrument in known.values():
        for place, question in enumerate(instrument.questions):
            for prompt in question.prompts:
                if prompt not in ids:
                    raise InstrumentError(
                        f"{name}: questions[{place}].prompts: there is no instrument '{prompt}'."
                        f" Use one of: {', '.join(ids)}."
                    )
    return Catalogue(instrument for _, instrument in known.values())


def _order(instrument: Instrument) -> tuple[int, ...]:
    parts = [int(part) for part in instrument.version.split(".")]
    return (*parts, *[0] * (4 - len(parts)))


def _files(extra: Path | None) -> Iterator[tuple[str, bytes]]:
    shipped = resources.files("app.risk") / "data"
    for entry in sorted(shipped.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            yield entry.name, entry.read_bytes()
    if extra is None:
        return
    if not extra.is_dir():
        raise InstrumentError(f"{extra}: this is not a folder. Name a folder of instrument files, or leave it out.")
    for path in sorted(extra.glob("*.json")):
        try:
            yield str(path), path.read_bytes()
        except OSError as error:
            raise InstrumentError(f"{path}: cannot be read ({error.strerror}). Mend its permissions.") from None


def _parse(name: str, text: bytes) -> Instrument:
    try:
        data = json.loads(text.decode("utf-8"), object_pairs_hook=_no_duplicates)
    except UnicodeDecodeError as error:
        raise InstrumentError(f"{name}: byte {error.start} is not UTF-8. Save the file as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise InstrumentError(
            f"{name}: line {error.lineno}, column {error.colno}: not valid JSON ({error.msg})."
        ) from None
    except _DuplicateKeyError as error:
        raise InstrumentError(f"{name}: {error}: this name appears twice in one object. Remove one.") from None
    try:
        return Instrument.model_validate(data)
    except ValidationError as error:
        raise InstrumentError("\n".join(f"{name}: {_explain(e)}" for e in error.errors())) from None


class _DuplicateKeyError(ValueError):
    pass


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        names = [name for name, _ in pairs]
        raise _DuplicateKeyError(next(name for name in names if names.count(name) > 1))
    return seen


_FIXES = {
    "missing": "is missing. Add it.",
    "extra_forbidden": "is not a field of an instrument. Remove it or correct its spelling.",
}


def _explain(error: Mapping[str, Any]) -> str:
    where = ""
    for part in error["loc"]:
        where += f"[{part}]" if isinstance(part, int) else f".{part}" if where else str(part)
    where = where or "file"
    kind = error["type"]
    if kind in _FIXES:
        return f"{where}: {_FIXES[kind]}"
    if kind == "enum" and isinstance(error["input"], str):
        allowed = [member.value for member in (Audience if where == "audience" else Marker)]
        close = difflib.get_close_matches(error["input"], allowed, n=1)
        hint = f"Did you mean '{close[0]}'?" if close else f"Use one of: {', '.join(allowed)}."
        return f"{where}: '{error['input']}' is not known. {hint}"
    if "pattern" in error.get("ctx", {}):
        example = "such as '2' or '2.1'" if where == "version" else "in small letters, digits and hyphens"
        return f"{where}: '{error['input']}' is not accepted. Write it {example}."
    return f"{where}: {error['msg']}."
