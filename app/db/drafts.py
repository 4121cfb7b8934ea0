"""Drafts of referrals: what a new one starts with, what was asked of its people lately, and who hears of one."""

from app.db.assessments import RECENT
from app.db.statements import sql

# Who refers is mostly who referred last, from the same desk.
REFERRER = sql("""
    SELECT u.name, u.email, u.job_title,
           (SELECT r.form -> 'referrer' FROM referral r
             WHERE r.partnership_id = u.partnership_id AND r.author_id = u.id AND r.status = 'submitted'
             ORDER BY r.id DESC LIMIT 1)::text AS last
      FROM app_user u WHERE u.partnership_id = :partnership AND u.id = :id
""")
ASKED = sql(f"""
    SELECT coalesce(n.same_as, n.id) AS person_id,
           {RECENT.format(person="coalesce(n.same_as, n.id)")}::text AS recent
      FROM person n WHERE n.partnership_id = :partnership AND n.reference = :reference
""")
ADOPTED = sql("""
    SELECT s.id, s.case_id, s.person_id, s.instrument, s.instrument_version, s.answers, s.assessed_at, s.assessor,
           g.name AS agency
      FROM assessment s JOIN agency g ON g.partnership_id = s.partnership_id AND g.id = s.agency_id
     WHERE s.partnership_id = :partnership AND s.id = :id
""")
# Everybody who could come to see a case.
PEOPLE = sql("""
    SELECT u.id, u.name, a.name AS agency
      FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
     WHERE u.partnership_id = :partnership AND u.ended_at IS NULL AND NOT u.is_system
       AND EXISTS (SELECT 1 FROM user_role r WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id
                      AND r.ended_at IS NULL AND r.role = ANY (CAST(:roles AS text[])))
     ORDER BY a.name, u.name, u.id
""")
HEARERS = sql("""
    SELECT f.name AS forum, f.kind,
           array_agg(a.name ORDER BY a.name) AS agencies
      FROM forum f
      JOIN forum_member m ON m.partnership_id = f.partnership_id AND m.forum_id = f.id
       AND sits_at(m, :now)
      JOIN agency a ON a.partnership_id = m.partnership_id AND a.id = m.agency_id AND a.ended_at IS NULL
     WHERE f.partnership_id = :partnership AND f.active
     GROUP BY f.id, f.name, f.kind
""")
# Whom a referral told, as the ledger has it.
TOLD = sql("""
    SELECT d.items,
           (SELECT json_agg(json_build_object('name', a.name, 'kind', a.kind) ORDER BY a.name) FROM agency a
             WHERE a.partnership_id = d.partnership_id AND a.id = ANY (d.to_agencies))::text AS agencies
      FROM disclosure d
     WHERE d.partnership_id = :partnership AND d.case_id = :case_id AND d.act = 'referral' AND d.source_id = :id
""")
