"""Safe times: whose they are, and what was said before."""

from app.db.statements import sql

CLIENT = sql("""
    SELECT p.id, p.details,
           (SELECT count(*) FROM safe_time t WHERE t.partnership_id = c.partnership_id AND t.case_id = c.id) AS version
      FROM case_file c
      JOIN party p ON p.partnership_id = c.partnership_id AND p.case_id = c.id AND p.person_id = c.victim_person_id
     WHERE c.partnership_id = :partnership AND c.id = :case_id FOR UPDATE OF p
""")
