"""Bad bodies, headers and addresses over real HTTP: a clear problem each, nothing changed, nobody's name repeated."""

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from tests.api.real_http import Reply, Wire, counts, served
from tests.direct import DirectClient
from tests.world import Clock, World, build_world, referral_form

JSON = "Content-Type: application/json"
ABSENT = "0193e0a0-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
async def wire(app: FastAPI) -> AsyncIterator[Wire]:
    """The service on a socket."""
    async with served(app) as made:
        yield made


@pytest.fixture(scope="module")
async def world(app: FastAPI, clock: Clock) -> AsyncIterator[World]:
    """One for all: what is refused leaves nothing behind, or its own test fails."""
    clock.reset()
    async with DirectClient(app) as client:
        yield await build_world(app, client, clock)


@pytest.fixture(scope="module")
async def superuser(server_urls: tuple[str, str]) -> AsyncIterator[asyncpg.Connection]:
    """A connection that no policy binds, to count with."""
    connection = await asyncpg.connect(server_urls[0].replace("roundtable_owner@", "postgres@"))
    yield connection
    await connection.close()


@pytest.fixture
async def refuses(wire: Wire, world: World, superuser: asyncpg.Connection) -> AsyncIterator[Any]:
    """Send something; nothing may have changed when the test ends, and no answer may name anyone."""
    before = await counts(superuser, world)
    replies: list[Reply] = []

    async def send(method: str, path: str, body: bytes = b"", *headers: str) -> Reply:
        reply = await wire.ask(method, path, world["officer"].token, body, *headers)
        replies.append(reply)
        return reply

    yield send
    assert await counts(superuser, world) == before
    for reply in replies:
        assert reply.status < 500
        for private in (b"Thornbury", b"Maya", b"Harrow", b"07700", b"Invented Row"):
            assert private not in reply.body


def form(**changes: Any) -> bytes:
    """A complete referral as sent."""
    return json.dumps({**referral_form(), **changes}).encode()


