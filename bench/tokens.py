"""A token for somebody in the database of a bench, with the session that it names."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.api.tokens import issue
from app.db.ids import new_id
from bench.host import Host

MINUTES = 240


async def token_of(host: Host, connection: Any, partnership_id: UUID, user_id: UUID) -> str:
    """Good for four hours. ``connection`` is a superuser's."""
    session, now = new_id(), datetime.now(UTC)
    await connection.execute(
        "INSERT INTO session (partnership_id, id, user_id, kind, created_at, seen_at, until_at) "
        "VALUES ($1, $2, $3, 'token', $4::timestamptz, $4, $4::timestamptz + interval '1 day')",
        partnership_id,
        session,
        user_id,
        now,
    )
    return issue(
        host.keys.token_keys,
        user_id=user_id,
        partnership_id=partnership_id,
        session_id=session,
        now=now,
        minutes=MINUTES,
    )
