"""Records that may be one person: pairs that share a key, and what joining them changes."""

from app.db.audience import LIVE
from app.db.statements import sql

SCANNED = 500
"""How many people one page looks at, newest first, so that its cost does not grow with the partnership."""
COMMON = 50
"""A key shared by more people than this tells nobody apart: "unknown male"."""

_SHOWN = """json_build_object('party_id', {p}.id, 'case_id', {p}.case_id, 'case_reference', {c}.reference,
    'role', {p}.role, 'name', {p}.name, 'aliases', {p}.aliases, 'date_of_birth', {p}.date_of_birth,
    'dob_variants', {p}.dob_variants, 'person_reference', {n}.reference)::text"""
_DECIDED = """EXISTS (SELECT 1 FROM party a
    JOIN possible_match m ON m.partnership_id = a.partnership_id AND m.party_id = a.id
    JOIN party b ON b.partnership_id = a.partnership_id AND b.id = m.other_party_id
    WHERE a.partnership_id = :partnership AND a.person_id = {one}.person_id AND b.person_id = {other}.person_id)"""

LIST = sql(f"""
    WITH page AS MATERIALIZED (
      SELECT p.id, p.name_keys FROM party p
       WHERE p.partnership_id = :partnership AND p.id < :before ORDER BY p.id DESC LIMIT :scanned),
    hits AS MATERIALIZED (
      SELECT h.key, h.party_id, count(*) OVER (PARTITION BY h.key) AS shared
        FROM parties_sharing((SELECT array_agg(DISTINCT k) FROM page, unnest(page.name_keys) k), :common + 1) h),
    pairs AS (
      SELECT DISTINCT page.id, hits.party_id AS other_id FROM page
        CROSS JOIN LATERAL unnest(page.name_keys) AS k(key)
        JOIN hits ON hits.key = k.key AND hits.shared <= :common AND hits.party_id < page.id)
    SELECT (SELECT count(*) FROM page) AS looked_at, (SELECT id FROM page ORDER BY id LIMIT 1) AS last,
           x.id, x.details, x.other_details, x.case_id, x.other_case_id, x.shown, x.other_shown
      FROM (SELECT true) one LEFT JOIN LATERAL (
        SELECT p.id, p.details, o.details AS other_details, p.case_id, o.case_id AS other_case_id,
               {_SHOWN.format(p="p", c="pc", n="pn")} AS shown, {_SHOWN.format(p="o", c="oc", n="onn")} AS other_shown
          FROM pairs
          JOIN party p ON p.partnership_id = :partnership AND p.id = pairs.id
          JOIN party o ON o.partnership_id = :partnership AND o.id = pairs.other_id
           AND o.case_id <> p.case_id AND o.person_id <> p.person_id
          JOIN case_file pc ON pc.partnership_id = p.partnership_id AND pc.id = p.case_id
          JOIN case_file oc ON oc.partnership_id = o.partnership_id AND oc.id = o.case_id
          JOIN person pn ON pn.partnership_id = p.partnership_id AND pn.id = p.person_id
          JOIN person onn ON onn.partnership_id = o.partnership_id AND onn.id = o.person_id
         WHERE NOT {_DECIDED.format(one="p", other="o")} AND NOT {_DECIDED.format(one="o", other="p")}
         ORDER BY p.id DESC, o.id DESC) x ON true
""")

# Two records side by side, whoever of them came first.
COMPARED = sql(f"""
    SELECT p.details, o.details AS other_details, p.case_id, o.case_id AS other_case_id,
           {_SHOWN.format(p="p", c="pc", n="pn")} AS shown, {_SHOWN.format(p="o", c="oc", n="onn")} AS other_shown
      FROM party p JOIN party o ON o.partnership_id = p.partnership_id AND o.id = :other AND o.case_id <> p.case_id
      JOIN case_file pc ON pc.partnership_id = p.partnership_id AND pc.id = p.case_id
      JOIN case_file oc ON oc.partnership_id = o.partnership_id AND oc.id = o.case_id
      JOIN person pn ON pn.partnership_id = p.partnership_id AND pn.id = p.person_id
      JOIN person onn ON onn.partnership_id = o.partnership_id AND onn.id = o.person_id
     WHERE p.partnership_id = :partnership AND p.id = :party
""")

