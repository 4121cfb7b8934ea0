"""Hearing that somebody's access changed, in whatever process it was changed: one listening connection for each.

PostgreSQL tells nobody twice, so whoever watches looks again by themselves now and then as well: a process that had
lost its connection for a moment, or a pooler that cannot pass notifications on, makes a change be seen late, never not.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final
from uuid import UUID

import asyncpg

log = logging.getLogger("roundtable.watch")

CHANNEL: Final = "roundtable_access"
_STILL_THERE_SECONDS: Final = 30
_ANSWER_SECONDS: Final = 10
_PAUSE_SECONDS: Final = 1
_LOST: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Changes:
    """What one watcher hears: that it is time to look again, and that the process is about to end."""

    def __init__(self, ids: frozenset[UUID]) -> None:
        self._ids = ids
        self._woken = asyncio.Event()
        self.over = False
        """The process is told to end: whatever is open is to be closed."""

    async def next(self, seconds: float) -> bool:
        """Wait until something may have changed, for at most so long. Returns whether it may have."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), max(seconds, 0))
        woken = self._woken.is_set()
        self._woken.clear()
        return woken

    def hear(self, about: UUID | None) -> None:
        """Somebody's access changed; None: that of anybody."""
        if about is None or about in self._ids:
            self._woken.set()

    def close(self) -> None:
        """Wake the watcher for the last time."""
        self.over = True
        self._woken.set()


class Watch:
    """Everybody in this process who watches."""

    def __init__(self) -> None:
        self._watchers: defaultdict[UUID, set[Changes]] = defaultdict(set)
        self.wanted = asyncio.Event()
        """Somebody watches, or did: from then on it is worth a connection."""

    @contextmanager
    def on(self, partnership_id: UUID, *ids: UUID) -> Iterator[Changes]:
        """Changes in the access of these people and agencies, and in what concerns everybody there."""
        changes = Changes(frozenset(ids))
        self._watchers[partnership_id].add(changes)
        self.wanted.set()
        try:
            yield changes
        finally:
            self._watchers[partnership_id].discard(changes)
            if not self._watchers[partnership_id]:
                del self._watchers[partnership_id]

    def hear(self, told: str) -> None:
        """Pass a notification on: a partnership's id and, if it is about somebody, theirs."""
        partnership, _, about = told.partition(" ")
        try:
            where, whom = UUID(partnership), UUID(about) if about else None
        except ValueError:
            return  # whoever may connect to the database may notify
        for each in tuple(self._watchers.get(where, ())):
            each.hear(whom)

    def wake(self) -> None:
        """Have everybody look again."""
        for each in self._all():
            each.hear(None)

    def close(self) -> None:
        """Have everybody close what they hold open, since the process is about to end."""
        for each in self._all():
            each.close()

    def _all(self) -> tuple[Changes, ...]:
        return tuple(each for some in self._watchers.values() for each in some)


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[Watch]:
    """The watch of this process. It connects once somebody watches, and again whenever the connection is lost."""
    watch = Watch()
    task = asyncio.create_task(_listen(url, watch))
    try:
        yield watch
    finally:
        watch.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(url: str, watch: Watch) -> None:
    await watch.wanted.wait()
    while True:
        try:
            await _listen_once(url, watch)
        except _LOST as error:
            log.warning("lost the connection that hears of changes in access: %s", type(error).__name__)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _listen_once(url: str, watch: Watch) -> None:
    connection = await asyncpg.connect(
        url, timeout=_ANSWER_SECONDS, server_settings={"application_name": "roundtable watch"}
    )
    lost = asyncio.Event()

    def heard(_connection: Any, _pid: int, _channel: str, told: object) -> None:
        watch.hear(str(told))

    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, heard)
        watch.wake()  # whatever was told before this
        while not lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(lost.wait(), _STILL_THERE_SECONDS)
            if not lost.is_set():
                await connection.execute("SELECT 1", timeout=_ANSWER_SECONDS)
    finally:
        connection.terminate()
