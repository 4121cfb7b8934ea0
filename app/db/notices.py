"""Notices to the actor, in person or by their role; the policy shows nobody else's."""

from app.db.statements import sql

# An auditor sees no case, and may know the reference of one that was opened in an emergency.
_NOTICE = """
    json_build_object('id', n.id, 'version', n.version, 'kind', n.kind, 'at', n.at, 'about', n.about_id,
      'case', CASE WHEN n.case_id IS NOT NULL THEN
        json_build_object('id', n.case_id, 'reference', coalesce(c.reference, b.case_reference)) END,
      'seen_at', n.seen_at,
      'seen_by', CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END)
"""
_ABOUT = """
      LEFT JOIN case_file c ON c.partnership_id = n.partnership_id AND c.id = n.case_id
      LEFT JOIN break_glass b ON b.partnership_id = n.partnership_id AND b.id = n.about_id
      LEFT JOIN app_user u ON u.partnership_id = n.partnership_id AND u.id = n.seen_by
"""
LIST = sql(f"""
    SELECT coalesce(json_agg(p.line ORDER BY p.seen, p.id DESC), '[]')::text AS body, count(*) AS found,
           (array_agg(p.id ORDER BY p.seen DESC, p.id))[1] AS last_id, bool_or(p.seen) AS last_seen,
           array_agg(DISTINCT p.case_id) FILTER (WHERE p.case_id IS NOT NULL) AS cases
      FROM (SELECT n.id, n.case_id, n.seen, {_NOTICE} AS line
              FROM (SELECT n.*, n.seen_at IS NOT NULL AS seen FROM notice n
                     WHERE n.partnership_id = :partnership
                       AND (CAST(:after_id AS uuid) IS NULL OR (n.seen_at IS NOT NULL) > CAST(:after_seen AS boolean)
                            OR ((n.seen_at IS NOT NULL) = :after_seen AND n.id < :after_id))
                     ORDER BY seen, n.id DESC LIMIT :limit) n {_ABOUT}) p
""")
ONE = sql(f"""
    SELECT n.case_id, n.version, {_NOTICE}::text AS body FROM notice n {_ABOUT}
     WHERE n.partnership_id = :partnership AND n.id = :id
""")
# Told to a role, it is seen once one of them saw it.
TO_SEE = sql("""
    SELECT case_id, seen_at FROM notice WHERE partnership_id = :partnership AND id = :id FOR UPDATE
""")
