"""Dates that matter to a client: one, to change it."""

from app.db.statements import sql

TO_CHANGE = sql("SELECT id, case_id, version FROM key_date WHERE partnership_id = :partnership AND id = :id FOR UPDATE")
