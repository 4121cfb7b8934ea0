"""Components that are drawn from memory are what they would be if they were drawn again."""

from typing import Any

from markupsafe import Markup

from app.web import render
from app.web.forms import Filled

RADIOS = '{% from "fields.html" import radios %}{{ radios(form, "x", "Which?", items) }}'


def drawn(chosen: str, label: str) -> str:
    form: Filled[Any] = Filled(typed={"x": (chosen,)}, problems=(), names=frozenset({"x"}))
    return render._PAGES.from_string(RADIOS).render(form=form, items=[("a", label), ("b", "B")])


def test_what_is_chosen_is_drawn_each_time() -> None:
    for chosen in ("a", "b", "a"):
        page = drawn(chosen, "A")
        assert f'value="{chosen}" checked' in " ".join(page.split())
        assert page.count("checked") == 1


def test_what_only_looks_like_html_is_never_drawn_from_what_is() -> None:
    assert "<b>A</b>" in drawn("a", Markup("<b>A</b>"))
    assert "<b>A</b>" not in drawn("a", "<b>A</b>")
