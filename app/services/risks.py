"""Risks: named before or at a meeting, each to or from one person, by one agency."""

from uuid import UUID

import orjson

from app.db import risks as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.meetings import item_risk
from app.domain.access import Verb
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.meetings import MeetingStatus
from app.domain.risks import RiskForm, check_risk
from app.services import authority
from app.services.once import Document

_CLOSED = (MeetingStatus.CANCELLED, MeetingStatus.MINUTES_ISSUED)


async def name(uow: UnitOfWork, item_id: UUID, form: RiskForm) -> Document:
    """Name one risk. It stays in the record as it was said."""
    uow.actor.must(Verb.NAME_RISK)
    row = await uow.row(queries.ITEM, id=item_id, agency=uow.actor.agency_id)
    if row is None:
        raise NotFound("agenda item")
    await authority.must(uow, Verb.NAME_RISK, row["case_id"], noun="agenda item")
    if not row["member"]:
        raise Forbidden("Only agencies that sit on this forum name risks at its meetings.")
    if row["meeting_status"] in _CLOSED or row["status"] in ("moved", "withdrawn"):
        raise Conflict("This item is closed: its meeting is over, or the case is no longer on its list.")
    roles = {UUID(party): role for party, role in orjson.loads(row["roles"] or "{}").items()}
    problems = check_risk(form, roles)
    if problems:
        raise Invalid(problems)
    kept = {"about": form.about, "party_id": form.party_id, "risk": form.risk, "named_at": uow.now}
    risk_id = uow.add(
        item_risk,
        item_id=item_id,
        case_id=row["case_id"],
        agency_id=uow.actor.agency,
        named_by=uow.actor.user,
        **kept,
    )
    said = {"agenda_item_id": str(item_id), "about": form.about, "forum": row["forum"]}
    uow.event(row["case_id"], "risk.named", said)
    shown = {"id": risk_id, "agenda_item_id": item_id, "agency": uow.actor.agency_name, **kept}
    return Document(to_json(shown), case_id=row["case_id"])
