"""A client's scopes, tried on every operation: without the scope nothing is asked, with it and no other it may be."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from app.api.openapi import operations
from app.api.v1.rights import RIGHTS
from app.domain.access import Verb
from app.domain.clients import SCOPES
from tests.policy.matrix import filled
from tests.policy.requests import BODIES, PATHS, QUERIES
from tests.systems import System, system_of, token_of
from tests.world import World

AT_ONCE = 4


class _Absent(dict[str, str]):
    """Ids of nothing, and what is no id."""

    def __missing__(self, name: str) -> str:
        return str(uuid4())


THINGS = _Absent(
    person_reference="P-7K2M9QX", instrument_id="dash-27", number="1", on="2026-11-24", role="idva", version="1"
)


async def _ask(app: FastAPI, system: System, token: str, places: Mapping[str, Any], name: str) -> tuple[int, str]:
    operation, _, query = name.partition("?")
    method, path, described = places[operation]
    path = path.format_map(_Absent(THINGS | filled(PATHS.get(operation, {}), THINGS)))
    body = filled(BODIES[operation], THINGS) if "requestBody" in described else None
    asked = dict(each.split("=") for each in filled(query, THINGS).split("&")) if query else {}
    answer = await system.call(
        method.upper(),
        path.removeprefix("/api/v1"),
        token,
        headers={"If-Match": "*"},
        params={**asked, **QUERIES.get(operation, {})},
        **({"json": body} if body is not None else {}),
    )
    return answer.status_code, str(answer.json().get("detail", "")) if answer.status_code == 403 else ""


@pytest.mark.parametrize("scope", SCOPES)
async def test_without_its_scope_an_operation_is_refused_and_with_it_alone_it_is_not(
    app: FastAPI, world: World, scope: Verb
) -> None:
    places = {each["operationId"]: (method, path, each) for path, method, each in operations(app.openapi())}
    others = [each for each in SCOPES if each != scope]
    only = await system_of(world, scopes=[scope])
    without = await system_of(world, scopes=others)
    tokens = await asyncio.gather(token_of(only), token_of(without))
    gate = asyncio.Semaphore(AT_ONCE)
    wrong: list[str] = []

    async def try_it(name: str) -> None:
        async with gate:
            allowed = await _ask(app, only, tokens[0], places, name)
            refused = await _ask(app, without, tokens[1], places, name)
        if allowed[0] in (401, 403) or allowed[0] >= 500:
            wrong.append(f"{name} with {scope}: {allowed}")
        if refused[0] != 403 or f"'{scope}'" not in refused[1]:
            wrong.append(f"{name} without {scope}: {refused}")

    await asyncio.gather(*(try_it(name) for name, right in RIGHTS.items() if _needs(right.verbs) == {scope}))
    assert wrong == []


async def test_what_is_not_for_systems_is_refused_to_a_client_with_every_scope(app: FastAPI, world: World) -> None:
    places = {each["operationId"]: (method, path, each) for path, method, each in operations(app.openapi())}
    system = await system_of(world, scopes=list(SCOPES))
    token = await token_of(system)
    wrong = []
    for name, right in RIGHTS.items():
        if right.verbs and not _needs(right.verbs):
            status, _ = await _ask(app, system, token, places, name)
            if status != 403:
                wrong.append(f"{name}: {status}")
    assert wrong == []


def _needs(verbs: tuple[Verb, ...]) -> set[Verb]:
    return {verb for verb in verbs if verb in SCOPES}
