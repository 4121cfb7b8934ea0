"""How a browser's session stands, without moving it."""

from app.db.statements import sql

STANDING = sql("""
    SELECT u.agency_id, s.ended_because, s.ended_at, s.idle_until, s.until_at,
           u.ended_at IS NOT NULL OR a.ended_at IS NOT NULL OR a.suspended_at IS NOT NULL AS locked_out
      FROM session s JOIN app_user u ON u.partnership_id = s.partnership_id AND u.id = s.user_id
      JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
     WHERE s.partnership_id = :partnership AND s.id = :id AND s.user_id = :user_id AND s.digest = :digest
""")
