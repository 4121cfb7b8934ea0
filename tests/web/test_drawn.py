"""What is drawn here because GOV.UK's components take long is what those draw."""

import re
from typing import Any

import pytest

from app.domain.errors import FieldProblem
from app.web import render
from app.web.forms import Filled
from app.web.navigation import Place

WRONG = (FieldProblem("/x", "bad", "Choose “A” & go on"),)
PLAIN: list[tuple[str, ...]] = [("a", "A & b"), ("b", "B")]
HINTED: list[tuple[str, ...]] = [("a", "A", "What <a> is"), ("b", "B")]
BOTH = """
{%% from "fields.html" import %(ours)s %%}
{{ %(ours)s(form, "x", "Which?", items, hint=hint, classes=classes) }}
----
{{ %(theirs)s({"name": "x", "value": form.text("x"), "values": form.chosen("x"), "items": _items(items),
   "fieldset": {"legend": {"text": "Which?", "classes": "govuk-fieldset__legend--s"}},
   "hint": {"text": hint} if hint else none, "errorMessage": form.error("x"), "classes": classes}) }}
"""
NAVIGATION = """
{% include "_navigation.html" %}
----
{{ govukServiceNavigation({"navigation": navigation_told, "navigationLabel": "Main"}) }}
"""


def drawn(template: str, **facts: Any) -> list[str]:
    """What each of the two draws, but for spaces between elements."""
    two = render._PAGES.from_string(template).render(facts).split("----")
    return [re.sub(r" ?(<[^>]*?) ?> ?", r"\1>", " ".join(one.split())) for one in two]


@pytest.mark.parametrize("hint", ["", "Any of them"])
@pytest.mark.parametrize("items", [PLAIN, HINTED], ids=["plain", "hinted"])
@pytest.mark.parametrize("problems", [(), WRONG], ids=["right", "wrong"])
@pytest.mark.parametrize(("ours", "theirs"), [("radios", "govukRadios"), ("checkboxes", "govukCheckboxes")])
def test_choices_are_drawn_as_the_components_draw_them(
    ours: str, theirs: str, problems: tuple[FieldProblem, ...], items: list[tuple[str, ...]], hint: str
) -> None:
    form: Filled[Any] = Filled(typed={"x": ("b",)}, problems=problems, names=frozenset({"x"}))
    template = BOTH % {"ours": ours, "theirs": theirs}
    mine, govuk = drawn(template, form=form, items=items, hint=hint, classes="govuk-radios--small")
    assert mine == govuk
    assert mine.count("<input") == len(items)
    assert " checked" in mine


@pytest.mark.parametrize("here", ["/home", "/cases/1", "/nowhere"])
def test_the_navigation_is_drawn_as_the_component_draws_it(here: str) -> None:
    places = (Place("/home", "Home", ""), Place("/cases", "Cases & more", ""))
    told = [
        {"href": each.path, "text": each.name, "current": here == each.path, "active": here.startswith(each.path + "/")}
        for each in places
    ]
    mine, govuk = drawn(NAVIGATION, navigation=places, here=here, navigation_told=told)
    assert mine == govuk
    assert mine.count("<li") == len(places)
