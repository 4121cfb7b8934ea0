"""Answers kept so that a repeated request is one request."""

from app.db.statements import sql

FIND = sql("""
    SELECT id, case_id, request_digest, status, headers, body,
           EXISTS (SELECT 1 FROM jsonb_array_elements_text(headers -> 'others') o(id)
                    WHERE barred(CAST(o.id AS uuid))) AS tells_of_a_hidden_case
      FROM idempotency WHERE partnership_id = :partnership AND user_id = :user AND key = :key
""")
LET_GO = sql("SELECT let_go_of_answer(:id)")

# Two presses of one button wait for each other outside, holding nothing: the second finds what the first has left.
TRY_PRESS = sql("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 6173))")
PRESSED = sql("""
    SELECT id, key, headers, body, created_at FROM idempotency
     WHERE partnership_id = :partnership AND user_id = :user AND key = ANY (CAST(:keys AS text[]))
     ORDER BY length(key) DESC
""")
