"""SQL, HTML, templates, formulas and scripts of the world in every text field: kept exactly, or refused by name."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import asyncpg
import pytest
from pydantic import AwareDatetime, BaseModel

from app.domain.referrals import ReferralForm
from tests.api.real_http import counts
from tests.world import World, referral_form

TEXTS = {
    "SQL": "'; DROP TABLE case_file; --",
    "SQL in dollars": "$$ $1 %s :name {0} \\'; SELECT pg_sleep(9) --",
    "HTML": "<script>alert(1)</script>",
    "an attribute": "\"><img src=x onerror='alert(1)'>",
    "a template": "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
    "a formula": '=HYPERLINK("http://evil.example","Click")',
    "typst": '#import "x.typ" #read("/etc/passwd") $x$ @y',
    "emoji": "\N{WOMAN}\u200d\N{PERSONAL COMPUTER} \N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}",
    "right to left": "\u202eمايا ثورنبري\u202c",
    "accents": "Zoë Łucja Nguyễn-Ó Súilleabháin",
    "JSON": '{"a": ["\\u0000", null]}',
    "header": "a%0d%0aSet-Cookie: b=c",
    "path": "../../../../etc/passwd",
    "zalgo": "M" + "\u0353" * 40,
    "noncharacters": "\U0010fffd\ufdd0",
    "a word that means nothing": "null",
    "long": "long " * 999 + "text.",
}
OF_A_SHAPE = 25


def _fill(annotation: Any, text: str) -> Any:
    """A value of this type, with the text wherever a string goes."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    if get_origin(annotation) is tuple:
        return [_fill(get_args(annotation)[0], text)]
    if get_origin(annotation) is dict:
        return {"1": _fill(get_args(annotation)[1], text)}
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if annotation is AwareDatetime or annotation is datetime:
        return "2026-11-21T02:40:00+00:00"
    if issubclass(annotation, BaseModel):
        return {name: _fill(field.annotation, text) for name, field in annotation.model_fields.items()}
    if issubclass(annotation, StrEnum):
        return next(iter(annotation)).value
    plain = {str: text, bool: True, int: 30, date: "2001-02-03", UUID: "0193e0a0-0000-7000-8000-000000000000"}
    return plain[annotation]


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from _leaves(each, f"{place}/{key}")
    if not isinstance(value, dict | list):
        yield place, value


def _remove(form: Any, pointer: str) -> None:
    *path, last = pointer.split("/")[1:]
    for key in path:
        form = form[int(key)] if isinstance(form, list) else form[key]
    if isinstance(form, list):
        del form[int(last)]
    else:
        del form[last]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
async def test_text_in_every_field_is_kept_exactly_or_refused_by_name(
    world: World, superuser: asyncpg.Connection, text: str
) -> None:
    officer = world["officer"]
    form = _fill(ReferralForm, text)
    everywhere = {place for place, value in _leaves(form) if value == text}
    assert len(everywhere) > 100
    before = await counts(superuser, world)
    refused = await officer.post("/referrals", form)
    assert refused.status_code == 422
    assert await counts(superuser, world) == before
    told = {each["pointer"] for each in refused.json()["errors"]}
    # A list whose only entry was refused is told to be too short as well.
    named = {each for each in told if not any(other.startswith(f"{each}/") for other in told)}
    assert named <= everywhere, "only fields that hold the text are at fault"
    # Numbers, addresses, references and keys have a shape. Long text fits only where there is room for it.
    assert len(text) > 200 or len(named) < OF_A_SHAPE, sorted(named)
    for pointer in sorted(named, reverse=True):
        _remove(form, pointer)
    for place in ("addresses", "phones", "emails", "schools"):  # which are nothing without what was refused
        for party in (form["victim"], *form["perpetrators"], *form["children"], *form["others"]):
            party["contact"][place] = [each for each in party["contact"][place] if _whole(place, each)]
    form["children"][0]["relationships"] = []
    kept = await officer.post("/referrals", form)
    assert kept.status_code == 201, kept.text
    shown = dict(_leaves((await officer.get(f"/referrals/{kept.json()['id']}")).json()["form"]))
    sent = {place for place, value in _leaves(form) if value == text}
    assert sent
    assert {place for place in sent if shown.get(place) != text} == set()


def _whole(place: str, entry: dict[str, Any]) -> bool:
    needed = {"addresses": "lines", "phones": "number", "emails": "address", "schools": "name"}
    return bool(entry.get(needed[place]))


@pytest.mark.parametrize("text", [text for text in TEXTS.values() if len(text) <= 200], ids=lambda _: "")
async def test_a_case_in_any_words_is_shown_in_those_words(world: World, text: str) -> None:
    form = referral_form(children=[{"given_name": text, "estimated_age": 4}], note=text)
    form["victim"] |= {"given_name": text, "family_name": None}
    form["incident"]["narrative"] = text
    form["referrer"]["role"] = text
    form["perpetrators"][0]["relationship"] = text
    answer = await world["officer"].post("/referrals?submit=true", form)
    assert answer.status_code == 201, answer.text
    sent = answer.json()
    case = (await world["coordinator"].get(f"/cases/{sent['case']['id']}")).json()
    assert case["victim_name"] == text
    assert {party["name"] for party in case["parties"] if party["role"] in ("victim", "child")} == {text}
    listed = (await world["coordinator"].get("/cases")).json()["items"]
    assert [each["victim_name"] for each in listed] == [text]
    agenda = await world["coordinator"].get(f"/meetings/{sent['route']['meeting_id']}/agenda")
    assert text in [value for _, value in _leaves(agenda.json())]
    lines = (await world["officer"].get("/referrals")).json()["items"]
    assert [each["victim"] for each in lines] == [text]


async def test_one_character_too_many_is_refused_and_the_last_that_fits_is_kept(world: World) -> None:
    for place, most in (("note", 20_000), ("victim", 200)):
        for length, status in ((most, 201), (most + 1, 422)):
            text = "\N{GRINNING FACE}" * length
            form = {"note": text} if place == "note" else {"victim": {"given_name": text}}
            answer = await world["officer"].post("/referrals", form)
            assert answer.status_code == status
            assert (status == 201) == (text in str(answer.json()))
