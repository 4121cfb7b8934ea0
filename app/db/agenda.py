"""Agendas: everything on a list in one statement, the running order, and what was circulated."""

from app.db.statements import sql

# One statement for the whole list. Of what agencies returned, only what they released and chose to share.
AGENDA = sql("""
    WITH items AS MATERIALIZED (
      SELECT i.* FROM agenda_item i
       WHERE i.partnership_id = :partnership AND i.meeting_id = :id AND i.status IN ('listed', 'decided')),
    members AS MATERIALIZED (
      SELECT a.id, a.name FROM meeting m
        JOIN forum_member s ON s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
        JOIN agency a ON a.partnership_id = s.partnership_id AND a.id = s.agency_id
       WHERE m.partnership_id = :partnership AND m.id = :id AND sits_at(s, m.starts_at))
    SELECT m.id, m.version, m.status, m.held_on, m.starts_at, m.forum_id, f.kind, f.name,
      forum_settings(f, m.held_on)::text AS settings,
      m.published_at, p.name AS partnership_name, p.marking, p.confidentiality_statement,
      (SELECT u.name FROM app_user u WHERE u.partnership_id = m.partnership_id AND u.id = m.chair_id) AS chair,
      (SELECT array_agg(s.name ORDER BY s.name) FROM members s) AS members,
      (SELECT array_agg(i.case_id) FROM items i) AS cases,
      (SELECT json_agg(json_build_object('id', i.id, 'version', i.version, 'kind', i.kind, 'status', i.status,
          'pinned', i.position, 'outcome', i.outcome, 'outcome_reason', i.outcome_reason, 'criteria', i.criteria,
          'deferred_to', i.deferred_to, 'decided_at', i.decided_at, 'minutes', i.minutes,
          'safety_plan', i.safety_plan, 'listed_because', i.reasons,
          'case', json_build_object('id', c.id, 'reference', c.reference, 'state', c.state, 'version', c.version,
            'victim_name', c.victim_name, 'level', c.level, 'score', c.score, 'grounds', c.grounds,
            'markers', c.markers, 'repeat', c.repeat, 'children', c.children,
            'referred_by', (SELECT a.name FROM agency a
                             WHERE a.partnership_id = c.partnership_id AND a.id = c.referring_agency_id),
            'idva', (SELECT u.name || ', ' || a.name FROM app_user u
                       JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
                      WHERE u.partnership_id = c.partnership_id AND u.id = c.idva_id)),
          'people', (SELECT coalesce(json_agg(json_build_object('id', t.id, 'role', t.role, 'name', t.name,
                'aliases', t.aliases, 'date_of_birth', t.date_of_birth, 'relationship', t.relationship,
                'language', t.details ->> 'language', 'interpreter_needed', t.details ->> 'interpreter_needed',
                'safe_contact', t.details -> 'safe_contact')
              ORDER BY array_position(ARRAY['victim', 'perpetrator', 'child', 'other'], t.role), t.id), '[]')
             FROM party t WHERE t.partnership_id = i.partnership_id AND t.case_id = i.case_id),
          'referral', (SELECT json_build_object('submitted_at', r.submitted_at,
                'narrative', r.form #>> '{incident,narrative}', 'occurred_on', r.form #>> '{incident,occurred_on}',
                'views', r.form #>> '{victim_view,views}', 'afraid_of', r.form #>> '{victim_view,afraid_of}',
                'not_safe_to_speak_to', r.form #>> '{victim_view,not_safe_to_speak_to}')
             FROM referral r WHERE r.partnership_id = i.partnership_id AND r.case_id = i.case_id
              AND r.status = 'submitted' ORDER BY r.submitted_at DESC LIMIT 1),
          'voice', (SELECT json_build_object('said', v.said, 'wishes', v.wishes, 'declined', v.declined,
                'written_at', v.created_at)
             FROM client_voice v WHERE v.partnership_id = i.partnership_id AND v.case_id = i.case_id
            ORDER BY v.version DESC LIMIT 1),
          'assessment', (SELECT json_build_object('instrument', a.instrument, 'version', a.instrument_version,
                'score', a.score, 'unanswered', a.unanswered, 'reasons', a.reasons)
             FROM assessment a WHERE a.partnership_id = i.partnership_id AND a.case_id = i.case_id
            ORDER BY a.id DESC LIMIT 1),
          'research', (SELECT coalesce(json_agg(json_build_object('agency', s.name, 'known', r.known,
                'answered', r.id IS NOT NULL, 'facts', r.facts, 'opinion', r.opinion,
                'released_at', r.released_at) ORDER BY s.name), '[]')
             FROM members s LEFT JOIN research_shared r ON r.partnership_id = i.partnership_id AND r.item_id = i.id
              AND r.agency_id = s.id),
          'risks', (SELECT coalesce(json_agg(json_build_object('id', k.id, 'about', k.about, 'party_id', k.party_id,
                'person', t.name, 'risk', k.risk, 'agency', a.name, 'named_at', k.named_at) ORDER BY k.id), '[]')
             FROM item_risk k JOIN agency a ON a.partnership_id = k.partnership_id AND a.id = k.agency_id
             LEFT JOIN party t ON t.partnership_id = k.partnership_id AND t.id = k.party_id
            WHERE k.partnership_id = i.partnership_id AND k.case_id = i.case_id AND k.item_id = i.id),
          'actions', (SELECT coalesce(json_agg(json_build_object('id', x.id, 'here', x.item_id = i.id,
                'what', x.what, 'agency', a.name, 'owner', u.name, 'due_on', x.due_on, 'status', x.status)
              ORDER BY x.due_on, x.id), '[]')
             FROM action x JOIN agency a ON a.partnership_id = x.partnership_id AND a.id = x.agency_id
             LEFT JOIN app_user u ON u.partnership_id = x.partnership_id AND u.id = x.owner_id
            WHERE x.partnership_id = i.partnership_id AND x.case_id = i.case_id
              AND (x.status = ANY(:owed) OR x.item_id = i.id OR x.updated_at >= m.starts_at)),
          'earlier', (SELECT coalesce(json_agg(json_build_object('on', b.held_on, 'forum', g.name,
                'outcome', e.outcome) ORDER BY b.starts_at), '[]')
             FROM agenda_item e JOIN meeting b ON b.partnership_id = e.partnership_id AND b.id = e.meeting_id
             JOIN forum g ON g.partnership_id = b.partnership_id AND g.id = b.forum_id
            WHERE e.partnership_id = i.partnership_id AND e.case_id = i.case_id AND e.status = 'decided'
              AND b.starts_at < m.starts_at)
        ) ORDER BY i.listed_at, i.id)
         FROM items i JOIN case_file c ON c.partnership_id = i.partnership_id AND c.id = i.case_id)::text AS items
      FROM meeting m
      JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
      JOIN partnership_today() p ON p.id = m.partnership_id
     WHERE m.partnership_id = :partnership AND m.id = :id
""")

