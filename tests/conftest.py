"""Real PostgreSQL for every test that asks for it: one server, one migrated database for each worker.

Each test works in a partnership of its own. Partnerships cannot see each other, so nothing is rolled back or emptied,
and commits, locks and policies are the real ones.
"""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

from app.api.tokens import generate_pem
from app.db import migrate
from app.db.session import Database
from app.db.signet import new_seal_key
from app.main import create_app
from app.postgres import EmbeddedPostgres
from app.services.passwords import Cost, Passwords
from app.settings import Settings, new_contact_key
from tests.direct import DirectClient
from tests.tabs import Tab
from tests.world import Clock, World, build_world

# The tests hold much for as long as they run, and looking through all of it for garbage took a tenth of their time.
gc.set_threshold(50_000, 20, 20)

# Files whose tests are few and long, and so are dealt out one by one; those of any other file share what they set up.
LONG = ("tests/policy/test_access_matrix.py", "tests/policy/test_paired_worlds.py")

BLANK = "blank"
CHEAP = Cost(passes=1, memory_kib=8, lanes=1)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # likewise
    """Whole files to each worker, those of most tests first, and last the tests of the long ones."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file in LONG else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How the tests are dealt out to the workers, unless the command says how."""
    return ByFile(config, log) if config.getvalue("dist") == "load" else None


@pytest.fixture(scope="session")
def server_urls(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[tuple[str, str]]:
    """The owner's and the app's addresses of a fresh, migrated database."""
    folder = Path(os.environ.get("ROUNDTABLE_TEST_DATA") or tmp_path_factory.mktemp("postgres"))
    with EmbeddedPostgres(folder / worker_id, durable=False) as running:
        migrate.upgrade(running.owner_url())
        with ThreadPoolExecutor(1) as thread:  # a loop of its own, whatever loop there is here
            thread.submit(asyncio.run, _keep_a_blank(running.superuser_url())).result()
        yield running.owner_url(), running.app_url()


async def _keep_a_blank(url: str) -> None:
    """Copy the new database, for tests that need one of their own: to copy takes a tenth of the time of migrating."""
    superuser = await asyncpg.connect(url)
    await superuser.execute(f"CREATE DATABASE {BLANK} OWNER roundtable_owner TEMPLATE roundtable STRATEGY file_copy")
    await superuser.close()


@pytest.fixture
async def own_urls(server_urls: tuple[str, str], superuser: asyncpg.Connection) -> AsyncIterator[tuple[str, str]]:
    """The owner's and the app's addresses of a migrated database for one test alone."""
    name = f"own_{uuid4().hex}"
    await superuser.execute(f"CREATE DATABASE {name} OWNER roundtable_owner TEMPLATE {BLANK} STRATEGY file_copy")
    owner, service = (url.replace("/roundtable?", f"/{name}?") for url in server_urls)
    yield owner, service
    await superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def clock() -> Clock:
    """The service's clock: Saturday 21 November 2026, ten past three in the morning, until a test moves it."""
    return Clock(datetime(2026, 11, 21, 3, 10, tzinfo=UTC))


@pytest.fixture(scope="session")
def seal_keys() -> dict[str, str]:
    """What the service seals its trail with."""
    return {"test": new_seal_key()}


@pytest.fixture(scope="session")
async def app(server_urls: tuple[str, str], clock: Clock, seal_keys: dict[str, str]) -> AsyncIterator[FastAPI]:
    """The service as it is composed in production, on the test database."""
    settings = Settings(
        database_url=server_urls[1],
        token_keys={"test": generate_pem()},
        contact_keys={"test": new_contact_key()},
        index_keys={"test": new_contact_key()},
        seal_keys=seal_keys,
    )
    made = create_app(settings, clock, Passwords(cost=CHEAP))
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture(scope="session")
def database(app: FastAPI) -> Database:
    """The service's own way to the database."""
    found: Database = app.state.database
    return found


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the service, signed in as nobody."""
    async with DirectClient(app) as made:
        yield made


@pytest.fixture
async def tab(app: FastAPI) -> AsyncIterator[Tab]:
    """A browser in which nobody has signed in."""
    async with Tab(app) as made:
        yield made


@pytest.fixture
async def world(app: FastAPI, client: httpx.AsyncClient, clock: Clock) -> World:
    """A partnership of ten agencies of its own, with people in every role."""
    clock.reset()
    return await build_world(app, client, clock)


@pytest.fixture
async def superuser(server_urls: tuple[str, str]) -> AsyncIterator[asyncpg.Connection]:
    """A connection that no policy binds, to look behind the service's back."""
    owner = server_urls[0]
    connection = await asyncpg.connect(owner.replace("roundtable_owner@", "postgres@"))
    yield connection
    await connection.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last, and loudly, what was not proven because this machine lacks what it takes."""
    for reason in sorted({str(each.longrepr[2]) for each in terminalreporter.stats.get("skipped", ())}):
        terminalreporter.section(reason.removeprefix("Skipped: "), sep="!", red=True)
