"""Referrals: what is read of them, and of the records they may join."""

from app.db.audience import DESKS, LIVE, PEOPLE
from app.db.statements import sql

ONE = sql("""
    SELECT r.id, r.case_id, r.status, r.version, r.agency_id, r.author_id, r.form, r.contacts_key_id, r.contacts,
           r.result::text AS result, r.submitted_at,
           (SELECT json_agg(json_build_object('party_id', d.party_id, 'name', p.name, 'contact', d.masked)
                            ORDER BY d.id)
              FROM contact_detail d JOIN party p ON p.partnership_id = d.partnership_id AND p.id = d.party_id
             WHERE d.partnership_id = r.partnership_id AND d.case_id = r.case_id
               AND d.referral_id = r.id)::text AS given
      FROM referral r WHERE r.partnership_id = :partnership AND r.id = :id
""")
TO_CHANGE = sql("""
    SELECT id, case_id, status, version, agency_id, author_id, form, contacts_key_id, contacts, result::text AS result
      FROM referral WHERE partnership_id = :partnership AND id = :id FOR UPDATE
""")
SAME = sql("""
    SELECT id, case_id, result::text AS result FROM referral
     WHERE partnership_id = :partnership AND author_id = :author AND digest = :digest
""")
LIST = sql("""
    SELECT coalesce(json_agg(r.line ORDER BY r.id DESC), '[]')::text AS body, array_agg(r.id ORDER BY r.id DESC) AS ids,
           array_remove(array_agg(r.case_id), NULL) AS cases
      FROM (SELECT r.id, r.case_id, json_build_object('id', r.id, 'status', r.status, 'case_id', r.case_id,
                   'victim', coalesce(r.form #>> '{victim,known_as}',
                      nullif(concat_ws(' ', r.form #>> '{victim,given_name}', r.form #>> '{victim,family_name}'), '')),
                   'author', u.name, 'created_at', r.created_at, 'updated_at', r.updated_at,
                   'submitted_at', r.submitted_at) AS line
              FROM referral r JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.author_id
             WHERE r.partnership_id = :partnership AND r.agency_id = :agency
               AND (CAST(:status AS text) IS NULL OR r.status = :status)
               AND (CAST(:after AS uuid) IS NULL OR r.id < :after)
             ORDER BY r.id DESC LIMIT :limit) r
""")
# A case that the actor may do more in than read: whoever opened one in an emergency does not come to stay by referring
# to it. To them each name on a referral is new, until a coordinator says that it is not.
_WORKED_ON = """EXISTS (SELECT 1 FROM case_grant mine WHERE mine.partnership_id = {0}.partnership_id
           AND mine.case_id = {0}.{1} AND mine.principal = ANY ((SELECT actor_principals())::uuid[])
           AND mine.reason <> 'break_glass' AND (mine.until_at IS NULL OR mine.until_at > actor_now()))"""
PERSONS = sql(f"""
    SELECT coalesce(n.same_as, n.id) AS id, n.reference FROM person n
     WHERE n.partnership_id = :partnership AND n.reference = ANY(:references)
       AND EXISTS (SELECT 1 FROM party p WHERE p.partnership_id = n.partnership_id
         AND p.person_id = ANY (ARRAY[n.id, n.same_as]) AND {_WORKED_ON.format("p", "case_id")})
""")
# The latest cases of this victim that the actor works on, with their people, and who sees them.
CASES_OF_VICTIM = sql(f"""
    SELECT c.id, c.reference, c.state, c.version, c.last_referred_at, c.level, c.grounds, c.markers, c.score,
           c.children, c.repeat, c.pathway,
           EXISTS (SELECT 1 FROM case_restriction r WHERE r.partnership_id = c.partnership_id AND r.case_id = c.id
                      AND r.until_at IS NULL) AS restricted,
           (SELECT json_agg(json_build_object('id', p.id, 'person_id', p.person_id, 'role', p.role, 'key', p.key,
                   'details', p.details, 'reference', n.reference)) FROM party p
              JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
             WHERE p.partnership_id = c.partnership_id AND p.case_id = c.id)::text AS parties, seen.*
      FROM case_file c CROSS JOIN LATERAL (SELECT {DESKS}, {PEOPLE} FROM grants_of_case(c.id) g WHERE {LIVE}) seen
     WHERE c.partnership_id = :partnership AND c.victim_person_id = :victim AND {_WORKED_ON.format("c", "id")}
     ORDER BY c.last_referred_at DESC LIMIT 10 FOR UPDATE OF c
""")
ADOPTABLE = sql("""
    SELECT person_id, instrument, instrument_version, answers, assessed_at, assessor FROM assessment
     WHERE partnership_id = :partnership AND id = :id
""")
