"""The check on HTML finds what it is for."""

import pytest

from tests.browser.markup import faults


def page(inside: str) -> str:
    return f'<!DOCTYPE html><html lang="en-GB"><body>{inside}</body></html>'


def test_a_well_formed_page_has_no_faults() -> None:
    assert faults(page('<p id="a">One<br>two</p><a href="#a">Up</a><svg><path d="M0 0"/></svg>')) == []


@pytest.mark.parametrize(
    "inside",
    [
        "<div>",
        "</div>",
        "<b><i>x</b></i>",
        '<p id="a"></p><p id="a"></p>',
        '<p id=""></p>',
        "<p><div></div></p>",
        '<a href="/"><a href="/"></a></a>',
        '<label for="a">A</label>',
        '<a href="#a">A</a>',
        '<p class="a" class="b"></p>',
        '<p style="color: red"></p>',
        '<button onclick="x()"></button>',
        '<img src="a.png">',
    ],
)
def test_each_slip_is_found(inside: str) -> None:
    assert faults(page(inside)) != []


def test_a_page_says_which_html_it_is() -> None:
    assert faults("<html></html>") != []
