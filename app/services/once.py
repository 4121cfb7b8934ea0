"""A repeated request is one request: its answer is stored, sealed, in the transaction that made it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from app.db import once as queries
from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.tables.audit import idempotency
from app.db.vault import Sealed
from app.domain.errors import Conflict, Forbidden


@dataclass(frozen=True, slots=True)
class Document:
    """What a service answers: JSON as bytes, with the version it shows, and where to find it or the next page.

    repeated: the request had been made before, and nothing was done again. case_id, others: the cases that it is about;
    whoever is kept from one of them does not get it again. kept: what a repeat is answered with, when it is less.
    """

    body: bytes
    version: int | None = None
    location: str | None = None
    next_cursor: str | None = None
    repeated: bool = False
    case_id: UUID | None = None
    others: tuple[UUID, ...] = ()
    kept: bytes | None = None


Work = Callable[[], Awaitable[Document]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A document with the status it was first answered with."""

    status: int
    document: Document
    replayed: bool


async def once(uow: UnitOfWork, key: str, digest: str, status: int, work: Work, *, again: Work | None = None) -> Answer:
    """Do the work, or give the answer it was given before; with ``again``, what that shows now.

    ``digest`` names the request; the same key with another request raises Conflict, and Forbidden somebody who has lost
    a role since. Two at the same moment: the second waits on the key's unique index, is run again, and finds the first
    one's answer.
    """
    user = uow.actor.user
    kept = await uow.row(queries.FIND, user=user, key=key)
    if kept is not None and kept["tells_of_a_hidden_case"]:
        await uow.value(queries.LET_GO, id=kept["id"])
        kept = None
    if kept is not None:
        if kept["request_digest"] != digest:
            raise Conflict("This Idempotency-Key was used for a different request. Use a new key.")
        if not uow.actor.roles.issuperset(kept["headers"]["roles"]):
            raise Forbidden("Your roles have changed since this was answered, so the answer is not given again.")
        uow.record("answer.repeated", case_id=kept["case_id"])
        if again is not None:
            return Answer(kept["status"], await again(), True)
        headers = kept["headers"]
        sealed = Sealed(headers["sealed_with"], bytes(kept["body"]))
        body = uow.vault.open(sealed, partnership_id=uow.actor.partnership_id, row_id=kept["id"])
        return Answer(kept["status"], Document(body, headers["version"], headers["location"]), True)
    document = await work()
    row_id = new_id()
    # An answer may repeat what was sent. One that shows a whole list is not kept.
    shown = document.body if document.kept is None else document.kept
    sealed = uow.vault.seal(shown if again is None else b"", partnership_id=uow.actor.partnership_id, row_id=row_id)
    uow.add(
        idempotency,
        id=row_id,
        case_id=document.case_id,
        user_id=user,
        key=key,
        request_digest=digest,
        status=status,
        headers={
            "version": document.version,
            "location": document.location,
            "sealed_with": sealed.key_id,
            "others": [str(each) for each in document.others],
            "roles": sorted(uow.actor.roles),
        },
        body=sealed.data,
        created_at=uow.now,
    )
    return Answer(status, document, False)
