"""A repeated request is one request: its answer is stored in the transaction that made it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.db.session import UnitOfWork
from app.db.statements import sql
from app.db.tables.audit import idempotency
from app.domain.errors import Conflict

_FIND = sql("""
    SELECT request_digest, status, headers, body FROM idempotency
     WHERE partnership_id = :partnership AND user_id = :user AND key = :key
""")


@dataclass(frozen=True, slots=True)
class Document:
    """What a service answers: JSON as bytes, with the version it shows, and where to find it or the next page.

    repeated: the request had been made before, and nothing was done again.
    """

    body: bytes
    version: int | None = None
    location: str | None = None
    next_cursor: str | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A document with the status it was first answered with."""

    status: int
    document: Document
    replayed: bool


async def once(uow: UnitOfWork, key: str, digest: str, status: int, work: Callable[[], Awaitable[Document]]) -> Answer:
    """Do the work, or give the answer it was given before.

    ``digest`` names the request; the same key with another request raises Conflict. Two at the same moment: the
    second waits on the key's unique index, is run again, and finds the first one's answer.
    """
    user = uow.actor.user
    kept = await uow.row(_FIND, user=user, key=key)
    if kept is not None:
        if kept["request_digest"] != digest:
            raise Conflict("This Idempotency-Key was used for a different request. Use a new key.")
        headers = kept["headers"]
        return Answer(
            kept["status"], Document(bytes(kept["body"]), headers.get("version"), headers.get("location")), True
        )
    document = await work()
    uow.add(
        idempotency,
        user_id=user,
        key=key,
        request_digest=digest,
        status=status,
        headers={"version": document.version, "location": document.location},
        body=document.body,
        created_at=uow.now,
    )
    return Answer(status, document, False)
