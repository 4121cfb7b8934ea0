"""Who sees a case: asked by somebody who sees it."""

from app.db.statements import sql

# What a statement says of each case of which it reads ``grants_of_case(...) g``.
# Whoever is kept from a case is told nothing, whatever else would open it to them.
LIVE = """(g.until_at IS NULL OR g.until_at > actor_now()) AND NOT g.suspended
       AND (g.user_id IS NULL OR kept_from(g.case_id, g.user_id) IS NOT true)"""
DESKS = "coalesce(array_agg(DISTINCT g.agency_id) FILTER (WHERE g.user_id IS NULL), '{}') AS desks"
PEOPLE = """coalesce(array_agg(g.user_id ORDER BY g.id) FILTER (WHERE g.user_id IS NOT NULL), '{}') AS users,
           coalesce(array_agg(g.agency_id ORDER BY g.id) FILTER (WHERE g.user_id IS NOT NULL), '{}') AS agencies_of"""

OF_CASES = sql(f"""
    SELECT c.id AS case_id, {DESKS}, {PEOPLE}
      FROM unnest(CAST(:cases AS uuid[])) AS c(id) CROSS JOIN LATERAL grants_of_case(c.id) g
     WHERE {LIVE} GROUP BY c.id
""")
# As it was before the grants that are being made.
BEFORE = sql(f"""
    SELECT {DESKS}, {PEOPLE},
           EXISTS (SELECT 1 FROM case_restriction r WHERE r.partnership_id = :partnership AND r.case_id = :case_id
                    AND r.until_at IS NULL) AS restricted
      FROM grants_of_case(:case_id) g WHERE {LIVE} AND g.id <> ALL(CAST(:made AS uuid[]))
""")
