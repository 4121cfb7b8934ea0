"""Notes privileged to an IDVA service, straight in SQL: only its IDVAs who work on the case see any."""

import asyncpg
import pytest

from app.db.tables import metadata
from app.domain.access import GrantReason
from tests.policy.scene import Facts, Scene, insert, seen

NOTE = metadata.tables["privileged_note"]
ATTEMPT = metadata.tables["contact_attempt"]
# Whatever else opens the case has ended, but for what the test supposes.
ONLY = "UPDATE case_grant SET until_at = from_at WHERE case_id = $1 AND reason <> '{}'"
NO_IDVA = """UPDATE user_role SET ended_at = '2026-01-01' WHERE role = 'idva'
    AND partnership_id = (SELECT partnership_id FROM case_file WHERE id = $1)"""


def opened(scene: Scene, who: str, reason: GrantReason, **note: object) -> Facts:
    """A note of this person's own service on a case that is open to them for this reason."""
    row = scene.row(NOTE, "idva", by_id=scene.people["idva"].user_id, **note)
    return [(NOTE, row), scene.grant(who, reason)]


@pytest.mark.parametrize("reason", GrantReason)
async def test_an_idva_of_the_service_sees_its_notes_unless_an_emergency_opened_the_case(
    scene: Scene, reason: GrantReason
) -> None:
    async with scene.supposing("idva", opened(scene, "idva", reason), ONLY.format(reason)) as connection:
        assert await connection.fetchval("SELECT sees_case($1)", scene.case_id)
        assert await seen(connection, NOTE) == (0 if reason is GrantReason.BREAK_GLASS else 1)


@pytest.mark.parametrize("who", ["officer", "safeguarding", "coordinator", "chair", "auditor", "triage", "health_rep"])
async def test_nobody_else_sees_one_whatever_opens_the_case_to_them(scene: Scene, who: str) -> None:
    facts = [fact for reason in GrantReason for fact in opened(scene, who, reason)]
    async with scene.supposing(who, facts) as connection:
        assert await connection.fetchval("SELECT sees_case($1)", scene.case_id)
        assert await seen(connection, NOTE) == 0


async def test_a_note_of_another_service_is_not_there_for_an_idva(scene: Scene) -> None:
    facts = opened(scene, "idva", GrantReason.ALLOCATED_IDVA, agency_id=scene.people["health_rep"].agency_id)
    async with scene.supposing("idva", facts) as connection:
        assert await seen(connection, NOTE) == 0


async def test_the_note_goes_with_the_role(scene: Scene) -> None:
    facts = opened(scene, "idva", GrantReason.ALLOCATED_IDVA)
    async with scene.supposing("idva", facts, NO_IDVA) as connection:
        assert await seen(connection, NOTE) == 0


async def test_nobody_writes_one_in_anothers_name_or_for_another_service_and_none_is_changed(scene: Scene) -> None:
    facts = opened(scene, "idva", GrantReason.ALLOCATED_IDVA)
    for wrong in (
        {"by_id": scene.people["officer"].user_id},
        {"by_id": scene.people["idva"].user_id, "agency_id": scene.people["officer"].agency_id},
    ):
        async with scene.supposing("idva", facts) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await insert(connection, NOTE, scene.row(NOTE, "idva", **wrong))
    for table in (NOTE, ATTEMPT):
        async with scene.supposing("idva", facts) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"UPDATE {table.name} SET note = 'x'")


async def test_what_was_said_in_an_attempt_is_for_the_service_that_made_it(scene: Scene) -> None:
    row = scene.row(ATTEMPT, "idva")
    for who, count in (("idva", 1), ("coordinator", 0), ("auditor", 0)):
        facts = [(ATTEMPT, row), scene.grant(who, GrantReason.REFERRED)]
        async with scene.supposing(who, facts) as connection:
            assert await seen(connection, ATTEMPT) == count
