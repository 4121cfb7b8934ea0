"""What an IDVA service does for a client: everything of one case in one statement, and what a change must know."""

from app.db.statements import sql

# Held until the transaction ends: what is written for one client is written one after the other.
STANDING = sql("""
    SELECT s.id, s.agency_id, s.idva_id, s.version, s.reached_at FROM idva_support s
     WHERE s.partnership_id = :partnership AND s.case_id = :case_id AND s.ended_at IS NULL FOR UPDATE
""")
# Whether somebody supported the client since the last referral, whose clock then is not started again.
SINCE_REFERRAL = sql("""
    SELECT EXISTS (SELECT 1 FROM idva_support s
                    WHERE s.partnership_id = :partnership AND s.case_id = :case_id AND s.began_at >= :since)
""")
RULES = sql("""
    SELECT value::text FROM standing_rules() WHERE partnership_id = :partnership AND rule = 'idva_support'
       AND effective_from <= :today ORDER BY effective_from DESC LIMIT 1
""")

_WHO = """json_build_object('name', u.name, 'agency', a.name) FROM app_user u
              JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
             WHERE u.partnership_id = {0}.partnership_id AND u.id = {0}.by_id"""


def _by(alias: str) -> str:
    return f"(SELECT {_WHO.format(alias)})"


# Safe times hold for as long as nothing else was said since: a new referral may add to the words.
READ = sql(f"""
    SELECT c.id, json_build_object(
      'case', json_build_object('id', c.id, 'reference', c.reference, 'state', c.state, 'level', c.level,
        'score', c.score, 'markers', c.markers, 'next_meeting_at', c.next_meeting_at),
      'client', json_build_object('party_id', p.id, 'name', p.name, 'date_of_birth', p.date_of_birth,
        'safe_contact', p.details -> 'safe_contact'),
      'support', (SELECT json_build_object('id', s.id, 'version', s.version,
          'agency', json_build_object('id', a.id, 'name', a.name),
          'idva', json_build_object('id', u.id, 'name', u.name),
          'began_at', s.began_at, 'contact_due_at', s.contact_due_at, 'reached_at', s.reached_at,
          'ended_at', s.ended_at, 'end_reason', s.end_reason, 'end_note', s.end_note, 'outcomes', s.outcomes,
          'after', s.after)
        FROM idva_support s JOIN agency a ON a.partnership_id = s.partnership_id AND a.id = s.agency_id
        JOIN app_user u ON u.partnership_id = s.partnership_id AND u.id = s.idva_id
       WHERE s.partnership_id = c.partnership_id AND s.case_id = c.id ORDER BY s.id DESC LIMIT 1),
      'attempts', coalesce((SELECT json_agg(json_build_object('id', t.id, 'at', t.at, 'means', t.means,
            'outcome', t.outcome, 'note', t.note, 'by', {_by("t")}) ORDER BY t.at DESC, t.id DESC)
          FROM (SELECT * FROM contact_attempt t WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id
                 ORDER BY t.at DESC, t.id DESC LIMIT :most) t), '[]'),
      'safe_times', coalesce((SELECT json_agg(json_build_object('windows', t.windows, 'said', t.said,
            'holds', t.said = p.details -> 'safe_contact', 'by', {_by("t")}, 'at', t.created_at) ORDER BY t.id DESC)
          FROM (SELECT * FROM safe_time t WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id
                 ORDER BY t.id DESC LIMIT :most) t), '[]'),
      'safe_times_version', (SELECT count(*) FROM safe_time t
         WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id),
      'voice', coalesce((SELECT json_agg(json_build_object('version', t.version, 'said', t.said, 'wishes', t.wishes,
            'declined', t.declined, 'by', {_by("t")}, 'at', t.created_at) ORDER BY t.version DESC)
          FROM (SELECT * FROM client_voice t WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id
                 ORDER BY t.version DESC LIMIT :most) t), '[]'),
      'dates', coalesce((SELECT json_agg(json_build_object('id', t.id, 'version', t.version, 'kind', t.kind,
            'held_on', t.held_on, 'starts', t.starts, 'what', t.what, 'dropped', t.dropped_at IS NOT NULL,
            'by', {_by("t")}) ORDER BY t.held_on, t.starts NULLS FIRST, t.id)
          FROM (SELECT * FROM key_date t WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id
                 ORDER BY t.held_on DESC, t.id DESC LIMIT :most) t), '[]'),
      'plan', coalesce((SELECT json_agg(json_build_object('id', t.id, 'version', t.version, 'what', t.what,
            'who', t.who, 'by_on', t.by_on, 'status', t.status, 'done_on', t.done_on, 'by', {_by("t")},
            'at', t.created_at) ORDER BY t.id)
          FROM (SELECT * FROM safety_plan_item t WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id
                 ORDER BY t.id DESC LIMIT :most) t), '[]'),
      'severity', coalesce((SELECT json_agg(json_build_object('stage', t.stage, 'seen_on', t.seen_on,
            'kinds', t.kinds, 'by', {_by("t")}) ORDER BY t.id)
          FROM (SELECT * FROM abuse_severity t WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id
                 ORDER BY t.id DESC LIMIT :most) t), '[]'),
      'assessments', coalesce((SELECT json_agg(json_build_object('id', t.id, 'instrument', t.instrument,
            'score', t.score, 'unanswered', t.unanswered, 'level', t.level, 'assessed_at', t.assessed_at,
            'agency', a.name) ORDER BY t.assessed_at, t.id)
          FROM assessment t JOIN agency a ON a.partnership_id = t.partnership_id AND a.id = t.agency_id
         WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id AND t.person_id = c.victim_person_id
           AND NOT EXISTS (SELECT 1 FROM assessment n WHERE n.partnership_id = t.partnership_id
                            AND n.corrects = t.id)), '[]'))::text AS body
      FROM case_file c
      JOIN party p ON p.partnership_id = c.partnership_id AND p.case_id = c.id AND p.person_id = c.victim_person_id
     WHERE c.partnership_id = :partnership AND c.id = :case_id
""")
