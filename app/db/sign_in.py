"""What somebody proves themselves with, as it is looked at before it is known who asks, and used up when they are."""

from app.db.statements import sql

_PROOFS = """
    u.id AS user_id, u.agency_id, p.hash, a.id AS authenticator_id, a.key_id, a.sealed, a.last_step,
    (SELECT r.id FROM recovery_code r WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id
        AND r.digest = :digest AND r.used_at IS NULL AND r.ended_at IS NULL LIMIT 1)
      AS recovery_id
"""
_JOINS = """
    LEFT JOIN password p ON p.partnership_id = u.partnership_id AND p.user_id = u.id
    LEFT JOIN authenticator a ON a.partnership_id = u.partnership_id AND a.user_id = u.id
     AND a.confirmed_at IS NOT NULL AND a.ended_at IS NULL
"""
# Whoever has left, and whoever's agency is locked out, is nobody.
BY_EMAIL = sql(f"""
    SELECT {_PROOFS} FROM app_user u
      JOIN agency g ON g.partnership_id = u.partnership_id AND g.id = u.agency_id
       AND g.ended_at IS NULL AND g.suspended_at IS NULL
      {_JOINS}
     WHERE u.partnership_id = :partnership AND u.email = :email AND u.ended_at IS NULL AND NOT u.is_system
""")
BY_PERSON = sql(f"SELECT {_PROOFS} FROM app_user u {_JOINS} WHERE u.partnership_id = :partnership AND u.id = :user_id")
# A password that was changed since it was judged proves nothing any more.
STILL = sql("""
    SELECT id FROM password WHERE partnership_id = :partnership AND user_id = :user_id AND hash = :hash FOR UPDATE
""")
USE_STEP = sql("""
    UPDATE authenticator SET last_step = :step, used_at = :now
     WHERE partnership_id = :partnership AND id = :id AND user_id = :user_id AND ended_at IS NULL
       AND (last_step IS NULL OR last_step < :step)
    RETURNING id
""")
USE_RECOVERY_CODE = sql("""
    UPDATE recovery_code SET used_at = :now
     WHERE partnership_id = :partnership AND id = :id AND user_id = :user_id AND used_at IS NULL AND ended_at IS NULL
    RETURNING id
""")
PARTNERSHIPS = sql("SELECT id, slug, name, demo FROM sign_in_partnerships()")
DEMO_PERSON = sql("""
    SELECT u.id FROM app_user u
     WHERE u.partnership_id = :partnership AND u.email = :email AND u.ended_at IS NULL AND NOT u.is_system
       AND EXISTS (SELECT 1 FROM sign_in_partnerships() p WHERE p.id = u.partnership_id AND p.demo)
""")
PROVIDERS = sql("""
    SELECT id, name FROM openid_provider WHERE partnership_id = :partnership AND ended_at IS NULL ORDER BY name, id
""")