MALFORMED = {
    "cut short": form()[:-20],
    "two documents": form() + b"{}",
    "trailing comma": b'{"note": "x",}',
    "single quotes": b"{'note': 'x'}",
    "not JSON at all": b"Maya Thornbury",
    "NUL between": b'{"note": \x00"x"}',
    "raw control character in text": b'{"note": "a\x00b"}',
    "invalid UTF-8": b'{"note": "\xff\xfe"}',
    "overlong UTF-8": b'{"note": "\xc0\xaf"}',
    "UTF-16": '{"note": "x"}'.encode("utf-16"),
    "UTF-32": '{"note": "x"}'.encode("utf-32-le"),
    "NaN": b'{"victim": {"estimated_age": NaN}}',
    "Infinity": b'{"victim": {"estimated_age": -Infinity}}',
    "ten thousand brackets": b"[" * 10_000,
    "ten thousand brackets that close": b"[" * 10_000 + b"]" * 10_000,
    "ten thousand objects": b'{"note":' * 10_000 + b"1" + b"}" * 10_000,
    "a number of 10,000 digits": b'{"victim": {"estimated_age": ' + b"9" * 10_000 + b"}}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_not_json_is_malformed(refuses: Any, body: bytes) -> None:
    reply = await refuses("POST", "/api/v1/referrals", body, JSON)
    assert (reply.status, reply.code) == (400, "malformed")


@pytest.mark.parametrize("submit", ["", "?submit=true"])
async def test_a_name_given_twice_is_refused_rather_than_one_value_lost(refuses: Any, submit: str) -> None:
    body = form()[:-1] + b', "victim": {"known_as": "Maya"}}'
    reply = await refuses("POST", f"/api/v1/referrals{submit}", body, JSON)
    assert (reply.status, reply.code) == (400, "duplicate_name")


WRONG = {
    "a list": (b"[]", "", "wrong_type"),
    "a string": (b'"Maya"', "", "wrong_type"),
    "null": (b"null", "", "wrong_type"),
    "a number": (b"1e400", "", "wrong_type"),
    "no body": (b"", "", "missing"),
    "a list for an object": (b'{"victim": [1]}', "/victim", "wrong_type"),
    "an object for a list": (b'{"children": {"given_name": "Maya"}}', "/children", "wrong_type"),
    "a number for text": (b'{"note": 7}', "/note", "wrong_type"),
    "text for true": (b'{"victim": {"diversity": {"disabled": "yes"}}}', "/victim/diversity/disabled", "wrong_type"),
    "a huge exponent": (b'{"victim": {"estimated_age": 1e400}}', "/victim/estimated_age", "wrong_type"),
    "a fraction": (b'{"victim": {"estimated_age": 30.5}}', "/victim/estimated_age", "wrong_type"),
    "a number past 64 bits": (
        b'{"victim": {"estimated_age": 18446744073709551616}}',
        "/victim/estimated_age",
        "too_large",
    ),
    "an escaped NUL": (b'{"note": "a\\u0000b"}', "/note", "bad_character"),
    "half of a character": (b'{"note": "a\\ud800b"}', "/note", "bad_character"),
    "the halves the wrong way round": (b'{"note": "\\udc00\\ud800"}', "/note", "bad_character"),
    "half of a character in a key": (b'{"a\\ud800": 1}', "", "bad_character"),
    "half of a character in a code": (b'{"victim": {"sex": "\\ud800"}}', "/victim/sex", "bad_character"),
    "half of a character in a reference": (
        b'{"victim": {"person_reference": "\\ud800"}}',
        "/victim/person_reference",
        "bad_reference",
    ),
    "a code that is not": (b'{"victim": {"sex": "Maya"}}', "/victim/sex", "not_allowed"),
    "a misspelt field": (b'{"perpetrator": []}', "/perpetrator", "unknown_field"),
    "a day that does not exist": (b'{"incident": {"occurred_on": "2026-02-30"}}', "/incident/occurred_on", "bad_date"),
    "a day in other digits": (
        '{"incident": {"occurred_on": "２０２６-０２-０１"}}'.encode(),
        "/incident/occurred_on",
        "bad_date",
    ),
    "a day of year nought": (b'{"incident": {"occurred_on": "0000-01-01"}}', "/incident/occurred_on", "bad_date"),
    "a day as a number": (b'{"incident": {"occurred_on": 1767225600}}', "/incident/occurred_on", "bad_date"),
    "a time without its zone": (
        b'{"assessment": {"assessed_at": "2026-11-21T02:40:00"}}',
        "/assessment/assessed_at",
        "bad_time",
    ),
    "a question by another name": (
        b'{"assessment": {"answers": {"01": {"value": "yes"}}}}',
        "/assessment/answers/01",
        "bad_question",
    ),
    "too many": (json.dumps({"children": [{}] * 31}).encode(), "/children", "too_many"),
}


@pytest.mark.parametrize(("body", "pointer", "code"), WRONG.values(), ids=WRONG.keys())
async def test_what_is_json_but_wrong_names_its_field(refuses: Any, body: bytes, pointer: str, code: str) -> None:
    reply = await refuses("POST", "/api/v1/referrals", body, *([JSON] if body else []))
    assert (reply.status, reply.code) == (422, "invalid")
    assert (pointer, code) in [(each["pointer"], each["code"]) for each in json.loads(reply.body)["errors"]]


async def test_a_misspelt_field_is_told_its_name(refuses: Any) -> None:
    reply = await refuses("POST", "/api/v1/referrals", b'{"victim": {"date_of_brith": "1991-04-17"}}', JSON)
    assert "Did you mean 'date_of_birth'?" in reply.body.decode()


async def test_a_megabyte_of_unknown_fields_is_answered_briefly(refuses: Any) -> None:
    body = json.dumps(dict.fromkeys(map(str, range(80_000)), 1)).encode()
    reply = await refuses("POST", "/api/v1/referrals", body, JSON)
    told = json.loads(reply.body)
    assert (reply.code, len(told["errors"])) == ("invalid", 500)
    assert told["detail"].startswith("80000 fields")


def _with(section: str, **changes: Any) -> dict[str, Any]:
    return {section: {**referral_form()[section], **changes}}


_MAYA = {"given_name": "Maya", "family_name": "Thornbury", "date_of_birth": "1991-04-17"}
SUBMITTED = {
    "an incident tomorrow": ({"incident": {"occurred_on": "2026-11-22", "narrative": "x"}}, "in_the_future"),
    "an incident in 1899": ({"incident": {"occurred_on": "1899-12-31", "narrative": "x"}}, "before_1900"),
    "a time before all zones": (_with("assessment", assessed_at="0001-01-01T00:00:00+14:00"), "before_1900"),
    "a time after all zones": (_with("assessment", assessed_at="9999-12-31T23:59:59-14:00"), "in_the_future"),
    "a child as referrer": (_with("referrer", date_of_birth="2015-03-01"), "child_as_referrer"),
    "the perpetrator is the victim": (
        {"perpetrators": [{**_MAYA, "relationship": "former partner"}]},
        "perpetrator_is_victim",
    ),
    "an unknown question": (_with("assessment", answers={"28": {"value": "yes"}}), "unknown_question"),
    "an unknown instrument": (_with("assessment", instrument="maya"), "unknown_instrument"),
    "an unknown person": (_with("victim", person_reference="P-AAAAAAA"), "unknown_person"),
    "an assessment of nobody": (_with("assessment", adopted_from=ABSENT), "unknown_assessment"),
}


@pytest.mark.parametrize(("changes", "code"), SUBMITTED.values(), ids=SUBMITTED.keys())
async def test_what_cannot_be_true_is_refused_when_sent(refuses: Any, changes: dict[str, Any], code: str) -> None:
    reply = await refuses("POST", "/api/v1/referrals?submit=true", form(**changes), JSON)
    assert (reply.status, reply.code) == (422, "invalid")
    assert code in [each["code"] for each in json.loads(reply.body)["errors"]]


async def test_a_child_s_name_as_referrer_is_refused(refuses: Any) -> None:
    child = {"given_name": "Imran", "family_name": "Shah", "date_of_birth": "2015-03-01"}
    reply = await refuses("POST", "/api/v1/referrals?submit=true", form(children=[child]), JSON)
    assert "/referrer/name" in [each["pointer"] for each in json.loads(reply.body)["errors"]]


async def test_ten_megabytes_are_refused_when_declared(refuses: Any) -> None:
    reply = await refuses("POST", "/api/v1/referrals", b'"' + b"x" * 10_000_000 + b'"', JSON)
    assert (reply.status, reply.code) == (413, "too_large")


async def test_ten_megabytes_are_refused_when_they_come_in_pieces(
    wire: Wire, world: World, superuser: asyncpg.Connection
) -> None:
    before = await counts(superuser, world)
    head = (
        "POST /api/v1/referrals HTTP/1.1\r\nHost: roundtable.test\r\nTransfer-Encoding: chunked\r\n"
        f"{JSON}\r\nAuthorization: Bearer {world['officer'].token}\r\n\r\n"
    )
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    reply = await wire.send(head.encode(), *([piece] * 160), b"0\r\n\r\n")
    assert (reply.status, reply.code) == (413, "too_large")
    assert await counts(superuser, world) == before


HEADERS = {
    "no content type": ((), 415),
    "text": (("Content-Type: text/plain",), 415),
    "a form": (("Content-Type: application/x-www-form-urlencoded",), 415),
    "XML": (("Content-Type: application/xml",), 415),
    "JSON lines": (("Content-Type: application/jsonl",), 415),
    "another character set": (("Content-Type: application/json; charset=utf-7",), 415),
    "latin-1": (("Content-Type: application/json; charset=iso-8859-1",), 415),
    "two content types": ((JSON, "Content-Type: text/plain"), 415),
    "gzip that is not": ((JSON, "Content-Encoding: gzip"), 415),
    "a bad key": ((JSON, "Idempotency-Key: two words"), 422),
    "an empty key": ((JSON, "Idempotency-Key: "), 422),
    "a long key": ((JSON, "Idempotency-Key: " + "k" * 201), 422),
    "a key in Latin-1": ((JSON, "Idempotency-Key: cl\xe9"), 422),
}


@pytest.mark.parametrize(("headers", "status"), HEADERS.values(), ids=HEADERS.keys())
async def test_a_body_that_does_not_say_that_it_is_plain_json_or_a_bad_key_is_refused(
    refuses: Any, headers: tuple[str, ...], status: int
) -> None:
    reply = await refuses("POST", "/api/v1/referrals", form(), *headers)
    assert reply.status == status
    assert reply.code


async def test_a_header_cannot_be_smuggled_into_the_answer(wire: Wire, world: World) -> None:
    key = "Idempotency-Key: k%0d%0aSet-Cookie:%20a=b"
    reply = await wire.ask("POST", "/api/v1/referrals", world["officer"].token, form(), JSON, key)
    assert reply.status == 201
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", 'APPLICATION/JSON;charset="UTF-8"', "application/merge+json"]
)
async def test_json_by_any_of_its_names_is_taken(wire: Wire, world: World, content_type: str) -> None:
    said = f"Content-Type: {content_type}"
    reply = await wire.ask("POST", "/api/v1/referrals", world["officer"].token, form(), said)
    assert reply.status == 201


