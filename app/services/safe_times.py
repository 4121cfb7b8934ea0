"""How a client can be reached: said anew by her IDVA, in place of what was said before, which is kept."""

from uuid import UUID

from app.db import safe_times as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.cases import party
from app.db.tables.idva import safe_time
from app.domain.contacts import in_words_only
from app.domain.errors import Invalid, Stale
from app.domain.safe_times import SafeTimes
from app.services.idva_support import must_support
from app.services.once import Document


async def set_(uow: UnitOfWork, case_id: UUID, told: SafeTimes, version: int | None) -> Document:
    """Say how she can be reached from now on. ``version``: how often it was said before, as whoever says it saw."""
    await must_support(uow, case_id)
    client = await uow.one(queries.CLIENT, case_id=case_id)
    if version is not None and version != client["version"]:
        raise Stale("safe times")
    problems = told.problems()
    if problems:
        raise Invalid(problems)
    said = in_words_only(told.said).model_dump(mode="json", exclude_none=True)
    windows = [each.model_dump(mode="json") for each in told.windows]
    uow.add(
        safe_time,
        case_id=case_id,
        party_id=client["id"],
        windows=windows,
        said=said,
        agency_id=uow.actor.agency,
        by_id=uow.actor.user,
        created_at=uow.now,
    )
    await uow.change(party, client["id"], details={**client["details"], "safe_contact": said})
    uow.event(case_id, "client.safe_times_set")
    version = client["version"] + 1
    return Document(to_json({"version": version, "windows": windows, "said": said}), version, case_id=case_id)
