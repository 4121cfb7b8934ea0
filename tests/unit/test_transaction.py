"""How a unit of work ends that is cancelled or broken: its transaction goes to nobody, and nothing is said of it."""

import asyncio
import gc
from typing import Any

import asyncpg
import pytest

from app.db.transaction import transaction


class Connection:
    """Takes a while to undo, and is then found lost."""

    def __init__(self) -> None:
        self.undoing = asyncio.Event()
        self.lost = asyncio.Event()
        self.terminated = False

    async def execute(self, statement: str) -> str:
        if statement == "ROLLBACK":
            self.undoing.set()
            await self.lost.wait()
            raise asyncpg.InterfaceError("the connection was closed in the middle of operation")
        return statement

    def terminate(self) -> None:
        self.terminated = True
        self.lost.set()


class Pool:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def acquire(self, timeout: float) -> "Pool":
        return self

    async def __aenter__(self) -> Connection:
        return self.connection

    async def __aexit__(self, *_: object) -> None: ...


async def test_who_is_cancelled_twice_leaves_a_lost_connection_and_no_complaint() -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    connection, begun = Connection(), asyncio.Event()

    async def work(_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    working = asyncio.create_task(transaction(Pool(connection), work))
    await begun.wait()
    working.cancel()
    await connection.undoing.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert connection.terminated
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    assert told == []
