"""Every operation of the OpenAPI document, with input that machines think of: no 500, no undeclared shape."""

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Any

import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.api.real_http import served
from tests.world import World

EXAMPLES = 3
CHECKS = [not_a_server_error, response_schema_conformance]


async def _ids(world: World) -> dict[str, list[str]]:
    """Ids that exist, by the name of the parameter that takes them: the service is to be reached behind its 404s."""
    sent = await world.refer()
    draft = (await world["officer"].post("/referrals", {"note": "A draft."})).json()
    coordinator = world["coordinator"]
    case_id = sent["case"]["id"]
    promised = {"what": "Visit the victim and fit the new locks.", "agency_id": str(world["housing"].agency_id)}
    action = await coordinator.post(f"/cases/{case_id}/actions", {**promised, "due_on": "2026-11-27"})
    assert action.status_code == 201, action.text
    below = await world.refer(yes=3, victim="Nia Carrow")
    return {
        "referral_id": [draft["id"], sent["referral_id"]],
        "case_id": [case_id, below["case"]["id"]],
        "meeting_id": [sent["route"]["meeting_id"]],
        "item_id": [sent["route"]["agenda_item_id"]],
        "offer_id": [below["route"]["support_offer_id"]],
        "action_id": [action.json()["id"]],
        "forum_id": [str(each) for each in world.forums.values()],
        "agency_id": [str(each) for each in world.agencies.values()],
        "user_id": [str(each.user_id) for each in world.people.values()],
    }


def _with_ids(value: Any, ids: dict[str, list[str]], draw: random.Random, name: str = "") -> Any:
    """Nearly always an id that exists, where a field or parameter takes one."""
    if isinstance(value, dict):
        return {key: _with_ids(each, ids, draw, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_ids(each, ids, draw, name) for each in value]
    known = ids.get(name) or ids.get(name.replace("owner_id", "user_id").replace("to_agency", "agency"))
    return draw.choice(known) if known and isinstance(value, str) and draw.random() < 0.8 else value


def _attack(document: dict[str, Any], url: str, token: str, ids: dict[str, list[str]]) -> list[str]:
    """What every operation answered wrongly."""
    schema = schemathesis.openapi.from_dict(document)
    draw = random.Random(20261121)  # noqa: S311  # not a secret
    faults: list[str] = []
    with requests.Session() as session:
        for test in _tests(schema, faults, lambda case: _send(case, url, token, ids, draw, session)):
            test()
    return faults


def _send(
    case: Case[Any], url: str, token: str, ids: dict[str, list[str]], draw: random.Random, session: requests.Session
) -> None:
    case.path_parameters = _with_ids(dict(case.path_parameters or {}), ids, draw)
    if isinstance(case.body, dict):
        case.body = _with_ids(case.body, ids, draw)
    versions = {"If-Match": draw.choice(["*", "*", '"1"'])} if case.method in ("PUT", "POST", "PATCH") else {}
    response = case.call(url, session=session, headers={"Authorization": f"Bearer {token}", **versions})
    case.validate_response(response, checks=CHECKS)


def _tests(schema: Any, faults: list[str], send: Callable[[Case[Any]], None]) -> Iterator[Callable[[], None]]:
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                strategy = operation.as_strategy(generation_mode=mode)
            except Exception as error:  # an operation without anything to negate
                if mode is GenerationMode.NEGATIVE:
                    continue
                raise AssertionError(operation.label) from error

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def test(case: Case[Any]) -> None:
                try:
                    send(case)
                except BaseExceptionGroup as group:
                    faults.extend(f"{case.method} {case.path}: {each}" for each in group.exceptions)
                except AssertionError as error:
                    faults.append(f"{case.method} {case.path}: {error}")

            yield test


async def test_no_operation_fails_on_input_that_machines_think_of(app: FastAPI, world: World) -> None:
    ids = await _ids(world)
    async with served(app) as wire:
        token = world["coordinator"].token
        faults = await asyncio.to_thread(_attack, app.openapi(), f"http://127.0.0.1:{wire.port}", token, ids)
    assert not faults, "\n\n".join(dict.fromkeys(each[:1500] for each in faults))
