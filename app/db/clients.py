"""Clients: as administrators keep them, and as they are looked up before it is known that it is they."""

from app.db.statements import sql

# Whoever drew a secret saw it, that once. seen_by_leaver: they have left since, or their agency has.
_CREDENTIALS = """coalesce((SELECT json_agg(json_build_object('id', k.id, 'kind', k.kind, 'hint', k.hint,
         'added_at', k.created_at, 'added_by', m.name, 'until', k.until_at, 'last_used_at', k.used_at,
         'ended_at', k.ended_at, 'live', k.ended_at IS NULL AND k.until_at > :now,
         'seen_by_leaver', k.kind = 'secret' AND coalesce(m.ended_at, w.ended_at) IS NOT NULL,
         'public_key', NULLIF(k.public_key, '{}')) ORDER BY k.id DESC)
       FROM api_credential k LEFT JOIN app_user m ON m.partnership_id = k.partnership_id AND m.id = k.made_by
       LEFT JOIN agency w ON w.partnership_id = m.partnership_id AND w.id = m.agency_id
      WHERE k.partnership_id = c.partnership_id AND k.client_id = c.id), '[]')"""
_CLIENT = f"""json_build_object('id', c.id, 'name', c.name, 'purpose', c.purpose, 'scopes', to_json(c.scopes),
    'agency', json_build_object('id', a.id, 'name', a.name), 'user', json_build_object('id', u.id, 'name', u.name),
    'added_at', c.created_at, 'added_by', b.name, 'ended_at', coalesce(c.ended_at, u.ended_at),
    'last_used_at', (SELECT max(k.used_at) FROM api_credential k
                      WHERE k.partnership_id = c.partnership_id AND k.client_id = c.id),
    'credentials', {_CREDENTIALS}, 'version', c.version)"""
_JOINS = """
      JOIN app_user u ON u.partnership_id = c.partnership_id AND u.id = c.user_id
      JOIN agency a ON a.partnership_id = c.partnership_id AND a.id = c.agency_id
      LEFT JOIN app_user b ON b.partnership_id = c.partnership_id AND b.id = c.made_by
"""
SHOW = sql(f"""
    SELECT c.agency_id, c.user_id, c.version, {_CLIENT}::text AS body FROM api_client c {_JOINS}
     WHERE c.partnership_id = :partnership AND c.id = :id
""")
LIST = sql(f"""
    SELECT coalesce(json_agg({_CLIENT} ORDER BY c.id DESC), '[]')::text AS body,
           array_agg(c.id ORDER BY c.id DESC) AS ids
      FROM (SELECT * FROM api_client WHERE partnership_id = :partnership
               AND (CAST(:after AS uuid) IS NULL OR id < :after) ORDER BY id DESC LIMIT :limit) c {_JOINS}
""")
USER_OF = sql("SELECT user_id FROM api_client WHERE partnership_id = :partnership AND id = :id")
TO_CHANGE = sql("""
    SELECT c.agency_id, c.user_id, c.scopes, coalesce(c.ended_at, u.ended_at) AS ended_at,
           (SELECT count(*) FROM api_credential k WHERE k.partnership_id = c.partnership_id AND k.client_id = c.id
               AND k.kind = :kind AND k.ended_at IS NULL AND k.until_at > :now) AS live,
           EXISTS (SELECT 1 FROM api_client o WHERE o.partnership_id = c.partnership_id AND o.user_id = c.user_id
                      AND o.id <> c.id AND o.ended_at IS NULL) AS shares_user
      FROM api_client c JOIN app_user u ON u.partnership_id = c.partnership_id AND u.id = c.user_id
     WHERE c.partnership_id = :partnership AND c.id = :id FOR UPDATE OF c
""")
# A system of this agency that a client may act as.
SYSTEM = sql("""
    SELECT u.id FROM app_user u WHERE u.partnership_id = :partnership AND u.id = :id AND u.agency_id = :agency_id
       AND u.is_system AND u.ended_at IS NULL
""")
CHOICES = sql("""
    SELECT (SELECT coalesce(json_agg(json_build_object('id', g.id, 'name', g.name) ORDER BY g.name, g.id), '[]')::text
              FROM agency g WHERE g.partnership_id = :partnership AND g.ended_at IS NULL
               AND (CAST(:agency_id AS uuid) IS NULL OR g.id = :agency_id)) AS agencies,
           (SELECT coalesce(json_agg(json_build_object('id', u.id, 'name', concat_ws(', ', u.name, a.name))
                                     ORDER BY u.name, a.name, u.id), '[]')::text
              FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
             WHERE u.partnership_id = :partnership AND u.is_system AND u.ended_at IS NULL
               AND (CAST(:agency_id AS uuid) IS NULL OR u.agency_id = :agency_id)) AS systems
""")
KIDS = sql("""
    SELECT k.hint FROM api_credential k WHERE k.partnership_id = :partnership AND k.client_id = :id AND k.kind = 'key'
       AND k.ended_at IS NULL AND k.until_at > :now
""")
END = sql("""
    UPDATE api_client SET ended_at = :now, version = version + 1
     WHERE partnership_id = :partnership AND id = :id AND ended_at IS NULL
""")
END_CREDENTIALS = sql("""
    UPDATE api_credential SET ended_at = :now
     WHERE partnership_id = :partnership AND client_id = :id AND ended_at IS NULL
""")
END_CREDENTIAL = sql("""
    UPDATE api_credential SET ended_at = :now
     WHERE partnership_id = :partnership AND client_id = :client_id AND id = :id AND ended_at IS NULL
    RETURNING kind
""")
CREDENTIAL = sql("""
    SELECT id FROM api_credential WHERE partnership_id = :partnership AND client_id = :client_id AND id = :id
""")
# The clients of others whose secrets these people have seen, by the person or by all of an agency.
SEEN = sql("""
    SELECT DISTINCT c.id, c.agency_id FROM api_credential k
      JOIN app_user m ON m.partnership_id = k.partnership_id AND m.id = k.made_by AND m.ended_at IS NULL
      JOIN api_client c ON c.partnership_id = k.partnership_id AND c.id = k.client_id AND c.ended_at IS NULL
      JOIN app_user u ON u.partnership_id = c.partnership_id AND u.id = c.user_id AND u.ended_at IS NULL
     WHERE k.partnership_id = :partnership AND k.kind = 'secret' AND k.ended_at IS NULL AND k.until_at > :now
       AND (m.id = CAST(:user_id AS uuid) OR m.agency_id = CAST(:agency_id AS uuid))
       AND c.agency_id IS DISTINCT FROM CAST(:agency_id AS uuid)
""")
END_SESSIONS = sql("""
    UPDATE session SET ended_at = :now, ended_because = :because, ended_by = :ended_by
     WHERE partnership_id = :partnership AND user_id = :user_id AND client_id = :client_id AND ended_at IS NULL
       AND until_at > :now AND (CAST(:credential_id AS uuid) IS NULL OR credential_id = :credential_id)
    RETURNING id
""")

