"""Grants: ended across a whole case, by the one function that may."""

from app.db.statements import sql

END = sql("SELECT end_grants(:case_id, :reason, :source, :until)")
