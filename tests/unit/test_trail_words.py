"""Whatever the trail and a timeline may hold is said in words."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from app.domain.actions import ActionStatus
from app.domain.errors import Forbidden, NotFound
from app.domain.exports import ExportDocument
from app.domain.support import OfferStatus
from app.web.case_history import HAPPENED
from app.web.trail_words import KINDS, VERBS

APP: Final = Path(__file__).parents[2] / "app"
WRITERS: Final = ("services", "db", "commands")
# What a verb that is put together may become.
PUT_TOGETHER: Final = {
    "action.{}": [f"action.{each}" for each in ActionStatus if each is not ActionStatus.OPEN],
    "support.{}": [f"support.{each}" for each in OfferStatus],
    "denied.{}": [f"denied.{each.code}" for each in (Forbidden, NotFound)],
    "administration.rule_{}": ["administration.rule_set", "administration.rule_taken_back"],
    "{}.export_asked": [f"{each}.export_asked" for each in ExportDocument],
    "{}.export_fetched": [f"{each}.export_fetched" for each in ExportDocument],
    "{}.exported": [f"{each}.exported" for each in ExportDocument],
}
# Codes of reasons, which carry their own words.
NO_VERBS: Final = {"case.to_marac", "route.stepped_down"}
READS_LIKE_ONE: Final = re.compile(r"(?=.*[a-z])[a-z_{}]+\.[a-z_{}]+")


def written(node: ast.AST) -> str | None:
    """A string as the source has it, {} for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return None


def given_to(name: str, place: int, tree: ast.Module) -> list[ast.expr]:
    return [
        node.args[place]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
        if len(node.args) > place
    ]


def codes(name: str, place: int, *, but_not: tuple[str, int]) -> set[str]:
    """What is given to ``name`` as its argument at ``place``: as it stands there, or through a variable.

    What a variable may hold: any string of that file that reads like a verb, ``but_not`` given to that other function.
    """
    found: set[str] = set()
    for file in (each for folder in WRITERS for each in sorted((APP / folder).rglob("*.py"))):
        tree = ast.parse(file.read_text())
        given = given_to(name, place, tree)
        found |= {code for node in given if (code := written(node))}
        if any(written(node) is None for node in given):
            others = {written(node) for node in given_to(*but_not, tree)}
            found |= {text for text in map(written, ast.walk(tree)) if text and text not in others}
    found = {each for each in found if READS_LIKE_ONE.fullmatch(each)} - NO_VERBS
    for code in sorted(found & set(PUT_TOGETHER)):
        found |= set(PUT_TOGETHER[code])
    found -= set(PUT_TOGETHER)
    left = {each for each in found if "{" in each}
    assert not left, f"Say in PUT_TOGETHER what these may become: {left}"
    return found


EVENTS: Final = codes("event", 1, but_not=("record", 0))
RECORDED: Final = codes("record", 0, but_not=("event", 1))


@pytest.mark.parametrize("verb", sorted(RECORDED | EVENTS))
def test_each_verb_of_the_trail_has_words(verb: str) -> None:
    assert VERBS.get(verb), f"Say {verb} in app/web/trail_words.py"


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_each_event_of_a_timeline_has_words(kind: str) -> None:
    assert kind in HAPPENED, f"Say {kind} in app/web/case_history.py"


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {""}))
def test_the_trail_is_narrowed_only_to_what_it_can_hold(kind: str) -> None:
    assert any(verb.partition(".")[0] == kind for verb in RECORDED | EVENTS)


def test_no_words_are_left_of_verbs_that_nothing_writes() -> None:
    spoken = "\n".join(file.read_text() for file in sorted(APP.rglob("*.py")) if file.name != "trail_words.py")
    made = {code for several in PUT_TOGETHER.values() for code in several}
    assert [verb for verb in VERBS if verb not in made and not re.search(f"[\"']{verb}[\"']", spoken)] == []
