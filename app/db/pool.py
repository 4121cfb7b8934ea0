"""Connections to PostgreSQL as the service's role, each handed out for exactly one unit of work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson

from app.db.json import to_json
from app.db.session import Database
from app.db.vault import Vault
from app.risk.instruments import Catalogue

# How long to wait for a lock, for one statement; and how long a stuck process may hold its locks.
_LIMITS = {"lock_timeout": "10s", "statement_timeout": "60s", "idle_in_transaction_session_timeout": "60s"}


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + to_json(value),
        decoder=lambda raw: orjson.loads(raw[1:]),
    )


async def _keep(_: Any) -> None:
    """Nothing to reset: settings are only ever set for one transaction."""


@asynccontextmanager
async def open_database(
    url: str, catalogue: Catalogue, vault: Vault, *, connections: int = 10
) -> AsyncIterator[Database]:
    """Connect as the app's role, whoever the login is. Raises OSError or asyncpg's errors when that fails."""
    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=connections,
        init=_prepare,
        reset=_keep,
        statement_cache_size=500,
        server_settings={
            "role": "roundtable_app",
            "application_name": "roundtable",
            "timezone": "UTC",
            # Policies make planning dearer than running, and no plan should depend on who asks. A plan kept since the
            # tables were small must still hold when they are not: every statement here has an index to go by.
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
            **_LIMITS,
        },
    )
    try:
        yield Database(pool, catalogue, vault)
    finally:
        await pool.close()
