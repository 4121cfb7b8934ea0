"""Grants: ended across a whole case, by the one function that may."""

from app.db.statements import sql

END = sql("SELECT end_grants(:case_id, :reason, :source, :until)")
# The reasons for which a case is open to the actor at this moment; the policy on grants shows nobody else's.
RELATIONS = sql("""
    SELECT coalesce(array_agg(DISTINCT g.reason), '{}') FROM case_grant g
     WHERE g.partnership_id = :partnership AND g.case_id = :case_id
       AND g.principal = ANY ((SELECT actor_principals())::uuid[])
       AND (g.until_at IS NULL OR g.until_at > actor_now())
""")
RELATIONS_TO_EACH = sql("""
    SELECT g.case_id, array_agg(DISTINCT g.reason) AS relations FROM case_grant g
     WHERE g.partnership_id = :partnership AND g.case_id = ANY(:case_ids)
       AND g.principal = ANY ((SELECT actor_principals())::uuid[])
       AND (g.until_at IS NULL OR g.until_at > actor_now())
     GROUP BY g.case_id
""")
