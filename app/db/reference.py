"""Who and what a partnership is made of: nothing here says anything about a case."""

from app.db.statements import sql

ME = sql("""
    SELECT json_build_object('id', u.id, 'name', u.name, 'job_title', u.job_title, 'is_system', u.is_system,
      'agency', json_build_object('id', a.id, 'name', a.name, 'kind', a.kind),
      'partnership', json_build_object('id', p.id, 'name', p.name))::text AS body
      FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
      JOIN partnership p ON p.id = u.partnership_id
     WHERE u.partnership_id = :partnership AND u.id = :user
""")
AGENCIES = sql("""
    SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'slug', slug, 'kind', kind)
           ORDER BY name, id), '[]')::text AS body
      FROM agency WHERE partnership_id = :partnership AND ended_at IS NULL
""")
USERS = sql("""
    SELECT coalesce(json_agg(l.line ORDER BY l.id), '[]')::text AS body, array_agg(l.id ORDER BY l.id) AS ids
      FROM (SELECT u.id, json_build_object('id', u.id, 'name', u.name, 'job_title', u.job_title,
                   'is_system', u.is_system, 'agency', json_build_object('id', a.id, 'name', a.name),
                   'roles', r.roles) AS line
              FROM app_user u
              JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
             CROSS JOIN LATERAL (
               SELECT coalesce(array_agg(DISTINCT r.role ORDER BY r.role), '{}') AS roles FROM user_role r
                WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id AND r.ended_at IS NULL) r
             WHERE u.partnership_id = :partnership AND u.ended_at IS NULL AND u.id > :after
               AND (CAST(:role AS text) IS NULL OR :role = ANY (r.roles))
               AND (CAST(:agency AS uuid) IS NULL OR u.agency_id = :agency)
             ORDER BY u.id LIMIT :limit) l
""")
FORUMS = sql("""
    SELECT coalesce(json_agg(json_build_object('id', f.id, 'version', f.version, 'settings', forum_settings(f, :today),
           'members', coalesce((SELECT json_agg(json_build_object('id', a.id, 'name', a.name) ORDER BY a.name, a.id)
               FROM forum_member m JOIN agency a ON a.partnership_id = m.partnership_id AND a.id = m.agency_id
              WHERE m.partnership_id = f.partnership_id AND m.forum_id = f.id
                AND sits_at(m, :now)), '[]')) ORDER BY f.name, f.id), '[]')::text AS body
      FROM forum f WHERE f.partnership_id = :partnership AND f.active
""")
PARTNERSHIP = sql("""
    SELECT json_build_object('id', p.id, 'name', p.name, 'marking', p.marking,
      'confidentiality', json_build_object('statement', p.confidentiality_statement,
                                           'version', p.confidentiality_version),
      'demo', p.demo,
      'rules', (SELECT json_object_agg(r.rule, json_build_object('version', r.version,
                  'effective_from', r.effective_from, 'value', r.value)) FROM (
           SELECT DISTINCT ON (rule) rule, version, effective_from, value FROM standing_rules()
            WHERE partnership_id = p.id AND effective_from <= :today
              AND rule IN ('grading', 'routing', 'idva_support')
            ORDER BY rule, effective_from DESC) r))::text AS body
      FROM partnership_today() p WHERE p.id = :partnership
""")
