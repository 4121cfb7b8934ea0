"""The victim's own words and wishes for the meeting."""

from uuid import UUID

from app.db import client_voice as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.idva import client_voice
from app.domain.client_voice import VoiceForm
from app.domain.errors import Invalid, Stale
from app.services.idva_support import must_support
from app.services.once import Document


async def write(uow: UnitOfWork, case_id: UUID, told: VoiceForm, version: int | None) -> Document:
    """A new version of what she said. The agenda of her next meeting carries the newest; earlier ones stay."""
    await must_support(uow, case_id)
    before = await uow.value(queries.VERSION, case_id=case_id)
    if version is not None and version != before:
        raise Stale("client's words")
    problems = told.problems()
    if problems:
        raise Invalid(problems)
    kept = {**told.model_dump(), "version": before + 1}
    uow.add(
        client_voice,
        case_id=case_id,
        agency_id=uow.actor.agency,
        by_id=uow.actor.user,
        created_at=uow.now,
        **kept,
    )
    uow.event(case_id, "client.words_written", {"declined": told.declined})
    return Document(to_json({**kept, "at": uow.now}), before + 1, case_id=case_id)
