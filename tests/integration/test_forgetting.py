"""Upkeep: what can be used no more is not kept."""

import asyncpg

from app.jobs.upkeep import forgetting
from tests.integration.test_exports import made, published
from tests.world import World, referral_form


async def answers_kept(superuser: asyncpg.Connection, world: World) -> int:
    statement = "SELECT count(*) FROM idempotency WHERE partnership_id = $1"
    found: int = await superuser.fetchval(statement, world.partnership_id)
    return found


async def test_the_answer_to_a_request_is_kept_for_its_repeats_seven_days_and_no_longer(
    world: World, superuser: asyncpg.Connection
) -> None:
    await world["officer"].post("/referrals", referral_form(), headers={"Idempotency-Key": "once"})
    world.clock.forward(days=7)
    await forgetting().do(world.database, world.partnership_id, world.clock())
    assert await answers_kept(superuser, world) == 1
    world.clock.forward(minutes=1)
    await forgetting().do(world.database, world.partnership_id, world.clock())
    assert await answers_kept(superuser, world) == 0


async def test_a_made_document_is_kept_a_day_and_then_made_again_for_who_asks_again(
    world: World, superuser: asyncpg.Connection
) -> None:
    meeting_id, _ = await published(world)
    export = await made(world, world["chair"], meeting_id)
    world.clock.forward(days=1, minutes=1)
    await forgetting().do(world.database, world.partnership_id, world.clock())
    assert await superuser.fetchval("SELECT content FROM export_job WHERE id = $1::uuid", export["id"]) is None
    await world["chair"].get(f"/exports/{export['id']}")
    await world.app.state.exports.idle()
    file = await world["chair"].get(f"/exports/{export['id']}/file")
    assert file.content.startswith(b"%PDF")
