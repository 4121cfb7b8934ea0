"""Seals: made when they are due, by one process at a time, checked by their keys, and handed to each agency."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app import cli
from app.commands.verify import heads_in
from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.signet import Signet, new_seal_key
from app.db.statements import sql
from app.domain.seals import key_text
from app.jobs import upkeep
from app.settings import new_contact_key
from tests.integration.sealing import Check, Urls, coordinator, newest, rewrite, seal, seal_again, sealed_case
from tests.integration.test_audit import busy_case
from tests.world import World


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
