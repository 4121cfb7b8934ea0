"""Actions: worklists, one action with its history, and what must hold before one is written."""

from app.db.statements import Statement, sql

_LINE = """
    json_build_object('id', a.id, 'version', a.version,
      'case', json_build_object('id', c.id, 'reference', c.reference, 'victim_name', c.victim_name),
      'what', a.what, 'agency', json_build_object('id', g.id, 'name', g.name),
      'owner', (SELECT json_build_object('id', u.id, 'name', u.name) FROM app_user u
                 WHERE u.partnership_id = a.partnership_id AND u.id = a.owner_id),
      'due_on', a.due_on, 'status', a.status,
      'overdue', a.status = ANY(CAST(:outstanding AS text[])) AND a.due_on < CAST(:today AS date),
      'reason', a.reason, 'done_on', a.done_on, 'handed_to', a.handed_to, 'meeting_id', a.meeting_id,
      'agenda_item_id', a.item_id, 'party_id', a.party_id, 'created_at', a.created_at, 'updated_at', a.updated_at"""


def _worklist(source: str) -> Statement:
    return sql(f"""
        SELECT coalesce(json_agg(w.line ORDER BY w.due_on, w.id), '[]')::text AS body,
               array_agg(w.case_id) AS cases, (array_agg(w.id ORDER BY w.due_on DESC, w.id DESC))[1] AS last_id,
               max(w.due_on) AS last_due, count(*) AS found
          FROM (SELECT a.id, a.due_on, a.case_id, {_LINE}) AS line
                  FROM {source}
                  JOIN case_file c ON c.partnership_id = a.partnership_id AND c.id = a.case_id
                 ORDER BY a.due_on, a.id LIMIT :limit) w
    """)


_PAGE = """
    (CAST(:before AS date) IS NULL OR w.due_on < CAST(:before AS date))
    AND (CAST(:after_due AS date) IS NULL
         OR (w.due_on, w.id) > (CAST(:after_due AS date), CAST(:after_id AS uuid)))"""

# The first few of each agency and status come in order from ix_action_worklist, so no list is ever sorted whole.
WORKLIST = _worklist(f"""
    agency g CROSS JOIN unnest(CAST(:statuses AS text[])) s(status) CROSS JOIN LATERAL (
      SELECT w.* FROM action w
       WHERE w.partnership_id = g.partnership_id AND w.agency_id = g.id AND w.status = s.status
         AND g.partnership_id = :partnership AND (CAST(:agency AS uuid) IS NULL OR g.id = :agency)
         AND {_PAGE}
       ORDER BY w.due_on, w.id LIMIT :limit) a""")


def _of(which: str) -> Statement:
    return _worklist(f"""
    (SELECT w.* FROM action w WHERE w.partnership_id = :partnership AND {which}
        AND w.status = ANY(:statuses) AND (CAST(:agency AS uuid) IS NULL OR w.agency_id = :agency) AND {_PAGE}) a
      JOIN agency g ON g.partnership_id = a.partnership_id AND g.id = a.agency_id""")


OF_CASE = _of("w.case_id = :case_id")
OF_OWNER = _of("w.owner_id = :owner")
# By way of the cases that the meeting heard, since an action is found by its case.
OF_MEETING = _of("""w.meeting_id = :meeting_id AND w.case_id IN (SELECT i.case_id FROM agenda_item i
         WHERE i.partnership_id = :partnership AND i.meeting_id = :meeting_id)""")

READ = sql(f"""
    SELECT a.case_id, a.version, {_LINE}, 'updates', (SELECT coalesce(json_agg(json_build_object(
               'status', n.status, 'reason', n.note, 'by', u.name, 'agency', b.name, 'at', n.at) ORDER BY n.id), '[]')
             FROM action_update n JOIN app_user u ON u.partnership_id = n.partnership_id AND u.id = n.by_id
             JOIN agency b ON b.partnership_id = u.partnership_id AND b.id = u.agency_id
            WHERE n.partnership_id = a.partnership_id AND n.action_id = a.id))::text AS body
      FROM action a JOIN case_file c ON c.partnership_id = a.partnership_id AND c.id = a.case_id
      JOIN agency g ON g.partnership_id = a.partnership_id AND g.id = a.agency_id
     WHERE a.partnership_id = :partnership AND a.id = :id
""")
# The case is locked with the action, so that none is reopened or handed over while the case is being closed.
TO_CHANGE = sql("""
    SELECT a.*, c.state, (SELECT g.name FROM agency g WHERE g.partnership_id = a.partnership_id AND g.id = :to_agency
             AND g.ended_at IS NULL) AS to_name,
           EXISTS (SELECT 1 FROM grants_of_case(c.id) r WHERE r.agency_id = :to_agency AND NOT r.suspended
             AND (r.until_at IS NULL OR r.until_at > actor_now())) AS to_sees
      FROM action a JOIN case_file c ON c.partnership_id = a.partnership_id AND c.id = a.case_id
     WHERE a.partnership_id = :partnership AND a.id = :id FOR UPDATE OF c, a
""")
CASE_FOR_NEW = sql("""
    SELECT c.state,
      (SELECT g.name FROM agency g WHERE g.partnership_id = :partnership AND g.id = :agency
          AND g.ended_at IS NULL) AS agency_name,
      EXISTS (SELECT 1 FROM grants_of_case(c.id) r WHERE r.agency_id = :agency AND NOT r.suspended
          AND (r.until_at IS NULL OR r.until_at > actor_now())) AS agency_sees,
      (SELECT u.agency_id FROM app_user u WHERE u.partnership_id = :partnership AND u.id = :owner
          AND u.ended_at IS NULL) AS owner_agency,
      EXISTS (SELECT 1 FROM party p WHERE p.partnership_id = :partnership AND p.case_id = c.id
          AND p.id = :party) AS has_party,
      EXISTS (SELECT 1 FROM support_offer s WHERE s.partnership_id = :partnership AND s.case_id = c.id
          AND s.agency_id = actor_agency() AND s.status = 'accepted') AS supports,
      (SELECT json_build_object('id', i.id, 'meeting_id', i.meeting_id)::text FROM agenda_item i
        WHERE i.partnership_id = :partnership AND i.case_id = c.id AND (i.id = :item OR i.meeting_id = :meeting)
        ORDER BY i.id = :item DESC NULLS LAST LIMIT 1) AS item
      FROM case_file c WHERE c.partnership_id = :partnership AND c.id = :case_id FOR UPDATE OF c
""")
