"""Field types of every form, and the plain English for what is wrong with one.

Text: NUL, other control characters and unpaired surrogates are refused, since databases, PDF and DOCX
cannot hold them; everything else (HTML, SQL, any script) is just text and is kept as it is.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import phonenumbers
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from app.domain.errors import FieldProblem

SHORT = 200
LONG = 20_000

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_POSTCODE = re.compile(
    r"^[A-PR-UWYZ]([0-9]{1,2}|[A-HK-Y][0-9]([0-9]|[ABEHMNPRV-Y])?|[0-9][A-HJKPS-UW]) [0-9][ABD-HJLNP-UW-Z]{2}$"
)
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}")


class Form(BaseModel):
    """Base of everything that is filled in: frozen, and no field that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Known(StrEnum):
    """An answer to a plain question, where not knowing is an answer too."""

    YES = "yes"
    NO = "no"
    DONT_KNOW = "dont_know"


def _storable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value.isascii() and _SURROGATE.search(value):
        raise PydanticCustomError(
            "bad_character", "This has half of a character in it (an unpaired surrogate). Type it again."
        )
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if _UNSTORABLE.search(value):
        raise PydanticCustomError(
            "bad_character", "This has a control character in it that cannot be stored. Type it again."
        )
    return unicodedata.normalize("NFC", value).strip()


def _one_line(value: Any) -> Any:
    value = _storable(value)
    return " ".join(value.split()) if isinstance(value, str) else value


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number) or _lacks_digits(number):
        raise PydanticCustomError(
            "bad_phone", "This cannot be a phone number. Write it with its area code, such as 01632 960001."
        )
    style = phonenumbers.PhoneNumberFormat
    if number.country_code != 44:
        return phonenumbers.format_number(number, style.INTERNATIONAL)
    written = phonenumbers.format_number(number, style.NATIONAL)
    return written if written.startswith("0") else f"0{written}"  # the library leaves it out of what it cannot group


def _lacks_digits(number: phonenumbers.PhoneNumber) -> bool:
    """Whether a British number is too short to be called from elsewhere. The library lets a local number pass."""
    if number.country_code != 44:
        return False
    national = phonenumbers.national_significant_number(number)
    return len(national) < (10 if national[0] in "237" else 7 if national[0] in "58" else 9)


def _postcode(value: str) -> str:
    squeezed = re.sub(r"\s", "", value).upper()
    written = f"{squeezed[:-3]} {squeezed[-3:]}"
    if not _POSTCODE.match(written):
        raise PydanticCustomError(
            "bad_postcode", "This cannot be a UK postcode. Write it like SO14 7LY, or leave it out."
        )
    return written


