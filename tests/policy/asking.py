"""Asking everything: each GET route with each parameter, each search, and what is said of ids one may not know."""

import asyncio
import base64
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pypdf
from fastapi import FastAPI

from tests.world import Person

Ids = Mapping[str, Sequence[str]]
Answers = dict[str, tuple[int, tuple[tuple[str, str], ...], bytes]]

SHARING = {
    "necessity": "To prevent serious harm.",
    "proportionality": "Only those who can act on it hear of it.",
    "nature": "fact",
}
CHARITIES = ("idva", "advocate")

# One more question for each filter of a list. A parameter that is in neither table fails the test.
FILTERS: dict[str, Sequence[str]] = {
    "state": ("at_triage",),
    "level": ("high",),
    "repeat": ("true", "false"),
    "marker": ("strangulation",),
    "idva": ("me", "none"),
    "new": ("hrda_today",),
    "agency": ("mine",),
    "status": (),  # each list has its own
    "overdue": ("true",),
    "on": ("2026-11-24",),
    "from": ("2026-11-20",),
    "to": ("2026-12-24",),
    "role": ("chair",),
    "version": (),
    "open": ("true", "false"),
    "reviewed": ("true", "false"),
    "limit": ("1", "200"),  # one at a time, the rest is behind a link
    "cursor": (),
    "purpose": ("plan", "protect"),
    "scope": ("mine", "partnership", "administration"),
    "verb": ("case.read", "person.searched"),
    "since": ("2026-11-20T00:00:00Z",),
    "until": ("2026-12-24T00:00:00Z",),
    "kind": ("shared", "withheld"),
    "unused": ("90",),
    "standing": ("due", "held", "erased"),
    "whose": ("mine", "service"),
}
BY_ID = {"case": "case_id", "forum": "forum_id", "person": "user_id"}
STATUSES = {
    "actions": ("open", "done"),
    "meetings": ("scheduled", "published"),
    "referrals": ("draft", "submitted"),
    "research": ("missing", "released"),
    "support-offers": ("offered", "declined"),
}
# Routes whose answers grow by being asked for: compared without what the looks themselves left there.
TRAILS = re.compile(r"/audit($|\?)|/trail($|\?)")
CONSTANT = {
    "instrument_id": ("dash-27", "dash-24"),
    "number": ("1", "2"),
    "rule": ("grading", "routing", "idva_support"),
    "word": ("marking", "statement"),
    "on": ("2026-11-24",),
}


@dataclass
class Hand:
    """Somebody's HTTP client, that proves who they are once and looks nothing up in the document."""

    person: Person
    who: str

    def __post_init__(self) -> None:
        self._headers = {"Authorization": f"Bearer {self.person.token}"}

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request under /api/v1."""
        more = {"json": body} if body is not None else {}
        return await self.person.client.request(method, f"/api/v1{path}", headers={**self._headers, **headers}, **more)

    async def act(self, method: str, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """The same, saying on what basis something is shared wherever the route asks for that."""
        if "sharing" in fields_of(self.person.app, method, path):
            basis = "recognised_legitimate_interest" if self.who in CHARITIES else "public_task"
            body = {"sharing": {**SHARING, "basis": basis}, **body}
        return await self.ask(method, path, body, **headers)


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of the document: method, path below /api/v1, and what is said of it."""
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            if path.startswith("/api/v1/") and method in ("get", "put", "post", "delete", "patch"):
                yield method.upper(), path.removeprefix("/api/v1"), operation


def fields_of(app: FastAPI, method: str, path: str) -> frozenset[str]:
    """The fields that the body of a request may have."""
    return _body_fields(id(app), app).get((method, re.sub(r"[0-9a-f-]{36}", "{}", path.partition("?")[0])), frozenset())


@lru_cache(maxsize=2)
def _body_fields(_: int, app: FastAPI) -> dict[tuple[str, str], frozenset[str]]:
    schemas = app.openapi()["components"]["schemas"]
    found = {}
    for method, path, operation in operations(app):
        if "requestBody" in operation:
            text = orjson.dumps(operation["requestBody"]).decode()
            names = re.findall(r"#/components/schemas/(\w+)", text)
            fields = frozenset(field for name in names for field in schemas[name].get("properties", ()))
            found[method, re.sub(r"\{\w+\}", "{}", path)] = fields
    return found


def questions(app: FastAPI, known: Ids) -> list[str]:
    """Every GET there is, with every known id and every filter. Raises KeyError for one that nobody thought of."""
    found = []
    for method, path, operation in operations(app):
        if method != "GET":
            continue
        filled = list(_filled(path, {**CONSTANT, **known}))
        found += filled if not path.endswith(".pdf") else filled[:1]
        for parameter in operation.get("parameters", ()):
            if parameter["in"] != "query":
                continue
            name = parameter["name"]
            if TRAILS.search(path) and name not in ("case", "scope"):
                continue  # the whole of it is read to its end
            values = known[BY_ID[name]][:1] if name in BY_ID else FILTERS[name]
            if name == "status":
                values = STATUSES.get(path.strip("/"), ())
            found += [f"{each}?{name}={value}" for each in filled[:1] for value in values]
    return found


def _filled(path: str, known: Ids) -> Iterator[str]:
    names = re.findall(r"\{(\w+)\}", path)
    if not names:
        yield path
        return
    for value in known[names[0]]:
        yield from _filled(path.replace(f"{{{names[0]}}}", value), known)


