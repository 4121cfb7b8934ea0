"""Seals: what holds a trail that somebody with the whole database in hand would write again."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app import cli
from app.commands.verify import heads_in, verify
from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.signet import Signet, new_seal_key
from app.db.statements import sql
from app.domain.seals import Head, key_text
from app.jobs import upkeep
from app.services import seals
from app.settings import new_contact_key
from tests.integration.test_audit import busy_case
from tests.world import World

Urls = tuple[str, str]
Check = Callable[..., Awaitable[str]]


@pytest.fixture
def signet(seal_keys: dict[str, str]) -> Signet:
    """The service's own."""
    return Signet(seal_keys)


@pytest.fixture
def check(world: World, server_urls: Urls, signet: Signet) -> Check:
    """What ``audit verify`` says of this test's partnership; it must hold, or break, as told."""

    async def run(*, holds: bool, heads: tuple[Head, ...] = (), keys: tuple[bytes, ...] | None = None) -> str:
        said: list[str] = []
        known = signet.public_keys if keys is None else keys
        held = await asyncio.to_thread(
            lambda: verify(
                server_urls[0],
                "DATABASE_OWNER_URL",
                f"t-{world.partnership_id}",
                said.append,
                public_keys=known,
                heads=heads,
            )
        )
        assert held is holds, "\n".join(said)
        return "\n".join(said)

    return run


def coordinator(world: World) -> Credentials:
    return Credentials(world.partnership_id, world["coordinator"].user_id)


async def seal(world: World, signet: Signet, **more: Any) -> bool:
    return await world.database.run_as_system(world.partnership_id, seals.seal, world.clock(), signet, **more)


async def newest(world: World) -> Head:
    head = await world.database.run_as_system(world.partnership_id, seals.newest, world.clock())
    assert head is not None
    return head


async def sealed_case(world: World, signet: Signet) -> UUID:
    """A case of several entries, sealed."""
    case_id = await busy_case(world)
    await seal(world, signet)
    return case_id


async def link_again(superuser: asyncpg.Connection, world: World) -> None:
    """Make every chain hold by itself, as somebody would who has the database: numbers, hashes and heads."""
    await superuser.execute(
        """
        DO $$ DECLARE a audit; n bigint; h bytea; c uuid;
        BEGIN
          FOR a IN SELECT * FROM audit WHERE partnership_id = 'PARTNERSHIP' ORDER BY chain, seq LOOP
            IF c IS DISTINCT FROM a.chain THEN n := 0; h := ''; c := a.chain; END IF;
            n := n + 1;
            h := sha256(h || audit_content(a));
            UPDATE audit SET seq = n, hash = h WHERE partnership_id = a.partnership_id AND id = a.id;
            UPDATE audit_head SET seq = n, hash = h WHERE partnership_id = a.partnership_id AND chain = a.chain;
          END LOOP;
        END $$
        """.replace("PARTNERSHIP", str(world.partnership_id))
    )


async def seal_again(superuser: asyncpg.Connection, world: World, signet: Signet) -> None:
    """Throw the seals away and make them anew."""
    for table in ("audit_seal", "audit_sealed"):
        await superuser.execute(f"DELETE FROM {table} WHERE partnership_id = $1", world.partnership_id)
    await superuser.execute("UPDATE audit_head SET moved = true WHERE partnership_id = $1", world.partnership_id)
    await seal(world, signet)


async def rewrite(superuser: asyncpg.Connection, world: World, case_id: UUID) -> None:
    """Take one entry out of a case's chain, and leave no seam."""
    await superuser.execute("DELETE FROM audit WHERE chain = $1 AND seq = 2", case_id)
    await link_again(superuser, world)


async def test_a_sealed_trail_holds_and_so_does_what_comes_after(world: World, signet: Signet, check: Check) -> None:
    await sealed_case(world, signet)
    said = await check(holds=True)
    assert "1 seals. 0 entries came after the last" in said
    await world["coordinator"].get("/audit")
    assert "1 entries came after the last" in await check(holds=True)


