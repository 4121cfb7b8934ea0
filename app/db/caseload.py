"""An IDVA's caseload, or their service's: every client, and what each waits for, in one statement."""

from app.db.statements import sql

CASELOAD = sql("""
    SELECT coalesce(json_agg(l.line ORDER BY l.contact_due_at, l.id), '[]')::text AS body,
           array_agg(l.case_id) AS cases,
           (SELECT count(*) FROM idva_support y WHERE y.partnership_id = :partnership AND y.idva_id = :user
               AND y.began_at > CAST(:now AS timestamptz) - interval '1 year') AS begun_in_a_year,
           (SELECT value::text FROM standing_rules() WHERE partnership_id = :partnership AND rule = 'idva_support'
               AND effective_from <= :today ORDER BY effective_from DESC LIMIT 1) AS rules
      FROM (SELECT s.id, s.case_id, s.contact_due_at, json_build_object(
              'case', json_build_object('id', c.id, 'reference', c.reference, 'state', c.state, 'level', c.level,
                'markers', c.markers, 'next_meeting_at', c.next_meeting_at),
              'client', p.name, 'idva', json_build_object('id', u.id, 'name', u.name),
              'referred_at', c.last_referred_at, 'began_at', s.began_at, 'contact_due_at', s.contact_due_at,
              'reached_at', s.reached_at,
              'safe_contact', p.details -> 'safe_contact', 'windows', w.windows,
              'last_attempt', (SELECT json_build_object('at', t.at, 'means', t.means, 'outcome', t.outcome)
                 FROM contact_attempt t WHERE t.partnership_id = s.partnership_id AND t.case_id = s.case_id
                ORDER BY t.at DESC, t.id DESC LIMIT 1),
              'actions', (SELECT coalesce(json_agg(json_build_object('id', t.id, 'what', t.what, 'due_on', t.due_on)
                    ORDER BY t.due_on, t.id), '[]')
                 FROM action t WHERE t.partnership_id = s.partnership_id AND t.case_id = s.case_id
                  AND t.agency_id = s.agency_id AND t.status = ANY(:owed) AND t.due_on <= :actions_until),
              'dates', (SELECT coalesce(json_agg(json_build_object('id', t.id, 'kind', t.kind, 'held_on', t.held_on,
                    'starts', t.starts) ORDER BY t.held_on, t.starts NULLS FIRST), '[]')
                 FROM key_date t WHERE t.partnership_id = s.partnership_id AND t.case_id = s.case_id
                  AND t.dropped_at IS NULL AND t.held_on BETWEEN :today AND :dates_until)) AS line
              FROM idva_support s
              JOIN case_file c ON c.partnership_id = s.partnership_id AND c.id = s.case_id
              JOIN app_user u ON u.partnership_id = s.partnership_id AND u.id = s.idva_id
              JOIN party p ON p.partnership_id = c.partnership_id AND p.case_id = c.id
                          AND p.person_id = c.victim_person_id
              LEFT JOIN LATERAL (
                SELECT t.windows, t.said FROM safe_time t
                 WHERE t.partnership_id = s.partnership_id AND t.case_id = s.case_id
                 ORDER BY t.id DESC LIMIT 1) w ON w.said = p.details -> 'safe_contact'
             WHERE s.partnership_id = :partnership AND s.ended_at IS NULL
               AND s.idva_id = ANY (CASE WHEN :mine THEN ARRAY[CAST(:user AS uuid)] ELSE ARRAY(
                     SELECT o.id FROM app_user o WHERE o.partnership_id = :partnership AND o.agency_id = :agency) END)
             ORDER BY s.contact_due_at, s.id LIMIT :most) l
""")
