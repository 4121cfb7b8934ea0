"""Cases: the hot list, the page of one case, and who could see it and who looked."""

from app.db.assessments import ADOPTED_FROM
from app.db.statements import Statement, sql

# A list starts from the grants: a few index reads for each principal, however many cases there are.
_LIST = """
    SELECT coalesce('[' || string_agg(l.line, ',' ORDER BY l.id DESC) || ']', '[]') AS body,
           array_agg(l.id ORDER BY l.id DESC) AS ids
      FROM (
        SELECT c.id, left(c.line, -1) || ',"referring_agency":' || to_json(a.name)::text
               || ',"idva":' || coalesce(to_json(i.name)::text, 'null') || '}' AS line
          FROM (SELECT DISTINCT s.case_id
                  FROM unnest((SELECT actor_principals())) AS who(principal)
                 CROSS JOIN LATERAL (
                   SELECT DISTINCT g.case_id FROM case_grant g {filter_join}
                    WHERE g.partnership_id = :partnership AND g.principal = who.principal AND g.case_id < :before
                      AND (g.until_at IS NULL OR g.until_at > actor_now()) {filters}
                    ORDER BY g.case_id DESC LIMIT :limit) s
                 ORDER BY s.case_id DESC LIMIT :limit) m
          JOIN case_file c ON c.partnership_id = :partnership AND c.id = m.case_id
          JOIN agency a ON a.partnership_id = c.partnership_id AND a.id = c.referring_agency_id
          LEFT JOIN app_user i ON i.partnership_id = c.partnership_id AND i.id = c.idva_id) l
"""


def _list(filter_join: str, filters: str) -> Statement:
    return sql(_LIST.replace("{filter_join}", filter_join).replace("{filters}", filters))


LIST = _list("", "")
FILTERED_LIST = _list(
    "JOIN case_file f ON f.partnership_id = g.partnership_id AND f.id = g.case_id",
    """AND (CAST(:state AS text) IS NULL OR f.state = :state)
       AND (CAST(:level AS text) IS NULL OR f.level = :level)
       AND (CAST(:repeat AS boolean) IS NULL OR f.repeat = :repeat)
       AND (CAST(:marker AS text) IS NULL OR :marker = ANY (f.markers))
       AND (CAST(:idva AS uuid) IS NULL OR f.idva_id = :idva)
       AND (NOT :no_idva OR f.idva_id IS NULL AND f.state NOT IN ('closed', 'transferred'))
       AND (CAST(:new_from AS timestamptz) IS NULL OR f.next_meeting_at >= :new_from AND f.next_meeting_at < :new_until
            AND EXISTS (SELECT 1 FROM meeting t
                          JOIN forum k ON k.partnership_id = t.partnership_id AND k.id = t.forum_id AND k.kind = 'hrda'
                         WHERE t.partnership_id = f.partnership_id AND t.id = f.next_meeting_id)
            AND NOT EXISTS (SELECT 1 FROM agenda_item b
                             WHERE b.partnership_id = f.partnership_id AND b.case_id = f.id
                               AND b.meeting_id <> f.next_meeting_id AND b.listed_at >= f.last_referred_at))""",
)