async def test_a_seal_says_only_of_the_chains_that_moved(
    world: World, signet: Signet, superuser: asyncpg.Connection
) -> None:
    await sealed_case(world, signet)
    assert await superuser.fetchval(
        "SELECT count(*) FROM audit_seal WHERE partnership_id = $1", world.partnership_id
    ) == (1)
    await seal(world, signet)
    assert (await newest(world)).number == 1, "nothing moved, so there is nothing to seal"
    await world["coordinator"].get("/audit")
    await seal(world, signet)
    second = await newest(world)
    moved = await superuser.fetch(
        "SELECT chain FROM audit_sealed WHERE partnership_id = $1 AND number = 2", world.partnership_id
    )
    assert [row["chain"] for row in moved] == [world["coordinator"].user_id]
    assert second.entries == await superuser.fetchval(
        "SELECT count(*) FROM audit WHERE partnership_id = $1", world.partnership_id
    )


async def test_the_chore_seals_when_the_last_seal_is_old_enough(world: World, signet: Signet) -> None:
    chore = upkeep.sealing(signet, timedelta(minutes=15))
    await busy_case(world)
    await chore.do(world.database, world.partnership_id, world.clock())
    await world["coordinator"].get("/audit")
    world.clock.forward(minutes=14)
    await chore.do(world.database, world.partnership_id, world.clock())
    assert (await newest(world)).number == 1
    world.clock.forward(minutes=1)
    await chore.do(world.database, world.partnership_id, world.clock())
    assert (await newest(world)).number == 2


async def test_the_chore_goes_on_to_the_next_partnership_when_one_fails(
    world: World, signet: Signet, caplog: pytest.LogCaptureFixture
) -> None:
    visited = []

    async def fail(_: Any, partnership_id: UUID, __: Any) -> None:
        visited.append(partnership_id)
        raise asyncpg.PostgresError("Maya Thornbury")

    await upkeep.once(world.database, world.clock, upkeep.Chore("failing", timedelta(1), fail))
    assert world.partnership_id in visited
    assert "failing of partnership" in caplog.text
    assert "Maya" not in caplog.text


async def test_many_processes_that_seal_at_once_make_one_unbroken_row_of_seals(
    world: World, signet: Signet, check: Check
) -> None:
    await busy_case(world)
    readers = [world[who].get("/audit") for who in ("officer", "coordinator", "idva", "chair")]
    await asyncio.gather(*readers, *(seal(world, signet) for _ in range(5)))
    await seal(world, signet)
    assert "0 entries came after the last" in await check(holds=True)


async def test_sealing_waits_for_nobody_who_is_writing(world: World, signet: Signet, check: Check) -> None:
    case_id = await sealed_case(world, signet)
    written, go_on = asyncio.Event(), asyncio.Event()

    async def slow(uow: UnitOfWork) -> None:
        uow.record("case.read", case_id=case_id)
        await uow.flush()
        written.set()
        await go_on.wait()

    writing = asyncio.create_task(world.database.run(coordinator(world), slow, world.clock(), new_id()))
    await written.wait()
    await asyncio.wait_for(seal(world, signet), 5)
    go_on.set()
    await writing
    await seal(world, signet)
    assert "0 entries came after the last" in await check(holds=True)


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


async def test_seals_of_a_retired_key_are_checked_with_its_public_half(
    world: World, signet: Signet, check: Check
) -> None:
    old = Signet({"old": new_seal_key()})
    await busy_case(world)
    await seal(world, old)
    await world["coordinator"].get("/audit")
    await seal(world, signet)
    await check(holds=False)
    await check(holds=True, keys=(*signet.public_keys, old.public_key))


