"""Notices: somebody, or whoever holds a role at an agency, is told at once that something needs their eye."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.db import notices as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.access import notice
from app.domain.access import Verb
from app.domain.errors import FieldProblem, Invalid, NotFound
from app.domain.notices import NoticeKind
from app.services.once import Document


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: whether its last notice had been seen, and its id."""

    seen: bool
    notice_id: UUID

    def __str__(self) -> str:
        return f"{'seen' if self.seen else 'unseen'}.{self.notice_id}"

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """The place a cursor stands for. Raises Invalid for anything that is not one of ours."""
        seen, _, last = cursor.partition(".")
        try:
            return cls({"seen": True, "unseen": False}[seen], UUID(last))
        except (KeyError, ValueError):
            text = "Send the 'next' of the page before, as you received it, or leave this out."
            raise Invalid([FieldProblem("?cursor", "bad_cursor", text)]) from None


def tell(
    uow: UnitOfWork, principals: Iterable[UUID], kind: NoticeKind, *, about: UUID, case_id: UUID | None = None
) -> None:
    """Put a notice before each of these principals. It names nobody; ``about`` is the id of what to look up."""
    for principal in principals:
        uow.add(
            notice,
            principal=principal,
            kind=kind,
            case_id=case_id,
            about_id=about,
            at=uow.now,
            seen_at=None,
            seen_by=None,
            version=1,
        )


async def listed(uow: UnitOfWork, *, cursor: str | None, limit: int) -> Document:
    """Notices to the actor, the unseen first, each newest first."""
    uow.actor.must(Verb.LOOK_UP)
    after = Place.read(cursor) if cursor else None
    row = await uow.one(
        queries.LIST,
        after_seen=after.seen if after else None,
        after_id=after.notice_id if after else None,
        limit=limit,
    )
    uow.record("notice.listed", subjects=row["cases"] or [])
    more = str(Place(row["last_seen"], row["last_id"])) if row["found"] == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


async def seen(uow: UnitOfWork, notice_id: UUID) -> Document:
    """Say that a notice was seen; of one sent to a role, for everybody who holds it. Safe to repeat."""
    uow.actor.must(Verb.LOOK_UP)
    row = await uow.row(queries.TO_SEE, id=notice_id)
    if row is None:
        raise NotFound("notice")
    if row["seen_at"] is None:
        await uow.change(notice, notice_id, seen_at=uow.now, seen_by=uow.actor.user)
        uow.record("notice.seen", case_id=row["case_id"])
    shown = await uow.one(queries.ONE, id=notice_id)
    return Document(shown["body"].encode(), shown["version"])