PARTNERSHIP_OF = sql("SELECT partnership_of_client(:id)")
# Whatever has ended, of the client, its system or its agency, makes it nobody's.
BY_ID = sql("""
    SELECT c.id, c.user_id, c.agency_id,
           coalesce((SELECT json_agg(json_build_object('id', k.id, 'digest', encode(k.digest, 'hex'),
                                                       'public_key', k.public_key) ORDER BY k.id)
              FROM api_credential k WHERE k.partnership_id = c.partnership_id AND k.client_id = c.id
               AND k.ended_at IS NULL AND k.until_at > :now), '[]')::text AS credentials
      FROM api_client c
      JOIN app_user u ON u.partnership_id = c.partnership_id AND u.id = c.user_id AND u.ended_at IS NULL
      JOIN agency g ON g.partnership_id = c.partnership_id AND g.id = c.agency_id
       AND g.ended_at IS NULL AND g.suspended_at IS NULL
     WHERE c.partnership_id = :partnership AND c.id = :id AND c.ended_at IS NULL
""")
USE_ASSERTION = sql("""
    INSERT INTO assertion_seen (partnership_id, digest, until_at) VALUES (:partnership, :digest, :until_at)
    ON CONFLICT DO NOTHING RETURNING true
""")
USE_CREDENTIAL = sql("""
    UPDATE api_credential SET used_at = :now
     WHERE partnership_id = :partnership AND id = :id AND ended_at IS NULL AND until_at > :now RETURNING true
""")
# Asked by the system itself, once nothing can end it before the commit.
STANDS = sql("""
    SELECT c.scopes FROM api_client c JOIN api_credential k ON k.partnership_id = c.partnership_id
       AND k.client_id = c.id AND k.id = :credential_id AND k.ended_at IS NULL AND k.until_at > :now
     WHERE c.partnership_id = :partnership AND c.id = :id AND c.ended_at IS NULL
""")
