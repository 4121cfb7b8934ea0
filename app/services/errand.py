"""An errand: one request, from a page or from a program, and the only way from either to a service."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from app.db.ids import new_id
from app.db.session import Credentials, Database, UnitOfWork
from app.domain.errors import NotFound

P = ParamSpec("P")
T = TypeVar("T")

_BEAT_SECONDS = 0.01


class Do(Protocol):
    """Runs one service function as whoever is signed in, in a transaction of its own."""

    async def __call__(
        self, use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the service function returns, once it is committed."""


class Errand:
    """One request: when it came, and service functions run for whoever asks, each in a transaction of its own."""

    def __init__(self, database: Database, now: datetime) -> None:
        self._database = database
        self._came = time.perf_counter()
        self.now = now
        self.request_id: UUID = new_id()

    async def do(
        self,
        who: Credentials,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run one service function in one transaction; it is committed when this returns."""
        try:
            return await self._database.run(who, use_case, self.now, self.request_id, *args, **kwargs)
        except NotFound:
            await self.on_the_beat()
            raise

    async def do_as_nobody(
        self,
        partnership_id: UUID,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The same before it is known who asks: nobody, who sees no case."""
        return await self._database.run_as_system(partnership_id, use_case, self.now, *args, **kwargs)

    async def on_the_beat(self) -> None:
        """Wait for the next hundredth of a second since the request came, holding nothing.

        PostgreSQL takes a tenth of a millisecond longer over a row that it then hides than over none. An answer that
        would tell the two apart is given on a beat, and so are those that look the same.
        """
        await asyncio.sleep(_BEAT_SECONDS - (time.perf_counter() - self._came) % _BEAT_SECONDS)