def _email(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", value):
        raise PydanticCustomError("bad_email", "This cannot be an email address. Write it like name@example.org.")
    return value


def _only_a_date(value: Any) -> Any:
    # A number, or a date with a time, is a mistake more often than a date; never guess at a birthday.
    if isinstance(value, datetime) or not isinstance(value, (date, str)):
        raise PydanticCustomError("bad_date", "Write the date as year-month-day, such as 2026-03-31.")
    if isinstance(value, str) and not _DATE.match(value.strip()):
        raise PydanticCustomError("bad_date", "Write the date as year-month-day, such as 2026-03-31.")
    return value.strip() if isinstance(value, str) else value


def _only_a_moment(value: Any) -> Any:
    if not isinstance(value, datetime) and not (isinstance(value, str) and _MOMENT.match(value)):
        raise PydanticCustomError(
            "bad_time", "Write the date and time with its offset, such as 2026-03-31T14:05:00+01:00."
        )
    return value


Line = Annotated[str, Field(min_length=1, max_length=SHORT), BeforeValidator(_one_line)]
"""One line of text that must be there: trimmed, NFC, runs of space made one, at most 200 characters."""
Short = Annotated[
    Annotated[str, Field(max_length=SHORT), BeforeValidator(_one_line)] | None, BeforeValidator(_blank_is_none)
]
"""One line or nothing; blank is nothing."""
Long = Annotated[
    Annotated[str, Field(max_length=LONG), BeforeValidator(_storable)] | None, BeforeValidator(_blank_is_none)
]
"""Free text of several lines or nothing: at most 20,000 characters; blank is nothing."""
Phone = Annotated[str, Field(max_length=SHORT), BeforeValidator(_one_line), AfterValidator(_phone)]
"""A possible number, GB unless it says otherwise; kept in national form ("01632 960001")."""
Postcode = Annotated[str, Field(max_length=SHORT), BeforeValidator(_one_line), AfterValidator(_postcode)]
Email = Annotated[str, Field(max_length=254), BeforeValidator(_one_line), AfterValidator(_email)]
Day = Annotated[date, BeforeValidator(_only_a_date)]
"""A date as YYYY-MM-DD, never a number or a time."""
Moment = Annotated[AwareDatetime, BeforeValidator(_only_a_moment)]
"""A date and time with its offset from UTC."""
Flag = Annotated[bool, Strict()]


def problems_from(error: ValidationError, model: type[BaseModel]) -> tuple[FieldProblem, ...]:
    """What pydantic found wrong, in plain English. ``model`` is what was being validated."""
    return describe(error.errors(include_url=False, include_context=True, include_input=False), model)


def describe(errors: Iterable[Mapping[str, Any]], model: type[BaseModel]) -> tuple[FieldProblem, ...]:
    """As ``problems_from``, for errors in pydantic's list form with ``loc`` starting at ``model``.

    What was sent is never repeated, but for the name of a field that does not exist.
    """
    return tuple(_describe(tuple(error["loc"]), str(error["type"]), error, model) for error in errors)


def pointer(*parts: str | int) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _describe(loc: tuple[Any, ...], kind: str, error: Mapping[str, Any], model: type[BaseModel]) -> FieldProblem:
    place = [printable(part) for part in loc if part != "[key]"]
    where = pointer(*place)
    context = error.get("ctx") or {}
    if kind == "extra_forbidden":
        return FieldProblem(where, "unknown_field", _no_such_field(loc, place[-1], model))
    if kind == "missing":
        return FieldProblem(where, "missing", f"Add the field '{place[-1]}'.")
    if kind == "enum" or kind == "literal_error":
        return FieldProblem(where, "not_allowed", f"Use one of these: {context.get('expected', '')}.")
    if kind in _SIZES:
        code, text = _SIZES[kind]
        limit = context.get("max_length", context.get("min_length", ""))
        limit = context.get("le", context.get("ge", context.get("lt", context.get("gt", limit))))
        return FieldProblem(where, code, text.format(f"{limit:,}" if isinstance(limit, int) else limit))
    if kind in _PLAIN:
        return FieldProblem(where, *_PLAIN[kind])
    if kind.startswith("date_"):
        return FieldProblem(where, "bad_date", "There is no such date. Write it as year-month-day, such as 2026-03-31.")
    if kind.startswith(("datetime_", "timezone_")):
        text = "Write the date and time with its offset, such as 2026-03-31T14:05:00+01:00."
        return FieldProblem(where, "bad_time", text)
    if kind.startswith("int_"):
        return FieldProblem(where, "wrong_type", "This must be a whole number.")
    # Our own messages (PydanticCustomError) are already plain English; pydantic's own codes have all been met.
    return FieldProblem(where, kind, str(error["msg"]))


_PLAIN = {
    "string_type": ("wrong_type", "This must be text."),
    "string_unicode": ("bad_character", "This has half of a character in it. Type it again."),
    "string_pattern_mismatch": ("not_allowed", "This is not written as it should be. See the API reference."),
    "bool_type": ("wrong_type", "This must be true or false."),
    "tuple_type": ("wrong_type", "This must be a list."),
    "list_type": ("wrong_type", "This must be a list."),
    "dict_type": ("wrong_type", "This must be an object with named fields."),
    "mapping_type": ("wrong_type", "This must be an object with named fields."),
    "model_type": ("wrong_type", "This must be an object with named fields."),
    "model_attributes_type": ("wrong_type", "This must be an object with named fields."),
    "json_invalid": ("not_json", "This is not valid JSON."),
    "uuid_type": ("wrong_type", "This must be an identifier (a UUID)."),
    "uuid_parsing": ("wrong_type", "This must be an identifier (a UUID)."),
}
_SIZES = {
    "string_too_long": ("too_long", "Shorten this to {} characters or fewer."),
    "string_too_short": ("missing", "Fill this in."),
    "too_long": ("too_many", "List {} or fewer."),
    "too_short": ("too_few", "List {} or more."),
    "less_than_equal": ("too_large", "This must be {} or less."),
    "greater_than_equal": ("too_small", "This must be {} or more."),
    "less_than": ("too_large", "This must be less than {}."),
    "greater_than": ("too_small", "This must be more than {}."),
}


def printable(part: Any) -> str | int:
    """A name somebody sent, short and safe to show: its length and its characters are theirs."""
    if isinstance(part, int):
        return part
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(part))
    return text if len(text) <= 60 else text[:59] + "…"


def _no_such_field(loc: tuple[Any, ...], name: str | int, model: type[BaseModel]) -> str:
    there = _model_at(loc[:-1], model)
    close = difflib.get_close_matches(str(name), there.model_fields, n=1) if there else []
    return f"There is no field called '{name}' here." + (
        f" Did you mean '{close[0]}'?" if close else " Remove it or check its spelling."
    )


def _model_at(loc: tuple[Any, ...], model: type[BaseModel]) -> type[BaseModel] | None:
    here: Any = model
    for part in loc:
        origin = get_origin(here)
        if origin in (tuple, list, dict):
            here = get_args(here)[1 if origin is dict else 0]
        elif isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = field.annotation if field else None
        here = _bare(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """The type inside ``X | None`` and ``Annotated[X, ...]``."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    return annotation
