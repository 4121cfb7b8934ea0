"""Risks: the item they are named at, with the people in its case."""

from app.db.statements import sql

ITEM = sql("""
    SELECT i.id, i.case_id, i.status, m.status AS meeting_status, f.name AS forum,
           EXISTS (SELECT 1 FROM forum_member s WHERE s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
                      AND s.agency_id = :agency AND sits_at(s, m.starts_at)) AS member,
           (SELECT json_object_agg(p.id, p.role)::text FROM party p
             WHERE p.partnership_id = i.partnership_id AND p.case_id = i.case_id) AS roles
      FROM agenda_item i JOIN meeting m ON m.partnership_id = i.partnership_id AND m.id = i.meeting_id
      JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
     WHERE i.partnership_id = :partnership AND i.id = :id FOR KEY SHARE OF m
""")
