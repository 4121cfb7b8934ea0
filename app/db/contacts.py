"""Contact details: the rows that a standing release shows."""

from app.db.statements import sql

PARTIES = sql("SELECT array_agg(id) FROM party WHERE partnership_id = :partnership AND case_id = :case_id")
CONTACTS = sql("""
    SELECT p.id AS party_id, p.key, p.role, p.name, n.reference, d.id, d.key_id, d.wrapped, d.sealed,
           p.details -> 'safe_contact' AS safe_contact
      FROM case_file c
      JOIN party p ON p.partnership_id = c.partnership_id AND p.case_id = c.id
      JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
      LEFT JOIN contact_secret d ON d.partnership_id = p.partnership_id AND d.party_id = p.id
     WHERE c.partnership_id = :partnership AND c.id = :id
     ORDER BY array_position(ARRAY['victim', 'child', 'perpetrator'], p.role), p.id, d.id
""")
