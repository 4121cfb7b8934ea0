"""Bring a database to the schema this version of Roundtable needs."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def engine_url(url: str) -> str:
    """The same address, as SQLAlchemy names its asyncpg driver."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def config(url: str | None = None) -> Config:
    """Alembic's configuration, without a file; ``url`` is the owner's address."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["url"] = url
    return settings


def upgrade(owner_url: str) -> None:
    """Apply every migration that is missing. Not to be called from a running event loop."""
    command.upgrade(config(owner_url), "head")


def head() -> str | None:
    """The newest revision this version of Roundtable knows."""
    return ScriptDirectory.from_config(config()).get_current_head()


def known_revisions() -> frozenset[str]:
    """Every revision this version of Roundtable knows."""
    return frozenset(step.revision for step in ScriptDirectory.from_config(config()).walk_revisions())


async def current(url: str) -> str | None:
    """The revision the database is at; None for a database that was never migrated."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return revision
    finally:
        await connection.close()
