"""A new password, asked for by whoever has forgotten theirs. Asking tells nobody whether there is an account.

The request does the same whatever was typed: it writes a letter. Who has an account is looked up later, by upkeep.
"""

from app.db import sign_in_links as queries
from app.db.session import UnitOfWork
from app.domain.letters import LetterKind
from app.domain.sign_in_links import ASKED_LASTS, Delivery, LinkKind
from app.domain.throttle import Bucket, network_of
from app.services import letters, sign_in, sign_in_links, throttle
from app.services.letters import Letter
from app.services.throttle import Counted


async def ask(uow: UnitOfWork, email: str, address: str) -> None:
    """Ask for a new password, as nobody. Beyond a few an hour for one e-mail nothing is written, and nothing said."""
    email = email.lower()
    counted = await throttle.count(
        uow,
        throttle.digest(uow, Bucket.ADDRESS, network_of(address)),
        throttle.digest(uow, Bucket.LETTERS, email),
    )
    if isinstance(counted, Counted):
        letters.write(uow, LetterKind.ASKED, email)


async def answer(uow: UnitOfWork, asked: Letter, delivery: Delivery) -> None:
    """Look up whose e-mail it is, and write to them; to nobody, nothing."""
    found = await uow.row(queries.BY_EMAIL, email=asked.to)
    agency_id, user_id = (found["agency_id"], found["user_id"]) if found else sign_in.nobody(uow, asked.to)
    uow.record("sign_in.reset_asked", subjects=[agency_id, user_id], purpose="password")
    await letters.sent(uow, asked)
    if found is None:
        return
    kind, link = LetterKind.NO_PASSWORD, f"{delivery.origin}/sign-in"
    if found["has_password"]:
        token = await sign_in_links.make(uow, user_id, agency_id, LinkKind.RESET, ASKED_LASTS)
        kind, link = LetterKind.RESET, token.at(delivery.origin)
    letters.write(uow, kind, asked.to, link=link, user_id=user_id, agency_id=agency_id)
