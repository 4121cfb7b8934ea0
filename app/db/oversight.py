"""What the auditor is told of a case: who could see it, who looked at it, and whether the trail of it holds."""

from app.db.statements import sql

CASES = sql("SELECT case_id FROM audited_cases(:reference) AS a(case_id) ORDER BY case_id LIMIT :limit")
SIGHT = sql("""
    SELECT coalesce(json_agg(json_build_object('case_id', k.case_id, 'agency', a.name, 'person', u.name, 'desk', s.desk,
             'why', CAST(:words AS jsonb) ->> s.reason, 'since', lower(s.span), 'until', upper(s.span),
             'given_by', b.name) ORDER BY k.case_id, a.name, u.name NULLS FIRST, lower(s.span)), '[]')::text
      FROM unnest(CAST(:cases AS uuid[])) AS k(case_id)
      CROSS JOIN LATERAL audited_sight(k.case_id) s
      JOIN agency a ON a.partnership_id = :partnership AND a.id = s.agency_id
      LEFT JOIN app_user u ON u.partnership_id = :partnership AND u.id = s.user_id
      LEFT JOIN app_user b ON b.partnership_id = :partnership AND b.id = s.given_by
     WHERE s.span && tstzrange(:since, :until)
       AND (CAST(:agency AS uuid) IS NULL OR s.agency_id = :agency)
       AND (CAST(:person AS uuid) IS NULL OR s.user_id IS NULL OR s.user_id = :person)
""")
# An entry may be about two of the cases; it is told of each. `lookers`: everybody, whatever the limit leaves out.
TRAIL = sql("""
    WITH entry AS MATERIALIZED (
      SELECT k.case_id, t.* FROM unnest(CAST(:cases AS uuid[])) AS k(case_id)
       CROSS JOIN LATERAL audited_trail(k.case_id) t
       WHERE t.at >= :since AND t.at < :until
         AND (CAST(:agency AS uuid) IS NULL OR t.agency_id = :agency)
         AND (CAST(:person AS uuid) IS NULL OR t.actor_id = :person))
    SELECT (SELECT coalesce(json_agg(json_build_object('case_id', e.case_id, 'at', e.at, 'verb', e.verb,
               'purpose', e.purpose, 'actor', u.name, 'agency', a.name) ORDER BY e.id DESC), '[]')
              FROM (SELECT * FROM entry ORDER BY id DESC LIMIT :limit) e
              LEFT JOIN app_user u ON u.partnership_id = :partnership AND u.id = e.actor_id
              LEFT JOIN agency a ON a.partnership_id = :partnership AND a.id = e.agency_id)::text AS lines,
           (SELECT coalesce(json_agg(json_build_object('case_id', w.case_id, 'person_id', w.actor_id, 'person', u.name,
               'agency', a.name, 'times', w.times, 'first', w.first, 'last', w.last) ORDER BY w.case_id, w.last DESC),
               '[]')
              FROM (SELECT case_id, actor_id, agency_id, count(*) AS times, min(at) AS first, max(at) AS last
                      FROM entry GROUP BY case_id, actor_id, agency_id) w
              LEFT JOIN app_user u ON u.partnership_id = :partnership AND u.id = w.actor_id
              LEFT JOIN agency a ON a.partnership_id = :partnership AND a.id = w.agency_id)::text AS lookers,
           (SELECT count(*) FROM entry) AS entries
""")
CHAINS = sql("""
    SELECT k.case_id, c.entries, c.broken, c.whole, c.sealed_at, c.sealed
      FROM unnest(CAST(:cases AS uuid[])) AS k(case_id) CROSS JOIN LATERAL audited_chain(k.case_id) c
""")
