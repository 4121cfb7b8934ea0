"""Attempts to reach a client. The first that reaches her stops the clock."""

from uuid import UUID

from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.idva import contact_attempt, idva_support
from app.domain.contact_attempts import AttemptForm, AttemptOutcome
from app.domain.errors import Invalid
from app.services.idva_support import must_support
from app.services.once import Document


async def log(uow: UnitOfWork, case_id: UUID, told: AttemptForm) -> Document:
    """Write one attempt down. Whoever sees the case is told that there was one and what came of it, not the note."""
    support = await must_support(uow, case_id)
    problems = told.problems(uow.now)
    if problems:
        raise Invalid(problems)
    at = told.at or uow.now
    kept = {"at": at, "means": told.means, "outcome": told.outcome, "note": told.note}
    attempt_id = uow.add(
        contact_attempt,
        case_id=case_id,
        support_id=support["id"],
        agency_id=uow.actor.agency,
        by_id=uow.actor.user,
        created_at=uow.now,
        **kept,
    )
    uow.event(case_id, "client.contact_attempted", {"means": told.means, "outcome": told.outcome})
    reached_at = support["reached_at"]
    if told.outcome is AttemptOutcome.REACHED and (reached_at is None or at < reached_at):
        reached_at = at
        await uow.change(idva_support, support["id"], reached_at=at)
    return Document(to_json({"id": attempt_id, **kept, "first_reached_at": reached_at}), case_id=case_id)
