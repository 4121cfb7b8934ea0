"""The locks by which whatever ends somebody's access waits for what they have in hand: what `enter` shares, whole.

In the order of their ids, so that two who hold several never wait for each other.
"""

from app.db.statements import sql

_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended(CAST(held.id AS text), 0)) FROM ({ids} ORDER BY 1) held"
# Nearly as long as one statement may last (`pool.py`).
PATIENCE = sql("SELECT set_config('lock_timeout', '55s', true)")
TRY_HOLD = sql("SELECT pg_try_advisory_xact_lock(hashtextextended(CAST(CAST(:id AS uuid) AS text), 0))")
HOLD = sql(_HOLD.format(ids="SELECT DISTINCT id FROM unnest(CAST(:ids AS uuid[])) AS asked(id)"))
HOLD_CLOSED_OUT = sql(
    _HOLD.format(
        ids="""
    SELECT DISTINCT u.id FROM grants_of_case(:case_id) g
      JOIN app_user u ON u.partnership_id = g.partnership_id AND u.agency_id = g.agency_id
       AND (u.id = g.user_id OR (g.user_id IS NULL AND EXISTS (SELECT 1 FROM user_role r
             WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id AND r.ended_at IS NULL
               AND r.role <> 'practitioner')))
     WHERE g.reason <> 'named' AND g.from_at < :now AND (g.until_at IS NULL OR g.until_at > :now)
       AND u.ended_at IS NULL AND u.id <> :actor AND NOT EXISTS (SELECT 1 FROM grants_of_case(:case_id) n
             WHERE n.reason = 'named' AND n.user_id = u.id AND (n.until_at IS NULL OR n.until_at > :now))"""
    )
)
