"""Canaries: addresses, phones, schools and names of one test go everywhere, and are looked for where none may be."""

import base64
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.policy.asking import SHARING, fields_of
from tests.world import World, referral_form

# Where somebody can be found: in no table, log, error, trail, notice or URL.
WHERE = (
    "Kestrelmoor Passage",
    "Ospreyhollow Primary",
    "07700 900876",
    "07700900876",
    "+447700900876",
    "7700 900876",
    "quillon.vex@nest.example",
    "SO14 7QX",
    "SO147QX",
)
# Who they are and what happened: in no log, error, trail, notice or URL.
WHO = ("Quillon", "Vexworthy", "Ombreline", "Harrowgate-Finch", "wyvernlike")
LOUD = f"He was seen by {WHO[0]} {WHO[1]} and {WHO[2]} at {WHERE[0]}; call {WHERE[2]}. It was {WHO[4]}."


class Heard(logging.Handler):
    """Everything that any logger says, at any level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The root logger at DEBUG, with those of the server, the driver and the loop, none of them silenced."""
    handler = Heard()
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    names = (None, "uvicorn", "uvicorn.error", "uvicorn.access", "asyncpg", "asyncio", "roundtable", "roundtable.api")
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    logging.getLogger().addHandler(handler)
    for logger, _ in before:
        logger.setLevel(logging.DEBUG)
    yield handler
    logging.getLogger().removeHandler(handler)
    for logger, level in before:
        logger.setLevel(level)


