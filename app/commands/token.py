"""``roundtable token``: a token for somebody who is known here, for trying the API by hand."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from app.api.tokens import TokenKeys, issue
from app.commands.seed import database_of
from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.statements import sql
from app.domain.errors import Forbidden
from app.problem import Problem
from app.services.sessions import print_token
from app.settings import Settings

MINUTES = 60
_NOBODY = UUID(int=0)

_PARTNERSHIPS = sql("SELECT every_partnership() AS id")
_USER = sql("""
    SELECT u.id FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
     WHERE u.partnership_id = :partnership AND u.email = :email AND u.ended_at IS NULL AND a.ended_at IS NULL
""")


def token(settings: Settings, email: str, address: str) -> str:
    """A token good for an hour, for whoever has this e-mail; they find in their trail that one was made.

    address: where it is good, such as ``http://localhost:8000``; a service that is reached at another refuses it.
    Raises Problem when nobody has that e-mail.
    """
    if settings.signing_kid is None:
        raise Problem("ROUNDTABLE_TOKEN_KEYS is not set: run 'roundtable keys' once and keep what it prints.")
    try:
        keys = TokenKeys(settings.token_keys, settings.signing_kid, address)
    except ValueError as error:
        raise Problem(f"ROUNDTABLE_TOKEN_KEYS cannot be used. {error}") from None
    partnership, user, session = asyncio.run(_begin(settings, email.strip().lower()))
    return issue(
        keys, user_id=user, partnership_id=partnership, session_id=session, now=datetime.now(UTC), minutes=MINUTES
    )


async def _begin(settings: Settings, email: str) -> tuple[UUID, UUID, UUID]:
    async def partnerships(uow: UnitOfWork) -> list[UUID]:
        return [row["id"] for row in await uow.rows(_PARTNERSHIPS)]

    async def user(uow: UnitOfWork) -> UUID | None:
        found: UUID | None = await uow.value(_USER, email=email)
        return found

    now = datetime.now(UTC)
    async with database_of(settings) as database:
        for each in await database.run_as_system(_NOBODY, partnerships, now):
            found = await database.run_as_system(each, user, now)
            if found is not None:
                try:
                    session = await database.run(Credentials(each, found), print_token, now, new_id(), MINUTES)
                except Forbidden as refusal:
                    raise Problem(refusal.message) from None
                return each, found, session
    raise Problem(
        "Nobody who may sign in here has that e-mail. The front page lists the demonstration's people; "
        "'roundtable seed' adds them."
    )
