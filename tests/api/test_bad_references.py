"""Ids of nobody, of another partnership and of other cases, and days at the ends of the calendar, in every noun."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.db.session import UnitOfWork
from app.domain.access import Role
from app.domain.forums import Forum, standard_hrda
from app.domain.routing import Pathway, RoutingRules
from app.risk.grading import GradingRules
from app.services import partnerships
from tests.api.real_http import counts
from tests.direct import DirectClient
from tests.world import SHARING, Clock, Person, World, build_world, referral_form, signed_in

NOBODY = "0193e0a0-0000-7000-8000-000000000000"
LATE = "9999-12-31"
ACTION = {"what": "Visit the victim and fit the new locks.", "due_on": "2026-11-27"}


@dataclass
class Places:
    """Ids to put into addresses and bodies, by name; ``their_`` ones belong to another partnership."""

    known: dict[str, str]

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.fill(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        return self.known.get(value, value) if isinstance(value, str) else value

    def path(self, template: str) -> str:
        return template.format(**self.known)


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


@pytest.fixture(scope="module")
async def elsewhere(app: FastAPI, clock: Clock) -> AsyncIterator[World]:
    """Another partnership."""
    clock.reset()
    async with DirectClient(app) as client:
        yield await build_world(app, client, clock)


@pytest.fixture(scope="module")
async def places(world: World, elsewhere: World) -> Places:
    """One case on the HRDA's list with an action, one offered support, and the same of another partnership."""
    sent, theirs = await world.refer(), await elsewhere.refer(victim="Nia Carrow")
    below = await world.refer(yes=3, victim="Ana Orr")
    agency = str(world["housing"].agency_id)
    promised = await world["coordinator"].post(f"/cases/{sent['case']['id']}/actions", {**ACTION, "agency_id": agency})
    assert promised.status_code == 201, promised.text
    case = (await world["coordinator"].get(f"/cases/{below['case']['id']}")).json()
    return Places(
        {
            "case": sent["case"]["id"],
            "item": sent["route"]["agenda_item_id"],
            "meeting": sent["route"]["meeting_id"],
            "action": promised.json()["id"],
            "offer": below["route"]["support_offer_id"],
            "forum": str(world.forums["hrda"]),
            "agency": agency,
            "other_party": case["parties"][0]["id"],
            "other_item": NOBODY,
            "their_case": theirs["case"]["id"],
            "their_item": theirs["route"]["agenda_item_id"],
            "their_meeting": theirs["route"]["meeting_id"],
            "their_agency": str(elsewhere["housing"].agency_id),
            "their_user": str(elsewhere["idva"].user_id),
            "nobody": NOBODY,
        }
    )


