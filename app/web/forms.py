"""Forms as browsers send them: into a form of the domain, or into what is wrong with each field."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import NoneType, UnionType
from typing import Any, Final, Generic, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, SecretStr, ValidationError
from starlette.exceptions import HTTPException

from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import problems_from

F = TypeVar("F", bound=BaseModel)

Typed = Mapping[str, tuple[str, ...]]

LARGEST_FORM: Final = 100_000
MOST_FIELDS: Final = 1_000
FORM_TYPE: Final = "application/x-www-form-urlencoded"
# Every form's own fields, which no form of the domain has.
CSRF_FIELD: Final = "csrf"
NEXT_FIELD: Final = "next"
ONCE_FIELD: Final = "once"
_OURS: Final = frozenset({CSRF_FIELD, NEXT_FIELD, ONCE_FIELD})
_YES: Final = frozenset({"yes", "true", "on"})
_PRESS_AGAIN: Final = FieldProblem(
    "",
    "press_again",
    "Nothing was sent yet: you were given a new session in another tab while this page was open. Check what you typed, "
    "and press the button once more.",
)


@dataclass(frozen=True, slots=True)
class Filled(Generic[F]):
    """A form as somebody filled it in, or is about to.

    value: None while it has problems. typed: what to show again in each field; never one of the ``secrets``.
    """

    value: F | None = None
    problems: tuple[FieldProblem, ...] = ()
    typed: Typed = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """What was typed into a field."""
        return next(iter(self.typed.get(name, ())), "")

    def chosen(self, name: str) -> tuple[str, ...]:
        """What was ticked among several."""
        return self.typed.get(name, ())

    def error(self, name: str) -> dict[str, str] | None:
        """What is wrong with a field, as the components take it: everything, in one message."""
        found = [each.message for each in self.problems if _field_of(each) == name]
        return {"text": " ".join(dict.fromkeys(found))} if found else None

    @property
    def summary(self) -> list[dict[str, str]]:
        """Everything that is wrong, each linked to its field."""
        return [
            {"text": each.message} | ({"href": f"#{_field_of(each)}"} if _field_of(each) in self.names else {})
            for each in self.problems
        ]

    def refused(self, refusal: Invalid) -> "Filled[F]":
        """The same form, with what a service found wrong with it."""
        return replace(self, value=None, problems=(*self.problems, *refusal.problems))

    def to_press_again(self, sent: Typed) -> "Filled[F]":
        """The same form with what was sent in it, and nothing done about that."""
        others = {name: values for name, values in self.typed.items() if name not in self.names}
        typed = {name: values for name, values in sent.items() if name in self.names - self.secrets}
        return replace(self, value=None, problems=(_PRESS_AGAIN,), typed={**others, **typed})


def blank(model: type[F], **typed: str | Iterable[str]) -> Filled[F]:
    """A form that nobody has filled in yet, but for what is given."""
    shown = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in typed.items()}
    return Filled(typed=shown, names=frozenset(model.model_fields), secrets=_secrets(model))


def read(body: bytes) -> dict[str, tuple[str, ...]]:
    """The fields of a form's body. Raises HTTPException: 413 if it is too large, 400 if it is no form."""
    if len(body) > LARGEST_FORM:
        raise HTTPException(413, f"A form may be at most {LARGEST_FORM // 1000} KB. Shorten the longest texts.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS, separator="&"
        )
    except ValueError:
        raise HTTPException(400, "This form could not be read. Go back, open the page again, and fill it in.") from None
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return fields


def press(path: str, sent: Typed) -> str | None:
    """What names one press of a button: which page it was on, and what was filled in. None if that may be sent again.

    Whoever goes back and types something else presses another button, as it were, though the page is the same.
    """
    if not any(sent.get(ONCE_FIELD, ())):
        return None
    told = sorted((name, values) for name, values in sent.items() if name != CSRF_FIELD)
    return hashlib.sha256(repr((path, told)).encode()).hexdigest()


def fill(model: type[F], sent: Typed, missing: Mapping[str, str]) -> Filled[F]:
    """The form of the domain, or what is wrong. ``missing``: what to say of a field that was left empty, by name."""
    fields = {name: values for name, values in sent.items() if name not in _OURS}
    names = frozenset(model.model_fields)
    shown = {name: values for name, values in fields.items() if name in names - _secrets(model)}
    twice = [name for name, values in fields.items() if len(values) > 1 and not _many(model, name)]
    if twice:
        again = (FieldProblem(f"/{name}", "repeated", "This was sent twice. Fill it in once.") for name in twice)
        return Filled(problems=tuple(again), typed=shown, names=names)
    try:
        value = model.model_validate({name: _value(model, name, values) for name, values in fields.items()})
    except ValidationError as error:
        found = (_in_words(each, model, missing) for each in problems_from(error, model))
        return Filled(problems=tuple(found), typed=shown, names=names)
    return Filled(value=value, typed=shown, names=names)


def _secrets(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, info in model.model_fields.items() if _holds(info.annotation, SecretStr))


def _value(model: type[BaseModel], name: str, values: tuple[str, ...]) -> Any:
    if name not in model.model_fields or _many(model, name):
        return values
    annotation = model.model_fields[name].annotation
    if _holds(annotation, bool):
        return values[0] in _YES
    if _holds(annotation, NoneType) and not values[0].strip():
        return None
    return values[0]


def _in_words(problem: FieldProblem, model: type[BaseModel], missing: Mapping[str, str]) -> FieldProblem:
    name = _field_of(problem)
    if problem.code == "missing":
        return replace(problem, message=missing.get(name, _titled(model, name, "Fill this in.")))
    return replace(problem, message=_titled(model, name, problem.message))


def _titled(model: type[BaseModel], name: str, message: str) -> str:
    """In the summary at the top of a page, 'this' must have a name."""
    info = model.model_fields.get(name)
    return f"{info.title}: {message[0].lower()}{message[1:]}" if info and info.title else message


def _field_of(problem: FieldProblem) -> str:
    return problem.pointer.removeprefix("/").partition("/")[0]


def _many(model: type[BaseModel], name: str) -> bool:
    info = model.model_fields.get(name)
    return info is not None and any(_holds(info.annotation, kind) for kind in (tuple, list, set, frozenset))


def _holds(annotation: Any, kind: type) -> bool:
    """Whether the annotation is that type, or a union with it."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return any(_holds(each, kind) for each in get_args(annotation))
    found = origin or annotation
    return isinstance(found, type) and issubclass(found, kind)
