"""Makes the documents that were asked for, one at a time in each process, in a thread beside the event loop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from app.db.ids import new_id
from app.db.session import Credentials, Database, UnitOfWork
from app.domain.agendas import FrozenAgenda
from app.domain.errors import DomainError
from app.services import exports
from app.services.exports import Work

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("roundtable.exports")

# How often progress is looked at, and how long a job may say nothing; it counts as lost after a minute.
LOOK_SECONDS = 0.2
TELL_SECONDS = 10.0


class ExportWork:
    """The jobs that this process has in hand. What it loses by stopping is taken up again by whoever asks for it."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._one_at_a_time = asyncio.Semaphore(1)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def take_up(self, who: Credentials, job_id: UUID) -> None:
        """See to a job, unless it is in hand already. Returns at once."""
        if job_id not in self._tasks:
            task = asyncio.create_task(self._see_to(who, job_id))
            self._tasks[job_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(job_id, None))

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Let go of everything in hand."""
        for task in self._tasks.values():
            task.cancel()
        await self.idle()

    async def _see_to(self, who: Credentials, job_id: UUID) -> None:
        async with self._one_at_a_time:
            try:
                work = await self._run(who, exports.take_up, job_id)
                if work is not None:
                    await self._make(who, job_id, work)
            except DomainError as refusal:
                # The database is away, or the user may no longer enter: the job waits to be asked for again.
                log.warning("export %s left waiting: %s", job_id, refusal.code)

    async def _make(self, who: Credentials, job_id: UUID, work: Work) -> None:
        steps = _Steps()
        making = asyncio.ensure_future(asyncio.to_thread(_render, work, steps))
        told = asyncio.get_running_loop().time()
        shown = (0, 0)
        while not making.done():
            await asyncio.wait({making}, timeout=LOOK_SECONDS)
            now = asyncio.get_running_loop().time()
            if steps.at != shown or now - told > TELL_SECONDS:
                shown, told = steps.at, now
                if not await self._run(who, exports.tell, job_id, work.attempt, *shown):
                    return
        try:
            content, file_name = making.result()
        except Exception as error:
            # Its kind and never its words, which may quote the document.
            log.error("export %s failed: %s", job_id, type(error).__name__)
            text = "This document could not be made. Ask for another format, or tell your operator."
            await self._run(who, exports.fail, job_id, work.attempt, text)
            return
        await self._run(who, exports.finish, job_id, work.attempt, content, file_name)

    async def _run(
        self,
        who: Credentials,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return await self._database.run(who, use_case, self._clock(), new_id(), *args, **kwargs)


class _Steps:
    """How far the thread has come. Set there and read here: one reference, so no lock is needed."""

    def __init__(self) -> None:
        self.at = (0, 0)

    def __call__(self, done: int, total: int) -> None:
        self.at = (done, total)


def _render(work: Work, steps: _Steps) -> tuple[bytes, str]:
    # Loaded with the first document: the typesetter and the office formats take 20 MB that most processes never need.
    from app.exports.render import file_name, render, render_minutes

    if isinstance(work.frozen, FrozenAgenda):
        content = render(work.format, work.frozen, work.recipient, work.at, steps)
    else:
        content = render_minutes(work.format, work.frozen, work.recipient, work.at, steps)
    return content, file_name(work.frozen, work.format)


@asynccontextmanager
async def export_work(database: Database, clock: Callable[[], datetime]) -> AsyncIterator[ExportWork]:
    """The work of this process, let go of at the end."""
    work = ExportWork(database, clock)
    try:
        yield work
    finally:
        await work.stop()
