"""Answers kept so that a repeated request is one request."""

from app.db.statements import sql

FIND = sql("""
    SELECT id, case_id, request_digest, status, headers, body FROM idempotency
     WHERE partnership_id = :partnership AND user_id = :user AND key = :key
       AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(headers -> 'others') o(id)
                        WHERE barred(CAST(o.id AS uuid)))
""")
