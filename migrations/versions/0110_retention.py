"""Cases past their period, seen without what is in them; words by date; how often a basis is shared on."""

import re

from alembic import op

revision: str = "0110"
down_revision: str | None = "0109"
branch_labels: None = None
depends_on: None = None

APP = "roundtable_app"
TABLES = {
    "legal_hold": "lifted_at, lifted_by, version",
    "retention_review": "approved_at, approved_by, dropped_at, dropped_by, version",
}
# Signed in as the owner, and in no function that runs with the owner's rights for somebody else.
BY_HAND = "session_user = current_user"

# Functions that run with their owner's rights, because the actor must not hold those rights.
DEFINERS = """
-- Whether the actor looks after how long a case is kept: auditors and the partnership's administrators, who see nothing
-- of what is in it, unless it is restricted or they are kept from it; and coordinators and chairs who see the case, so
-- that a restricted one is looked after by those who are named.
CREATE FUNCTION retains(p_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM case_file c WHERE c.partnership_id = actor_partnership() AND c.id = p_case)
     AND NOT barred(p_case)
     AND (actor_is('governance_auditor') OR actor_is('partnership_administrator')
          OR ((actor_is('marac_coordinator') OR actor_is('chair')) AND sees_case(p_case))) $$;

-- When a case ended: closed, or handed to another area. Null while it is worked on.
CREATE POLICY owner_retains ON case_event FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION case_ended_at(c case_file) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE c.state
    WHEN 'closed' THEN c.closed_at
    WHEN 'transferred' THEN coalesce(
      (SELECT max(e.at) FROM case_event e WHERE e.partnership_id = c.partnership_id AND e.case_id = c.id
          AND e.data ->> 'to' = 'transferred'), c.updated_at) END $$;

-- What somebody is told who decides how long a case is kept: its reference, how it ended, and what its period hangs on.
-- Nobody in it.
CREATE FUNCTION retained_case(p_case uuid)
RETURNS TABLE (id uuid, reference text, state text, high_risk boolean, children boolean, ended_at timestamptz,
  referred_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, c.reference, c.state, c.level = 'high', c.children > 0, case_ended_at(c), c.last_referred_at
    FROM case_file c WHERE c.partnership_id = actor_partnership() AND c.id = p_case AND retains(c.id) $$;
CREATE FUNCTION retained_case_of(p_reference text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT c.id FROM case_file c
   WHERE c.partnership_id = actor_partnership() AND c.reference = p_reference AND retains(c.id) $$;

-- The same of every case that is due, which is to have ended by these days, or about which somebody decided something.
CREATE POLICY owner_reads ON legal_hold FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON retention_review FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION retained_cases(p_high_risk date, p_below_high date, p_children date, p_transferred date)
RETURNS TABLE (id uuid, reference text, state text, high_risk boolean, children boolean, ended_at timestamptz,
  referred_at timestamptz, due boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH looked_at AS MATERIALIZED (
    -- Whether the actor may know of a case is asked last: it costs the most, and most cases are not due.
    SELECT k.* FROM (
      SELECT c.id, c.reference, c.state, c.level = 'high', c.children > 0, n.at, c.last_referred_at,
             coalesce(n.day <= CASE WHEN c.state = 'transferred' THEN p_transferred
                                    WHEN c.level = 'high' THEN p_high_risk ELSE p_below_high END
                      AND (c.children = 0 OR n.day <= p_children), false) AS due
        FROM case_file c
       CROSS JOIN LATERAL (SELECT e.at, (e.at AT TIME ZONE 'Europe/London')::date AS day
                             FROM (SELECT case_ended_at(c) AS at) e) n
       WHERE c.partnership_id = (SELECT actor_partnership())
         AND (c.state = 'transferred'
              -- What ended after the last of these days is due by none of them.
              OR (c.state = 'closed' AND c.closed_at < (
                   CAST(greatest(p_high_risk, p_below_high, p_children, p_transferred) + 1 AS timestamp)
                   AT TIME ZONE 'Europe/London'))
              OR c.id IN (SELECT h.case_id FROM legal_hold h WHERE h.partnership_id = (SELECT actor_partnership()))
              OR c.id IN (SELECT v.case_id FROM retention_review v
                           WHERE v.partnership_id = (SELECT actor_partnership())))) k
     WHERE k.due
        OR k.id IN (SELECT h.case_id FROM legal_hold h WHERE h.partnership_id = (SELECT actor_partnership()))
        OR k.id IN (SELECT v.case_id FROM retention_review v WHERE v.partnership_id = (SELECT actor_partnership())))
  SELECT k.* FROM looked_at k WHERE retains(k.id) $$;

-- Whether two accounts are one person's, as far as can be known: one address, or one account at an organisation, now or
-- once. A passkey is never at two.
CREATE FUNCTION one_person(p_one uuid, p_other uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT p_one = p_other
      OR EXISTS (SELECT 1 FROM app_user a JOIN app_user b ON b.partnership_id = a.partnership_id
                    AND lower(b.email) = lower(a.email)
                  WHERE a.partnership_id = actor_partnership() AND a.id = p_one AND b.id = p_other)
      OR EXISTS (SELECT 1 FROM openid_identity a JOIN openid_identity b ON b.partnership_id = a.partnership_id
                    AND b.issuer = a.issuer AND b.subject = a.subject
                  WHERE a.partnership_id = actor_partnership() AND a.user_id = p_one AND b.user_id = p_other) $$;

-- How often something was shared on each basis, and under each agreement, since a day: for who keeps the register.
-- Cases that are kept from them, or open to named people only, are left out.
CREATE FUNCTION shared_since(p_since timestamptz) RETURNS TABLE (basis_id uuid, agreement_id uuid, times bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.basis_id, d.agreement_id, count(*) FROM disclosure d
   WHERE d.partnership_id = actor_partnership() AND d.at >= p_since AND d.kind = 'shared'
     AND actor_is('partnership_administrator') AND d.case_id <> ALL (coalesce(actor_excluded(), '{}'))
     AND NOT EXISTS (SELECT 1 FROM case_restriction r WHERE r.partnership_id = d.partnership_id
                        AND r.case_id = d.case_id AND r.until_at IS NULL)
   GROUP BY 1, 2 $$;

-- The partnership with the words that hold today: those that were set since, or what it was founded with.
CREATE FUNCTION partnership_today() RETURNS TABLE (id uuid, name text, marking text, confidentiality_statement text,
  confidentiality_version text, help text, demo boolean) LANGUAGE sql STABLE AS $$
  SELECT p.id, p.name, coalesce(w.marking, p.marking), coalesce(w.statement, p.confidentiality_statement),
         coalesce(w.version, p.confidentiality_version), w.help, p.demo
    FROM partnership p CROSS JOIN LATERAL (
      SELECT max(x.said) FILTER (WHERE x.rule = 'words:marking') AS marking,
             max(x.said) FILTER (WHERE x.rule = 'words:statement') AS statement,
             max(x.version) FILTER (WHERE x.rule = 'words:statement') AS version,
             max(x.said) FILTER (WHERE x.rule = 'words:help') AS help
        FROM (SELECT DISTINCT ON (r.rule) r.rule, r.version, r.value ->> 'text' AS said FROM standing_rules() r
               WHERE r.rule IN ('words:marking', 'words:statement', 'words:help')
                 AND r.effective_from <= (actor_now() AT TIME ZONE 'Europe/London')::date
               ORDER BY r.rule, r.effective_from DESC) x) w
   WHERE p.id = actor_partnership() $$;
"""


