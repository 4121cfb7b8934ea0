"""Apps that make codes."""

from app.db.statements import sql

STANDING = sql("""
    SELECT id, created_at, used_at FROM authenticator WHERE partnership_id = :partnership AND user_id = :user_id
       AND confirmed_at IS NOT NULL AND ended_at IS NULL
""")
WAITING = sql("""
    SELECT id, key_id, sealed FROM authenticator WHERE partnership_id = :partnership AND user_id = :user_id
       AND id = :id AND confirmed_at IS NULL AND ended_at IS NULL FOR UPDATE
""")
# Anything but the one named: earlier tries, and the one that this replaces.
END_OTHERS = sql("""
    UPDATE authenticator SET ended_at = :now WHERE partnership_id = :partnership AND user_id = :user_id
       AND id IS DISTINCT FROM :but AND ended_at IS NULL
    RETURNING confirmed_at IS NOT NULL AS stood
""")
EMAIL = sql("SELECT email FROM app_user WHERE partnership_id = :partnership AND id = :user_id")
