"""Research returns: one agency's own, and its worklist. Nobody reads another agency's but as an agenda shows it."""

from app.db.statements import sql

ITEM = sql("""
    SELECT i.id, i.case_id, i.status, m.status AS meeting_status,
           EXISTS (SELECT 1 FROM forum_member s WHERE s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
                      AND s.agency_id = :agency AND sits_at(s, m.starts_at)) AS member
      FROM agenda_item i JOIN meeting m ON m.partnership_id = i.partnership_id AND m.id = i.meeting_id
     WHERE i.partnership_id = :partnership AND i.id = :id FOR KEY SHARE OF m
""")
CASE_OF_ITEM = sql("SELECT case_id FROM agenda_item WHERE partnership_id = :partnership AND id = :id")
OWN = sql("""
    SELECT id, case_id, known, facts, opinion, shared_facts, shared_opinion, kept_because, released_at, answered_at,
           version
      FROM research_return WHERE partnership_id = :partnership AND item_id = :item AND agency_id = :agency
""")
SHARED = sql("""
    SELECT id FROM research_shared
     WHERE partnership_id = :partnership AND item_id = :item AND agency_id = :agency
""")
OPEN_ITEMS = sql("""
    SELECT i.id, i.case_id, r.id AS return_id, r.released_at
      FROM agenda_item i JOIN meeting m ON m.partnership_id = i.partnership_id AND m.id = i.meeting_id
      JOIN forum_member s ON s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id AND s.agency_id = :agency
                         AND sits_at(s, m.starts_at)
      LEFT JOIN research_return r ON r.partnership_id = i.partnership_id AND r.item_id = i.id AND r.agency_id = :agency
     WHERE i.partnership_id = :partnership AND i.id = ANY(:items) AND i.status = 'listed'
       AND m.status IN ('scheduled', 'locked', 'published', 'in_session', 'held')
     FOR KEY SHARE OF m
""")
WORKLIST = sql("""
    SELECT coalesce(json_agg(t.line ORDER BY t.starts_at, t.id), '[]')::text AS body,
           (array_agg(t.id ORDER BY t.starts_at DESC, t.id DESC))[1] AS last, array_agg(t.id) AS ids,
           array_agg(t.case_id) AS cases
      FROM (SELECT i.id, i.case_id, m.starts_at, json_build_object('agenda_item_id', i.id,
                   'case', json_build_object('id', c.id, 'reference', c.reference),
                   'meeting', json_build_object('id', m.id, 'name', f.name, 'starts_at', m.starts_at,
                                                'research_due_at', m.research_due_at),
                   'answer', CASE WHEN r.id IS NULL THEN 'not_answered' WHEN r.released_at IS NULL THEN 'kept'
                                  ELSE 'released' END,
                   'known', r.known, 'version', coalesce(r.version, 0),
                   'people', (SELECT json_agg(json_build_object('id', p.id, 'role', p.role, 'name', p.name,
                         'aliases', p.aliases, 'date_of_birth', p.date_of_birth, 'dob_variants', p.dob_variants)
                       ORDER BY array_position(ARRAY['victim', 'perpetrator', 'child', 'other'], p.role), p.id)
                      FROM party p WHERE p.partnership_id = i.partnership_id AND p.case_id = i.case_id)) AS line
              FROM forum_member s
              JOIN meeting m ON m.partnership_id = s.partnership_id AND m.forum_id = s.forum_id
              JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
              JOIN agenda_item i ON i.partnership_id = m.partnership_id AND i.meeting_id = m.id
              JOIN case_file c ON c.partnership_id = i.partnership_id AND c.id = i.case_id
              LEFT JOIN research_return r ON r.partnership_id = i.partnership_id AND r.item_id = i.id
                                         AND r.agency_id = s.agency_id
             WHERE s.partnership_id = :partnership AND s.agency_id = :agency
               AND sits_at(s, m.starts_at)
               AND m.starts_at > CAST(:since AS timestamptz)
               AND m.status IN ('scheduled', 'locked', 'published', 'in_session') AND i.status = 'listed'
               AND (r.released_at IS NULL) = (CAST(:status AS text) = 'missing')
               AND (CAST(:after AS uuid) IS NULL OR (m.starts_at, i.id) > (SELECT b.starts_at, e.id
                     FROM agenda_item e JOIN meeting b ON b.partnership_id = e.partnership_id AND b.id = e.meeting_id
                    WHERE e.partnership_id = :partnership AND e.id = :after))
             ORDER BY m.starts_at, i.id LIMIT :limit) t
""")
