"""Kill the server outright: what was acknowledged is there when it comes back. And nobody reads off the record."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.api.tokens import generate_pem
from app.db import migrate
from app.db.signet import new_seal_key
from app.main import create_app
from app.postgres import EmbeddedPostgres
from app.settings import Settings, new_contact_key
from tests.world import Clock, World, build_world, referral_form

KEYS = {"test": generate_pem()}
CONTACTS = {"test": new_contact_key()}
SEALS = {"test": new_seal_key()}


def power_cut(data: Path) -> None:
    """kill -9 of every process of the server at once."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(data):
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue


@asynccontextmanager
async def service(url: str, clock: Clock) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The service as it is composed in production."""
    settings = Settings(
        database_url=url,
        token_keys=KEYS,
        contact_keys=CONTACTS,
        index_keys=CONTACTS,
        seal_keys=SEALS,
    )
    app = create_app(settings, clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://roundtable.test") as client,
    ):
        yield app, client


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock(datetime(2026, 11, 21, 3, 10, tzinfo=UTC))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that others may enter: as root, the server runs as somebody else."""
    made = Path(tempfile.mkdtemp(prefix="rt-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the server's processes in /proc")
async def test_a_referral_that_was_answered_survives_a_power_cut(folder: Path, clock: Clock) -> None:
    data = folder / "data"
    with EmbeddedPostgres(data, durable=True) as running:
        await asyncio.to_thread(migrate.upgrade, running.owner_url())
        async with service(running.app_url(), clock) as (app, client):
            world = await build_world(app, client, clock)
            sent = [await world.refer(victim=f"Maya Thornbury{n}") for n in range(3)]
            power_cut(data)
            refused = await world["officer"].post("/referrals?submit=true", referral_form(victim="Ana Orr"))
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            assert (await client.get("/health")).status_code == 503

    with EmbeddedPostgres(data, durable=True) as again:
        async with service(again.app_url(), clock) as (app, client):
            officer = replace(world["officer"], app=app, client=client)
            for each in sent:
                shown = await officer.get(f"/referrals/{each['referral_id']}")
                assert shown.json()["result"] == each
            listed = (await officer.get("/referrals")).json()["items"]
            assert {each["id"] for each in listed} == {each["referral_id"] for each in sent}
        trail = await asyncpg.connect(again.superuser_url("roundtable"))
        referred = await trail.fetchval("SELECT count(*) FROM audit WHERE verb = 'case.referred'")
        await trail.close()
        assert referred == len(sent)


BREAKING_THE_TRAIL = {
    "no right to write": "REVOKE INSERT ON audit FROM roundtable_app",
    "no chain": "DROP FUNCTION chain_audit CASCADE",
    "no content": "DROP FUNCTION audit_content(audit) CASCADE",
    "no head": "DROP TABLE audit_head",
    "no table": "DROP TABLE audit CASCADE",
    "nothing may pass": "CREATE POLICY shut ON audit AS RESTRICTIVE FOR INSERT WITH CHECK (false)",
}


async def test_what_cannot_be_put_on_the_record_is_not_answered(
    own_urls: tuple[str, str], superuser: asyncpg.Connection, clock: Clock
) -> None:
    sound = urlsplit(own_urls[1]).path.removeprefix("/")
    async with service(own_urls[1], clock) as (app, client):
        world = await build_world(app, client, clock)
        sent = await world.refer()
        reads = [
            f"/referrals/{sent['referral_id']}",
            "/referrals",
            f"/cases/{sent['case']['id']}",
            "/cases",
            f"/cases/{sent['case']['id']}/timeline",
            f"/meetings/{sent['route']['meeting_id']}/agenda",
        ]
        for path in reads:
            assert (await world["coordinator"].get(path)).status_code == 200, "the reads are good ones"
    for name, breaking in BREAKING_THE_TRAIL.items():
        await superuser.execute(f"CREATE DATABASE broken TEMPLATE {sound} STRATEGY file_copy")
        await _with_broken_trail(own_urls[1].replace(sound, "broken"), clock, world, breaking, reads, name)
        await superuser.execute("DROP DATABASE broken WITH (FORCE)")


async def _with_broken_trail(url: str, clock: Clock, world: World, breaking: str, reads: list[str], name: str) -> None:
    superuser = await asyncpg.connect(url.replace("roundtable_app@", "postgres@"))
    await superuser.execute(breaking)
    cases = await superuser.fetchval("SELECT count(*) FROM case_file")
    async with service(url, clock) as (app, client):
        for who in ("officer", "coordinator"):
            person = replace(world[who], app=app, client=client)
            for path in reads:
                answer = await person.get(path)
                assert answer.status_code in (500, 503), (name, path)
                assert "Thornbury" not in answer.text
            written = await person.post("/referrals?submit=true", referral_form(victim="Ana Orr"))
            assert written.status_code in (500, 503), name
    assert await superuser.fetchval("SELECT count(*) FROM case_file") == cases
    await superuser.close()
