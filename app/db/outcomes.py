"""Outcomes: the item to decide, with its case and its meeting held while it is decided."""

from app.db.statements import sql

ITEM = sql("""
    SELECT i.id, i.case_id, i.status, i.version, m.id AS meeting_id, m.status AS meeting_status, m.held_on, m.forum_id,
           c.state, c.reference, c.level,
           f.kind, f.name AS forum, forum_settings(f, m.held_on)::text AS settings,
           EXISTS (SELECT 1 FROM forum_member s WHERE s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
                      AND s.agency_id = :agency AND sits_at(s, :now)) AS member
      FROM agenda_item i JOIN meeting m ON m.partnership_id = i.partnership_id AND m.id = i.meeting_id
      JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
      JOIN case_file c ON c.partnership_id = i.partnership_id AND c.id = i.case_id
     WHERE i.partnership_id = :partnership AND i.id = :id
       FOR KEY SHARE OF m FOR UPDATE OF i FOR UPDATE OF c
""")
ACTIONS = sql("""
    SELECT status, reason, item_id FROM action WHERE partnership_id = :partnership AND case_id = :case_id
""")
SHOW = sql("""
    SELECT i.version, i.case_id, json_build_object('id', i.id, 'meeting_id', i.meeting_id,
             'case', json_build_object('id', c.id, 'reference', c.reference, 'state', c.state, 'version', c.version),
             'kind', i.kind, 'status', i.status, 'version', i.version, 'outcome', i.outcome,
             'outcome_reason', i.outcome_reason, 'criteria', i.criteria, 'deferred_to', i.deferred_to,
             'decided_at', i.decided_at, 'minutes', i.minutes, 'safety_plan', i.safety_plan)::text AS body
      FROM agenda_item i JOIN case_file c ON c.partnership_id = i.partnership_id AND c.id = i.case_id
     WHERE i.partnership_id = :partnership AND i.id = :id
""")
