"""An IDVA's caseload: whom to look at today, and why."""

from datetime import datetime
from typing import Any

import orjson

from app.db import caseload as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.actions import OUTSTANDING
from app.domain.caseload import ACTIONS_AHEAD, DATES_AHEAD, MOST, looks_ahead, why_today
from app.domain.clock import local_date
from app.domain.safe_times import Window
from app.services import idva_support
from app.services.once import Document


async def listed(uow: UnitOfWork, *, mine: bool = True) -> Document:
    """The clients whom the actor supports, or whom their service does, by when first contact is due. One statement."""
    uow.actor.must(Verb.SUPPORT_CLIENT)
    today = local_date(uow.now)
    row = await uow.one(
        queries.CASELOAD,
        user=uow.actor.user,
        agency=uow.actor.agency,
        mine=mine,
        now=uow.now,
        today=today,
        actions_until=looks_ahead(today, ACTIONS_AHEAD),
        dates_until=looks_ahead(today, DATES_AHEAD),
        owed=sorted(OUTSTANDING),
        most=MOST,
    )
    uow.record("caseload.listed", subjects=row["cases"] or [])
    items = [_client(each, uow.now) for each in orjson.loads(row["body"])]
    rules = idva_support.rules_from(row["rules"])
    year = {"begun_in_a_year": row["begun_in_a_year"], "referrals_a_year": rules.referrals_a_year}
    return Document(to_json({"items": items, "norm": year, "more": len(items) == MOST}))


def _client(line: dict[str, Any], now: datetime) -> dict[str, Any]:
    said, last = line.pop("safe_contact") or {}, line["last_attempt"]
    calls = idva_support.calls(said, line.pop("windows"), now)
    reached = line["reached_at"]
    why = why_today(
        now=now,
        contact_due_at=datetime.fromisoformat(line["contact_due_at"]),
        reached_at=datetime.fromisoformat(reached) if reached else None,
        last_outcome=last["outcome"] if last else None,
        safe_to_call=said.get("safe_to_call"),
        windows=[Window.model_validate(each) for each in calls["windows"]],
        actions=len(line["actions"]),
        dates=len(line["dates"]),
    )
    return {**line, "safe_to_call": said.get("safe_to_call"), "calls": calls, "why": why}
