"""Alembic's entry: one transaction per migration, a lock timeout so that a migration never queues up the service."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.db.migrate import engine_url
from app.db.tables import metadata

LOCK_TIMEOUT = "SET lock_timeout = '5s'"


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        connection.execute(text(LOCK_TIMEOUT))
        context.run_migrations()


async def _online(url: str) -> None:
    engine = create_async_engine(engine_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(_online(context.config.attributes["url"]))
