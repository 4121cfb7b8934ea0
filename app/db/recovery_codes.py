"""Recovery codes, kept as keyed digests."""

from app.db.statements import sql

LEFT = sql("""
    SELECT count(*) FROM recovery_code WHERE partnership_id = :partnership AND user_id = :user_id
       AND used_at IS NULL AND ended_at IS NULL
""")
END = sql("""
    UPDATE recovery_code SET ended_at = :now WHERE partnership_id = :partnership AND user_id = :user_id
       AND used_at IS NULL AND ended_at IS NULL
    RETURNING id
""")
