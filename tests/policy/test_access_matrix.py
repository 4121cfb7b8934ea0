"""The matrix of who may do what, run: every role, from both agencies, in every relation, on every operation."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.api.openapi import operations
from app.api.v1.rights import RIGHTS, On, Right
from app.commands import access
from app.domain.access import MAY, GrantReason, Role
from app.exports import sharing_page
from tests.direct import DirectClient
from tests.policy import matrix as cells
from tests.policy.matrix import AWAY, HOME, NONE, RELATIONS, STALE, Matrix
from tests.policy.requests import BODIES, PATHS, QUERIES
from tests.world import Clock, Person, build_world

AT_ONCE = 4
CHANGES_WHO_SEES = {"declare_conflict"}


@pytest.fixture(scope="module")
async def behind(server_urls: tuple[str, str]) -> AsyncIterator[asyncpg.Connection]:
    """A connection that no policy binds."""
    connection = await asyncpg.connect(server_urls[0].replace("roundtable_owner@", "postgres@"))
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def matrix(app: FastAPI, clock: Clock, behind: asyncpg.Connection) -> AsyncIterator[Matrix]:
    clock.reset()
    async with DirectClient(app) as client:
        yield await cells.build(await build_world(app, client, clock), behind)


def test_what_is_checked_in_is_what_the_program_does() -> None:
    said: list[str] = []
    assert access.FILE.check(said.append), "\n".join(said)


def test_every_operation_has_a_right_and_every_right_an_operation(app: FastAPI) -> None:
    known = {each["operationId"] for _, _, each in operations(app.openapi())}
    named = {name.partition("?")[0] for name in RIGHTS}
    assert known - named == set(), "give these a right in app/api/v1/rights.py"
    assert named - known == set(), "these operations do not exist"


def test_a_role_that_may_read_no_case_may_do_nothing_to_one() -> None:
    readers = MAY[RIGHTS["read_case"].verbs[0]].roles
    for verb, right in MAY.items():
        if right.relations:
            assert right.roles <= readers, verb


def test_an_emergency_allows_nothing_but_reading_telling_and_stepping_back() -> None:
    allowed = {str(verb) for verb, right in MAY.items() if GrantReason.BREAK_GLASS in right.relations}
    assert allowed == {"read", "release_contacts", "share", "export", "declare_conflict"}


@pytest.mark.parametrize("role", Role)
async def test_every_cell_of_the_matrix(
    matrix: Matrix,
    behind: asyncpg.Connection,
    app: FastAPI,
    role: Role,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sharing_page, "sharing_page", lambda sheet: b"%PDF")  # a hundred pages that nobody reads
    matrix.world.clock.set(2026, 11, 23, 9)
    document = {each["operationId"]: (method, path, each) for path, method, each in operations(app.openapi())}
    tokens = {agency: matrix.people[role, agency].token for agency in (HOME, AWAY)}
    gate = asyncio.Semaphore(AT_ONCE)
    wrong: list[str] = []

    async def ask(name: str, right: Right, agency: str, relation: str) -> None:
        operation, _, query = name.partition("?")
        person = matrix.people[role, agency]
        things = matrix.of(relation)
        if operation in CHANGES_WHO_SEES:
            async with copying:
                things = await cells.copy_of(matrix, behind, relation, person)
        async with gate:
            answer = await _send(person, tokens[agency], document[operation], operation, query, things)
        refusal = cells.expected(right, role, agency, relation)
        code = answer.status_code
        right_answer = code == refusal if refusal else code not in (401, 403, 404) and code < 500
        if not right_answer:
            said = answer.text[:300] if code >= 400 else ""
            wrong.append(f"{name} by {role} of {agency}, {relation}: {code}, not {refusal or 'allowed'}. {said}")

    copying = asyncio.Lock()
    asked = [
        ask(name, right, agency, relation)
        for name, right in RIGHTS.items()
        for agency in (HOME, AWAY)
        for relation in (RELATIONS if right.on in (On.CASE, On.OVERSEEN, On.RETAINED) else (NONE,))
    ]
    assert len(asked) * len(Role) == access.cells()
    await asyncio.gather(*asked)
    assert not wrong, f"{len(wrong)} of {len(asked)} cells are wrong:\n" + "\n".join(sorted(wrong)[:40])


async def _send(
    person: Person, token: str, place: tuple[str, str, Any], operation: str, query: str, things: cells.Things
) -> httpx.Response:
    method, path, described = place
    path = path.format_map({**things, **cells.filled(PATHS.get(operation, {}), things)})
    headers = {"Authorization": f"Bearer {token}"}
    if any(each["name"] == "If-Match" for each in described.get("parameters", ())):
        headers["If-Match"] = STALE
    asked = dict(each.split("=") for each in cells.filled(query, things).split("&")) if query else {}
    body = cells.filled(BODIES[operation], things) if "requestBody" in described else None
    return await person.client.request(
        method.upper(),
        path,
        params={**asked, **QUERIES.get(operation, {})},
        headers=headers,
        **({"json": body} if body is not None else {}),
    )


async def test_a_case_that_only_a_body_names_must_be_open_in_a_way_that_allows_the_act(matrix: Matrix) -> None:
    """What is hidden is told apart from nothing; what an emergency opened is not worked on by another door."""
    world = matrix.world
    world.clock.set(2026, 11, 23, 9)
    chair, rep, coordinator = (
        matrix.people[role, HOME] for role in (Role.CHAIR, Role.AGENCY_REPRESENTATIVE, Role.MARAC_COORDINATOR)
    )
    extra = {"date": "2026-12-01", "extra": True}
    meeting = (await world["chair"].post(f"/forums/{world.forums['marac']}/meetings", extra)).json()["id"]
    of_another = (await coordinator.get(f"/cases/{matrix.of(GrantReason.REFERRED)['case_id']}")).json()["parties"][0]
    for relation, listed, answered, joined in (
        (GrantReason.BREAK_GLASS, 403, 403, 403),
        (GrantReason.OWNS_ACTION, 403, 422, 403),
        (cells.NONE, 422, 422, 404),
        (cells.EXCLUDED, 422, 422, 404),
        (cells.OUTSIDE, 422, 422, 404),
    ):
        things = matrix.of(relation)
        added = {"case_id": things["case_id"], "reason": "She asked for it."}
        answer = await chair.post(f"/meetings/{meeting}/items", added, headers={"If-Match": "*"})
        assert answer.status_code == listed, (relation, answer.text)
        # An owner of an action may search their files: what is missing then is the basis on which they tell.
        answer = await rep.post("/research/not-known", {"items": [things["item_id"]]})
        assert answer.status_code == answered, (relation, answer.text)
        party = await _party(matrix, things["case_id"])
        pair = {"party_id": party, "other_party_id": of_another["id"], "same": False}
        answer = await coordinator.post("/matches", pair)
        assert answer.status_code == joined, (relation, answer.text)


async def _party(matrix: Matrix, case_id: str) -> str:
    found: str = (await matrix.world["coordinator"].get(f"/cases/{case_id}")).json()["parties"][0]["id"]
    return found
