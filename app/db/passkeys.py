"""Passkeys, as they are looked for before it is known who asks, and as their owners see them."""

from app.db.statements import sql

# Whoever has left, and whoever's agency is locked out, has it still; it just does not let them in.
BY_CREDENTIAL = sql("""
    SELECT k.id, k.user_id, u.agency_id, k.public_key, k.sign_count,
           k.ended_at IS NULL AND u.ended_at IS NULL AND NOT u.is_system
             AND g.ended_at IS NULL AND g.suspended_at IS NULL AS stands
      FROM passkey k
      JOIN app_user u ON u.partnership_id = k.partnership_id AND u.id = k.user_id
      JOIN agency g ON g.partnership_id = u.partnership_id AND g.id = u.agency_id
     WHERE k.partnership_id = :partnership AND k.credential_id = :credential_id
""")
# Twice at once with the same count is one too many. A device that counts nothing says 0 for ever.
USE = sql("""
    UPDATE passkey SET sign_count = :sign_count, backed_up = :backed_up, used_at = :now
     WHERE partnership_id = :partnership AND id = :id AND user_id = :user_id AND ended_at IS NULL
       AND (sign_count < :sign_count OR (sign_count = 0 AND :sign_count = 0))
    RETURNING id
""")
END = sql("""
    UPDATE passkey SET ended_at = :now WHERE partnership_id = :partnership AND id = :id AND ended_at IS NULL
    RETURNING user_id
""")
RENAME = sql("""
    UPDATE passkey SET name = :name
     WHERE partnership_id = :partnership AND id = :id AND user_id = :user_id AND ended_at IS NULL
    RETURNING id
""")
_PASSKEY = "SELECT id, name, backed_up, created_at AS made_at, used_at FROM passkey"
_STANDING = "WHERE partnership_id = :partnership AND user_id = :user_id AND ended_at IS NULL"
OF_PERSON = sql(f"{_PASSKEY} {_STANDING} ORDER BY id")
ONE = sql(f"{_PASSKEY} {_STANDING} AND id = :id")
KNOWN = sql(f"SELECT credential_id, transports FROM passkey {_STANDING} ORDER BY id")
OWNER = sql("SELECT name, email FROM app_user WHERE partnership_id = :partnership AND id = :user_id")
