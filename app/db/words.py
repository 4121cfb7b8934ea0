"""The partnership with the words that hold today."""

from app.db.statements import sql

TODAY = sql("SELECT marking, confidentiality_statement, help FROM partnership_today()")
