"""Mails: written in the transaction that they belong to, sent afterwards, and forgotten once they are.

Whom one is to, and the link in it, are sealed while it waits. Each is taken up by one process at a time; a process that
dies while it sends one leaves it to be sent again, so that a mail may come twice, and never not at all.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from app.db import letters as queries
from app.db import sign_in_links as people
from app.db.ids import new_id
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.sign_in import letter
from app.db.vault import SealBroken, Sealed
from app.domain.access import Role, desk_principal
from app.domain.letters import LEASE, LetterKind, next_try
from app.domain.notices import NoticeKind
from app.services import notices


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in hand. link: what it holds. user_id, agency_id: whose it is, once that is known.

    help: whom to ask, as the partnership says it; None if it says nothing.
    """

    id: UUID
    kind: LetterKind
    made_at: datetime
    tries: int
    to: str
    link: str
    user_id: UUID | None
    agency_id: UUID | None
    help: str | None = None


def write(
    uow: UnitOfWork,
    kind: LetterKind,
    to: str,
    *,
    link: str = "",
    user_id: UUID | None = None,
    agency_id: UUID | None = None,
) -> None:
    """Write a mail, to be sent once this is committed."""
    row_id = new_id()
    plain = to_json({"to": to, "link": link, "user_id": user_id, "agency_id": agency_id})
    sealed = uow.vault.seal(plain, partnership_id=uow.actor.partnership_id, row_id=row_id)
    uow.add(
        letter,
        id=row_id,
        kind=kind,
        key_id=sealed.key_id,
        sealed=sealed.data,
        created_at=uow.now,
        next_at=uow.now,
        tries=0,
    )


async def waiting(uow: UnitOfWork) -> list[UUID]:
    """The partnerships in which a mail is due."""
    return [row["id"] for row in await uow.rows(queries.WAITING_SOMEWHERE)]


async def take_up(uow: UnitOfWork) -> Letter | None:
    """The next mail that is due, to be seen to within its lease; None when there is none."""
    while True:
        row = await uow.row(queries.TAKE_UP, now=uow.now, leased_until=uow.now + LEASE)
        if row is None:
            return None
        sealed = Sealed(row["key_id"], row["sealed"])
        try:
            plain = uow.vault.open(sealed, partnership_id=uow.actor.partnership_id, row_id=row["id"])
        except SealBroken:
            await uow.value(queries.GIVEN_UP, id=row["id"], tries=row["tries"], now=uow.now)
            await _tell(uow, row["id"], None)
            continue
        said = orjson.loads(plain)
        return Letter(
            id=row["id"],
            kind=LetterKind(row["kind"]),
            made_at=row["created_at"],
            tries=row["tries"],
            to=said["to"],
            link=said["link"],
            user_id=UUID(said["user_id"]) if said["user_id"] else None,
            agency_id=UUID(said["agency_id"]) if said["agency_id"] else None,
            help=row["help"],
        )


async def sent(uow: UnitOfWork, done: Letter) -> None:
    """It was sent, or needs no sending: forget what it said."""
    await uow.value(queries.SENT, id=done.id, tries=done.tries, now=uow.now)


async def put_back(uow: UnitOfWork, failed: Letter) -> None:
    """It could not be sent now: try again later or, after a day, give up and tell the administrators."""
    again = next_try(failed.made_at, failed.tries, uow.now)
    if again is None:
        await give_up(uow, failed)
    else:
        await uow.value(queries.PUT_BACK, id=failed.id, tries=failed.tries, next_at=again)


async def give_up(uow: UnitOfWork, failed: Letter) -> None:
    """It can never be sent: forget what it said, and tell the administrators, who hand the link over themselves."""
    if await uow.value(queries.GIVEN_UP, id=failed.id, tries=failed.tries, now=uow.now) is not None:
        await _tell(uow, failed.user_id or failed.id, failed.agency_id)


async def _tell(uow: UnitOfWork, about: UUID, agency_id: UUID | None) -> None:
    agencies = [row["agency_id"] for row in await uow.rows(people.ADMINISTRATING)]
    desks = [desk_principal(each, Role.PARTNERSHIP_ADMINISTRATOR) for each in agencies]
    if agency_id is not None:
        desks.append(desk_principal(agency_id, Role.AGENCY_ADMINISTRATOR))
    notices.tell(uow, desks, NoticeKind.LETTER_NOT_SENT, about=about)
