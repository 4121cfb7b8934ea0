"""``roundtable token``: a token for somebody who is known here, for trying the API by hand."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from app.api.tokens import TokenKeys, issue
from app.commands.seed import database_of
from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.statements import sql
from app.problem import Problem
from app.settings import Settings

MINUTES = 60
_NOBODY = UUID(int=0)

_PARTNERSHIPS = sql("SELECT every_partnership() AS id")
_USER = sql("""
    SELECT u.id FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
     WHERE u.partnership_id = :partnership AND u.email = :email AND u.ended_at IS NULL AND a.ended_at IS NULL
""")


def token(settings: Settings, email: str) -> str:
    """A token good for an hour, for whoever has this e-mail; they find in their trail that one was made.

    Raises Problem when nobody has that e-mail.
    """
    if settings.signing_kid is None:
        raise Problem("ROUNDTABLE_TOKEN_KEYS is not set: run 'roundtable keys' once and keep what it prints.")
    try:
        keys = TokenKeys(settings.token_keys, settings.signing_kid)
    except ValueError as error:
        raise Problem(f"ROUNDTABLE_TOKEN_KEYS cannot be used. {error}") from None
    partnership, user = asyncio.run(_find(settings, email.strip().lower()))
    return issue(
        keys, user_id=user, partnership_id=partnership, session_id=new_id(), now=datetime.now(UTC), minutes=MINUTES
    )


async def _find(settings: Settings, email: str) -> tuple[UUID, UUID]:
    async def partnerships(uow: UnitOfWork) -> list[UUID]:
        return [row["id"] for row in await uow.rows(_PARTNERSHIPS)]

    async def user(uow: UnitOfWork) -> UUID | None:
        found: UUID | None = await uow.value(_USER, email=email)
        return found

    async def signed_in(uow: UnitOfWork) -> None:
        uow.record("sign_in.token_printed", purpose="command_line")

    now = datetime.now(UTC)
    async with database_of(settings) as database:
        for each in await database.run_as_system(_NOBODY, partnerships, now):
            found = await database.run_as_system(each, user, now)
            if found is not None:
                await database.run(Credentials(each, found), signed_in, now, new_id())
                return each, found
    raise Problem(
        "Nobody who may sign in here has that e-mail. The front page lists the demonstration's people; "
        "'roundtable seed' adds them."
    )
