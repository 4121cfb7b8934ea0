"""Organisations' own sign-in: the providers of a partnership, and whom each means by a subject."""

from app.db.statements import sql

_PROVIDER = "id, name, issuer, client_id, key_id, sealed, rules, ended_at, version"

PROVIDERS = sql(f"""
    SELECT {_PROVIDER} FROM openid_provider
     WHERE partnership_id = :partnership ORDER BY ended_at IS NOT NULL, name, id LIMIT 200
""")
PROVIDER = sql(f"SELECT {_PROVIDER} FROM openid_provider WHERE partnership_id = :partnership AND id = :id")
AGENCIES = sql("""
    SELECT id, name FROM agency WHERE partnership_id = :partnership AND ended_at IS NULL ORDER BY name, id
""")
# The standing link of a subject, or else one that has ended: whoever had one and lost it is no newcomer.
IDENTITY = sql("""
    SELECT i.id, i.user_id, i.ended_at, u.agency_id, u.email,
           u.ended_at IS NULL AND NOT u.is_system AND a.ended_at IS NULL AND a.suspended_at IS NULL AS may_enter
      FROM openid_identity i
      JOIN app_user u ON u.partnership_id = i.partnership_id AND u.id = i.user_id
      JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
     WHERE i.partnership_id = :partnership AND i.issuer = :issuer AND i.subject = :subject
     ORDER BY i.ended_at IS NOT NULL, i.id DESC LIMIT 1
""")
# Whoever comes for the first time in two tabs at once joins once: the second finds what the first has made.
HOLD = sql("""
    SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'newcomer', CAST(:issuer AS text),
        CAST(:subject AS text)), 0))
""")
OPEN_AGENCY = sql("""
    SELECT id FROM agency
     WHERE partnership_id = :partnership AND id = :id AND ended_at IS NULL AND suspended_at IS NULL
""")
# What somebody has linked, and by which providers they could sign in besides.
MINE = sql("""
    SELECT p.id, p.name, p.rules, i.id AS identity_id, i.created_at, i.used_at FROM openid_provider p
      LEFT JOIN openid_identity i ON i.partnership_id = p.partnership_id AND i.issuer = p.issuer
       AND i.user_id = :user_id AND i.ended_at IS NULL
     WHERE p.partnership_id = :partnership AND p.ended_at IS NULL ORDER BY p.name, p.id
""")
USED = sql("""
    UPDATE openid_identity SET used_at = :now
     WHERE partnership_id = :partnership AND id = :id AND user_id = :user_id AND ended_at IS NULL RETURNING id
""")
END = sql("""
    UPDATE openid_identity SET ended_at = :now
     WHERE partnership_id = :partnership AND id = :id AND user_id = :user_id AND ended_at IS NULL RETURNING id
""")