PIN = sql("""
    UPDATE agenda_item i SET position = o.position
      FROM unnest(CAST(:items AS uuid[])) WITH ORDINALITY AS o (id, position)
     WHERE i.partnership_id = :partnership AND i.meeting_id = :meeting AND i.id = o.id
""")

# Numbered as this reader was sent them: an addendum about nothing that they may know is not there for them.
_SENT = """
    SELECT k.*, row_number() OVER (ORDER BY k.id)::integer AS version FROM agenda_pack k
     WHERE k.partnership_id = :partnership AND k.meeting_id = :meeting"""
PACKS = sql(f"""
    SELECT p.id, p.version, p.header ->> 'kind' AS kind, p.header::text AS header,
           (SELECT json_agg(json_build_object('case_id', x.case_id, 'kind', x.kind, 'content', x.content)
                            ORDER BY x.position, x.case_id)
              FROM pack_item x WHERE x.partnership_id = p.partnership_id AND x.pack_id = p.id)::text AS items
      FROM ({_SENT}) p
     WHERE CAST(:version AS integer) IS NULL OR p.version <= :version
     ORDER BY p.version
""")

CASE_TO_ADD = sql("""
    SELECT c.id, c.state, c.reference,
           (SELECT json_build_object('id', i.id, 'meeting_id', i.meeting_id)::text FROM agenda_item i
              JOIN meeting m ON m.partnership_id = i.partnership_id AND m.id = i.meeting_id
             WHERE i.partnership_id = c.partnership_id AND i.case_id = c.id AND i.status = 'listed'
               AND m.forum_id = :forum ORDER BY i.id DESC LIMIT 1) AS listed
      FROM case_file c WHERE c.partnership_id = :partnership AND c.id = :case_id FOR UPDATE OF c
""")

COUNT_IN = sql("""
    UPDATE meeting SET listed = listed + 1
     WHERE partnership_id = :partnership AND id = :meeting AND capacity IS NOT NULL
""")
COUNT_OUT = sql("""
    UPDATE meeting SET listed = listed - 1
     WHERE partnership_id = :partnership AND id = :meeting AND capacity IS NOT NULL AND listed > 0
""")

PACK_LINES = sql(f"""
    SELECT p.version, p.header ->> 'kind' AS kind, p.published_at, p.header -> 'published_by' ->> 'name' AS published_by
      FROM ({_SENT}) p ORDER BY p.version
""")

# Cases whose last word in the packs is that they were taken off.
TAKEN_OFF = sql("""
    SELECT t.case_id FROM (
      SELECT DISTINCT ON (x.case_id) x.case_id, x.content -> 'item' = 'null'::jsonb AS gone
        FROM agenda_pack p JOIN pack_item x ON x.partnership_id = p.partnership_id AND x.pack_id = p.id
       WHERE p.partnership_id = :partnership AND p.meeting_id = :meeting AND x.kind = 'case'
       ORDER BY x.case_id, p.id DESC) t
     WHERE t.gone
""")
