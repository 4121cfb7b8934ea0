"""The API's document: what is checked in is what the program does, it is complete, and its examples run."""

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from app.api.openapi import Example, filled, operations, read_examples, routes_of, uses
from app.commands import openapi as command
from app.db.signet import Signet
from app.domain.access import MAY, Role
from app.main import EXAMPLES
from app.services import seals
from tests.openid.arranged import shown_provider
from tests.world import World


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def test_what_is_checked_in_is_what_the_program_does() -> None:
    said: list[str] = []
    assert command.FILE.check(said.append), "\n".join(said)


def test_the_document_names_no_host_and_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert "servers" not in document
    assert not re.search(r"https?://(?!json-schema\.org)", json.dumps(document))


def test_every_operation_can_be_named_understood_and_found(document: dict[str, Any]) -> None:
    found = [each for _, _, each in operations(document)]
    names = [each["operationId"] for each in found]
    assert len(set(names)) == len(names)
    tags = {each["name"] for each in document["tags"] if each["description"]}
    for each in found:
        assert each["summary"], each["operationId"]
        assert len(each["description"]) > 20, f"{each['operationId']} needs a docstring"
        assert set(each["tags"]) <= tags, each["operationId"]
        assert len(each["tags"]) == 1, each["operationId"]


def test_every_operation_asks_for_a_token_and_declares_its_refusals(document: dict[str, Any]) -> None:
    assert list(document["components"]["securitySchemes"]) == ["HTTPBearer", "OAuth2"]
    for _, _, each in operations(document):
        assert each["security"][0] == {"HTTPBearer": []}, each["operationId"]
        assert {"401", "403", "422", "503"} <= set(each["responses"]), each["operationId"]
        for status, answer in each["responses"].items():
            assert answer["description"], each["operationId"]
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], each["operationId"]


def test_an_operation_names_the_scope_by_which_a_system_may_ask_it(document: dict[str, Any]) -> None:
    scopes = document["components"]["securitySchemes"]["OAuth2"]["flows"]["clientCredentials"]["scopes"]
    assert set(scopes) == {verb for verb, right in MAY.items() if Role.PARTNER_SYSTEM in right.roles}
    named = {each["operationId"]: each["security"][1:] for _, _, each in operations(document)}
    assert named["create_referral"] == [{"OAuth2": ["refer"]}]
    assert named["read_me"] == [{"OAuth2": []}]
    assert named["list_disclosures"] == [{"OAuth2": ["read"]}]
    assert named["export_document"] == []
    asked = {scope for each in named.values() for way in each for scope in way["OAuth2"]}
    assert asked == set(scopes)


def test_a_parameter_in_the_path_means_that_there_can_be_no_such_thing(document: dict[str, Any]) -> None:
    for path, _, each in operations(document):
        if "{" in path:
            assert "404" in each["responses"], each["operationId"]


def test_headers_read_by_hand_are_documented_where_they_are_read(app: FastAPI, document: dict[str, Any]) -> None:
    by_name = {each["operationId"]: each for _, _, each in operations(document)}
    for _, route in routes_of(app):
        each = by_name[route.name]
        headers = {one["name"] for one in each.get("parameters", ()) if one["in"] == "header"}
        assert ("If-Match" in headers) == uses(route, "version") == ({"412", "428"} <= set(each["responses"])), (
            route.name
        )
        assert ("Idempotency-Key" in headers) == uses(route, "make"), route.name


def test_every_schema_is_valid_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references == set(schemas)


def test_every_operation_has_an_example_that_is_run(document: dict[str, Any]) -> None:
    shown = {each.operation for each in read_examples(EXAMPLES)}
    known = {each["operationId"] for _, _, each in operations(document)}
    assert shown - known == set(), "these examples are of operations that do not exist"
    assert known - shown == set(), "these operations need an example in openapi/examples"


def test_an_examples_body_is_what_its_operation_takes(document: dict[str, Any]) -> None:
    for _, _, each in operations(document):
        content = each.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        whole = {**content["schema"], "components": document["components"]}
        for name, example in content.get("examples", {}).items():
            problems = [e.message for e in Draft202012Validator(whole).iter_errors(example["value"])]
            assert not problems, f"{each['operationId']} {name}: {problems}"


async def test_every_example_gets_the_answer_it_shows(
    world: World, document: dict[str, Any], seal_keys: dict[str, str]
) -> None:
    places = {each["operationId"]: (method, path) for path, method, each in operations(document)}
    kept = {f"agency.{slug}": str(each) for slug, each in world.agencies.items()}
    kept |= {f"forum.{slug}": str(each) for slug, each in world.forums.items()}
    kept |= {f"user.{who}": str(each.user_id) for who, each in world.people.items()}
    # No example can add one: nothing answers at its issuer.
    kept["provider"] = str(await shown_provider(world))
    for example in read_examples(EXAMPLES):
        await _run(world, example, *places[example.operation], kept)
        # As upkeep does, sooner or later.
        await world.database.run_as_system(world.partnership_id, seals.seal, world.clock(), Signet(seal_keys))


async def _run(world: World, example: Example, method: str, path: str, kept: dict[str, str]) -> None:
    if example.at is not None:
        day, _, time = example.at.partition("T")
        world.clock.set(*map(int, day.split("-")), *map(int, time.split(":")))
    for name, value in filled(example.path, kept).items():
        path = path.replace(f"{{{name}}}", value)
    answer = await world[example.as_whom].request(
        method.upper(),
        path.removeprefix("/api/v1"),
        params=filled(example.query, kept),
        headers=filled(example.headers, kept),
        **({"json": filled(example.body, kept)} if example.body is not None else {}),
    )
    assert answer.status_code == example.status, f"{example.key}: {answer.status_code} {answer.text[:2000]}"
    if example.expect is not None:
        _holds(answer.json(), filled(example.expect, kept), example.key)
    for name, where in example.keep.items():
        kept[name] = answer.headers[where[7:]] if where.startswith("header:") else str(_at(answer.json(), where))
    await world.app.state.exports.idle()


def _at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _holds(answer: Any, expected: Any, where: str) -> None:
    """Every member that is expected is there; others may be too, and lists may go on."""
    if isinstance(expected, dict):
        for name, each in expected.items():
            assert name in answer, f"{where}/{name} is missing"
            _holds(answer[name], each, f"{where}/{name}")
    elif isinstance(expected, list):
        assert len(answer) >= len(expected), f"{where}: {answer}"
        for n, each in enumerate(expected):
            _holds(answer[n], each, f"{where}/{n}")
    else:
        assert answer == expected, f"{where}: {answer!r}, not {expected!r}"
