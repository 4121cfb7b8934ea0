"""Who has what: people and systems with their roles, by what they sign in, and when they were last here."""

from app.db.statements import sql

# What people sign in by is told by a function, which hands out no secret; once for the whole statement.
_METHODS = """
    methods AS MATERIALIZED (
      SELECT user_id, count(*) FILTER (WHERE kind = 'passkey') AS passkeys, bool_or(kind = 'password') AS password,
             bool_or(kind = 'authenticator') AS app, count(*) FILTER (WHERE kind = 'openid') AS providers,
             count(*) FILTER (WHERE kind = 'recovery_code') AS recovery_codes
        FROM {told_by} GROUP BY user_id)"""
_LINE = """json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'job_title', u.job_title,
      'is_system', u.is_system, 'agency', json_build_object('id', a.id, 'name', a.name), 'state', k.state,
      'roles', r.roles, 'added_at', u.created_at, 'ended_at', u.ended_at, 'last_here', s.seen_at,
      'invited_until', l.until_at,
      'sign_in', json_build_object('passkeys', coalesce(m.passkeys, 0), 'password', coalesce(m.password, false),
        'app', coalesce(m.app, false), 'providers', coalesce(m.providers, 0),
        'recovery_codes', coalesce(m.recovery_codes, 0)))"""
_FROM = """
      FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
      LEFT JOIN methods m ON m.user_id = u.id
      LEFT JOIN LATERAL (SELECT w.seen_at FROM session w WHERE w.partnership_id = u.partnership_id AND w.user_id = u.id
                          ORDER BY w.seen_at DESC LIMIT 1) s ON true
      LEFT JOIN LATERAL (SELECT v.until_at FROM sign_in_link v
                          WHERE v.partnership_id = u.partnership_id AND v.user_id = u.id AND v.used_at IS NULL
                            AND v.ended_at IS NULL ORDER BY v.until_at DESC LIMIT 1) l ON true
     CROSS JOIN LATERAL (SELECT coalesce(array_agg(h.role ORDER BY h.role), '{}') AS roles FROM user_role h
                          WHERE h.partnership_id = u.partnership_id AND h.user_id = u.id AND h.ended_at IS NULL) r
     CROSS JOIN LATERAL (SELECT CASE WHEN u.ended_at IS NOT NULL OR a.ended_at IS NOT NULL THEN 'ended'
                          WHEN a.suspended_at IS NOT NULL THEN 'locked_out'
                          WHEN s.seen_at IS NULL AND m.user_id IS NULL AND NOT u.is_system THEN 'invited'
                          ELSE 'active' END AS state) k
     WHERE u.partnership_id = :partnership"""
# ``unused_since``: without a sign of them since that moment, and added before it.
_NARROWED = """
       AND (CAST(:agency AS uuid) IS NULL OR u.agency_id = :agency)
       AND (CAST(:role AS text) IS NULL OR :role = ANY (r.roles))
       AND (CAST(:state AS text) IS NULL OR k.state = :state)
       AND (CAST(:unused_since AS timestamptz) IS NULL
            OR (k.state <> 'ended' AND coalesce(s.seen_at, u.created_at) < :unused_since))"""
PAGE = sql(f"""
    WITH {_METHODS.format(told_by="sign_in_methods()")}
    SELECT coalesce(json_agg(p.line ORDER BY p.id), '[]')::text AS body, array_agg(p.id ORDER BY p.id) AS ids
      FROM (SELECT u.id, {_LINE} AS line {_FROM} AND u.id > :after {_NARROWED} ORDER BY u.id LIMIT :limit) p
""")
# Every page of an account asks this: it looks at nobody else's.
ONE = sql(
    f"WITH {_METHODS.format(told_by='sign_in_methods_of(:id)')} SELECT {_LINE}::text AS body {_FROM} AND u.id = :id"
)
ROLES = sql("""
    SELECT r.role, r.given_at, g.name AS given_by, r.ended_at FROM user_role r
      LEFT JOIN app_user g ON g.partnership_id = r.partnership_id AND g.id = r.given_by
     WHERE r.partnership_id = :partnership AND r.user_id = :id ORDER BY r.ended_at IS NOT NULL, r.given_at, r.id
""")
SESSIONS = sql("""
    SELECT id, kind, methods, device, created_at, seen_at FROM session
     WHERE partnership_id = :partnership AND user_id = :id AND ended_at IS NULL AND until_at > :now
       AND (idle_until IS NULL OR idle_until > :now) ORDER BY id DESC LIMIT 50
""")
SIGN_INS = sql("SELECT id, at, verb, purpose FROM sign_ins_of(:id, :limit)")
