"""Who has what: people and systems with their roles, by what they sign in, and when they were last here."""

from app.db.statements import sql

# Whether two accounts are one person's, as far as can be known.
ONE_PERSON = sql("SELECT one_person(:one, :other)")
_PERSON = """
    SELECT u.id, u.name, u.email, u.job_title, u.is_system, a.id AS agency_id, a.name AS agency, k.state, r.roles,
           u.created_at, u.ended_at, s.seen_at, l.until_at
      FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
      LEFT JOIN LATERAL (SELECT w.seen_at FROM session w WHERE w.partnership_id = u.partnership_id AND w.user_id = u.id
                          ORDER BY w.seen_at DESC LIMIT 1) s ON true
      LEFT JOIN LATERAL (SELECT v.until_at FROM sign_in_link v
                          WHERE v.partnership_id = u.partnership_id AND v.user_id = u.id AND v.used_at IS NULL
                            AND v.ended_at IS NULL ORDER BY v.until_at DESC LIMIT 1) l ON true
     CROSS JOIN LATERAL (SELECT coalesce(array_agg(h.role ORDER BY h.role), '{}') AS roles FROM user_role h
                          WHERE h.partnership_id = u.partnership_id AND h.user_id = u.id AND h.ended_at IS NULL) r
     CROSS JOIN LATERAL (SELECT CASE WHEN u.ended_at IS NOT NULL OR a.ended_at IS NOT NULL THEN 'ended'
                          WHEN a.suspended_at IS NOT NULL THEN 'locked_out'
                          WHEN s.seen_at IS NULL AND NOT u.is_system
                               AND NOT EXISTS (SELECT 1 FROM sign_in_methods_of(u.id)) THEN 'invited'
                          ELSE 'active' END AS state) k
     WHERE u.partnership_id = :partnership"""
# ``unused_since``: without a sign of them since that moment, and added before it.
_NARROWED = """
       AND (CAST(:agency AS uuid) IS NULL OR u.agency_id = :agency)
       AND (CAST(:role AS text) IS NULL OR :role = ANY (r.roles))
       AND (CAST(:unused_since AS timestamptz) IS NULL
            OR (coalesce(s.seen_at, u.created_at) < :unused_since AND k.state <> 'ended'))
       AND (CAST(:state AS text) IS NULL OR k.state = :state)"""
_LINE = """json_build_object('id', p.id, 'name', p.name, 'email', p.email, 'job_title', p.job_title,
      'is_system', p.is_system, 'agency', json_build_object('id', p.agency_id, 'name', p.agency), 'state', p.state,
      'roles', p.roles, 'added_at', p.created_at, 'ended_at', p.ended_at, 'last_here', p.seen_at,
      'invited_until', p.until_at, 'secret_seen_by_leaver', p.is_system AND EXISTS (
        SELECT 1 FROM api_client c
          JOIN api_credential k ON k.partnership_id = c.partnership_id AND k.client_id = c.id AND k.kind = 'secret'
           AND k.ended_at IS NULL AND k.until_at > (SELECT actor_now())
          JOIN app_user w ON w.partnership_id = k.partnership_id AND w.id = k.made_by
          JOIN agency g ON g.partnership_id = w.partnership_id AND g.id = w.agency_id
         WHERE c.partnership_id = :partnership AND c.user_id = p.id AND c.ended_at IS NULL AND p.ended_at IS NULL
           AND coalesce(w.ended_at, g.ended_at) IS NOT NULL),
      'sign_in', json_build_object('passkeys', m.passkeys, 'password', m.password, 'app', m.app,
        'providers', m.providers, 'recovery_codes', m.recovery_codes))"""
# What somebody signs in by is told by a function, which hands out no secret; asked of those on the page only.
_METHODS = """
      CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE kind = 'passkey') AS passkeys,
             count(*) FILTER (WHERE kind = 'password') > 0 AS password,
             count(*) FILTER (WHERE kind = 'authenticator') > 0 AS app,
             count(*) FILTER (WHERE kind = 'openid') AS providers,
             count(*) FILTER (WHERE kind = 'recovery_code') AS recovery_codes
        FROM sign_in_methods_of(p.id)) m"""
PAGE = sql(f"""
    SELECT coalesce(json_agg({_LINE} ORDER BY p.id), '[]')::text AS body, array_agg(p.id ORDER BY p.id) AS ids
      FROM ({_PERSON} AND u.id > :after {_NARROWED} ORDER BY u.id LIMIT :limit) p {_METHODS}
""")
ONE = sql(f"SELECT {_LINE}::text AS body FROM ({_PERSON} AND u.id = :id) p {_METHODS}")
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