ANYONE = {"standing": "present", "name": "Jo Pritchard"}
BODIES: dict[str, tuple[str, str, Any]] = {
    "an action of no agency": ("POST", "/cases/{case}/actions", {**ACTION, "agency_id": "nobody"}),
    "an action of their agency": ("POST", "/cases/{case}/actions", {**ACTION, "agency_id": "their_agency"}),
    "an action of nobody": ("POST", "/cases/{case}/actions", {**ACTION, "agency_id": "agency", "owner_id": "nobody"}),
    "an action of their user": (
        "POST", "/cases/{case}/actions", {**ACTION, "agency_id": "agency", "owner_id": "their_user"}),
    "an action at no meeting": (
        "POST", "/cases/{case}/actions", {**ACTION, "agency_id": "agency", "meeting_id": "nobody"}),
    "an action at their meeting": (
        "POST", "/cases/{case}/actions", {**ACTION, "agency_id": "agency", "meeting_id": "their_meeting"}),
    "an action at their item": (
        "POST", "/cases/{case}/actions", {**ACTION, "agency_id": "agency", "agenda_item_id": "their_item"}),
    "an action for somebody else's party": (
        "POST", "/cases/{case}/actions", {**ACTION, "agency_id": "agency", "party_id": "other_party"}),
    "an action on their case": ("POST", "/cases/{their_case}/actions", {**ACTION, "agency_id": "agency"}),
    "an action in a billion days": (
        "POST", "/cases/{case}/actions",
        {"what": ACTION["what"], "agency_id": "agency", "working_days": 10**9}),
    "an action at the end of time": (
        "POST", "/cases/{case}/actions", {**ACTION, "agency_id": "agency", "due_on": LATE}),
    "an action handed to nobody": (
        "POST", "/actions/{action}/updates", {"status": "handed_over", "reason": "x", "to_agency_id": "nobody"}),
    "an action handed to them": (
        "POST", "/actions/{action}/updates", {"status": "handed_over", "reason": "x", "to_agency_id": "their_agency"}),
    "an action done at the end of time": ("POST", "/actions/{action}/updates", {"status": "done", "done_on": LATE}),
    "nobody as IDVA": ("PUT", "/cases/{case}/idva", {"user_id": "nobody"}),
    "their IDVA": ("PUT", "/cases/{case}/idva", {"user_id": "their_user"}),
    "a review at the end of time": ("POST", "/cases/{case}/moves", {"move": "monitor", "review_on": LATE}),
    "a move of their case": ("POST", "/cases/{their_case}/moves", {"move": "close", "reason": "x"}),
    "nobody in the chair": ("PUT", "/meetings/{meeting}/chair", {"user_id": "nobody"}),
    "them in the chair": ("PUT", "/meetings/{meeting}/chair", {"user_id": "their_user"}),
    "attendance of no agency": (
        "PUT", "/meetings/{meeting}/attendance", {"people": [{**ANYONE, "agency_id": "nobody"}]}),
    "attendance of their agency": (
        "PUT", "/meetings/{meeting}/attendance", {"people": [{**ANYONE, "agency_id": "their_agency"}]}),
    "attendance of nobody": (
        "PUT", "/meetings/{meeting}/attendance",
        {"people": [{**ANYONE, "agency_id": "agency", "user_id": "nobody"}]}),
    "attendance of their user": (
        "PUT", "/meetings/{meeting}/attendance",
        {"people": [{**ANYONE, "agency_id": "their_agency", "user_id": "their_user"}]}),
    "a meeting without a date": ("POST", "/forums/{forum}/meetings", {}),
    "a meeting of no forum": ("POST", "/forums/{nobody}/meetings", {"date": "2026-12-01"}),
    "a meeting at the end of time": ("POST", "/forums/{forum}/meetings", {"date": LATE, "extra": True}),
    "a meeting at the start of time": ("POST", "/forums/{forum}/meetings", {"date": "0001-01-01", "extra": True}),
    "an order with their item": ("PUT", "/meetings/{meeting}/order", {"items": ["item", "their_item"]}),
    "an order with one item twice": ("PUT", "/meetings/{meeting}/order", {"items": ["item", "item"]}),
    "their case on our list": ("POST", "/meetings/{meeting}/items", {"case_id": "their_case", "reason": "x"}),
    "no case on our list": ("POST", "/meetings/{meeting}/items", {"case_id": "nobody", "reason": "x"}),
    "a risk to somebody else's party": (
        "POST", "/agenda-items/{item}/risks", {"about": "victim", "party_id": "other_party", "risk": "x"}),
    "a risk at their item": ("POST", "/agenda-items/{their_item}/risks", {"about": "victim", "risk": "x"}),
    "research at their item": ("PUT", "/agenda-items/{their_item}/research", {"known": False}),
    "not known at their item": ("POST", "/research/not-known", {"items": ["item", "their_item"]}),
    "put off to the end of time": (
        "POST", "/agenda-items/{item}/outcome", {"outcome": "deferred", "reason": "x", "until": LATE}),
    "their case as a match": (
        "POST", "/matches", {"party_id": "other_party", "other_party_id": "nobody", "same": True}),
    "a person matched with themselves": (
        "POST", "/matches", {"party_id": "other_party", "other_party_id": "other_party", "same": True}),
    "support by no agency": (
        "POST", "/cases/{case}/support-offers", {"service": "pippa", "agency_id": "nobody"}),
    "support by their agency": (
        "POST", "/cases/{case}/support-offers", {"service": "pippa", "agency_id": "their_agency"}),
    "an adoption of nothing": ("POST", "/assessments/{nobody}/adopt", {}),
    "an export of their meeting": (
        "POST", "/meetings/{their_meeting}/exports", {"document": "agenda", "format": "pdf"}),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), BODIES.values(), ids=BODIES.keys())
