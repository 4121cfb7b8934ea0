"""What the year came out at, beside the figures that it is modelled on."""

from datetime import datetime
from typing import Any

from app.db.ids import new_id
from app.db.session import Database, UnitOfWork
from app.db.statements import sql
from app.risk.grading import Level
from app.seeds.forms import COUNTS, HIGH_CHILDREN, HIGH_NOT_POLICE, HIGH_REPEATS
from app.seeds.people import DemoPartnership

HRDA_A_MONTH = 62
MARAC_A_MONTH = 7

# A high assessment is a repeat by its own grounds, or since its case was joined to an earlier one of the same victim.
_HELD = sql("""
    WITH told AS (
      SELECT a.id, a.level, a.case_id, 'repeat' = ANY(a.grounds) AS by_itself, g.kind, c.repeat, c.children
        FROM assessment a
        JOIN agency g ON g.partnership_id = a.partnership_id AND g.id = a.agency_id
        JOIN case_file c ON c.partnership_id = a.partnership_id AND c.id = a.case_id
       WHERE a.partnership_id = :partnership AND a.referral_id IS NOT NULL),
    high AS (
      SELECT t.*, t.by_itself OR (t.repeat AND NOT bool_or(t.by_itself) OVER (PARTITION BY t.case_id)) AS repeated
        FROM told t WHERE t.level = 'high')
    SELECT (SELECT count(*) FROM told WHERE level = 'high') AS high,
           (SELECT count(*) FROM told WHERE level = 'medium') AS medium,
           (SELECT count(*) FROM told WHERE level = 'standard') AS standard,
           (SELECT count(*) FROM high WHERE repeated) AS repeats,
           (SELECT count(*) FROM high WHERE kind <> 'police') AS not_police,
           (SELECT sum(children) FROM high WHERE NOT repeated) AS children,
           (SELECT count(*) FROM agenda_item i JOIN meeting m ON m.partnership_id = i.partnership_id
                   AND m.id = i.meeting_id JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
             WHERE i.partnership_id = :partnership AND f.kind = 'hrda' AND i.status = 'decided') AS considered,
           (SELECT count(*) FROM agenda_item i WHERE i.partnership_id = :partnership
                   AND i.outcome = 'to_marac') AS sent_on
""")


async def held(database: Database, partnership: DemoPartnership, now: datetime) -> dict[str, int]:
    """The counts as the partnership's coordinator sees them."""

    async def look(uow: UnitOfWork) -> Any:
        uow.record("figures.read")
        return await uow.row(_HELD)

    row = await database.run(partnership.as_user("coordinator"), look, now, new_id())
    return {name: int(value or 0) for name, value in row.items()}


async def compare(database: Database, partnership: DemoPartnership, now: datetime) -> list[str]:
    """Lines that set what is held beside what it is modelled on."""
    found = await held(database, partnership, now)
    lines = [
        ("high-risk assessments", found["high"], COUNTS[Level.HIGH]),
        ("medium", found["medium"], COUNTS[Level.MEDIUM]),
        ("standard", found["standard"], COUNTS[Level.STANDARD]),
        ("of the high ones, repeats", found["repeats"], HIGH_REPEATS),
        ("of the high ones, from others than the police", found["not_police"], HIGH_NOT_POLICE),
        ("children of high-risk cases", found["children"], HIGH_CHILDREN),
        ("considered at HRDA a month", round(found["considered"] / 12), HRDA_A_MONTH),
        ("sent on to MARAC a month", round(found["sent_on"] / 12), MARAC_A_MONTH),
    ]
    return [f"{name}: {number:,} (the published figure: {figure:,})" for name, number, figure in lines]
