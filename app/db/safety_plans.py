"""Safety plans: one step to change, and all of it as the client reads it."""

from app.db.statements import sql

TO_CHANGE = sql("""
    SELECT id, case_id, version, status, done_on FROM safety_plan_item
     WHERE partnership_id = :partnership AND id = :id FOR UPDATE
""")
# What she may see on paper: her steps, and which agencies were told what. Never what anybody wrote about her.
FOR_HER = sql("""
    SELECT (SELECT coalesce(json_agg(json_build_object('what', t.what, 'who', t.who, 'by_on', t.by_on,
                'done', t.status = 'done') ORDER BY t.status = 'done', t.id), '[]')
              FROM safety_plan_item t WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id
               AND t.status <> 'dropped')::text AS steps,
           (SELECT coalesce(json_agg(json_build_object('agency', g.name, 'first_at', g.first_at, 'items', g.items)
                ORDER BY g.name), '[]')
              FROM (SELECT a.name, min(d.at) AS first_at, array_agg(DISTINCT i.item ORDER BY i.item) AS items
                      FROM disclosure d CROSS JOIN LATERAL unnest(d.to_agencies) AS o(agency_id)
                      CROSS JOIN LATERAL unnest(d.items) AS i(item)
                      JOIN agency a ON a.partnership_id = d.partnership_id AND a.id = o.agency_id
                     WHERE d.partnership_id = c.partnership_id AND d.case_id = c.id AND d.kind = 'shared'
                     GROUP BY a.name) g)::text AS told,
           (SELECT coalesce(array_agg(n.name), '{}') FROM party p CROSS JOIN LATERAL (
                SELECT p.name UNION SELECT unnest(p.aliases) UNION SELECT p.details ->> 'known_as') n(name)
             WHERE p.partnership_id = c.partnership_id AND p.case_id = c.id AND p.role = 'perpetrator'
               AND n.name IS NOT NULL) AS names
      FROM case_file c WHERE c.partnership_id = :partnership AND c.id = :case_id
""")
