"""Agencies, as the partnership's administrator keeps them."""

from app.db.statements import sql

_LINE = """json_build_object('id', a.id, 'name', a.name, 'slug', a.slug, 'kind', a.kind, 'added_at', a.created_at,
    'suspended_at', a.suspended_at, 'suspended_because', a.suspended_because, 'ended_at', a.ended_at,
    'people', (SELECT count(*) FROM app_user u WHERE u.partnership_id = a.partnership_id AND u.agency_id = a.id
                  AND u.ended_at IS NULL AND NOT u.is_system))"""
LIST = sql(f"""
    SELECT coalesce(json_agg({_LINE} ORDER BY a.ended_at IS NOT NULL, a.name, a.id), '[]')::text AS body
      FROM agency a WHERE a.partnership_id = :partnership
""")
SHOW = sql(f"SELECT {_LINE}::text AS body FROM agency a WHERE a.partnership_id = :partnership AND a.id = :id")
TO_CHANGE = sql("""
    SELECT id, name, suspended_at, ended_at FROM agency WHERE partnership_id = :partnership AND id = :id FOR UPDATE
""")
TAKEN = sql("""
    SELECT EXISTS (SELECT 1 FROM agency WHERE partnership_id = :partnership AND id IS DISTINCT FROM :but
                      AND (slug = :slug OR lower(name) = lower(:name)))
""")
BY_SLUG = sql("""
    SELECT id, name FROM agency
     WHERE partnership_id = :partnership AND ended_at IS NULL AND (slug = :name OR lower(name) = lower(:name))
""")
# Whoever is signed in by something, and every system that holds a token.
END_SESSIONS = sql("""
    WITH ended AS (
      UPDATE session s SET ended_at = :now, ended_because = 'administrator', ended_by = :ended_by
        FROM app_user u
       WHERE s.partnership_id = :partnership AND s.ended_at IS NULL AND s.until_at > :now
         AND u.partnership_id = s.partnership_id AND u.id = s.user_id AND u.agency_id = :agency
      RETURNING s.user_id)
    SELECT DISTINCT user_id FROM ended
""")
LEAVE_FORUMS = sql("""
    UPDATE forum_member SET until_at = greatest(CAST(:now AS timestamptz), from_at + interval '1 microsecond')
     WHERE partnership_id = :partnership AND agency_id = :agency AND (until_at IS NULL OR until_at > :now)
""")
