"""What another's server may do to this one: little, and not for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.services.outside import MOST_BYTES, OutOfReach, Outside

OUTSIDE = Outside(loopback=True)


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says these bytes to everyone, and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://localhost:{listening.sockets[0].getsockname()[1]}/keys?v=1", asked


async def test_a_document_comes_with_how_long_it_holds() -> None:
    headers = b"Content-Type: application/json; charset=utf-8\r\nCache-Control: public, max-age=60\r\n"
    async with server(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n{}") as (url, asked):
        reply = await OUTSIDE.get(url)
        assert (reply.status, reply.content_type, reply.body, reply.max_age) == (200, "application/json", b"{}", 60)
        # It is asked by the name in the address, not by the number it was reached at.
        assert asked[0].startswith(b"GET /keys?v=1 ")
        assert b"host: localhost:" in asked[0].lower()


async def test_nobody_is_followed_to_another_address() -> None:
    async with server(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as (
        url,
        asked,
    ):
        assert (await OUTSIDE.get(url)).status == 302
        assert len(asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (MOST_BYTES + 1),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + b"\x1f\x8b",
        b"Good morning.\r\n\r\n",
        b"",
    ],
    ids=["too much", "packed", "not http", "nothing"],
)
async def test_an_answer_that_is_no_plain_document_is_none(answer: bytes) -> None:
    async with server(answer) as (url, _):
        with pytest.raises(OutOfReach):
            await OUTSIDE.get(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://nowhere.invalid/", "http:///", "http://[::1/"])
async def test_where_nobody_answers_there_is_no_answer(url: str) -> None:
    with pytest.raises(OutOfReach):
        await OUTSIDE.get(url)


async def test_this_machine_is_asked_by_no_name_at_all() -> None:
    async with server(b"HTTP/1.1 200 OK\r\n\r\n{}") as (url, asked):
        for name in ("localhost", "127.0.0.1", "2130706433", "[::ffff:127.0.0.1]"):
            with pytest.raises(OutOfReach) as caught:
                await Outside(private=True).get(url.replace("localhost", name))
            assert caught.value.address
        assert asked == []
