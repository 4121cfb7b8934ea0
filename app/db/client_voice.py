"""The client's words: how many versions there are."""

from app.db.statements import sql

VERSION = sql("""
    SELECT coalesce(max(v.version), 0) FROM client_voice v
     WHERE v.partnership_id = :partnership AND v.case_id = :case_id
""")
