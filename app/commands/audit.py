"""``roundtable audit``: the heads that agencies keep, and who could see a case and who looked."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from app.commands.seed import database_of
from app.db import audit as queries
from app.db.ids import new_id
from app.db.signet import Signet
from app.deployment import reach
from app.domain.clock import local
from app.problem import Problem
from app.services import seals
from app.settings import Settings

Say = Callable[[str], None]
T = TypeVar("T")
_NOBODY = UUID(int=0)


def explain(url: str, variable: str, reference: str, say: Say) -> None:
    """Say who could see the case and why, and who looked; asking is in the trail too. Raises Problem."""
    try:
        asyncio.run(_ask(url, variable, reference, say))
    except (ValueError, OverflowError):
        raise Problem("Something kept about this case has an impossible time: run 'roundtable audit verify'.") from None


async def _ask(url: str, variable: str, reference: str, say: Say) -> None:
    """The question is on record before the first word of the answer, whoever stops listening to it."""
    cases = await as_owner(url, variable, lambda connection: _put_on_record(connection, reference), writes=True)
    await as_owner(url, variable, lambda connection: _explain(connection, cases, say))


def hand_out(settings: Settings, partnership: str | None, say: Say) -> None:
    """Seal what has moved, and say the newest head of each partnership, or of the one with that short name.

    Raises Problem.
    """
    if not settings.seal_keys:
        raise Problem("ROUNDTABLE_SEAL_KEYS is not set: run 'roundtable keys' once and keep what it prints.")
    try:
        signet = Signet(settings.seal_keys)
    except ValueError as error:
        raise Problem(f"ROUNDTABLE_SEAL_KEYS cannot be used. {error}") from None
    asyncio.run(_hand_out(settings, signet, partnership, say))


async def _hand_out(settings: Settings, signet: Signet, slug: str | None, say: Say) -> None:
    now, told = datetime.now(UTC), False
    async with database_of(settings) as database:
        for each in await database.run_as_system(_NOBODY, seals.partnerships, now):
            name, short = await database.run_as_system(each, seals.named, now)
            if slug is not None and short != slug:
                continue
            while await database.run_as_system(each, seals.seal, now, signet):
                pass
            head = await database.run_as_system(each, seals.newest, now)
            told = True
            say(f"{name}\n{head.text()}" if head else f"{name}\nThere is nothing in its trail yet.\n")
    if slug is not None and not told:
        raise Problem(f"There is no partnership called '{slug}': check its short name.")
    if not told:
        raise Problem("There is no partnership in this database: check DATABASE_URL.")


async def as_owner(url: str, variable: str, work: Callable[[Any], Awaitable[T]], *, writes: bool = False) -> T:
    """Work as the database's owner, in one snapshot unless it ``writes``. Raises Problem."""
    connection = await reach(url, variable)
    try:
        snapshot = connection.transaction(isolation="repeatable_read", readonly=True)
        async with connection.transaction() if writes else snapshot:
            return await work(connection)
    except asyncpg.InsufficientPrivilegeError:
        raise Problem(f"The user in {variable} may not read the whole trail: use the database's owner.") from None
    except asyncpg.UndefinedTableError:
        raise Problem(
            "This database has no Roundtable in it: check the address, or run 'roundtable migrate'."
        ) from None
    except BrokenPipeError:  # whoever reads what is said has read enough
        raise
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
        raise Problem("The database went away. Run this again.") from None
    except asyncpg.PostgresError as error:
        raise Problem(
            f"The trail cannot be read or written ({type(error).__name__}). Somebody may have changed what the "
            "database's tables or functions are: compare its schema with that of a new one."
        ) from None
    finally:
        await connection.close()


async def _put_on_record(connection: Any, reference: str) -> list[Any]:
    cases: list[Any] = await connection.fetch(queries.CASES, reference.strip())
    if not cases:
        raise Problem(f"There is no case '{reference}': give its reference as people read it, such as C-7KQ2MNPX.")
    for case in cases:
        which = case["partnership_id"], case["id"]
        await connection.execute(queries.EXPLAINED, *which, new_id(), new_id(), datetime.now(UTC))
    return cases


async def _explain(connection: Any, cases: list[Any], say: Say) -> None:
    for case in cases:
        which = case["partnership_id"], case["id"]
        say(f"Case {case['reference']}, {case['partnership']}. Times are London's.\n\nWho could see it, and why")
        for grant in await connection.fetch(queries.GRANTS, *which):
            say(f"  {_span(grant)}  {_who(grant)}: {_plain(grant['reason'])}")
        for restriction in await connection.fetch(queries.RESTRICTIONS, *which):
            say(f"  {_span(restriction)}  restricted: of these, only those who were named")
        for exclusion in await connection.fetch(queries.EXCLUSIONS, *which):
            say(f"  {_span(exclusion)}  {_who(exclusion)}: kept from it, whatever opened it to them")
        say("\nWho looked, and what was done")
        looks = 0
        async for entry in connection.cursor(queries.LOOKS, *which):
            looks += 1
            purpose = f" ({entry['purpose']})" if entry["purpose"] else ""
            say(f"  {_moment(entry['at'])}  {_who(entry)}: {_plain(entry['verb'])}{purpose}")
        say(f"\n{looks:,} entries.")


def _span(row: Any) -> str:
    until = f" until {_moment(row['until_at'])}" if row["until_at"] else ""
    return f"{_moment(row['from_at'])}{until}"


def _who(row: Any) -> str:
    if row["person"]:
        return f"{row['person']}, {row['agency']}"
    desk = row.get("desk")
    if desk is None:
        return "the service itself"
    return f"{row['agency']}, its {'desk' if desk == 'desk' else _plain(desk)}"


def _plain(code: str) -> str:
    return code.replace("_", " ").replace(".", " ")


def _moment(at: datetime) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}"
