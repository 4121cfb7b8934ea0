"""Which fact opens a case to whom: made through the API, and the case then asked for by every role of two agencies."""

from collections.abc import AsyncIterator, Set
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from app.domain.access import DESK_ROLES, MAY, GrantReason, Role, Verb
from tests.direct import DirectClient
from tests.policy.matrix import AWAY, HOME, Matrix, staffed
from tests.world import SHARING, Clock, build_world

Somebody = tuple[Role, str]
PRACTITIONER, IDVA = (Role.PRACTITIONER, HOME), (Role.IDVA, HOME)
DESK = {(role, HOME) for role in DESK_ROLES}
# Whoever coordinates sees each case from its referral on, in whichever agency they sit.
COORDINATORS = {(Role.MARAC_COORDINATOR, HOME), (Role.MARAC_COORDINATOR, AWAY)}
OPENS_TO: dict[GrantReason, Set[Somebody]] = {
    GrantReason.REFERRED: {PRACTITIONER, *DESK, *COORDINATORS},
    GrantReason.ON_FORUM_LIST: {*DESK, *COORDINATORS},
    GrantReason.COORDINATES: COORDINATORS,
    GrantReason.ALLOCATED_IDVA: {IDVA, *COORDINATORS},
    GrantReason.OWNS_ACTION: {PRACTITIONER, *DESK, *COORDINATORS},
    GrantReason.OFFERED_SUPPORT: {*DESK, *COORDINATORS},
    GrantReason.NAMED: {PRACTITIONER},
    GrantReason.BREAK_GLASS: {PRACTITIONER, *COORDINATORS},
}


@pytest.fixture(scope="module")
async def matrix(app: FastAPI, clock: Clock) -> AsyncIterator[Matrix]:
    """Home and away, staffed, and no case yet. Home sits on the forums; away does not."""
    clock.reset()
    async with DirectClient(app) as client:
        yield await staffed(await build_world(app, client, clock))


async def made(answer: Any) -> Any:
    """The answer's body, if it was done."""
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def fact(matrix: Matrix, reason: GrantReason) -> str:
    """A case that this fact opens to somebody at home, or nobody for the reason that somebody coordinates."""
    world, practitioner = matrix.world, matrix.people[PRACTITIONER]
    coordinator = world["coordinator"]
    home = str(world.agencies[HOME])
    victim = f"Nora Winterbourne-{reason.replace('_', '-').title()}"
    # At medium risk it waits on no list, so that a case is open to no more agencies than its fact says.
    yes = 15 if reason is GrantReason.ON_FORUM_LIST else 8
    if reason is GrantReason.REFERRED:
        world.people["home_practitioner"] = practitioner
        case: str = (await world.refer("home_practitioner", yes=yes, victim=victim))["case"]["id"]
        return case
    told = (await world.refer(yes=yes, victim=victim))["case"]
    case = told["id"]
    if reason is GrantReason.ALLOCATED_IDVA:
        version = (await coordinator.get(f"/cases/{case}")).json()["version"]
        body = {"user_id": str(matrix.people[IDVA].user_id), "sharing": SHARING}
        await made(await coordinator.put(f"/cases/{case}/idva", body, version))
    elif reason is GrantReason.OWNS_ACTION:
        promised = {"what": "Change the locks of the flat.", "agency_id": home, "working_days": 3, "sharing": SHARING}
        owner = {"owner_id": str(practitioner.user_id)}
        await made(await coordinator.post(f"/cases/{case}/actions", promised | owner))
    elif reason is GrantReason.OFFERED_SUPPORT:
        offered = {"service": "gp_iris", "agency_id": home, "sharing": SHARING}
        await made(await coordinator.post(f"/cases/{case}/support-offers", offered))
    elif reason is GrantReason.NAMED:
        named = {"named": [str(practitioner.user_id)], "because": "She works where many know her.", "sharing": SHARING}
        await made(await coordinator.post(f"/cases/{case}/restriction", named))
    elif reason is GrantReason.BREAK_GLASS:
        reference = (await coordinator.get(f"/cases/{case}")).json()["reference"]
        use = {"reference": reference, "reason": "She is at the front desk and he is on his way.", "hours": 2}
        await made(await practitioner.post("/break-glass", {**use, "sharing": SHARING}))
    return case


@pytest.mark.parametrize("reason", GrantReason)
async def test_a_fact_opens_a_case_to_those_it_is_about_and_to_nobody_else(
    matrix: Matrix, reason: GrantReason, superuser: asyncpg.Connection
) -> None:
    matrix.world.clock.set(2026, 11, 23, 9)
    case = await fact(matrix, reason)
    found: dict[Somebody, int] = {}
    expected: dict[Somebody, int] = {}
    for who, person in matrix.people.items():
        answer = await person.get(f"/cases/{case}")
        found[who] = answer.status_code
        may = who[0] in MAY[Verb.READ].roles
        expected[who] = 403 if not may else 200 if who in OPENS_TO[reason] else 404
    assert found == expected
    agencies = [matrix.world.agencies[each] for each in (HOME, AWAY)]
    standing = "SELECT DISTINCT reason FROM case_grant WHERE case_id = $1 AND NOT suspended AND agency_id = ANY ($2)"
    why = {row["reason"] for row in await superuser.fetch(standing, case, agencies)}
    assert why - {GrantReason.COORDINATES} == {reason} - {GrantReason.COORDINATES}
