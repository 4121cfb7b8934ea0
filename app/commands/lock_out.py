"""``roundtable lock-out``: an agency let in no more, at once, and let in again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from pydantic import ValidationError

from app.commands.seed import database_of
from app.db.session import Database, UnitOfWork
from app.domain.agencies import LockOutForm
from app.domain.errors import Conflict
from app.problem import Problem
from app.services import agencies, leaving, seals
from app.settings import Settings

Say = Callable[[str], None]
Work = Callable[[UnitOfWork, UUID], Awaitable[None]]
_NOBODY = UUID(int=0)


def lock_out(settings: Settings, name: str, because: str, partnership: str | None, say: Say) -> None:
    """Lock out the agency of that name, or short name. Asks nothing. Raises Problem, and then nothing was changed."""
    try:
        form = LockOutForm(because=because)
    except ValidationError:
        raise Problem("Say why, in 1 to 200 characters: --because 'a laptop was stolen'.") from None

    async def work(uow: UnitOfWork, agency_id: UUID) -> None:
        await leaving.wait_as_long_as_it_takes(uow)
        await agencies.lock_out(uow, agency_id, form)

    called = _change(settings, name, partnership, work)
    say(f"{called} is locked out: nobody of theirs, and no system, is let in. 'roundtable lock-out --lift' ends it.")


def lift(settings: Settings, name: str, partnership: str | None, say: Say) -> None:
    """Let the agency in again. Raises Problem."""
    called = _change(settings, name, partnership, agencies.let_in)
    say(f"{called} is let in again. Its people sign in anew.")


def _change(settings: Settings, name: str, partnership: str | None, work: Work) -> str:
    return asyncio.run(_changed(settings, name, partnership, work))


async def _changed(settings: Settings, name: str, slug: str | None, work: Work) -> str:
    now = datetime.now(UTC)
    async with database_of(settings) as database:
        found = await _found(database, name.strip(), slug, now)
        if not found:
            where = f" in the partnership '{slug}'" if slug else ""
            raise Problem(f"There is no agency called '{name}'{where}: give its name, or its short name.")
        if len(found) > 1:
            slugs = ", ".join(sorted(short for _, short, _, _ in found))
            raise Problem(f"Several partnerships have an agency called '{name}': add --partnership, one of {slugs}.")
        partnership_id, _, agency_id, called = found[0]
        try:
            await database.run_as_system(partnership_id, work, now, agency_id)
        except Conflict as refusal:
            raise Problem(refusal.message) from None
    return called


async def _found(database: Database, name: str, slug: str | None, now: datetime) -> list[tuple[UUID, str, UUID, str]]:
    """Each partnership with such an agency: its id and short name, the agency's id and name."""
    found = []
    for each in await database.run_as_system(_NOBODY, seals.partnerships, now):
        _, short = await database.run_as_system(each, seals.named, now)
        agency = await database.run_as_system(each, agencies.called, now, name)
        if agency is not None and slug in (None, short):
            found.append((each, short, *agency))
    return found
