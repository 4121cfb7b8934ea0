"""The pages of one case: what stands at the head of each, and what no other list says."""

from app.db.assessments import ADOPTED_FROM
from app.db.statements import sql

# What an agenda item must be for its agencies to name a risk at it.
_OPEN_ITEM = "m.status NOT IN ('moved', 'withdrawn') AND t.status NOT IN ('cancelled', 'minutes_issued')"

# With it, whether the actor may do what the page offers: the reasons for which the case is open to them at this moment.
HEAD = sql(f"""
    SELECT c.id, c.reference, c.state, c.version, c.victim_name, c.level, c.score, c.markers, c.repeat, c.idva_id,
           v.date_of_birth, v.estimated_age,
           EXISTS (SELECT 1 FROM case_restriction q WHERE q.partnership_id = c.partnership_id AND q.case_id = c.id
                      AND q.until_at IS NULL) AS restricted,
           (SELECT coalesce(array_agg(DISTINCT g.reason), '{{}}') FROM case_grant g
             WHERE g.partnership_id = c.partnership_id AND g.case_id = c.id
               AND g.principal = ANY ((SELECT actor_principals())::uuid[])
               AND (g.until_at IS NULL OR g.until_at > actor_now())) AS relations,
           b.id AS emergency_id, b.until_at AS emergency_until,
           EXISTS (SELECT 1 FROM agenda_item m
                     JOIN meeting t ON t.partnership_id = m.partnership_id AND t.id = m.meeting_id
                     JOIN forum_member s ON s.partnership_id = t.partnership_id AND s.forum_id = t.forum_id
                      AND s.agency_id = (SELECT actor_agency()) AND sits_at(s, t.starts_at)
                    WHERE m.partnership_id = c.partnership_id AND m.case_id = c.id AND {_OPEN_ITEM}) AS at_our_meeting,
           e.at AS changed_at, u.name AS changed_by
      FROM case_file c
      LEFT JOIN LATERAL (
        SELECT p.date_of_birth, CAST(p.details ->> 'estimated_age' AS integer) AS estimated_age FROM party p
         WHERE p.partnership_id = c.partnership_id AND p.case_id = c.id AND p.role = 'victim'
         ORDER BY p.id LIMIT 1) v ON true
      LEFT JOIN LATERAL (
        SELECT b.id, b.until_at FROM break_glass b
         WHERE b.partnership_id = c.partnership_id AND b.case_id = c.id AND b.user_id = :user
           AND b.ended_at IS NULL AND b.until_at > :now ORDER BY b.until_at DESC LIMIT 1) b ON true
      LEFT JOIN LATERAL (
        SELECT e.at, e.actor_id FROM case_event e WHERE e.partnership_id = c.partnership_id AND e.case_id = c.id
         ORDER BY e.id DESC LIMIT 1) e ON true
      LEFT JOIN app_user u ON u.partnership_id = c.partnership_id AND u.id = e.actor_id
     WHERE c.partnership_id = :partnership AND c.id = :id
""")

# Why the case stands where it stands: what graded it last, and what led it there. And what others did to it since the
# actor last opened it.
WHY = sql("""
    SELECT (SELECT json_build_object('at', e.at, 'reasons', e.reasons)::text FROM case_event e
             WHERE e.partnership_id = :partnership AND e.case_id = :id
               AND e.kind IN ('case.referred', 'case.re_referred', 'case.assessed', 'case.assessment_corrected',
                              'case.assessment_adopted', 'case.regraded')
             ORDER BY e.id DESC LIMIT 1) AS graded,
           (SELECT json_build_object('at', e.at, 'reasons', e.reasons)::text FROM case_event e
             WHERE e.partnership_id = :partnership AND e.case_id = :id
               AND e.kind IN ('case.routed', 'case.moved', 'case.decided', 'case.listed')
             ORDER BY e.id DESC LIMIT 1) AS placed,
           l.at AS looked_at,
           coalesce((SELECT json_agg(n.line ORDER BY n.id DESC) FROM (
              SELECT e.id, json_build_object('at', e.at, 'kind', e.kind, 'actor', u.name, 'agency', a.name,
                     'data', e.data, 'reasons', '[]'::json) AS line
                FROM case_event e
                LEFT JOIN app_user u ON u.partnership_id = e.partnership_id AND u.id = e.actor_id
                LEFT JOIN agency a ON a.partnership_id = e.partnership_id AND a.id = e.agency_id
               WHERE e.partnership_id = :partnership AND e.case_id = :id AND e.at > l.at
                 AND e.actor_id IS DISTINCT FROM :user
               ORDER BY e.id DESC LIMIT :limit) n), '[]')::text AS news
      FROM (SELECT (SELECT t.at FROM audit t
                     WHERE t.partnership_id = :partnership AND t.case_id = :id AND t.actor_id = :user
                       AND t.verb = 'case.read' ORDER BY t.id DESC LIMIT 1) AS at) l
""")