async def test_what_does_not_belong_is_refused_and_changes_nothing(
    world: World, places: Places, superuser: asyncpg.Connection, method: str, path: str, body: Any
) -> None:
    before = await counts(superuser, world)
    answer = await world["coordinator"].request(
        method, places.path(path), json=places.fill(body), headers={"If-Match": "*"}
    )
    assert answer.status_code in (403, 404, 409, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await counts(superuser, world) == before
    for private in ("Thornbury", "Carrow", "Harrow", "Orr,"):
        assert private not in answer.text


QUERIES = {
    "all meetings of all time": "/meetings?from=0001-01-01&to=9999-12-31",
    "meetings the wrong way round": "/meetings?from=2026-12-31&to=2026-01-01",
    "all sittings of all time": "/forums/{forum}/sittings?from=0001-01-01&to=9999-12-31",
    "sittings of the last day": "/forums/{forum}/sittings?from=9999-12-31&to=9999-12-31",
    "sittings of the first day": "/forums/{forum}/sittings?from=0001-01-01&to=0001-01-02",
    "sittings the wrong way round": "/forums/{forum}/sittings?from=2026-12-31&to=2026-01-01",
    "sittings from the end on": "/forums/{forum}/sittings?from=9999-12-01",
    "sittings up to the start": "/forums/{forum}/sittings?to=0001-01-31",
    "access on the first day": "/cases/{case}/access?on=0001-01-01",
    "access on the last day": "/cases/{case}/access?on=9999-12-31",
    "a date that is a number": "/cases/{case}/access?on=1767225600",
    "meetings of a number": "/meetings?from=1e9",
    "contacts for a reason that is in the address": "/cases/{case}/contacts?reason=%00",
    "a pack of no number": "/meetings/{meeting}/packs/0",
    "a pack past 32 bits": "/meetings/{meeting}/packs/99999999999",
    "a pack before 32 bits": "/meetings/{meeting}/packs/-99999999999",
    "a timeline from another list": "/cases/{case}/timeline?cursor={nobody}",
    "a trail of another cursor": "/cases/{case}/trail?cursor=%00",
    "actions from a foreign cursor": "/actions?cursor=2026-11-27.{nobody}",
    "actions from a cursor in base64": "/actions?cursor=eyJhIjoxfQ==",
    "actions from a cursor with a NUL": "/actions?cursor=AAAA",
    "actions of nobody": "/actions?agency={nobody}&overdue=maybe",
    "an instrument with a NUL": "/instruments/%00",
    "an instrument of half a character": "/instruments/%ed%a0%80",
    "an instrument upwards": "/instruments/..%2f..%2fpyproject.toml",
    "users of a role that is none": "/users?role=%00",
    "cases at a level that is none": "/cases?level=%00",
    "cases in a state that is none": "/cases?state=%27%20OR%201=1",
}


@pytest.mark.parametrize("path", QUERIES.values(), ids=QUERIES.keys())
async def test_a_strange_question_gets_an_answer_or_a_problem(world: World, places: Places, path: str) -> None:
    answer = await world["coordinator"].get(places.path(path))
    assert answer.status_code in (200, 404, 422), answer.text


async def _police_only(app: FastAPI, client: httpx.AsyncClient, clock: Clock, forums: tuple[Forum, ...]) -> World:
    """A partnership of one agency, with these forums."""
    clock.reset()
    world = World(app, uuid4(), clock)

    async def set_up(uow: UnitOfWork) -> None:
        await partnerships.found_partnership(uow, name="Test", slug=f"t-{world.partnership_id}", demo=False)
        rules = RoutingRules(pathway=Pathway.HRDA_THEN_MARAC)
        await partnerships.set_rules(uow, GradingRules(), rules, effective_from=date(2020, 1, 1))
        police = await partnerships.add_agency(uow, name="Wessex Police", slug="police", kind="police")
        user = await partnerships.add_user(
            uow, police, name="Officer", email="officer@police.example", roles=[Role.PRACTITIONER]
        )
        world.people["officer"] = Person(
            client, app, clock, user, signed_in(uow, user), police, world.partnership_id, "officer", SHARING
        )
        for forum in forums:
            await partnerships.add_forum(uow, forum, [police])

    await world.database.run_as_system(world.partnership_id, set_up, clock())
    return world


async def test_without_any_forum_a_referral_is_refused_and_not_half_kept(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, superuser: asyncpg.Connection
) -> None:
    world = await _police_only(app, client, clock, ())
    before = await counts(superuser, world)
    answer = await world["officer"].post("/referrals?submit=true", referral_form())
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert await counts(superuser, world) == before


async def test_a_forum_without_a_date_calls_an_extra_sitting_and_says_why(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    skips = tuple(date(2026, 11, 1) + timedelta(days=n) for n in range(3 * 366))
    never = standard_hrda().model_copy(update={"skips": skips})
    world = await _police_only(app, client, clock, (never,))
    result = await world.refer()
    assert result["route"]["placement"] == "extra_sitting"
    assert "route.no_sitting" in {reason["rule"] for reason in result["reasons"]}
