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
# Whether anybody at an agency could come to know of the case: on a restricted one, only those who are named.
REACHES = sql("""
    SELECT NOT EXISTS (SELECT 1 FROM case_restriction r WHERE r.partnership_id = :partnership
                          AND r.case_id = :case_id AND r.until_at IS NULL)
           OR EXISTS (SELECT 1 FROM grants_of_case(:case_id) g WHERE g.reason = 'named' AND g.agency_id = :agency
                         AND (g.until_at IS NULL OR g.until_at > actor_now()))
""")
# Whether one person is kept from the case; null, and so no, to whoever does not see it themselves.
KEPT_FROM = sql("SELECT coalesce(kept_from(:case_id, :user), false)")