def upgrade() -> None:
    for statement in re.split(r";\n+(?=--|CREATE)", DEFINERS):
        op.execute(statement)
    user = "(SELECT actor_user())"
    for table, columns in TABLES.items():
        hold = table == "legal_hold"
        by = "made_by" if hold else "decided_by"
        ends = "lifted_by" if hold else "coalesce(dropped_by, approved_by)"
        stands = "lifted_at IS NULL" if hold else "dropped_at IS NULL AND done_at IS NULL"
        retained = "partnership_id = (SELECT actor_partnership()) AND retains(case_id)"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO {APP}")
        op.execute(f"CREATE POLICY app_reads ON {table} FOR SELECT TO {APP} USING ({retained})")
        op.execute(f"CREATE POLICY app_adds ON {table} FOR INSERT TO {APP} WITH CHECK ({retained} AND {by} = {user})")
        op.execute(
            f"CREATE POLICY app_ends ON {table} FOR UPDATE TO {APP} USING ({retained} AND {stands}) "
            f"WITH CHECK ({retained} AND {ends} = {user})"
        )
        op.execute(
            f"CREATE POLICY owner_keeps ON {table} FOR ALL TO CURRENT_USER USING ({BY_HAND}) WITH CHECK ({BY_HAND})"
        )
    # Done is for the owner to say: nobody adds a decision that is carried out, or approved, already.
    op.execute(
        f"CREATE POLICY undecided ON retention_review AS RESTRICTIVE FOR INSERT TO {APP} WITH CHECK "
        "(num_nonnulls(approved_at, approved_by, dropped_at, dropped_by, done_at) = 0)"
    )
    # `roundtable erase --due` looks whether what was approved still holds.
    op.execute(f"CREATE POLICY owner_keeps ON partnership_rule FOR SELECT TO CURRENT_USER USING ({BY_HAND})")
