"""Notes privileged to an IDVA service. The trail says that one was written or read, and never what it says."""

from uuid import UUID

from app.db import privileged_notes as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.idva import privileged_note
from app.domain.access import Verb
from app.domain.errors import Invalid
from app.domain.privileged_notes import NoteForm
from app.services import authority
from app.services.cases import FIRST_PAGE, paged
from app.services.idva_support import must_support
from app.services.once import Document


async def listed(uow: UnitOfWork, case_id: UUID, *, after: UUID | None, limit: int) -> Document:
    """The notes of the actor's own service, newest first. PostgreSQL shows nobody any other."""
    await authority.must(uow, Verb.SUPPORT_CLIENT, case_id)
    row = await uow.one(queries.LIST, case_id=case_id, before=after or FIRST_PAGE, limit=limit)
    uow.record("privileged_note.read", case_id=case_id)
    return paged(row["body"], row["ids"] or [], limit)


async def write(uow: UnitOfWork, case_id: UUID, told: NoteForm) -> Document:
    """Write one. It stays as it was written, and is on no timeline."""
    await must_support(uow, case_id)
    problems = told.problems()
    if problems:
        raise Invalid(problems)
    note_id = uow.add(
        privileged_note,
        case_id=case_id,
        agency_id=uow.actor.agency,
        by_id=uow.actor.user,
        note=told.note,
        created_at=uow.now,
    )
    uow.record("privileged_note.written", case_id=case_id)
    shown = {"id": note_id, "note": told.note, "by": uow.actor.name, "at": uow.now}
    return Document(to_json(shown), case_id=case_id)
