"""People already known, for somebody who is about to refer or to assess."""

from app.db.assessments import RECENT
from app.db.statements import sql

SEARCH = sql(f"""
    SELECT p.id AS party_id, p.person_id, n.reference, p.name, p.date_of_birth, p.aliases, p.role, p.details,
           c.id AS case_id, c.reference AS case_reference, c.state, h.by_contact,
           {RECENT.format(person="p.person_id")}::text AS recent
      FROM (SELECT f.party_id, array_remove(array_agg(DISTINCT f.kind), NULL) AS by_contact
              FROM (SELECT party_id, NULL AS kind FROM parties_sharing(:keys, 200)
                    UNION ALL
                    (SELECT party_id, kind FROM contact_index
                      WHERE partnership_id = :partnership AND blind = ANY (:blinds) LIMIT 200)) f
             GROUP BY f.party_id) h
      JOIN party p ON p.partnership_id = :partnership AND p.id = h.party_id
      JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
      JOIN case_file c ON c.partnership_id = p.partnership_id AND c.id = p.case_id
     ORDER BY p.id DESC LIMIT 200
""")