def kept(answer: httpx.Response) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    return answer.status_code, tuple(sorted(headers.items())), answer.content


async def look(hand: Hand, known: Ids, searches: Sequence[dict[str, str]], at_once: int = 4) -> Answers:
    """Everything there is to ask, as answered to one person: status, headers and bytes."""
    app = hand.person.app
    asked: list[tuple[str, str, Any]] = [("GET", path, None) for path in questions(app, known)]
    asked += [("POST", "/people/search", each) for each in searches]
    asked += [
        (method, path, None) for path in ("/cases", "/meetings", "/people/search") for method in ("HEAD", "OPTIONS")
    ]
    first = [each for each in asked if not TRAILS.search(each[1])]
    found: Answers = {}
    gate = asyncio.Semaphore(at_once)

    async def one(method: str, path: str, body: Any) -> None:
        async with gate:
            answer = await hand.ask(method, path, body)
        found[f"{method} {path} {orjson.dumps(body).decode() if body else ''}"] = kept(answer)

    await asyncio.gather(*(one(*each) for each in first))
    for _, path, _ in asked:
        if TRAILS.search(path):
            found[f"GET {path}"] = await _of_others(hand, path)
    return found


async def _of_others(hand: Hand, path: str) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """A part of the trail, to its end, without what the one who looks left in it by looking."""
    path += "&limit=200" if "?" in path else "?limit=200"
    lines, after = [], None
    own = (str(hand.person.user_id), hand.who.replace("_", " ").title())
    while True:
        answer = await hand.ask("GET", path if after is None else f"{path}&cursor={after}")
        if answer.status_code != 200:
            return kept(answer)
        for each in answer.json()["items"]:
            actor = each["actor"]
            # Whoever sends an addendum is shown the packs: what else was in them was read then, by them.
            if (actor["id"] if isinstance(actor, dict) else actor) not in own and each["verb"] != "pack.read":
                lines.append(each)
        after = answer.json()["next"]
        if after is None:
            return 200, (), orjson.dumps(lines)


class Names:
    """Ids and references told as the order in which they were first met: so that two partnerships can be compared."""

    _ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[CP]-[2-9A-HJ-NP-Z]{7,8}\b")

    def __init__(self) -> None:
        self._met: dict[str, str] = {}

    def plain(self, answer: tuple[int, tuple[tuple[str, str], ...], bytes]) -> tuple[int, str, str]:
        """Status, headers and words of an answer; of a document, the words in it."""
        status, headers, content = answer
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                content = b"".join(parts.read(name) for name in sorted(parts.namelist()) if name.startswith("word/"))
        elif content.startswith(b"%PDF"):
            pages = pypdf.PdfReader(io.BytesIO(content)).pages
            content = "".join(page.extract_text() for page in pages).encode()
        said = [f"{name}: {value}" for name, value in headers if name != "content-length"]
        return status, self._named("; ".join(said)), self._named(content.decode(errors="replace"))

    def _named(self, text: str) -> str:
        # An opaque cursor is a date and an id.
        text = re.sub(r"\bMjAy[\w-]{40,}", lambda found: str(base64.urlsafe_b64decode(found[0] + "==")), text)
        return self._ID.sub(lambda found: self._met.setdefault(found[0], f"<{len(self._met)}>"), text)


def differences(before: Answers, after: Answers) -> list[str]:
    """What was answered otherwise, with the places where it differs."""
    found = []
    for question in before.keys() | after.keys():
        a, b = before.get(question), after.get(question)
        if a != b:
            found.append(f"{question}\n    before {_short(a, b)}\n    after  {_short(b, a)}")
    return sorted(found)


def _short(one: Any, other: Any) -> str:
    if one is None or other is None:
        return "was not asked" if one is None else "was asked"
    if one[:2] != other[:2]:
        return f"{one[0]} {sorted(set(one[1]) - set(other[1]))} {one[2][:200]!r}"
    differ = next((n for n, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b), 0)
    return repr(one[2][max(0, differ - 120) : differ + 160])


async def told_apart(hand: Hand, hidden: Ids, wanted: Sequence[int]) -> list[str]:
    """Operations (by their number, taken round) that answer otherwise for a hidden id than for one that never was."""
    with_ids = [
        (method, path)
        for method, path, _ in operations(hand.person.app)
        if (names := re.findall(r"\{(\w+)\}", path)) and hidden.get(names[0])
    ]
    found = []
    for n in wanted:
        method, path = with_ids[n % len(with_ids)]
        name = re.findall(r"\{(\w+)\}", path)[0]
        answers = []
        for value in (hidden[name][n % len(hidden[name])], str(uuid4())):
            here = path.replace(f"{{{name}}}", value)
            for other in re.findall(r"\{(\w+)\}", here):
                here = here.replace(f"{{{other}}}", CONSTANT.get(other, (str(uuid4()),))[0])
            match = {"If-Match": '"1"'}
            answer = await (hand.ask(method, here) if method == "GET" else hand.act(method, here, {}, **match))
            status, headers, content = kept(answer)
            said = content.replace(value.encode(), b"ID")
            answers.append((status, tuple(h for h in headers if h[0] != "content-length" or method == "GET"), said))
        if answers[0] != answers[1]:
            found.append(f"{method} {path}: hidden {answers[0]}, absent {answers[1]}")
    return found
