"""One transaction: begun, committed, and tried again when that is right; and how it can end otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import asyncpg

from app.domain.errors import Conflict, DomainError

T = TypeVar("T")


class Overtaken(Exception):
    """Somebody else was faster since this unit of work looked. It is run again from the start."""


class AtTheDoor(Exception):
    """What ends this person's access, or their agency's, waits or works just now."""


# Two transactions may lock rows in opposite order, or make the same row at once. PostgreSQL ends one of them; run
# again, it finds what the other one made.
_AGAIN = (Overtaken, asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)
_TRIES = 4
LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidTransactionStateError,  # a server that became a standby, or that ended an idle transaction
    asyncpg.InternalClientError,  # the server ended the connection between two statements
)
# How long to wait for a connection.
_CONNECTION_SECONDS = 10
# How long to wait at the door, and between two looks: holding no connection, of which others would run out.
_DOOR_SECONDS = 15
_LOOK_SECONDS = 0.01
_LONGEST_LOOK_SECONDS = 0.5


class Unavailable(DomainError):
    """The database cannot be reached or ended the connection; nothing was saved."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__("The service could not save or read this just now. Nothing was changed. Try again.")


class OutcomeUnknown(Unavailable):
    """The database went away between being told to commit and saying that it had."""

    code = "outcome_unknown"

    def __init__(self) -> None:
        DomainError.__init__(
            self,
            "The database went away while this was being saved, so it may or may not have been. Read it again before "
            "you repeat it; a repeat with the same Idempotency-Key is always safe.",
        )


async def transaction(pool: Any, attempt: Callable[[Any], Awaitable[T]]) -> T:
    """Run ``attempt`` on a connection of its own and commit: again, if somebody else was faster.

    Raises what the attempt raises, Conflict when what it makes is there already, Unavailable when nothing was saved,
    and OutcomeUnknown when nobody can tell.
    """
    tried, look, came = 0, _LOOK_SECONDS, asyncio.get_running_loop().time()
    while True:
        try:
            async with pool.acquire(timeout=_CONNECTION_SECONDS) as connection:
                return await _once(connection, attempt)
        except AtTheDoor:
            if asyncio.get_running_loop().time() - came > _DOOR_SECONDS:
                raise Unavailable from None
            await asyncio.sleep(look)
            look = min(look * 2, _LONGEST_LOOK_SECONDS)
        except _AGAIN as error:
            tried += 1
            if tried == _TRIES:
                if isinstance(error, asyncpg.UniqueViolationError):
                    raise Conflict("This has been recorded already. Read it again.") from None
                raise Unavailable from None
            await asyncio.sleep(0.01 * tried)
        except LOST:
            raise Unavailable from None


async def _once(connection: Any, attempt: Callable[[Any], Awaitable[T]]) -> T:
    try:
        await connection.execute("BEGIN")
        result = await attempt(connection)
        await _commit(connection)
    except BaseException:
        await _undo(connection)
        raise
    return result


async def _undo(connection: Any) -> None:
    """A cancelled or broken unit of work must not hand its transaction to the next borrower."""
    try:
        undoing = asyncio.ensure_future(connection.execute("ROLLBACK"))
        # Cancelled, nobody waits for it any more; what then becomes of it is nobody's news.
        undoing.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(undoing)
    except BaseException as error:
        with suppress(asyncpg.InterfaceError):  # it is lost, and the pool has given it up already
            connection.terminate()
        if not isinstance(error, Exception):
            raise


async def _commit(connection: Any) -> None:
    """Commit, and be sure of it.

    Raises OutcomeUnknown when the answer never came, and Unavailable when the answer was that nothing was kept:
    PostgreSQL says ROLLBACK, and calls it no error, if a statement failed and somebody swallowed that.
    """
    if connection.is_closed():
        raise Unavailable
    try:
        done = await connection.execute("COMMIT")
    except LOST:
        raise OutcomeUnknown from None
    if done != "COMMIT":
        raise Unavailable
