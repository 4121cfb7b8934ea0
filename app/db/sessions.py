"""Sessions: what somebody is signed in by, one row for each browser, printed token or access token."""

from app.db.statements import sql

IS_DEMO = sql("SELECT demo FROM partnership WHERE id = :partnership")
CURRENT = sql("""
    SELECT methods, device, idle_seconds, until_at, confirmed_until FROM session
     WHERE partnership_id = :partnership AND id = :id AND ended_at IS NULL FOR UPDATE
""")
END = sql("""
    UPDATE session SET ended_at = :now, ended_because = :because, ended_by = :ended_by
     WHERE partnership_id = :partnership AND id = :id AND user_id = :user_id AND ended_at IS NULL RETURNING id
""")
END_OTHERS = sql("""
    UPDATE session SET ended_at = :now, ended_because = :because, ended_by = :ended_by
     WHERE partnership_id = :partnership AND user_id = :user_id AND id IS DISTINCT FROM :but AND ended_at IS NULL
       AND until_at > :now
    RETURNING id
""")
# The newest first: those that can still be used.
MINE = sql("""
    SELECT id, kind, methods, device, created_at, seen_at, until_at, id = :current AS is_current FROM session
     WHERE partnership_id = :partnership AND user_id = :user_id AND ended_at IS NULL AND until_at > :now
       AND (idle_until IS NULL OR idle_until > :now)
     ORDER BY id DESC LIMIT 100
""")
FORGET = sql("SELECT forget_old()")
