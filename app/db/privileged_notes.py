"""Privileged notes: those that PostgreSQL shows to the IDVAs of one service, newest first."""

from app.db.statements import sql

LIST = sql("""
    SELECT coalesce(json_agg(l.line ORDER BY l.id DESC), '[]')::text AS body, array_agg(l.id ORDER BY l.id DESC) AS ids
      FROM (SELECT t.id, json_build_object('id', t.id, 'note', t.note, 'by', u.name, 'at', t.created_at) AS line
              FROM privileged_note t JOIN app_user u ON u.partnership_id = t.partnership_id AND u.id = t.by_id
             WHERE t.partnership_id = :partnership AND t.case_id = :case_id AND t.id < :before
             ORDER BY t.id DESC LIMIT :limit) l
""")