async def test_a_byte_order_mark_is_no_matter(wire: Wire, world: World) -> None:
    reply = await wire.ask("POST", "/api/v1/referrals", world["officer"].token, b"\xef\xbb\xbf" + form(), JSON)
    assert reply.status == 201


ADDRESSES = {
    "an id that is not": ("GET", "/api/v1/referrals/maya", 422),
    "an id of another shape": ("GET", "/api/v1/referrals/0193e0a000007000800000000000000", 422),
    "an id of nothing": ("GET", f"/api/v1/referrals/{ABSENT}", 404),
    "a case of nothing": ("GET", f"/api/v1/cases/{ABSENT}", 404),
    "an encoded NUL": ("GET", "/api/v1/referrals/%00", 422),
    "bad UTF-8": ("GET", "/api/v1/referrals/%ff%fe", 422),
    "SQL": ("GET", "/api/v1/referrals/1'%20OR%20'1'='1", 422),
    "a path upwards": ("GET", "/api/v1/../../etc/passwd", 404),
    "an encoded path upwards": ("GET", "/api/v1/referrals/..%2f..%2fetc%2fpasswd", 404),
    "a path upwards in static files": ("GET", "/static/..%2f..%2f..%2f..%2fetc%2fpasswd", 404),
    "a NUL in static files": ("GET", "/static/%00", 404),
    "a trailing slash": ("GET", "/api/v1/referrals/", 404),
    "no such address": ("GET", "/api/v1/victims", 404),
    "limit 0": ("GET", "/api/v1/referrals?limit=0", 422),
    "limit -1": ("GET", "/api/v1/referrals?limit=-1", 422),
    "limit 1e9": ("GET", "/api/v1/referrals?limit=1e9", 422),
    "limit a billion": ("GET", "/api/v1/referrals?limit=1000000000", 422),
    "limit of 5,000 digits": ("GET", "/api/v1/referrals?limit=" + "9" * 5000, 422),
    "no limit": ("GET", "/api/v1/referrals?limit=", 422),
    "limit twice": ("GET", "/api/v1/referrals?limit=1&limit=50", 422),
    "a cursor that is no id": ("GET", "/api/v1/referrals?cursor=1%3B%20DROP%20TABLE%20referral", 422),
    "a cursor with a NUL": ("GET", "/api/v1/referrals?cursor=%00", 422),
    "an action cursor that is none": ("GET", "/api/v1/actions?cursor=%00", 422),
    "a status that is not": ("GET", "/api/v1/referrals?status=maya", 422),
    "an unknown parameter": ("GET", "/api/v1/referrals?lmit=1", 422),
    "a parameter nobody can print": ("GET", "/api/v1/referrals?%00%ff=1", 422),
    "TRACE": ("TRACE", "/api/v1/referrals", 405),
    "PROPFIND": ("PROPFIND", "/api/v1/referrals", 405),
    "DELETE": ("DELETE", f"/api/v1/referrals/{ABSENT}", 405),
    "PATCH": ("PATCH", f"/api/v1/referrals/{ABSENT}", 405),
    "OPTIONS": ("OPTIONS", "/api/v1/referrals", 405),
    "submit without a body": ("POST", f"/api/v1/referrals/{ABSENT}/submit", 404),
}


