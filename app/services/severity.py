"""How severe each kind of abuse is: each look is kept, so that before and after can be told."""

from uuid import UUID

from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.idva import abuse_severity
from app.domain.clock import local_date
from app.domain.errors import Invalid
from app.domain.severity import SeverityForm
from app.services.idva_support import must_support
from app.services.once import Document


async def record(uow: UnitOfWork, case_id: UUID, told: SeverityForm) -> Document:
    """Write down how it is at this moment of the support."""
    await must_support(uow, case_id)
    problems = told.problems()
    if problems:
        raise Invalid(problems)
    kept = {"stage": told.stage, "seen_on": local_date(uow.now), "kinds": told.kinds}
    row_id = uow.add(
        abuse_severity,
        case_id=case_id,
        agency_id=uow.actor.agency,
        by_id=uow.actor.user,
        created_at=uow.now,
        **kept,
    )
    uow.event(case_id, "client.severity_recorded", {"stage": told.stage})
    return Document(to_json({"id": row_id, **kept}), case_id=case_id)
