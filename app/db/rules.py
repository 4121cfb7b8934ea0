"""Rules by date: every time that one was set, and what was assessed lately."""

from app.db.statements import sql

# Whoever sets a rule does so alone: what they saw before is what there was.
ALONE = sql("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:partnership AS uuid) || ' rule ' || :rule, 0))")
CHANGES = sql("""
    SELECT r.rule, r.effective_from, r.version, r.value::text AS value, r.taken_back, r.because, r.created_at,
           u.name AS set_by
      FROM partnership_rule r LEFT JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.set_by
     WHERE r.partnership_id = :partnership AND r.rule = ANY (:rules) ORDER BY r.id
""")
ASSESSED = sql("SELECT * FROM assessed_since(:since)")