@pytest.mark.parametrize(("method", "path", "status"), ADDRESSES.values(), ids=ADDRESSES.keys())
async def test_a_bad_address_or_method_is_a_problem(refuses: Any, method: str, path: str, status: int) -> None:
    reply = await refuses(method, path)
    assert reply.status == status
    assert reply.code


async def test_head_is_answered_without_a_body(refuses: Any) -> None:
    reply = await refuses("HEAD", "/api/v1/referrals")
    assert (reply.status, reply.body) == (405, b"")


async def test_allow_names_every_method_of_an_address(refuses: Any) -> None:
    reply = await refuses("DELETE", f"/api/v1/referrals/{ABSENT}")
    assert reply.headers["allow"] == "GET, PUT"
    assert (await refuses("PUT", "/api/v1/referrals")).headers["allow"] == "GET, POST"


async def test_a_misspelt_parameter_does_not_turn_sending_into_keeping(refuses: Any) -> None:
    reply = await refuses("POST", "/api/v1/referrals?sumbit=true", form(), JSON)
    (told,) = json.loads(reply.body)["errors"]
    assert (told["pointer"], told["code"]) == ("?sumbit", "unknown_parameter")
    assert "Did you mean 'submit'?" in told["message"]


async def test_one_key_for_a_draft_and_for_sending_it_is_a_conflict(world: World) -> None:
    key = {"Idempotency-Key": "one"}
    kept = await world["officer"].post("/referrals", referral_form(), headers=dict(key))
    sent = await world["officer"].post("/referrals?submit=true", referral_form(), headers=dict(key))
    assert (kept.status_code, sent.status_code) == (201, 409)


