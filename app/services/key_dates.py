"""Dates that matter to a client's safety."""

from typing import Any
from uuid import UUID

from app.db import key_dates as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.idva import key_date
from app.domain.clock import local_date
from app.domain.errors import Invalid
from app.domain.key_dates import DateForm
from app.services.idva_support import must_support, row_to_change
from app.services.once import Document


async def add(uow: UnitOfWork, case_id: UUID, told: DateForm) -> Document:
    """Write a date down, for everybody who sees the case."""
    await must_support(uow, case_id)
    kept = _checked(uow, told)
    date_id = uow.add(
        key_date,
        case_id=case_id,
        agency_id=uow.actor.agency,
        by_id=uow.actor.user,
        version=1,
        created_at=uow.now,
        **kept,
    )
    uow.event(case_id, "client.date_added", {"what": told.kind, "on": told.held_on.isoformat()})
    return _shown(date_id, told, 1, case_id)


async def change(uow: UnitOfWork, date_id: UUID, told: DateForm, version: int | None) -> Document:
    """Put a date right, or drop it."""
    row = await row_to_change(uow, queries.TO_CHANGE, date_id, "date", version)
    case_id = row["case_id"]
    await uow.change(key_date, date_id, **_checked(uow, told))
    kind = "client.date_dropped" if told.dropped else "client.date_changed"
    uow.event(case_id, kind, {"what": told.kind, "on": told.held_on.isoformat()})
    return _shown(date_id, told, row["version"] + 1, case_id)


def _checked(uow: UnitOfWork, told: DateForm) -> dict[str, Any]:
    problems = told.problems(local_date(uow.now))
    if problems:
        raise Invalid(problems)
    return {
        "kind": told.kind,
        "held_on": told.held_on,
        "starts": told.starts,
        "what": told.what,
        "dropped_at": uow.now if told.dropped else None,
    }


def _shown(date_id: UUID, told: DateForm, version: int, case_id: UUID) -> Document:
    return Document(to_json({"id": date_id, "version": version, **told.model_dump()}), version, case_id=case_id)
