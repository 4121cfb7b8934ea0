"""Answers kept so that a repeated request is one request."""

from app.db.statements import sql

FIND = sql("""
    SELECT id, request_digest, status, headers, body FROM idempotency
     WHERE partnership_id = :partnership AND user_id = :user AND key = :key
""")
