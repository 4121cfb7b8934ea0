"""Offers of support: those to answer, and those that nobody has taken up."""

from app.db.statements import sql

_OFFER = """
    json_build_object('id', o.id, 'version', o.version,
      'case', json_build_object('id', c.id, 'reference', c.reference, 'victim_name', c.victim_name,
                                'level', c.level, 'markers', c.markers),
      'service', o.service, 'agency', json_build_object('id', g.id, 'name', g.name), 'status', o.status,
      'accept_by', o.accept_by, 'late', o.status = 'offered' AND o.accept_by < CAST(:today AS date),
      'offered_at', o.offered_at, 'answered_at', o.answered_at, 'reason', o.reason,
      'answered_by', (SELECT u.name FROM app_user u WHERE u.partnership_id = o.partnership_id AND u.id = o.answered_by))
"""
# The newest few of each agency and status, by ix_support_offer_agency. A declined offer is somebody's to mend only
# while the case waits for support and no other offer of it stands or came later.
LIST = sql(f"""
    SELECT coalesce(json_agg(w.line ORDER BY w.id DESC), '[]')::text AS body,
           array_agg(w.id ORDER BY w.id DESC) AS ids, array_agg(w.case_id) AS cases
      FROM (SELECT o.id, o.case_id, {_OFFER} AS line
              FROM agency g CROSS JOIN unnest(CAST(:statuses AS text[])) s(status) CROSS JOIN LATERAL (
                SELECT f.* FROM support_offer f
                 WHERE f.partnership_id = g.partnership_id AND f.agency_id = g.id AND f.status = s.status
                   AND (CAST(:after AS uuid) IS NULL OR f.id < :after)
                   AND (NOT :unmet OR f.status <> 'declined' OR (
                     EXISTS (SELECT 1 FROM case_file k WHERE k.partnership_id = f.partnership_id
                              AND k.id = f.case_id AND k.state = 'stepped_down')
                     AND NOT EXISTS (SELECT 1 FROM support_offer n WHERE n.partnership_id = f.partnership_id
                              AND n.case_id = f.case_id AND (n.status = ANY(:standing) OR n.id > f.id))))
                 ORDER BY f.id DESC LIMIT :limit) o
              JOIN case_file c ON c.partnership_id = o.partnership_id AND c.id = o.case_id
             WHERE g.partnership_id = :partnership AND (CAST(:agency AS uuid) IS NULL OR g.id = :agency)
             ORDER BY o.id DESC LIMIT :limit) w
""")
READ = sql(f"""
    SELECT o.version, o.case_id, {_OFFER}::text AS body
      FROM support_offer o JOIN case_file c ON c.partnership_id = o.partnership_id AND c.id = o.case_id
      JOIN agency g ON g.partnership_id = o.partnership_id AND g.id = o.agency_id
     WHERE o.partnership_id = :partnership AND o.id = :id
""")
TO_ANSWER = sql("""
    SELECT id, case_id, agency_id, status, version, service FROM support_offer
     WHERE partnership_id = :partnership AND id = :id FOR UPDATE
""")
# The case is locked, so that two coordinators do not both offer it; what stands is read after waiting for the lock.
CASE_TO_OFFER = sql("""
    SELECT c.state, c.level, EXISTS (SELECT 1 FROM agency g WHERE g.partnership_id = c.partnership_id
           AND g.id = :agency AND g.ended_at IS NULL) AS has_agency
      FROM case_file c WHERE c.partnership_id = :partnership AND c.id = :case_id FOR UPDATE OF c
""")
STANDING = sql("""
    SELECT 1 FROM support_offer WHERE partnership_id = :partnership AND case_id = :case_id
       AND service = :service AND agency_id = :agency AND status = ANY(:standing)
""")
