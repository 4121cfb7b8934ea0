"""A small HTTP client: one kept-alive connection, so that the measuring costs less than what is measured."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body; headers by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """One connection to 127.0.0.1. Not to be shared between tasks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def request(self, method: str, path: str, token: str, body: bytes = b"", **headers: str) -> Answer:
        """Send one request and wait for its answer. Raises ConnectionError or asyncio.IncompleteReadError."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        assert self._reader is not None
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {token}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        found = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        content = await self._reader.readexactly(int(found.get("content-length", "0")))
        return Answer(int(head[0].split()[1]), found, content)

    async def abandon(self, method: str, path: str, token: str, body: bytes, **headers: str) -> None:
        """Send a request and hang up without waiting, as a client does that loses its signal."""
        head = [
            f"{method} {path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {token}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            self._reader = self._writer = None
