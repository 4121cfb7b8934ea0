"""``roundtable seed``: the demonstration, into whatever database this is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg

from app.db.pool import open_database
from app.db.session import Database
from app.db.transaction import Unavailable
from app.db.vault import Vault
from app.deployment import reach
from app.problem import Problem
from app.risk.instruments import load_catalogue
from app.seeds.demo import seed_demo, seed_year
from app.settings import Settings

Say = Callable[[str], None]
_CONNECTIONS = 4


def seed(settings: Settings, say: Say, *, year: bool = False) -> bool:
    """Tell the demonstration's story, or its whole year, unless it is there. Returns whether anything was done.

    The settings must name a database with the schema of this version, and keys. Raises Problem. Not to be called
    from a running event loop.
    """
    work = seed_year if year else seed_demo

    async def run() -> bool:
        async with database_of(settings, hurried=True) as database:
            return await work(database, datetime.now(UTC), say)

    return asyncio.run(run())


@asynccontextmanager
async def database_of(settings: Settings, *, hurried: bool = False) -> AsyncIterator[Database]:
    """The service's own way to the database. ``hurried``: what a power cut would lose can be told again."""
    if settings.database_url is None:
        raise Problem("Set DATABASE_URL, or use 'roundtable up' to try it here.")
    for variable, keys in (
        ("ROUNDTABLE_CONTACT_KEYS", settings.contact_keys),
        ("ROUNDTABLE_INDEX_KEYS", settings.index_keys),
    ):
        if not keys:
            raise Problem(f"{variable} is not set: run 'roundtable keys' once and keep what it prints.")
    url = settings.database_url
    if hurried:
        url += ("&" if "?" in url else "?") + "synchronous_commit=off"
    await (await reach(settings.database_url, "DATABASE_URL")).close()
    try:
        async with open_database(
            url,
            load_catalogue(settings.instruments),
            Vault(settings.contact_keys, settings.index_keys),
            connections=_CONNECTIONS,
        ) as database:
            yield database
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.InvalidParameterValueError):
        # The last of them: on a server that never had a Roundtable, the role that the service takes is not there.
        raise Problem("This database has no Roundtable in it yet: run 'roundtable migrate'.") from None
    except (OSError, asyncpg.PostgresConnectionError, Unavailable):
        raise Problem(
            "The database went away: run 'roundtable doctor', then this again. It goes on from there."
        ) from None
