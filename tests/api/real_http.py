"""The service behind a real HTTP server, for requests that no client library would send."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import uvicorn
from fastapi import FastAPI

from tests.world import World


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The problem's code. Fails when the answer is not a problem of that status."""
        assert self.headers["content-type"] == "application/problem+json", (self.status, self.body[:200])
        told = json.loads(self.body)
        assert told["status"] == self.status
        return str(told["code"])


@dataclass(frozen=True, slots=True)
class Wire:
    """A server's port, and bytes to send to it."""

    port: int

    async def send(self, *parts: bytes) -> Reply:
        """Send the bytes as they are, and read one answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass  # an answer may come before everything was sent
        try:
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = int(headers.get("content-length", "0"))
            no_body = parts[0].startswith(b"HEAD ")
            body = b"" if no_body else await asyncio.wait_for(reader.readexactly(length), 10)
        finally:
            writer.close()
        return Reply(int(first.split()[1]), headers, body)

    async def ask(self, method: str, path: str, token: str, body: bytes = b"", *headers: str) -> Reply:
        """One request with a token, its target and headers exactly as given."""
        lines = [f"{method} {path} HTTP/1.1", "Host: roundtable.test", f"Authorization: Bearer {token}", *headers]
        if body or method in ("POST", "PUT"):
            lines.append(f"Content-Length: {len(body)}")
        return await self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[Wire]:
    """The app behind uvicorn, as the command starts it, on a free port."""
    config = uvicorn.Config(app, port=0, http="httptools", lifespan="off", access_log=False, log_level="critical")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield Wire(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await ticking
        await server.shutdown()


_OF_PARTNERSHIP = """SELECT table_name AS name FROM information_schema.columns
  WHERE table_schema = 'public' AND column_name = 'partnership_id' AND table_name <> 'audit_head' ORDER BY 1"""
_tables: list[str] = []


async def counts(superuser: asyncpg.Connection, world: World) -> dict[str, int]:
    """How many rows the partnership has in every table there is; but for refusals, which the trail keeps as well."""
    if not _tables:  # no test makes or drops one
        _tables.extend(row["name"] for row in await superuser.fetch(_OF_PARTNERSHIP))
    but = {"audit": " AND verb NOT LIKE 'denied.%'"}
    parts = [
        f"SELECT '{name}' AS name, count(*) AS n FROM {name} WHERE partnership_id = $1{but.get(name, '')}"
        for name in _tables
    ]
    rows = await superuser.fetch(" UNION ALL ".join(parts), world.partnership_id)
    return {row["name"]: row["n"] for row in rows}
