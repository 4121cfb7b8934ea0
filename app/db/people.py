"""People already known, for somebody who is about to refer or to assess."""

from app.db.assessments import RECENT
from app.db.statements import sql

_SHOWN = f"""p.id AS party_id, p.person_id, n.reference, p.name, p.date_of_birth, p.aliases, p.role, p.details,
           c.id AS case_id, c.reference AS case_reference, c.state,
           {RECENT.format(person="p.person_id")}::text AS recent"""
_JOINED = """JOIN party p ON p.partnership_id = :partnership AND p.id = h.party_id
      JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
      JOIN case_file c ON c.partnership_id = p.partnership_id AND c.id = p.case_id"""

SEARCH = sql(f"""
    SELECT {_SHOWN}, h.by_contact
      FROM (SELECT f.party_id, array_remove(array_agg(DISTINCT f.kind), NULL) AS by_contact
              FROM (SELECT party_id, NULL AS kind FROM parties_sharing(:keys, 200)
                    UNION ALL
                    (SELECT party_id, kind FROM contact_index
                      WHERE partnership_id = :partnership AND blind = ANY (:blinds) LIMIT 200)) f
             GROUP BY f.party_id) h
      {_JOINED}
     ORDER BY p.id DESC LIMIT 200
""")
# The reference of a case finds everybody in it; that of a person, them in every case. Of two records that were joined
# either reference will do.
BY_REFERENCE = sql(f"""
    SELECT {_SHOWN}
      FROM (SELECT k.id AS party_id FROM case_file f
              JOIN party k ON k.partnership_id = f.partnership_id AND k.case_id = f.id
             WHERE f.partnership_id = :partnership AND f.reference = :reference
            UNION
            SELECT k.id FROM person a
              JOIN party k ON k.partnership_id = a.partnership_id AND k.person_id = coalesce(a.same_as, a.id)
             WHERE a.partnership_id = :partnership AND a.reference = :reference) h
      {_JOINED}
     ORDER BY p.id DESC LIMIT 200
""")
