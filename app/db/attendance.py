"""Attendance: who is on the list of a meeting, and the statement that they accept."""

from app.db.statements import sql

USERS = sql("""
    SELECT id, agency_id, name FROM app_user
     WHERE partnership_id = :partnership AND id = ANY(:users) AND ended_at IS NULL
""")
AGENCIES = sql("SELECT id FROM agency WHERE partnership_id = :partnership AND ended_at IS NULL")
OF_MEETING = sql("""
    SELECT id, agency_id, user_id, name, status, confidentiality_accepted_at FROM attendance
     WHERE partnership_id = :partnership AND meeting_id = :meeting ORDER BY id
""")
STATEMENT = sql("""
    SELECT m.id, m.status, m.starts_at, p.confidentiality_statement AS statement, p.confidentiality_version AS version,
           EXISTS (SELECT 1 FROM forum_member s WHERE s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
                      AND s.agency_id = :agency AND sits_at(s, m.starts_at)) AS member,
           (SELECT coalesce(json_agg(json_build_object('attendance_id', t.id, 'name', t.name, 'agency', a.name,
                      'accepted_at', t.confidentiality_accepted_at, 'version', t.statement_version)
                    ORDER BY a.name, t.name), '[]')
              FROM attendance t JOIN agency a ON a.partnership_id = t.partnership_id AND a.id = t.agency_id
             WHERE t.partnership_id = m.partnership_id AND t.meeting_id = m.id
               AND t.status = 'present')::text AS people,
           EXISTS (SELECT 1 FROM attendance t WHERE t.partnership_id = m.partnership_id AND t.meeting_id = m.id
                      AND t.user_id = :user AND t.statement_version = p.confidentiality_version) AS accepted
      FROM meeting m JOIN partnership_today() p ON p.id = m.partnership_id
     WHERE m.partnership_id = :partnership AND m.id = :id
""")
