"""What may be a password: long enough, and not among what is tried first.

No rules about kinds of characters, and no expiry: both make people choose worse ones (NCSC, NIST SP 800-63B). What is
refused is what somebody guessing would try early: common passwords, plainly decorated ones, and what is known of the
person.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # it declares no types

from app.domain.errors import FieldProblem

SHORTEST: Final = 12
LONGEST: Final = 128
# What may be typed at all; one too long for a password is told so, not cut.
_MOST_TYPED: Final = 1_000

SERVICE: Final = "roundtable"
# Shorter parts of a name turn up inside other words.
_SHORTEST_PART: Final = 4
# A unit so short is no password however often it is repeated.
_SHORTEST_UNIT: Final = 6
# So many digits and signs at the ends are decoration; more are a secret of their own.
_MOST_DECORATION: Final = 6
_LEET: Final = str.maketrans("4@83610!57$2", "aabegioistsz")
_ENDS: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def _typed(value: Any) -> Any:
    if value == "":
        raise PydanticCustomError("missing", "Fill this in.")
    if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
        raise PydanticCustomError("bad_character", "This has half of a character in it. Type it again.")
    return value


Typed = Annotated[SecretStr, Field(max_length=_MOST_TYPED), BeforeValidator(_typed)]
"""A password or code as it was typed: nothing trimmed, nothing changed, and never shown again."""


@dataclass(frozen=True, slots=True)
class Whose:
    """What is known of the person whose password it is to be."""

    name: str
    email: str


def normalised(password: str) -> str:
    """NFKC: the same password from keyboards that compose its letters differently. What is hashed, and no other."""
    return unicodedata.normalize("NFKC", password)


def refusal(password: str, whose: Whose, *, field: str = "/password") -> FieldProblem | None:
    """Why this cannot be somebody's password, and how to mend it; None if it can. Never repeats the password."""
    plain = normalised(password)
    if len(plain) < SHORTEST:
        text = (
            f"Use at least {SHORTEST} characters. Three or four words that have nothing to do with each other do well."
        )
        return FieldProblem(field, "too_short", text)
    if len(plain) > LONGEST:
        return FieldProblem(field, "too_long", f"Shorten your password to {LONGEST} characters or fewer.")
    folded = plain.casefold()
    if any(part in folded for part in _parts(whose)):
        text = "Leave out your name, your email address and the name of this service. They are guessed first."
        return FieldProblem(field, "about_you", text)
    if _is_common(folded):
        text = (
            "This is one of the passwords that are guessed first, or is made from one in a way that is guessed too. "
            "Choose three or four words that have nothing to do with each other."
        )
        return FieldProblem(field, "common", text)
    return None


def breached(*, field: str = "/password") -> FieldProblem:
    """What is said of a password that was found in a list of those stolen elsewhere."""
    text = (
        "This password is in a list of passwords stolen from other services, so it will be guessed. Choose one that "
        "you use nowhere else."
    )
    return FieldProblem(field, "breached", text)


def _parts(whose: Whose) -> set[str]:
    """What a password may not contain."""
    local = normalised(whose.email).casefold().partition("@")[0]
    name = normalised(whose.name).casefold()
    words = {*re.findall(r"[^\W_]+", name), *re.findall(r"[^\W_]+", local), local, re.sub(r"\W", "", name)}
    return {SERVICE, *(word for word in words if len(word) >= _SHORTEST_PART)}


def _is_common(folded: str) -> bool:
    core = _ENDS.sub("", folded)
    forms = {folded, _ENDS.sub("", folded.translate(_LEET))}
    if len(folded) - len(core) <= _MOST_DECORATION:
        forms |= {core, core.translate(_LEET)}
    units = {_unit(form) for form in forms if form}
    return (
        bool((forms | units) & _common())
        or len(_unit(folded)) < _SHORTEST_UNIT
        or any(_is_run(form) for form in (folded, core) if len(folded) - len(form) <= _MOST_DECORATION)
    )


def _unit(text: str) -> str:
    """The shortest text of which this is a whole number of repeats."""
    return text[: (text + text).find(text, 1)]


def _is_run(text: str) -> bool:
    """Whether each character follows the one before: abcdef, 654321, 890123."""
    steps = {(ord(b) - ord(a)) % 10 if (a + b).isdecimal() else ord(b) - ord(a) for a, b in pairwise(text)}
    return len(text) > 1 and steps in ({1}, {-1}, {9})


@cache
def _common() -> frozenset[str]:
    return frozenset(word.casefold() for word in FREQUENCY_LISTS["passwords"])
