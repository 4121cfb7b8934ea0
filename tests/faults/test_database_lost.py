"""The database goes away in the middle: a clear refusal, nothing half done, and the next request works."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.ids import new_id
from app.db.pool import open_database
from app.db.session import Credentials, Database, UnitOfWork
from app.db.statements import sql
from app.db.tables.cases import person
from app.db.transaction import OutcomeUnknown, Unavailable
from app.db.vault import Vault
from app.domain.errors import Stale
from app.domain.referrals import ReferralForm
from app.risk.instruments import load_catalogue
from app.services import intake
from tests.api.real_http import counts
from tests.world import World, referral_form

NOTHING = sql("SELECT 1")
ACTOR = """SELECT current_setting('roundtable.' || name, true)
  FROM unnest(ARRAY['partnership', 'user', 'agency', 'principals']) AS name"""
WAIT = sql("SELECT pg_sleep(30)")


def who(world: World, name: str = "officer") -> Credentials:
    return Credentials(world.partnership_id, world[name].user_id)


async def do(database: Database, world: World, work: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
    """Run something as the officer."""
    return await database.run(who(world), work, world.clock(), new_id())


@asynccontextmanager
async def own_database(url: str, connections: int = 2) -> AsyncIterator[Database]:
    """A pool of its own, so that what a test does to it hurts nobody else."""
    vault = Vault({"test": os.urandom(32)}, {"test": os.urandom(32)})
    async with open_database(url, load_catalogue(None), vault, connections=connections) as database:
        yield database


@pytest.fixture
async def small(server_urls: tuple[str, str]) -> AsyncIterator[Database]:
    """One connection: whoever comes next certainly gets the one that was hurt."""
    async with own_database(server_urls[1], connections=1) as database:
        yield database


async def waiting(superuser: asyncpg.Connection, event: str = "Lock") -> int:
    """The backend of the service that waits."""
    for _ in range(500):
        await superuser.execute("SELECT pg_stat_clear_snapshot()")
        pid: int | None = await superuser.fetchval(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'roundtable' AND wait_event_type = $1"
            " AND state = 'active'",
            event,
        )
        if pid is not None:
            return pid
        await asyncio.sleep(0.02)
    raise AssertionError("nothing waited")


@pytest.mark.parametrize("end", ["pg_terminate_backend", "pg_cancel_backend"])
async def test_a_connection_lost_in_the_middle_of_a_referral_leaves_nothing_half(
    world: World, superuser: asyncpg.Connection, end: str
) -> None:
    before = await counts(superuser, world)
    async with superuser.transaction():
        await superuser.execute("LOCK TABLE case_file IN ACCESS EXCLUSIVE MODE")
        sending = asyncio.create_task(world["officer"].post("/referrals?submit=true", referral_form()))
        pid = await waiting(superuser)
        await superuser.execute(f"SELECT {end}({pid})")
        answer = await sending
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "Thornbury" not in answer.text
    assert await counts(superuser, world) == before
    assert (await world["officer"].post("/referrals?submit=true", referral_form())).status_code == 201


async def test_a_referral_refused_by_a_lost_database_can_be_sent_again_with_its_key(
    world: World, superuser: asyncpg.Connection
) -> None:
    key = {"Idempotency-Key": "lost"}
    async with superuser.transaction():
        await superuser.execute("LOCK TABLE case_file IN ACCESS EXCLUSIVE MODE")
        sending = asyncio.create_task(
            world["officer"].post("/referrals?submit=true", referral_form(), headers=dict(key))
        )
        await superuser.execute(f"SELECT pg_terminate_backend({await waiting(superuser)})")
        assert (await sending).status_code == 503
    answers = [
        await world["officer"].post("/referrals?submit=true", referral_form(), headers=dict(key)) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert (await counts(superuser, world))["case_file"] == 1


@asynccontextmanager
async def when_committed(superuser: asyncpg.Connection, world: World, does: str) -> AsyncIterator[None]:
    """Make the commit itself, of anything that adds a person, do this first."""
    await superuser.execute(
        f"CREATE FUNCTION at_last() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does}; RETURN NULL; END $$"
    )
    await superuser.execute(
        "CREATE CONSTRAINT TRIGGER at_last AFTER INSERT ON person DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        f" WHEN (NEW.partnership_id = '{world.partnership_id}') EXECUTE FUNCTION at_last()"
    )
    try:
        yield
    finally:
        await superuser.execute("DROP TRIGGER at_last ON person")
        await superuser.execute("DROP FUNCTION at_last")


async def test_a_commit_that_never_answers_is_not_acknowledged_and_says_so(
    small: Database, world: World, superuser: asyncpg.Connection
) -> None:
    before = await counts(superuser, world)
    async with when_committed(superuser, world, "PERFORM pg_sleep(30)"):
        sending = asyncio.create_task(do(small, world, _add_a_person))
        await superuser.execute(f"SELECT pg_terminate_backend({await waiting(superuser, 'Timeout')})")
        with pytest.raises(OutcomeUnknown):
            await sending
    assert await counts(superuser, world) == before
    await do(small, world, _add_a_person)
    assert (await counts(superuser, world))["person"] == before["person"] + 1


async def test_a_commit_that_a_constraint_refuses_is_not_acknowledged_and_not_quoted(
    world: World, superuser: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    before = await counts(superuser, world)
    async with when_committed(superuser, world, "RAISE EXCEPTION 'no to Maya Thornbury'"):
        answer = await world["officer"].post("/referrals?submit=true", referral_form())
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "Thornbury" not in answer.text + caplog.text
    assert "unforeseen RaiseError at" in caplog.text
    assert await counts(superuser, world) == before


async def test_a_swallowed_error_cannot_turn_a_rollback_into_a_success(
    small: Database, world: World, superuser: asyncpg.Connection
) -> None:
    """PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement before it had failed."""
    before = await counts(superuser, world)

    async def careless(uow: UnitOfWork) -> str:
        uow.add(person, reference="P-AAAAAAA", created_at=uow.now)
        await uow.flush()
        with pytest.raises(asyncpg.PostgresError):
            await uow.rows(sql("SELECT 1 / 0"))
        return "saved"

    with pytest.raises(Unavailable):
        await do(small, world, careless)
    assert await counts(superuser, world) == before


async def _add_a_person(uow: UnitOfWork) -> None:
    uow.add(person, reference=f"P-{new_id().hex[:7]}", created_at=uow.now)


async def _settings_and_rows(database: Database) -> tuple[list[str], int]:
    """What the next borrower of the connection finds, before it says who it is."""
    async with database._pool.acquire() as connection:
        return [row[0] for row in await connection.fetch(ACTOR)], await connection.fetchval(
            "SELECT count(*) FROM agency"
        )


@pytest.mark.parametrize("moment", ["begin", "enter", "work", "commit"])
async def test_a_cancelled_request_leaves_no_actor_and_no_row_to_the_next_borrower(
    small: Database, world: World, superuser: asyncpg.Connection, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await counts(superuser, world)
    here = {"begin": "BEGIN", "commit": "COMMIT"}.get(moment)
    reached = asyncio.Event()
    async with small._pool.acquire() as connection:
        kind = type(connection._con)
    as_it_is = kind.execute

    async def execute(self: Any, query: str, *args: Any, **more: Any) -> Any:
        done = await as_it_is(self, query, *args, **more)
        if query == here and not reached.is_set():
            reached.set()
            await asyncio.sleep(30)
        return done

    monkeypatch.setattr(kind, "execute", execute)

    async def work(uow: UnitOfWork) -> None:
        await _add_a_person(uow)
        await uow.flush()
        if moment == "work":
            reached.set()
            await uow.rows(WAIT)

    request = asyncio.create_task(do(small, world, work))
    if moment == "enter":
        await asyncio.sleep(0)
        reached.set()
    await reached.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    settings, agencies = await _settings_and_rows(small)
    assert not any(settings)
    assert agencies == 0
    kept = (await counts(superuser, world))["person"] - before["person"]
    assert kept == (1 if moment == "commit" else 0)


async def test_a_request_cancelled_twice_leaves_a_connection_that_works(
    small: Database, world: World, superuser: asyncpg.Connection
) -> None:
    before = await counts(superuser, world)

    async def work(uow: UnitOfWork) -> None:
        await _add_a_person(uow)
        await uow.flush()
        await uow.rows(WAIT)

    for turns in range(6):
        request = asyncio.create_task(do(small, world, work))
        await waiting(superuser, "Timeout")
        request.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        settings, _ = await _settings_and_rows(small)
        assert not any(settings)
    assert await counts(superuser, world) == before


async def test_a_client_that_goes_away_in_the_middle_of_its_body_leaves_nothing(
    app: FastAPI, world: World, superuser: asyncpg.Connection
) -> None:
    before = await counts(superuser, world)
    arriving = [{"type": "http.request", "body": b'{"note": "', "more_body": True}, {"type": "http.disconnect"}]
    answers: list[Any] = []

    async def receive() -> Any:
        return arriving.pop(0)

    async def send(message: Any) -> None:
        answers.append(message)

    headers = [(b"authorization", f"Bearer {world['officer'].token}".encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/referrals", "raw_path": b"/api/v1/referrals",
             "query_string": b"", "headers": headers, "scheme": "http", "http_version": "1.1", "root_path": "",
             "server": ("roundtable.test", 80), "client": ("127.0.0.1", 1), "app": app}  # fmt: skip
    await app(scope, receive, send)
    assert answers == []
    assert await counts(superuser, world) == before


async def test_a_pool_that_is_exhausted_refuses_rather_than_waits_for_ever(
    small: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.transaction._CONNECTION_SECONDS", 0.1)

    async def read(uow: UnitOfWork) -> Any:
        return await uow.value(NOTHING)

    async with small._pool.acquire():
        with pytest.raises(Unavailable):
            await do(small, world, read)
    assert await do(small, world, read) == 1


async def test_a_lock_that_somebody_keeps_is_not_waited_for_for_ever(
    world: World, superuser: asyncpg.Connection, small: Database
) -> None:
    async def send(uow: UnitOfWork) -> Any:
        await uow.rows(sql("SET LOCAL lock_timeout = '50ms'"))
        return await intake.refer(uow, ReferralForm.model_validate(referral_form()))

    async with superuser.transaction():
        await superuser.execute("LOCK TABLE case_file IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable):
            await do(small, world, send)
    async with small._pool.acquire() as connection:
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            assert await connection.fetchval("SELECT current_setting($1)", limit) != "0"


async def test_a_database_that_turned_read_only_is_unavailable(small: Database, world: World) -> None:
    """As after a failover, when the old primary comes back as a standby."""

    async def work(uow: UnitOfWork) -> None:
        await uow.rows(sql("SET TRANSACTION READ ONLY"))
        await _add_a_person(uow)

    with pytest.raises(Unavailable):
        await do(small, world, work)


async def test_a_refusal_undoes_what_was_already_written(
    small: Database, world: World, superuser: asyncpg.Connection
) -> None:
    before = await counts(superuser, world)

    async def work(uow: UnitOfWork) -> None:
        await _add_a_person(uow)
        await uow.flush()
        raise Stale("case")

    with pytest.raises(Stale):
        await do(small, world, work)
    assert await counts(superuser, world) == before
