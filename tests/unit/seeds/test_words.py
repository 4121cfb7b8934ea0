"""Narratives: names in their places, and pronouns that fit whoever they are about."""

from random import Random

import pytest

from app.risk.markers import Marker
from app.seeds.words import narrative, told

WOMAN = {"given_name": "Maya", "sex": "female"}
OTHER_WOMAN = {"given_name": "Grace", "sex": "female"}
MAN = {"given_name": "Dale", "sex": "male"}
OTHER_MAN = {"given_name": "Owen", "sex": "male"}
TEXT = "{v} hid {her} keys; {p} took them and told her that he would leave. She let him go to {his} mother."


@pytest.mark.parametrize(
    ("victim", "perpetrator", "expected"),
    [
        (
            WOMAN,
            MAN,
            "Maya hid her keys; Dale took them and told her that he would leave. She let him go to his mother.",
        ),
        (
            MAN,
            WOMAN,
            "Dale hid his keys; Maya took them and told him that she would leave. He let her go to her mother.",
        ),
        (
            WOMAN,
            OTHER_WOMAN,
            "Maya hid her keys; Grace took them and told her that she would leave. She let her go to her mother.",
        ),
        (
            MAN,
            OTHER_MAN,
            "Dale hid his keys; Owen took them and told him that he would leave. He let him go to his mother.",
        ),
    ],
)
def test_pronouns_fit_whoever_they_are_about(
    victim: dict[str, str], perpetrator: dict[str, str], expected: str
) -> None:
    assert told(TEXT, victim, perpetrator) == expected


@pytest.mark.parametrize("marker", Marker)
def test_every_marker_has_something_to_say_and_leaves_no_gap(marker: Marker) -> None:
    plain = narrative(Random(1), (), WOMAN, MAN)
    marked = narrative(Random(1), (marker,), WOMAN, MAN)
    assert plain != marked
    assert not set("{}") & set(plain + marked)


def test_the_same_luck_tells_the_same() -> None:
    assert narrative(Random(7), (Marker.STALKING,), WOMAN, MAN) == narrative(Random(7), (Marker.STALKING,), WOMAN, MAN)
