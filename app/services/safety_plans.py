"""A client's safety plan, step by step; and the page of it that she can have."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from app.db import safety_plans as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.idva import safety_plan_item
from app.domain.access import Verb
from app.domain.agendas import without_contact_details
from app.domain.clock import local_date
from app.domain.errors import Invalid, NotFound
from app.domain.safety_plans import PlanItemForm, PlanStatus, without_names
from app.services import authority
from app.services.idva_support import must_support, row_to_change
from app.services.once import Document


@dataclass(frozen=True, slots=True)
class PlanForHer:
    """What the client may read and keep: her steps, and which agencies know what, since when. Names nobody else."""

    steps: list[dict[str, Any]]
    told: list[dict[str, Any]]


async def add(uow: UnitOfWork, case_id: UUID, told: PlanItemForm) -> Document:
    """Add a step, for everybody who sees the case."""
    await must_support(uow, case_id)
    kept = _checked(uow, told, None)
    item_id = uow.add(
        safety_plan_item,
        case_id=case_id,
        agency_id=uow.actor.agency,
        by_id=uow.actor.user,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        **kept,
    )
    uow.event(case_id, "client.plan_changed", {"status": told.status})
    return _shown(item_id, kept, 1, case_id)


async def change(uow: UnitOfWork, item_id: UUID, told: PlanItemForm, version: int | None) -> Document:
    """Put a step right, say that it is done, or drop it."""
    row = await row_to_change(uow, queries.TO_CHANGE, item_id, "step of a safety plan", version)
    case_id = row["case_id"]
    kept = _checked(uow, told, row["done_on"])
    await uow.change(safety_plan_item, item_id, updated_at=uow.now, **kept)
    uow.event(case_id, "client.plan_changed", {"status": told.status})
    return _shown(item_id, kept, row["version"] + 1, case_id)


async def for_her(uow: UnitOfWork, case_id: UUID) -> PlanForHer:
    """The plan as she can have it, for somebody who supports her."""
    await authority.must(uow, Verb.SUPPORT_CLIENT, case_id)
    row = await uow.row(queries.FOR_HER, case_id=case_id)
    if row is None:
        raise NotFound("case")
    uow.record("safety_plan.printed", case_id=case_id)
    steps = orjson.loads(row["steps"])
    for each in steps:
        for name in ("what", "who"):
            if each[name]:
                each[name] = without_contact_details(without_names(each[name], row["names"]))
    return PlanForHer(steps, orjson.loads(row["told"]))


def _checked(uow: UnitOfWork, told: PlanItemForm, done_on: Any) -> dict[str, Any]:
    today = local_date(uow.now)
    problems = told.problems(today)
    if problems:
        raise Invalid(problems)
    done = (done_on or today) if told.status is PlanStatus.DONE else None
    return {**told.model_dump(), "done_on": done}


def _shown(item_id: UUID, kept: dict[str, Any], version: int, case_id: UUID) -> Document:
    return Document(to_json({"id": item_id, "version": version, **kept}), version, case_id=case_id)
