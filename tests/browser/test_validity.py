"""The checks on HTML find what they are for."""

import pytest

from tests.browser.markup import faults
from tests.browser.validity import invalid

GOOD = """<p id="a">One<br>two</p><a href="#a">Up</a><svg><path d="M0 0"/></svg>
<input type="email" autocomplete="username webauthn">"""
SLIPS = (
    "<div>",
    "</div>",
    "<b><i>x</b></i>",
    '<p id="a"></p><p id="a"></p>',
    '<p id=""></p>',
    "<p><div></div></p>",
    '<a href="/"><a href="/"></a></a>',
    '<label for="a">A</label>',
    '<p aria-describedby="a">A</p>',
    '<p class="a" class="b"></p>',
    '<img src="a.png">',
    "<h2></h2>",
)


def page(inside: str) -> str:
    return f'<!DOCTYPE html><html lang="en-GB"><head><title>A</title></head><body>{inside}</body></html>'


def test_the_checker_finds_each_slip_and_nothing_on_a_page_without() -> None:
    pages = {slip: page(slip) for slip in SLIPS} | {"good": page(GOOD), "of no kind": page("").partition(">")[2]}
    assert set(invalid(pages)) == {*SLIPS, "of no kind"}


@pytest.mark.parametrize(
    "inside", ['<a href="#a">A</a>', '<p style="color: red"></p>', '<button onclick="x()">A</button>']
)
def test_what_our_policies_forbid_and_what_leads_nowhere_is_found(inside: str) -> None:
    assert faults(page(GOOD)) == []
    assert faults(page(inside)) != []
