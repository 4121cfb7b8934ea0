"""What an act entered in the ledger of disclosures, behind the service's back."""

from typing import Any
from uuid import UUID

import asyncpg

from tests.world import World

UNSAID = {"/sharing/basis", "/sharing/necessity", "/sharing/proportionality"}


async def ledger(superuser: asyncpg.Connection, case_id: str, act: str | None = None) -> list[Any]:
    """A case's entries in the order in which they were made."""
    return list(
        await superuser.fetch(
            "SELECT * FROM disclosure WHERE case_id = $1 AND ($2::text IS NULL OR act = $2) ORDER BY id",
            UUID(case_id),
            act,
        )
    )


def agencies(world: World, *slugs: str) -> set[UUID]:
    return {world.agencies[slug] for slug in slugs}


def everybody_but(world: World, *slugs: str) -> set[UUID]:
    return set(world.agencies.values()) - agencies(world, *slugs)


async def below_high(world: World, **changes: Any) -> str:
    """A case that police and the coordinator see, and the agency that was offered support."""
    return str((await world.refer(yes=4, **changes))["case"]["id"])


def unsaid(answer: Any) -> None:
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert {each["pointer"] for each in errors} == UNSAID
    (basis,) = [each for each in errors if each["pointer"] == "/sharing/basis"]
    assert "'public_task'" in basis["message"]
    assert "is proposed" in basis["message"]
