"""What somebody with the whole database in hand writes again is found by the seals, and by a head kept elsewhere."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.signet import Signet, new_seal_key
from app.jobs import upkeep
from app.services import seals
from tests.integration.sealing import Check, Urls, link_again, newest, rewrite, seal, seal_again, sealed_case
from tests.integration.test_audit import busy_case
from tests.world import World


async def test_a_case_written_again_with_its_head_is_found_by_the_seal(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection
) -> None:
    case_id = await sealed_case(world, signet)
    await rewrite(superuser, world, case_id)
    assert f"seal 1 of Test: chain {case_id} had another entry" in await check(holds=False)


async def test_entries_after_the_seal_can_be_cut_off_with_their_head_no_further_than_the_seal(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection
) -> None:
    case_id = await sealed_case(world, signet)
    await superuser.execute(
        "DELETE FROM audit WHERE chain = $1 AND seq = (SELECT max(seq) FROM audit WHERE chain = $1)", case_id
    )
    await link_again(superuser, world)
    assert f"chain {case_id} had another entry" in await check(holds=False)


async def test_a_chain_that_vanished_with_its_head_and_its_place_in_the_seal_is_found(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection
) -> None:
    case_id = await sealed_case(world, signet)
    for table in ("audit", "audit_head", "audit_sealed"):
        await superuser.execute(f"DELETE FROM {table} WHERE chain = $1", case_id)
    assert "seal 1 of Test: it is not what was sealed" in await check(holds=False)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE audit_seal SET root = sha256(root)", "it is not what was sealed"),
        ("UPDATE audit_seal SET at = at - interval '1 day'", "its signature is not genuine"),
        ("UPDATE audit_seal SET at = 'infinity'", "its signature is not genuine"),
        ("UPDATE audit_seal SET entries = -1", "its signature is not genuine"),
        ("UPDATE audit_seal SET signature = sha256(signature)", "its signature is not genuine"),
        ("UPDATE audit_seal SET public_key = sha256(root)", "not among the seal keys known here"),
        ("UPDATE audit_seal SET number = -2", "a seal before it is missing"),
        ("UPDATE audit_sealed SET hash = sha256(hash)", "it is not what was sealed"),
        ("UPDATE audit_sealed SET seq = -seq", "it is not what was sealed"),
        ("DELETE FROM audit_seal", "seal 1 of Test: it is missing"),
        ("DELETE FROM audit_sealed", "it is not what was sealed"),
    ],
)
async def test_a_seal_that_was_touched_is_found(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection, change: str, found: str
) -> None:
    await sealed_case(world, signet)
    await superuser.execute(f"{change} WHERE partnership_id = $1", world.partnership_id)
    assert found in await check(holds=False)


async def test_a_seal_taken_out_of_the_row_is_found(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection
) -> None:
    await sealed_case(world, signet)
    for _ in range(2):
        await world["coordinator"].get("/audit")
        await seal(world, signet)
    for table in ("audit_seal", "audit_sealed"):
        await superuser.execute(f"DELETE FROM {table} WHERE partnership_id = $1 AND number = 2", world.partnership_id)
    assert "seal 3 of Test: a seal before it is missing" in await check(holds=False)


async def test_a_trail_written_and_sealed_again_with_a_forgers_key_is_found_by_the_key(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection
) -> None:
    case_id = await sealed_case(world, signet)
    await rewrite(superuser, world, case_id)
    await seal_again(superuser, world, Signet({"forged": new_seal_key()}))
    assert "not among the seal keys known here" in await check(holds=False)


async def test_a_trail_written_and_sealed_again_with_the_stolen_key_is_found_by_a_head_kept_elsewhere(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection
) -> None:
    case_id = await sealed_case(world, signet)
    kept = await newest(world)
    await rewrite(superuser, world, case_id)
    await seal_again(superuser, world, signet)
    await check(holds=True)
    said = await check(holds=False, heads=(kept,))
    assert "the seal of that number is another now; the trail was written again" in said


async def test_an_older_copy_put_back_is_found_by_a_head_kept_elsewhere(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection
) -> None:
    await world["coordinator"].get("/audit")
    await sealed_case(world, signet)
    await world["coordinator"].get("/audit")
    await seal(world, signet)
    kept = await newest(world)
    await check(holds=True, heads=(kept,))
    which = "WHERE partnership_id = $1 AND"
    for table in ("audit_seal", "audit_sealed"):
        await superuser.execute(f"DELETE FROM {table} {which} number = 2", world.partnership_id)
    await superuser.execute(
        f"DELETE FROM audit {which} id = (SELECT id FROM audit WHERE chain = $2 ORDER BY seq DESC LIMIT 1)",
        world.partnership_id,
        world["coordinator"].user_id,
    )
    await link_again(superuser, world)
    await check(holds=True)
    assert "there is no such seal now; the trail was cut short" in await check(holds=False, heads=(kept,))


async def test_a_trail_whose_seals_were_thrown_away_is_not_sealed_again_by_a_service_that_knew_them(
    world: World, superuser: asyncpg.Connection, signet: Signet, caplog: pytest.LogCaptureFixture
) -> None:
    case_id = await busy_case(world)
    chore = upkeep.sealing(signet, timedelta(0))
    await chore.do(world.database, world.partnership_id, world.clock())
    await rewrite(superuser, world, case_id)
    for table in ("audit_seal", "audit_sealed"):
        await superuser.execute(f"DELETE FROM {table} WHERE partnership_id = $1", world.partnership_id)
    with pytest.raises(seals.SealsReplaced):
        await chore.do(world.database, world.partnership_id, world.clock())
    await upkeep.once(world.database, world.clock, chore)
    assert f"sealing of partnership {world.partnership_id} failed: SealsReplaced" in caplog.text


async def test_the_check_does_not_ask_the_databases_own_function_what_was_hashed(
    world: World, superuser: asyncpg.Connection, signet: Signet, check: Check
) -> None:
    case_id = await sealed_case(world, signet)
    made = await superuser.fetchval("SELECT pg_get_functiondef('audit_content(audit)'::regprocedure)")
    was = await superuser.fetchval(
        "SELECT encode(audit_content(a), 'hex') FROM audit a WHERE chain = $1 AND seq = 2", case_id
    )
    lie = f"SELECT CASE WHEN a.chain = '{case_id}' AND a.seq = 2 THEN decode('{was}', 'hex') ELSE ("
    await superuser.execute(made.replace("SELECT ", lie, 1).replace("'UTF8')", "'UTF8')) END"))
    await superuser.execute("UPDATE audit SET actor_id = NULL WHERE chain = $1 AND seq = 2", case_id)
    try:
        assert f"chain {case_id} of Test, number 2: entry 2 was changed" in await check(holds=False)
    finally:
        await superuser.execute(made)


async def test_a_trail_that_is_shown_by_a_view_is_not_believed(
    superuser: asyncpg.Connection, world: World, signet: Signet, check: Check
) -> None:
    await sealed_case(world, signet)
    await superuser.execute("ALTER TABLE audit_detail RENAME TO kept_aside")
    await superuser.execute("CREATE VIEW audit_detail AS SELECT * FROM kept_aside")
    await superuser.execute("GRANT SELECT ON audit_detail TO roundtable_owner")
    try:
        assert "'audit_detail' is no plain table" in await check(holds=False)
    finally:
        await superuser.execute("DROP VIEW audit_detail")
        await superuser.execute("ALTER TABLE kept_aside RENAME TO audit_detail")


async def test_a_head_vouches_only_for_the_partnership_that_was_checked(
    world: World, signet: Signet, check: Check, server_urls: Urls
) -> None:
    await sealed_case(world, signet)
    head = replace(await newest(world), partnership_id=new_id())
    assert "what was checked is another partnership" in await check(holds=False, heads=(head,))


@pytest.mark.parametrize("seq", [-(2**63), 2**63 - 1])
async def test_a_number_that_no_entry_can_have_is_found_and_no_crash(
    world: World, superuser: asyncpg.Connection, signet: Signet, check: Check, seq: int
) -> None:
    case_id = await sealed_case(world, signet)
    await superuser.execute("UPDATE audit SET seq = $2 WHERE chain = $1 AND seq = 2", case_id, seq)
    assert f"chain {case_id} of Test" in await check(holds=False)


async def test_a_head_that_was_tampered_with_is_not_believed(world: World, signet: Signet, check: Check) -> None:
    await sealed_case(world, signet)
    kept = await newest(world)
    said = await check(holds=False, heads=(replace(kept, entries=kept.entries + 1),))
    assert "number 1: its signature is not genuine" in said