@pytest.mark.parametrize("sent", ["3", '"3', '"-1"', '"1", "2"', '"9999999999"', '"1e3"', '"\xb2"', "W/3", '"1"x'])
async def test_an_etag_that_is_none_is_refused(wire: Wire, world: World, sent: str) -> None:
    draft = (await world["officer"].post("/referrals", referral_form())).json()
    path = f"/api/v1/referrals/{draft['id']}"
    reply = await wire.ask("PUT", path, world["officer"].token, form(note="changed"), JSON, f"If-Match: {sent}")
    assert (reply.status, reply.code) == (422, "invalid")
    shown = (await world["officer"].get(f"/referrals/{draft['id']}")).json()
    assert (shown["version"], shown["form"].get("note")) == (1, None)


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \xe9.\xe9.\xe9", "Bearer " + "x" * 8000]
)
async def test_without_a_good_token_nothing_is_told(wire: Wire, world: World, sent: str) -> None:
    head = f"POST /api/v1/referrals HTTP/1.1\r\nHost: roundtable.test\r\n{JSON}\r\nContent-Length: 2\r\n"
    reply = await wire.send(f"{head}Authorization: {sent}\r\n\r\n{{}}".encode("latin-1"))
    assert (reply.status, reply.code) == (401, "unauthenticated")