ONE = sql(f"""
    SELECT c.version, c.state, c.markers, json_build_object('id', c.id, 'reference', c.reference, 'state', c.state,
      'version', c.version, 'victim_name', c.victim_name, 'level', c.level, 'score', c.score, 'grounds', c.grounds,
      'repeat', c.repeat, 'children', c.children, 'pathway', c.pathway,
      'referring_agency', json_build_object('id', a.id, 'name', a.name),
      'idva', CASE WHEN i.id IS NOT NULL THEN json_build_object('id', i.id, 'name', i.name) END,
      'next_meeting', (SELECT json_build_object('id', t.id, 'name', f.name, 'starts_at', t.starts_at,
            'status', t.status)
          FROM meeting t JOIN forum f ON f.partnership_id = t.partnership_id AND f.id = t.forum_id
         WHERE t.partnership_id = c.partnership_id AND t.id = c.next_meeting_id),
      'restricted', EXISTS (SELECT 1 FROM case_restriction q WHERE q.partnership_id = c.partnership_id
          AND q.case_id = c.id AND q.until_at IS NULL),
      'review_on', c.review_on, 'opened_at', c.opened_at, 'updated_at', c.updated_at,
      'last_referred_at', c.last_referred_at, 'heard_at', c.heard_at, 'closed_at', c.closed_at,
      'transferred_to', c.transferred_to,
      'parties', coalesce((SELECT json_agg(json_build_object('id', p.id, 'key', p.key, 'role', p.role, 'name', p.name,
            'person_reference', n.reference, 'relationship', p.relationship, 'aliases', p.aliases,
            'date_of_birth', p.date_of_birth, 'dob_variants', p.dob_variants,
            'estimated_age', p.details -> 'estimated_age', 'sex', p.details -> 'sex',
            'interpreter_needed', p.details -> 'interpreter_needed', 'language', p.details -> 'language',
            'safe_contact', p.details -> 'safe_contact')
            ORDER BY array_position(ARRAY['victim', 'child', 'perpetrator'], p.role), p.id)
          FROM party p JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
         WHERE p.partnership_id = c.partnership_id AND p.case_id = c.id), '[]'),
      'assessments', coalesce((SELECT json_agg(json_build_object('id', s.id, 'person_id', s.person_id,
            'instrument', s.instrument, 'instrument_version', s.instrument_version, 'score', s.score,
            'unanswered', s.unanswered, 'could_reach', s.could_reach, 'level', s.level, 'actuarial', s.actuarial,
            'assessed_at', s.assessed_at, 'assessor', s.assessor, 'agency', g.name, 'corrects', s.corrects,
            'adopted_from', {ADOPTED_FROM}) ORDER BY s.assessed_at DESC, s.id DESC)
          FROM assessment s JOIN agency g ON g.partnership_id = s.partnership_id AND g.id = s.agency_id
         WHERE s.partnership_id = c.partnership_id AND s.case_id = c.id), '[]'),
      'actions', coalesce((SELECT json_agg(json_build_object('id', x.id, 'what', x.what, 'agency', g.name,
            'owner', u.name, 'due_on', x.due_on, 'overdue', x.due_on < :today, 'status', x.status)
            ORDER BY x.due_on, x.id)
          FROM action x JOIN agency g ON g.partnership_id = x.partnership_id AND g.id = x.agency_id
          LEFT JOIN app_user u ON u.partnership_id = x.partnership_id AND u.id = x.owner_id
         WHERE x.partnership_id = c.partnership_id AND x.case_id = c.id AND x.status = ANY(:owed)), '[]'),
      'meetings', coalesce((SELECT json_agg(json_build_object('id', t.id, 'agenda_item_id', m.id, 'name', f.name,
            'forum_kind', f.kind, 'starts_at', t.starts_at, 'status', t.status, 'item_status', m.status,
            'outcome', m.outcome, 'outcome_reason', m.outcome_reason) ORDER BY t.starts_at DESC, m.id DESC)
          FROM agenda_item m JOIN meeting t ON t.partnership_id = m.partnership_id AND t.id = m.meeting_id
          JOIN forum f ON f.partnership_id = t.partnership_id AND f.id = t.forum_id
         WHERE m.partnership_id = c.partnership_id AND m.case_id = c.id), '[]'),
      'support_offers', coalesce((SELECT json_agg(json_build_object('id', o.id, 'service', o.service,
            'agency', g.name, 'status', o.status, 'accept_by', o.accept_by, 'version', o.version) ORDER BY o.id DESC)
          FROM support_offer o JOIN agency g ON g.partnership_id = o.partnership_id AND g.id = o.agency_id
         WHERE o.partnership_id = c.partnership_id AND o.case_id = c.id), '[]'),
      'referrals', coalesce((SELECT json_agg(json_build_object('id', r.id, 'agency', g.name,
            'submitted_at', r.submitted_at) ORDER BY r.id DESC)
          FROM referral r JOIN agency g ON g.partnership_id = r.partnership_id AND g.id = r.agency_id
         WHERE r.partnership_id = c.partnership_id AND r.case_id = c.id), '[]'),
      'other_cases', coalesce((SELECT json_agg(json_build_object('id', o.id, 'reference', o.reference,
            'state', o.state, 'level', o.level, 'opened_at', o.opened_at, 'closed_at', o.closed_at) ORDER BY o.id DESC)
          FROM case_file o
         WHERE o.partnership_id = c.partnership_id AND o.victim_person_id = c.victim_person_id AND o.id <> c.id), '[]')
      )::text AS body,
      (SELECT array_agg(o.id) FROM case_file o WHERE o.partnership_id = c.partnership_id
          AND o.victim_person_id = c.victim_person_id AND o.id <> c.id) AS others
      FROM case_file c
      JOIN agency a ON a.partnership_id = c.partnership_id AND a.id = c.referring_agency_id
      LEFT JOIN app_user i ON i.partnership_id = c.partnership_id AND i.id = c.idva_id
     WHERE c.partnership_id = :partnership AND c.id = :id
""")

TO_CHANGE = sql("""
    SELECT id, reference, state, version, level, score, grounds, markers, repeat, pathway, victim_person_id, idva_id,
           next_meeting_id, next_meeting_at, review_on, last_referred_at
      FROM case_file WHERE partnership_id = :partnership AND id = :id FOR UPDATE
""")
EXISTS = sql("SELECT reference FROM case_file WHERE partnership_id = :partnership AND id = :id")

