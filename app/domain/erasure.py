"""Erasing a person: what becomes of documents that say something about them.

What is said of one person alone goes. Free text goes whole, since no program can tell whom each word is about. What is
said of others stays, without the erased person's names: a warning about how to reach somebody safely is not lost
because somebody else is erased. Codes, dates and counts stay: they say that something was decided, and of nobody what.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

ERASED = "[erased]"
_SHORTEST_NAME = 3
_UNTYPED = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?"
    r"|[CP]-[2-9A-Z]{7,8}"
)
# Members that hold a code, or the name of an agency, of a list or of whoever works there.
_CODES = frozenset(
    {
        "agency",
        "case_reference",
        "due",
        "forum",
        "forum_kind",
        "from",
        "grounds",
        "idva",
        "kind",
        "known",
        "level",
        "level_before",
        "markers",
        "move",
        "on",
        "outcome",
        "owner",
        "placement",
        "referrer_agency",
        "role",
        "rule",
        "score",
        "section",
        "service",
        "state",
        "status",
        "support",
        "to",
        "value",
        "version",
    }
)
# Members of a case as it was circulated that describe a person who may stay.
_WHO = ("name", "role", "aliases", "date_of_birth", "age", "relationship")
# Theirs, though a word in it may be the erased person's too.
_THEIR_OWN = ("key", "given_name", "family_name", "known_as", "sex")
# What a referral says of the victim, or of nobody but the victim.
_OF_VICTIM = ("victim_view", "earlier_marac", "professional_judgement", "events")
_WORDS_OF_FORM = frozenset(
    {
        "afraid_of",
        "area",
        "assessed_by",
        "awareness",
        "kind",
        "narrative",
        "necessity",
        "note",
        "onward",
        "place",
        "power",
        "proportionality",
        "rationale",
        "source",
        "views",
        "not_safe_to_speak_to",
        "why_not_told",
    }
)
_LISTS = ("perpetrators", "children", "others")


class ErasureReason(StrEnum):
    """Why a person is erased."""

    RETENTION_ENDED = "retention_ended"
    RIGHT_TO_ERASURE = "right_to_erasure"
    COURT_ORDER = "court_order"
    RECORDED_IN_ERROR = "recorded_in_error"


class Names:
    """Everything somebody is called, whole and by the word."""

    def __init__(self, called: Iterable[str]) -> None:
        self.whole = frozenset(each.casefold() for each in called if each)
        words = {word for each in self.whole for word in re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", each)}
        words = {each for each in words if len(each) >= _SHORTEST_NAME}
        longest_first = sorted(self.whole | words, key=len, reverse=True)
        self._any = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)

    def taken_out_of(self, text: str) -> str:
        """The text without any of them."""
        return self._any.sub(ERASED, text) if self.whole else text

    def taken_out(self, value: Any) -> Any:
        """The same for every text in a JSON value."""
        return _mapped(value, self.taken_out_of)

    def include(self, name: object) -> bool:
        """Whether this is one of their names."""
        return isinstance(name, str) and name.casefold() in self.whole


def names_in(details: Mapping[str, Any]) -> list[str]:
    """What a person's details, or their part of a form, call them."""
    given, family = details.get("given_name"), details.get("family_name")
    full = " ".join(each for each in (given, family) if each)
    return [each for each in (full, given, family, details.get("known_as"), *details.get("aliases", ())) if each]


def without_words(value: Any, key: str = "") -> Any:
    """A JSON value in which every text that somebody may have typed is gone."""
    if isinstance(value, dict):
        return {name: without_words(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [without_words(each, key) for each in value]
    if isinstance(value, str) and key not in _CODES and not _UNTYPED.fullmatch(value):
        return ERASED if value else value
    return value


def details_without(details: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """What is known of somebody else in the same case."""
    kept = {name: value for name, value in details.items() if name not in ("note", "also_told")}
    cleaned: dict[str, Any] = names.taken_out(kept)
    return {**cleaned, **{name: details[name] for name in _THEIR_OWN if name in details}}


def form_without(form: Mapping[str, Any], keys: Collection[str], names: Names) -> dict[str, Any]:
    """A referral without the parties of these keys. The victim's risk assessment is about the victim."""
    victim_goes = "victim" in keys
    kept: dict[str, Any] = {}
    for name, value in form.items():
        if name == "victim":
            if not victim_goes:
                kept[name] = details_without(value, names)
        elif name in _LISTS:
            kept[name] = [_related(details_without(each, names), keys) for each in value if each.get("key") not in keys]
        elif name == "referrer":
            kept[name] = value
        elif name in ("assessment", "screens"):
            kept[name] = (
                [_asked(each, victim_goes) for each in value] if name == "screens" else _asked(value, victim_goes)
            )
        elif not (victim_goes and name in _OF_VICTIM):
            kept[name] = _without_form_words(value, name)
    return kept


def result_without(result: Mapping[str, Any], references: Collection[str]) -> dict[str, Any]:
    """What was answered to a referral."""
    kept = dict(result)
    if "people" in kept:
        kept["people"] = [each for each in kept["people"] if each.get("person_reference") not in references]
    if "reasons" in kept:
        kept["reasons"] = without_words(kept["reasons"])
    return kept


def answers_without(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody else's answers: what was answered, without the words beside it."""
    return {number: {"value": each["value"]} if "value" in each else {} for number, each in answers.items()}


def circulated_without(content: Mapping[str, Any], names: Names, *, victim_goes: bool) -> dict[str, Any]:
    """A case as an agenda, an addendum or the minutes showed it."""
    kept: dict[str, Any] = {}
    for name, value in content.items():
        if name == "item":
            kept[name] = circulated_without(value, names, victim_goes=victim_goes) if value else value
        elif name == "parties":
            stay = [each for each in value if not names.include(each.get("name"))]
            kept[name] = [{part: each[part] for part in _WHO if part in each} for each in stay]
        elif name == "risks":
            stay = [each for each in value if not names.include(each.get("person"))]
            kept[name] = [{**each, "risks": without_words(each.get("risks", []))} for each in stay]
        elif name == "safe_contact":
            kept[name] = [] if victim_goes else names.taken_out(value)
        else:
            kept[name] = without_words(value, name)
    return kept


def _related(party: dict[str, Any], keys: Collection[str]) -> dict[str, Any]:
    if "relationships" in party:
        party["relationships"] = [each for each in party["relationships"] if each.get("to") not in keys]
    if "lives_with" in party:
        party["lives_with"] = [each for each in party["lives_with"] if each not in keys]
    return party


def _asked(asked: Mapping[str, Any], about_erased: bool) -> dict[str, Any]:
    answers = {} if about_erased else answers_without(asked.get("answers", {}))
    head = {name: value for name, value in asked.items() if name not in ("answers", *_WORDS_OF_FORM)}
    return {**head, "answers": answers}


def _without_form_words(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {name: _without_form_words(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_form_words(each, key) for each in value]
    return ERASED if isinstance(value, str) and value and key in _WORDS_OF_FORM else value


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_mapped(each, change) for each in value]
    return change(value) if isinstance(value, str) else value
