"""``roundtable administrator``: the first administrator, or another when none can sign in."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel, ValidationError

from app.commands.seed import database_of
from app.db.ids import new_id
from app.db.session import Database
from app.domain.agencies import AgencyKind, slug_of
from app.domain.errors import Conflict
from app.domain.fields import Email, Line
from app.problem import Problem
from app.services import administrators, seals
from app.services.administrators import Appointment
from app.settings import Settings

Say = Callable[[str], None]
_NOBODY = UUID(int=0)


class _Told(BaseModel):
    """What is typed, as it is kept."""

    email: Email
    name: Line
    agency: Line
    partnership: Line | None
    because: Line | None


def administrator(
    settings: Settings,
    say: Say,
    *,
    email: str,
    name: str,
    agency: str,
    kind: AgencyKind,
    partnership: str | None,
    another: bool,
    because: str | None,
) -> None:
    """Make somebody the administrator of a partnership, founded if there is none, and say their link.

    Raises Problem, and then nothing was changed.
    """
    try:
        told = _Told(email=email, name=name, agency=agency, partnership=partnership, because=because)
    except ValidationError as error:
        field = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
        what = "the e-mail" if field == "email" else f"--{field}"
        raise Problem(f"Check {what}: it must be there, in one line of at most 200 characters.") from None
    asyncio.run(_appoint(settings, say, told, kind, another))


async def _appoint(settings: Settings, say: Say, told: _Told, kind: AgencyKind, another: bool) -> None:
    now = datetime.now(UTC)
    async with database_of(settings) as database:
        partnership_id, name = await _partnership(database, told.partnership, another, now)
        appointment = Appointment(
            email=told.email,
            name=told.name,
            agency=told.agency,
            agency_kind=kind,
            partnership=name,
            because=told.because,
            origin=settings.public_origin,
        )
        try:
            link = await database.run_as_system(partnership_id, administrators.appoint, now, appointment)
        except Conflict as refusal:
            raise Problem(refusal.message) from None
    say(f"{told.email} administers {name}. Give them this link yourself; it works once, for seven days:\n{link}")


async def _partnership(database: Database, wanted: str | None, another: bool, now: datetime) -> tuple[UUID, str]:
    """Whose administrator it is: one that there is, or one to be founded."""
    there = {}
    for each in await database.run_as_system(_NOBODY, seals.partnerships, now):
        there[each] = await database.run_as_system(each, seals.named, now)
    names = ", ".join(f"'{slug}'" for _, slug in there.values())
    if another or not there:
        if wanted is None:
            raise Problem("Say what the partnership is called: --partnership 'Wessex Safety Partnership'.")
        if slug_of(wanted) in {slug for _, slug in there.values()}:
            raise Problem(f"There is a partnership called '{wanted}' already: leave out --another, or rename.")
        return new_id(), wanted
    found = [(each, name) for each, (name, slug) in there.items() if wanted in (None, name, slug)]
    if len(found) == 1:
        return found[0]
    if wanted is None:
        raise Problem(f"There are several partnerships here: add --partnership, one of {names}.")
    raise Problem(
        f"There is no partnership called '{wanted}' here, only {names}. To found one beside it, add --another."
    )
