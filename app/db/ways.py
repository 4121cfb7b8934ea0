"""What somebody can sign in by."""

from app.db.statements import sql

# Two requests of one person that each take away one of two ways, at once, would leave none.
HOLD = sql("SELECT pg_advisory_xact_lock(hashtextextended(CAST(CAST(:user_id AS uuid) AS text), 4211))")
# A provider that never asks for two factors is no way by itself.
OF_PERSON = sql("""
    SELECT (SELECT count(*) FROM passkey k
             WHERE k.partnership_id = :partnership AND k.user_id = :user_id AND k.ended_at IS NULL) AS passkeys,
           EXISTS (SELECT 1 FROM password p
             WHERE p.partnership_id = :partnership AND p.user_id = :user_id AND p.hash IS NOT NULL) AS password,
           EXISTS (SELECT 1 FROM authenticator a
             WHERE a.partnership_id = :partnership AND a.user_id = :user_id
               AND a.confirmed_at IS NOT NULL AND a.ended_at IS NULL) AS app,
           (SELECT count(*) FROM openid_identity i
              JOIN openid_provider o ON o.partnership_id = i.partnership_id AND o.id = i.provider_id
               AND o.ended_at IS NULL AND o.rules ->> 'second_factor' <> 'never'
             WHERE i.partnership_id = :partnership AND i.user_id = :user_id AND i.ended_at IS NULL) AS providers
""")
