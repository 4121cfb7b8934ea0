"""Whether somebody administers the partnership who can sign in, asked before anybody has."""

from app.db.statements import sql

CAN_SIGN_IN = sql("""
    SELECT (SELECT demo FROM partnership WHERE id = :partnership) OR EXISTS (
      SELECT 1 FROM user_role r
        JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id AND u.ended_at IS NULL
        JOIN agency g ON g.partnership_id = u.partnership_id AND g.id = u.agency_id
         AND g.ended_at IS NULL AND g.suspended_at IS NULL
       WHERE r.partnership_id = :partnership AND r.role = 'partnership_administrator' AND r.ended_at IS NULL
         AND (EXISTS (SELECT 1 FROM passkey k
                       WHERE k.partnership_id = u.partnership_id AND k.user_id = u.id AND k.ended_at IS NULL)
           OR EXISTS (SELECT 1 FROM openid_identity i JOIN openid_provider o
                          ON o.partnership_id = i.partnership_id AND o.id = i.provider_id AND o.ended_at IS NULL
                       WHERE i.partnership_id = u.partnership_id AND i.user_id = u.id AND i.ended_at IS NULL)
           OR (EXISTS (SELECT 1 FROM password p
                        WHERE p.partnership_id = u.partnership_id AND p.user_id = u.id AND p.hash IS NOT NULL)
             AND EXISTS (SELECT 1 FROM authenticator a WHERE a.partnership_id = u.partnership_id AND a.user_id = u.id
                            AND a.confirmed_at IS NOT NULL AND a.ended_at IS NULL)))) AS can
""")
BY_EMAIL = sql("""
    SELECT u.id, u.agency_id, u.is_system, u.ended_at, coalesce((SELECT array_agg(r.role) FROM user_role r
             WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id AND r.ended_at IS NULL), '{}') AS roles
      FROM app_user u WHERE u.partnership_id = :partnership AND u.email = :email
""")
LOCKED_OUT = sql("SELECT suspended_at IS NOT NULL FROM agency WHERE partnership_id = :partnership AND id = :agency")
EXISTS = sql("SELECT EXISTS (SELECT 1 FROM partnership WHERE id = :partnership)")
"""Whether the transaction's partnership has been founded."""