RISK = sql(f"""
    SELECT coalesce(json_agg(json_build_object('id', s.id, 'instrument', s.instrument,
             'instrument_version', s.instrument_version, 'score', s.score, 'unanswered', s.unanswered,
             'could_reach', s.could_reach, 'level', s.level, 'actuarial', s.actuarial, 'grounds', s.grounds,
             'markers', s.markers, 'judgement', s.judgement, 'assessed_at', s.assessed_at, 'assessor', s.assessor,
             'agency', g.name, 'agency_id', g.id, 'corrects', s.corrects, 'adopted', {ADOPTED_FROM} IS NOT NULL,
             'corrected', EXISTS (SELECT 1 FROM assessment k
                 WHERE k.partnership_id = s.partnership_id AND k.corrects = s.id),
             'of', (SELECT json_build_object('name', p.name, 'role', p.role) FROM party p
                 WHERE p.partnership_id = s.partnership_id AND p.case_id = s.case_id AND p.person_id = s.person_id))
             ORDER BY s.assessed_at DESC, s.id DESC), '[]')::text
      FROM assessment s JOIN agency g ON g.partnership_id = s.partnership_id AND g.id = s.agency_id
     WHERE s.partnership_id = :partnership AND s.case_id = :id
""")

OFFERS = sql("""
    SELECT coalesce(json_agg(json_build_object('id', o.id, 'service', o.service, 'agency', g.name, 'agency_id', g.id,
             'status', o.status, 'accept_by', o.accept_by, 'reason', o.reason, 'version', o.version)
             ORDER BY o.id DESC), '[]')::text
      FROM support_offer o JOIN agency g ON g.partnership_id = o.partnership_id AND g.id = o.agency_id
     WHERE o.partnership_id = :partnership AND o.case_id = :id
""")

MEETINGS = sql("""
    SELECT coalesce(json_agg(json_build_object('id', m.id, 'meeting_id', t.id, 'name', f.name, 'kind', f.kind,
             'starts_at', t.starts_at, 'meeting_status', t.status, 'status', m.status, 'outcome', m.outcome,
             'outcome_reason', m.outcome_reason, 'deferred_to', m.deferred_to, 'minutes', m.minutes,
             'research', coalesce((SELECT json_agg(json_build_object('agency', g.name, 'known', r.known,
                   'facts', r.facts, 'opinion', r.opinion, 'released_at', r.released_at) ORDER BY g.name, g.id)
                FROM research_shared r JOIN agency g ON g.partnership_id = r.partnership_id AND g.id = r.agency_id
               WHERE r.partnership_id = m.partnership_id AND r.item_id = m.id), '[]'),
             'risks', coalesce((SELECT json_agg(json_build_object('about', k.about, 'risk', k.risk, 'agency', g.name,
                   'name', p.name) ORDER BY k.id)
                FROM item_risk k JOIN agency g ON g.partnership_id = k.partnership_id AND g.id = k.agency_id
                LEFT JOIN party p ON p.partnership_id = k.partnership_id AND p.id = k.party_id
               WHERE k.partnership_id = m.partnership_id AND k.item_id = m.id), '[]'))
             ORDER BY t.starts_at DESC, m.id DESC), '[]')::text
      FROM agenda_item m JOIN meeting t ON t.partnership_id = m.partnership_id AND t.id = m.meeting_id
      JOIN forum f ON f.partnership_id = t.partnership_id AND f.id = t.forum_id
     WHERE m.partnership_id = :partnership AND m.case_id = :id
""")

# What the forms about a case offer to choose from. `people`: everybody who could work on a case.
CHOICES = sql(f"""
    SELECT json_build_object(
      'agencies', (SELECT coalesce(json_agg(json_build_object('id', a.id, 'name', a.name) ORDER BY a.name, a.id), '[]')
         FROM agency a WHERE a.partnership_id = :partnership AND a.ended_at IS NULL),
      'people', (SELECT coalesce(json_agg(json_build_object('id', w.id, 'name', w.name, 'agency', w.agency,
             'agency_id', w.agency_id, 'roles', w.roles) ORDER BY w.agency, w.name, w.id), '[]')
         FROM (SELECT u.id, u.name, a.name AS agency, a.id AS agency_id, array_agg(r.role ORDER BY r.role) AS roles
                 FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
                 JOIN user_role r ON r.partnership_id = u.partnership_id AND r.user_id = u.id AND r.ended_at IS NULL
                WHERE u.partnership_id = :partnership AND u.ended_at IS NULL AND NOT u.is_system
                  AND r.role = ANY (CAST(:roles AS text[]))
                GROUP BY u.id, u.name, a.name, a.id) w),
      'parties', (SELECT coalesce(json_agg(json_build_object('id', p.id, 'name', p.name, 'role', p.role)
             ORDER BY array_position(ARRAY['victim', 'child', 'perpetrator'], p.role), p.id), '[]')
         FROM party p WHERE p.partnership_id = :partnership AND p.case_id = :id),
      'items', (SELECT coalesce(json_agg(json_build_object('id', m.id, 'name', f.name, 'starts_at', t.starts_at)
             ORDER BY t.starts_at DESC, m.id DESC), '[]')
         FROM agenda_item m JOIN meeting t ON t.partnership_id = m.partnership_id AND t.id = m.meeting_id
         JOIN forum f ON f.partnership_id = t.partnership_id AND f.id = t.forum_id
         JOIN forum_member s ON s.partnership_id = t.partnership_id AND s.forum_id = t.forum_id
          AND s.agency_id = (SELECT actor_agency()) AND sits_at(s, t.starts_at)
        WHERE m.partnership_id = :partnership AND m.case_id = :id AND {_OPEN_ITEM}),
      'criteria', (SELECT coalesce(json_agg(DISTINCT k.text), '[]') FROM (
          SELECT jsonb_array_elements(forum_settings(f, (SELECT actor_now())::date) -> 'escalation_criteria') AS text
            FROM forum f WHERE f.partnership_id = :partnership AND f.active) k))::text
""")