class Talk:
    """Requests of one test: what was refused, and what stood in addresses."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.refused: list[str] = []
        self.addresses: list[str] = []
        self.done: set[str] = set()
        self.case: dict[str, str] = {}
        self.route: dict[str, str] = {}
        self.reference = ""

    async def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        if isinstance(body, dict) and "sharing" in fields_of(self.world.app, method, path):
            body = {"sharing": {**SHARING, "basis": "public_task"}, **body}
        more: dict[str, Any] = {} if body is None else {"json": body}
        answer = await self.world[who].request(method, path, headers=headers, **more)
        self.addresses += [str(answer.url), *(answer.headers.get(name, "") for name in ("location", "link", "etag"))]
        if answer.status_code >= 300:
            self.refused.append(f"{method} {path} {answer.status_code} {answer.text} {dict(answer.headers)}")
        else:
            self.done.add(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[CP]-\w{7,}", "{}", f"{method} {path}"))
        return answer


def _form(**changes: Any) -> dict[str, Any]:
    form = referral_form(victim=f"{WHO[0]} {WHO[1]}", **changes)
    form["victim"] |= {
        "aliases": [WHO[2]],
        "contact": {
            "addresses": [{"lines": [f"17 {WHERE[0]}", "Southmere"], "postcode": WHERE[7], "current": True}],
            "phones": [{"number": WHERE[2], "safe": True}],
            "emails": [{"address": WHERE[6], "safe": True}],
        },
    }
    child = {"given_name": WHO[2], "family_name": WHO[3], "date_of_birth": "2018-06-01"}
    school = {"schools": [{"name": WHERE[1], "town": "Southmere"}]}
    form["children"] = [{**child, "contact": school}]
    return form


ANY = {"If-Match": "*"}


@pytest.fixture
async def talk(world: World, heard: Heard) -> Talk:
    """A referral with canaries in it, through every route that takes or shows words, and every way to be refused."""
    talk = Talk(world)
    await _refer(talk)
    await _work(talk)
    await _be_refused(talk)
    await world.app.state.exports.idle()
    return talk


async def _refer(talk: Talk) -> None:
    draft = (await talk.ask("officer", "POST", "/referrals", _form())).json()
    path = f"/referrals/{draft['id']}"
    version = (await talk.ask("officer", "GET", path)).headers["etag"]
    await talk.ask("officer", "PUT", path, _form(), **{"If-Match": version})
    sent = await talk.ask("officer", "POST", f"{path}/submit", **{"Idempotency-Key": str(uuid4())})
    assert sent.status_code == 201, sent.text
    await talk.ask("officer", "GET", path)
    await talk.ask("officer", "POST", "/referrals?submit=true", _form(), **{"Idempotency-Key": str(uuid4())})
    talk.case = sent.json()["case"]
    talk.route = sent.json()["route"]
    talk.reference = sent.json()["people"][0]["person_reference"]


async def _work(talk: Talk) -> None:
    world, case, item = talk.world, f"/cases/{talk.case['id']}", f"/agenda-items/{talk.route['agenda_item_id']}"
    shown = (await talk.ask("coordinator", "GET", case)).json()
    for tail in ("/contacts", "/timeline", "/assessments", "/trail", "/access"):
        await talk.ask("coordinator", "GET", f"{case}{tail}")
    parties = [each["id"] for each in shown["parties"]]
    release = {"reason": "other", "because": LOUD, "parties": parties}
    released = await talk.ask("coordinator", "POST", f"{case}/contacts/release", {**release})
    assert WHERE[0] in released.text, released.text
    searches: tuple[dict[str, str], ...] = (
        {"given_name": WHO[0], "family_name": WHO[1], "date_of_birth": "1991-04-17"},
        {"phone": WHERE[2]},
        {"email": WHERE[6]},
        {"postcode": WHERE[7]},
    )
    for search in searches:
        await talk.ask("officer", "POST", "/people/search", search)
    owner = str(world.agencies["housing"])
    action = {"what": LOUD, "agency_id": owner, "working_days": 2}
    await talk.ask("coordinator", "POST", f"{case}/actions", action)
    allocation = {"user_id": str(world["idva"].user_id)}
    await talk.ask("coordinator", "PUT", f"{case}/idva", allocation, **ANY)
    for method, path, told in (
        ("POST", "contact-attempts", {"outcome": "reached", "note": LOUD}),
        ("POST", "privileged-notes", {"note": LOUD}),
        ("POST", "safety-plan", {"what": LOUD, "who": WHO[0]}),
        ("POST", "key-dates", {"kind": "other", "held_on": "2026-12-01", "what": LOUD}),
        ("PUT", "safe-times", {"safe_to_call": "no", "who_must_not_know": LOUD}),
        ("PUT", "client-voice", {"said": LOUD, "wishes": LOUD}),
    ):
        done = await talk.ask("idva", method, f"{case}/{path}", told, **ANY)
        assert done.status_code in (200, 201), done.text
    await talk.ask("idva", "GET", "/caseload")
    await talk.ask("idva", "GET", f"{case}/privileged-notes")
    found = {"known": True, "facts": LOUD, "shared_facts": LOUD, "release": True}
    await talk.ask("health_rep", "PUT", f"{item}/research", found, **{"If-Match": '"0"'})
    await talk.ask("health_rep", "POST", f"{item}/risks", {"risk": LOUD, "about": "victim"})
    emergency = {"reference": talk.case["reference"], "reason": LOUD, "hours": 2}
    used = await talk.ask("nurse", "POST", "/break-glass", emergency)
    assert used.status_code == 201, used.text
    person = {"given_name": WHO[0], "family_name": WHO[1], "date_of_birth": "1991-04-17"}
    by_name = {"person": person, "reason": LOUD, "hours": 2}
    await talk.ask("housing", "POST", "/break-glass", by_name)
    for who in ("auditor", "coordinator", "nurse"):
        for path in ("/break-glass", "/notices", "/audit"):
            await talk.ask(who, "GET", path)
    review = {"finding": "not_justified", "review": LOUD}
    await talk.ask("auditor", "POST", f"/break-glass/{used.json()['id']}/review", review, **ANY)
    told = {"user_id": str(world["triage"].user_id), "because": LOUD}
    await talk.ask("coordinator", "POST", f"{case}/exclusions", told)
    await talk.ask("triage", "GET", case)
    await talk.ask("mh_rep", "POST", f"{case}/conflicts", {"because": LOUD})
    agency = str(world.agencies["police"])
    added = {"name": f"{WHO[0]} {WHO[1]}", "email": "new.colleague@police.example", "agency_id": agency}
    await talk.ask("police_admin", "POST", "/users", {**added, "roles": ["practitioner"]})
    world.clock.set(2026, 11, 23, 8, 45)
    meeting = f"/meetings/{talk.route['meeting_id']}"
    await talk.ask("coordinator", "POST", f"{meeting}/lock", **ANY)
    await talk.ask("coordinator", "POST", f"{meeting}/publish", {}, **ANY)
    for form in ("pdf", "docx", "xlsx", "ics"):
        export = {"document": "agenda", "format": form}
        made = await talk.ask("chair", "POST", f"{meeting}/exports", export)
        await world.app.state.exports.idle()
        if made.status_code == 202:
            await talk.ask("chair", "GET", f"/exports/{made.json()['id']}/file")
    await talk.ask("coordinator", "GET", f"/people/{talk.reference}/disclosures.pdf")


async def _be_refused(talk: Talk) -> None:
    """Words in every wrong place: none comes back."""
    case, item = f"/cases/{talk.case['id']}", f"/agenda-items/{talk.route['agenda_item_id']}"
    form = _form()
    form["victim"]["date_of_birth"] = LOUD
    form["victim"]["contact"]["phones"] = [{"number": LOUD, "safe": WHERE[0]}]
    form["victim"]["contact"]["addresses"] = [{"lines": WHERE[0], "postcode": WHERE[0]}]
    form["assessment"]["answers"] = {"400": {"value": WHO[0]}}
    form["children"] = WHERE[1]
    for who, method, path, body in (
        ("officer", "POST", "/referrals", form),
        ("officer", "POST", "/referrals?submit=true", form),
        ("officer", "POST", "/people/search", {"phone": WHERE[0], "postcode": LOUD, "date_of_birth": WHERE[2]}),
        ("officer", "POST", "/people/search", {"email": WHERE[0]}),
        ("coordinator", "POST", f"{case}/contacts/release", {"reason": LOUD, "parties": [WHERE[0]]}),
        ("coordinator", "POST", f"{case}/moves", {"move": LOUD, "reason": LOUD}),
        ("coordinator", "POST", f"{case}/actions", {"what": LOUD, "agency_id": WHERE[0], "due_on": WHERE[2]}),
        ("coordinator", "POST", f"{case}/exclusions", {"user_id": WHO[0], "because": LOUD}),
        ("coordinator", "POST", f"{case}/restriction", {"named": [WHO[0]], "because": LOUD}),
        ("coordinator", "POST", f"{case}/assessments", {"instrument": WHO[0]}),
        ("health_rep", "POST", f"{item}/risks", {"risk": LOUD, "about": WHO[0]}),
        ("nurse", "POST", "/break-glass", {"reference": WHERE[0], "reason": LOUD, "hours": LOUD}),
        ("nurse", "POST", "/break-glass", {"reference": "C-ZZZZZZZZ", "reason": LOUD, "hours": 2}),
        ("police_admin", "POST", "/users", {"name": WHO[0], "email": LOUD, "agency_id": WHO[1], "roles": [WHO[2]]}),
        ("nurse", "POST", f"{case}/actions", {"what": LOUD}),
        ("operator", "POST", "/people/search", {"given_name": WHO[0]}),
    ):
        answer = await talk.ask(who, method, path, body)
        assert answer.status_code >= 400, (path, answer.status_code)
    for broken in (f'{{"victim": "{LOUD}', f'["{LOUD}"]', f'"{WHERE[0]}"'):
        headers = {"content-type": "application/json"}
        answer = await talk.world["officer"].request("POST", "/referrals", content=broken.encode(), headers=headers)
        talk.refused.append(answer.text)


def spellings(words: Sequence[str]) -> list[str]:
    """As text, as hex, and as base64 wherever they begin in a longer text."""
    found = []
    for word in words:
        found += [word, word.encode().hex()]
        for start in range(3):
            coded = base64.b64encode(b"\0" * start + word.encode()).decode().rstrip("=")
            found.append(coded[4 if start else 0 : -1])
    return found


def held(text: str, words: Sequence[str]) -> list[str]:
    """Which of these are in a text, however they are spelt."""
    lowered = text.lower()
    return [each for each in spellings(words) if (each in text if len(each) > 60 else each.lower() in lowered)]


async def _dump(superuser: asyncpg.Connection, table: str) -> str:
    return "\n".join(row[0] for row in await superuser.fetch(f"SELECT t::text FROM {table} t"))


async def test_what_is_looked_for_would_be_found(superuser: asyncpg.Connection) -> None:
    coded = base64.b64encode(f"x{WHERE[0]}y".encode()).decode()
    for text in (f"at 17 {WHERE[0]}.", WHERE[0].encode().hex(), f"{{'a': '{coded}'}}"):
        assert held(text, WHERE), text
    await superuser.execute(
        "CREATE TEMP TABLE told AS SELECT convert_to($1, 'UTF8') AS a".replace("$1", f"'{WHERE[0]}'")
    )
    assert held(await _dump(superuser, "told"), WHERE)


async def test_canaries_are_in_no_log_error_url_notice_or_trail_and_addresses_in_no_table(
    talk: Talk, heard: Heard, superuser: asyncpg.Connection, server_urls: tuple[str, str]
) -> None:
    everything = (*WHERE, *WHO)
    assert {
        "POST /referrals",
        "POST /people/search",
        "POST /cases/{}/contacts/release",
        "POST /break-glass",
    } <= talk.done
    assert len(talk.refused) >= 16
    assert held("\n".join(heard.said), everything) == []
    assert [each for each in talk.refused if held(each, everything)] == []
    assert held("\n".join(talk.addresses), everything) == []
    # The words of an entry, which can be erased without breaking the chain, are kept beside the trail and not in it.
    for table in ("audit", "notice", "audit_sealed", "audit_seal"):
        assert held(await _dump(superuser, table), everything) == [], table
    log = Path(parse_qs(urlsplit(server_urls[0]).query)["host"][0]).parent / "postgres.log"
    assert held(log.read_text(errors="replace"), everything) == []


async def test_where_somebody_can_be_found_is_in_no_table(
    world: World, heard: Heard, superuser: asyncpg.Connection
) -> None:
    talk = Talk(world)
    await _refer(talk)
    await talk.ask("officer", "POST", "/referrals", _form(), **{"Idempotency-Key": str(uuid4())})
    parties = [each["id"] for each in (await talk.ask("officer", "GET", f"/cases/{talk.case['id']}")).json()["parties"]]
    release = {"reason": "other", "because": "To go there tonight.", "parties": parties}
    released = await talk.ask("officer", "POST", f"/cases/{talk.case['id']}/contacts/release", release)
    assert WHERE[0] in released.text
    for search in ({"phone": WHERE[2]}, {"email": WHERE[6]}, {"postcode": WHERE[7]}):
        assert (await talk.ask("officer", "POST", "/people/search", search)).json()["items"]
    tables = await superuser.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for row in tables:
        # What somebody types into a reason is theirs to type; the other test typed it in another partnership.
        text = "\n".join(
            each[0]
            for each in await superuser.fetch(f"SELECT t::text FROM {row[0]} t")
            if str(world.partnership_id) in each[0]
        )
        assert held(text, WHERE) == [], row[0]
    assert held(await _dump(superuser, "party"), WHO)
