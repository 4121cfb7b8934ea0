"""Passwords, one for each person at most."""

from app.db.statements import sql

OF_PERSON = sql("""
    SELECT p.id, p.hash IS NOT NULL AS is_set FROM password p
     WHERE p.partnership_id = :partnership AND p.user_id = :user_id FOR UPDATE
""")
WHOSE = sql("""
    SELECT u.name, u.email, EXISTS (SELECT 1 FROM password p
             WHERE p.partnership_id = u.partnership_id AND p.user_id = u.id AND p.hash IS NOT NULL) AS has_password
      FROM app_user u WHERE u.partnership_id = :partnership AND u.id = :user_id
""")
MEANS = sql("""
    SELECT EXISTS (SELECT 1 FROM password p WHERE p.partnership_id = :partnership AND p.user_id = :user_id
                      AND p.hash IS NOT NULL) AS password,
           EXISTS (SELECT 1 FROM passkey k WHERE k.partnership_id = :partnership AND k.user_id = :user_id
                      AND k.ended_at IS NULL) AS passkey,
           EXISTS (SELECT 1 FROM sign_in_partnerships() s WHERE s.id = :partnership AND s.demo) AS demo
""")