async def test_nobody_changes_or_removes_a_seal_and_no_person_reads_inside_one(
    world: World, signet: Signet, server_urls: Urls
) -> None:
    await sealed_case(world, signet)
    app, owner = [await asyncpg.connect(url) for url in reversed(server_urls)]
    for table in ("audit_seal", "audit_sealed"):
        for statement in (f"UPDATE {table} SET number = 9", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(statement)
        for statement in (f"UPDATE {table} SET number = 9", f"DELETE FROM {table}"):
            assert (await owner.execute(statement)).endswith(" 0")
    await app.close()
    await owner.close()

    async def look(uow: UnitOfWork) -> tuple[int, int]:
        inside = await uow.value(sql("SELECT count(*) FROM audit_sealed"))
        return inside, len(await uow.rows(sql("SELECT * FROM heads_to_seal(9)")))

    await world["coordinator"].get("/audit")
    assert await world.database.run(coordinator(world), look, world.clock(), new_id()) == (0, 0)


async def test_agencies_are_handed_the_head_and_it_names_nobody(
    world: World, signet: Signet, check: Check, tmp_path: Path
) -> None:
    before = await world["auditor"].get("/audit/head")
    assert before.status_code == 404
    case_id = await sealed_case(world, signet)
    for who in ("auditor", "police_admin", "partnership_admin", "system"):
        answer = await world[who].get("/audit/head")
        assert answer.status_code == 200, who
    assert (await world["officer"].get("/audit/head")).status_code == 403
    text = answer.json()["text"]
    assert str(case_id) not in text
    assert str(world["officer"].user_id) not in text
    file = tmp_path / "head.txt"
    file.write_text(text)
    (kept,) = heads_in(file)
    assert kept.number == answer.json()["number"] == 1
    assert "The head numbered 1 that was kept is the one that is here." in await check(holds=True, heads=(kept,))


async def test_words_kept_apart_are_held_by_the_entry_and_can_be_erased(
    world: World, signet: Signet, check: Check, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)

    async def act(uow: UnitOfWork) -> UUID:
        return uow.record("case.read", case_id=case_id, detail={"why": "Said by Maya Thornbury", "at": 1})

    first = await world.database.run(coordinator(world), act, world.clock(), new_id())
    second = await world.database.run(coordinator(world), act, world.clock(), new_id())
    said = {"why": "Said by Maya Thornbury", "at": 1}
    for who, words in (("coordinator", [said] * 2), ("officer", [None] * 2)):
        shown = (await world[who].get(f"/audit?case={case_id}&verb=case.read")).json()["items"]
        assert [each["detail"] for each in shown] == words, who
    digests = await superuser.fetch("SELECT digest FROM audit WHERE id = ANY ($1)", [first, second])
    assert digests[0] != digests[1], "equal words must not look equal"
    await seal(world, signet)
    assert "Words are kept with 2 entries, and were erased from 0." in await check(holds=True)
    await superuser.execute("DELETE FROM audit_detail WHERE id = $1", first)
    assert "Words are kept with 1 entries, and were erased from 1." in await check(holds=True)
    await superuser.execute("UPDATE audit_detail SET detail = replace(detail, 'Maya', 'Nina') WHERE id = $1", second)
    assert "are not those that were written" in await check(holds=False)
    await superuser.execute("UPDATE audit_detail SET id = gen_random_uuid() WHERE id = $1", second)
    assert "words are kept for an entry that is not there" in await check(holds=False)


async def test_a_head_that_the_command_prints_is_one_that_it_checks(
    world: World,
    server_urls: Urls,
    seal_keys: dict[str, str],
    signet: Signet,
    superuser: asyncpg.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case_id = await busy_case(world)
    secrets = json.dumps({"1": new_contact_key()})
    for name, value in {
        "DATABASE_URL": server_urls[1],
        "DATABASE_OWNER_URL": server_urls[0],
        "ROUNDTABLE_DATA": str(tmp_path),
        "ROUNDTABLE_CONTACT_KEYS": secrets,
        "ROUNDTABLE_INDEX_KEYS": secrets,
        "ROUNDTABLE_SEAL_KEYS": json.dumps(seal_keys),
    }.items():
        monkeypatch.setenv(name, value)

    def roundtable(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["roundtable", *arguments, "--partnership", f"t-{world.partnership_id}"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), "".join(capsys.readouterr())

    async def run(*arguments: str) -> tuple[int, str]:
        return await asyncio.to_thread(roundtable, *arguments)

    code, printed = await run("audit", "head")
    assert (code, printed.splitlines()[:2]) == (0, ["Test", "Roundtable audit head 1"])
    kept = tmp_path / "heads.txt"
    kept.write_text(printed)
    assert (await run("audit", "verify", "--head", str(kept)))[0] == 0
    # Somebody who holds none of the deployment's keys checks by the public key in the head.
    monkeypatch.delenv("ROUNDTABLE_SEAL_KEYS")
    key = key_text(signet.public_key)
    assert (await run("audit", "verify"))[0] == 1
    assert (await run("audit", "verify", "--head", str(kept), "--public-key", key))[0] == 0
    await rewrite(superuser, world, case_id)
    await seal_again(superuser, world, signet)
    assert (await run("audit", "verify", "--public-key", key))[0] == 0
    code, printed = await run("audit", "verify", "--head", str(kept), "--public-key", key)
    assert code == 1
    assert "the trail was written again" in printed
    kept.write_text("nothing of the kind")
    assert await run("audit", "verify", "--head", str(kept)) == (
        1,
        f"{kept} holds no head that can be read. There is no line 'Roundtable audit head 1': give the text as "
        "'roundtable audit head' printed it.\n",
    )
