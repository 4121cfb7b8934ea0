"""People and the roles they hold, as administrators keep them."""

from app.db.statements import sql

TO_CHANGE = sql("""
    SELECT u.id, u.agency_id, u.is_system, u.ended_at,
           (SELECT coalesce(json_object_agg(r.role, r.id), '{}')::text FROM user_role r
             WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id AND r.ended_at IS NULL) AS roles
      FROM app_user u WHERE u.partnership_id = :partnership AND u.id = :id
""")
AGENCY = sql("SELECT name FROM agency WHERE partnership_id = :partnership AND id = :id AND ended_at IS NULL")
EMAIL_TAKEN = sql("SELECT EXISTS (SELECT 1 FROM app_user WHERE partnership_id = :partnership AND email = :email)")
END_METHODS = sql("SELECT end_sign_in_methods(:id)")
END_LINKS = sql("""
    UPDATE sign_in_link SET ended_at = :now
     WHERE partnership_id = :partnership AND user_id = :id AND used_at IS NULL AND ended_at IS NULL
""")
END_ROLES = sql("""
    UPDATE user_role SET ended_at = :now WHERE partnership_id = :partnership AND user_id = :id AND ended_at IS NULL
""")
COORDINATING = sql("""
    SELECT array_agg(DISTINCT u.agency_id) FROM user_role r
      JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id
     WHERE r.partnership_id = :partnership AND r.role = 'marac_coordinator' AND r.ended_at IS NULL
""")
ADMINISTERING = sql("""
    SELECT array_agg(DISTINCT u.agency_id) FROM user_role r
      JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id
     WHERE r.partnership_id = :partnership AND r.role = 'partnership_administrator' AND r.ended_at IS NULL
""")
SHOW = sql("""
    SELECT u.agency_id, json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'job_title', u.job_title,
             'is_system', u.is_system, 'agency', json_build_object('id', a.id, 'name', a.name),
             'added_at', u.created_at, 'ended_at', u.ended_at,
             'roles', coalesce((SELECT json_agg(json_build_object('role', r.role, 'given_at', r.given_at,
                   'given_by', g.name, 'ended_at', r.ended_at) ORDER BY r.given_at, r.id)
                 FROM user_role r LEFT JOIN app_user g ON g.partnership_id = r.partnership_id AND g.id = r.given_by
                WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id), '[]'))::text AS body
      FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
     WHERE u.partnership_id = :partnership AND u.id = :id
""")
