"""How many statements the services send: lists and pages may not send more when there is more to show."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.db.session import UnitOfWork


@asynccontextmanager
async def counted(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], int]]:
    """How many statements the services send while this is open, but for what begins and ends a transaction."""
    sent = 0
    real = UnitOfWork.__init__

    class Counting:
        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> Any:
            nonlocal sent
            sent += name in ("fetch", "fetchrow", "fetchval", "execute")
            return getattr(self._connection, name)

    def wrapped(self: UnitOfWork, connection: Any, *more: Any) -> None:
        real(self, Counting(connection), *more)

    with monkeypatch.context() as patch:
        patch.setattr(UnitOfWork, "__init__", wrapped)
        yield lambda: sent
