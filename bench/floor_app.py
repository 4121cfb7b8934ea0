"""The least that could serve a list: raw asyncpg and orjson behind uvicorn, with no policies and no audit."""

import os
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from bench.lists import CONNECTIONS, FLOOR


async def _nothing(_: object) -> None:
    """No reset."""


def create() -> Any:
    """A bare ASGI application: ``GET /<partnership>`` answers fifty cases."""
    pool: Any = None

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal pool
        if scope["type"] == "lifespan":
            await receive()
            url = os.environ["FLOOR_DATABASE_URL"]
            pool = await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=10, reset=_nothing)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b"[]"
        if scope["path"] != "/":
            async with pool.acquire() as connection:
                rows = await connection.fetch(FLOOR, UUID(scope["path"][1:]))
            body = orjson.dumps([dict(row) for row in rows], default=str)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