TIMELINE = sql("""
    SELECT c.id, page.body, page.ids FROM case_file c CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(e.line ORDER BY e.id DESC), '[]')::text AS body,
             array_agg(e.id ORDER BY e.id DESC) AS ids FROM (
        SELECT e.id, json_build_object('id', e.id, 'at', e.at, 'kind', e.kind, 'actor', u.name, 'agency', a.name,
               'data', e.data, 'reasons', e.reasons) AS line
          FROM case_event e
          LEFT JOIN app_user u ON u.partnership_id = e.partnership_id AND u.id = e.actor_id
          LEFT JOIN agency a ON a.partnership_id = e.partnership_id AND a.id = e.agency_id
         WHERE e.partnership_id = c.partnership_id AND e.case_id = c.id AND e.id < :before
         ORDER BY e.id DESC LIMIT :limit) e) page
     WHERE c.partnership_id = :partnership AND c.id = :id
""")
# One line for each span in which a grant really opened the case: sight_of_case takes away what a restriction or an
# exclusion took. Of who was kept apart, only those who keep people apart see a row.
ACCESS = sql("""
    SELECT c.id, json_build_object(
      'items', coalesce((SELECT json_agg(json_build_object('agency', a.name, 'person', u.name,
               'desk', g.desk, 'reason', g.reason, 'why', CAST(:words AS jsonb) ->> g.reason,
               'since', lower(s.span), 'until', upper(s.span), 'given_by', b.name) ORDER BY lower(s.span), g.id)
          FROM grants_of_case(c.id) g
          JOIN sight_of_case(c.id) s ON s.grant_id = g.id AND s.span && tstzrange(:since, :until)
          JOIN agency a ON a.partnership_id = g.partnership_id AND a.id = g.agency_id
          LEFT JOIN app_user u ON u.partnership_id = g.partnership_id AND u.id = g.user_id
          LEFT JOIN app_user b ON b.partnership_id = g.partnership_id AND b.id = g.given_by), '[]'),
      'restricted', coalesce((SELECT json_agg(json_build_object('since', r.from_at, 'until', r.until_at)
               ORDER BY r.from_at)
          FROM case_restriction r WHERE r.partnership_id = c.partnership_id AND r.case_id = c.id
           AND tstzrange(r.from_at, r.until_at) && tstzrange(:since, :until)), '[]'),
      'kept_apart', coalesce((SELECT json_agg(json_build_object('person', u.name, 'agency', a.name, 'kind', x.kind,
               'since', x.from_at, 'until', x.until_at) ORDER BY x.from_at, x.id)
          FROM case_exclusion x JOIN app_user u ON u.partnership_id = x.partnership_id AND u.id = x.user_id
          JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
         WHERE x.partnership_id = c.partnership_id AND x.case_id = c.id
           AND tstzrange(x.from_at, x.until_at) && tstzrange(:since, :until)), '[]'))::text AS body
      FROM case_file c WHERE c.partnership_id = :partnership AND c.id = :id
""")
TRAIL = sql("""
    SELECT c.id, page.body, page.ids FROM case_file c CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(t.line ORDER BY t.id DESC), '[]')::text AS body,
             array_agg(t.id ORDER BY t.id DESC) AS ids FROM (
        SELECT t.id, json_build_object('id', t.id, 'at', t.at, 'actor', u.name, 'agency', a.name, 'roles', t.roles,
               'verb', t.verb, 'purpose', t.purpose) AS line
          FROM trail_of_case(c.id) t
          LEFT JOIN app_user u ON u.partnership_id = c.partnership_id AND u.id = t.actor_id
          LEFT JOIN agency a ON a.partnership_id = c.partnership_id AND a.id = t.agency_id
         WHERE t.id < :before ORDER BY t.id DESC LIMIT :limit) t) page
     WHERE c.partnership_id = :partnership AND c.id = :id
""")

ACTIONS = sql("SELECT status, reason FROM action WHERE partnership_id = :partnership AND case_id = :id")
IDVA = sql("""
    SELECT u.id, u.name, u.agency_id FROM app_user u
     WHERE u.partnership_id = :partnership AND u.id = :id AND u.ended_at IS NULL
       AND EXISTS (SELECT 1 FROM user_role r WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id
                    AND r.role = 'idva' AND r.ended_at IS NULL)
""")
AGENCY_OF = sql("SELECT agency_id FROM app_user WHERE partnership_id = :partnership AND id = :id")
# A case that leaves before it is heard gives its place on the list back.
GIVE_PLACE_BACK = sql("""
    WITH gone AS (
      UPDATE agenda_item SET status = 'withdrawn', version = version + 1
       WHERE partnership_id = :partnership AND case_id = :id AND status = 'listed'
      RETURNING id, partnership_id, meeting_id),
    freed AS (
      UPDATE meeting m SET listed = m.listed - 1 FROM gone
       WHERE m.partnership_id = gone.partnership_id AND m.id = gone.meeting_id AND m.capacity IS NOT NULL
         AND m.listed > 0)
    SELECT id FROM gone
""")