# Cases first and in one order, so that two coordinators wait for each other instead of locking crosswise.
LOCK = sql("""
    SELECT c.id FROM case_file c
     WHERE c.partnership_id = :partnership AND c.id IN (
       SELECT p.case_id FROM party p WHERE p.partnership_id = :partnership AND p.id = ANY(:parties))
     ORDER BY c.id FOR UPDATE
""")
PAIR = sql("""
    SELECT p.id, p.case_id, p.person_id, p.name, p.role, p.details, n.reference, n.created_at, c.last_referred_at,
           c.victim_person_id
      FROM party p JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
      JOIN case_file c ON c.partnership_id = p.partnership_id AND c.id = p.case_id
     WHERE p.partnership_id = :partnership AND p.id = ANY(:parties)
     ORDER BY p.id DESC
""")
DECIDED = sql("""
    SELECT id, status FROM possible_match
     WHERE partnership_id = :partnership AND party_id = :party_id AND other_party_id = :other_party_id
""")
BOTH_IN_ONE_CASE = sql("""
    SELECT EXISTS (SELECT 1 FROM party a JOIN party b ON b.partnership_id = a.partnership_id AND b.case_id = a.case_id
     WHERE a.partnership_id = :partnership AND a.person_id = :kept AND b.person_id = :gone)
""")
# Whether somebody who sees a case of one of the two may not know of one of the other's: its reference, its timeline and
# its grade would tell them. Asked by those who keep people apart, who see who is.
WOULD_TELL = sql(f"""
    WITH each AS (
      SELECT DISTINCT case_id, person_id FROM party
       WHERE partnership_id = :partnership AND person_id IN (:kept, :gone))
    SELECT EXISTS (
      SELECT 1 FROM each hidden JOIN each seen ON seen.person_id <> hidden.person_id
       CROSS JOIN LATERAL grants_of_case(seen.case_id) g
       WHERE seen.case_id <> hidden.case_id AND {LIVE} AND (
         EXISTS (SELECT 1 FROM case_restriction r WHERE r.partnership_id = :partnership
                    AND r.case_id = hidden.case_id AND r.until_at IS NULL)
         AND NOT EXISTS (SELECT 1 FROM grants_of_case(hidden.case_id) n WHERE n.reason = 'named'
                    AND n.user_id = g.user_id AND (n.until_at IS NULL OR n.until_at > actor_now()))
         OR EXISTS (SELECT 1 FROM case_exclusion x JOIN app_user u
                      ON u.partnership_id = x.partnership_id AND u.id = x.user_id AND u.ended_at IS NULL
                     WHERE x.partnership_id = :partnership AND x.case_id = hidden.case_id AND x.until_at IS NULL
                       AND (g.user_id = u.id OR (g.user_id IS NULL AND g.agency_id = u.agency_id))
                       AND NOT EXISTS (SELECT 1 FROM case_exclusion y WHERE y.partnership_id = :partnership
                              AND y.case_id = seen.case_id AND y.user_id = u.id AND y.until_at IS NULL))))
""")
JOIN = sql("""
    WITH people AS (
      UPDATE person SET same_as = :kept WHERE partnership_id = :partnership AND (id = :gone OR same_as = :gone)),
    parties AS (
      UPDATE party SET person_id = :kept WHERE partnership_id = :partnership AND person_id = :gone),
    asked AS (
      UPDATE assessment SET person_id = :kept WHERE partnership_id = :partnership AND person_id = :gone)
    UPDATE case_file SET victim_person_id = :kept, version = version + 1, updated_at = :now
     WHERE partnership_id = :partnership AND victim_person_id = :gone
""")
PERPETRATORS = sql("""
    SELECT case_id, person_id, details FROM party
     WHERE partnership_id = :partnership AND case_id = ANY(:cases) AND role = 'perpetrator'
""")
VICTIMS = sql("""
    SELECT id, victim_person_id, last_referred_at FROM case_file
     WHERE partnership_id = :partnership AND id = ANY(:cases) ORDER BY last_referred_at
""")
LAST_REFERRAL = sql("""
    SELECT form, submitted_at FROM referral
     WHERE partnership_id = :partnership AND case_id = :case_id AND status = 'submitted'
     ORDER BY submitted_at DESC, id DESC LIMIT 1
""")
