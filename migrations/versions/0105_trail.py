"""The trail: each entry linked to the last of its chain, by a trigger that nobody can go round."""

import re

from alembic import op

revision: str = "0105"
down_revision: str | None = "0104"
branch_labels: None = None
depends_on: None = None

CONTENT = """
CREATE FUNCTION audit_content(a audit) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT convert_to(jsonb_build_array(a.partnership_id, a.id, extract(epoch FROM a.at), a.actor_id, a.agency_id,
    a.roles, a.verb, a.case_id, a.subjects, a.purpose, a.request_id, encode(a.digest, 'hex'))::text, 'UTF8') $$;
"""


# Functions that run with their owner's rights, because the actor must not hold those rights.
DEFINERS = """
-- The chain's head is written by nobody but the trigger; the app cannot reach it.
CREATE POLICY owner_chains ON audit_head FOR ALL TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE content bytea := audit_content(NEW);
BEGIN
  NEW.chain := coalesce(NEW.case_id, NEW.actor_id, NEW.partnership_id);
  -- Nearly every chain is there already, and finding that out first costs half of what an upsert does.
  UPDATE audit_head h SET seq = h.seq + 1, hash = sha256(h.hash || content), moved = true
   WHERE h.partnership_id = NEW.partnership_id AND h.chain = NEW.chain RETURNING h.seq, h.hash INTO NEW.seq, NEW.hash;
  IF NOT FOUND THEN
    INSERT INTO audit_head AS h (partnership_id, chain, seq, hash)
         VALUES (NEW.partnership_id, NEW.chain, 1, sha256(content))
    ON CONFLICT (partnership_id, chain) DO UPDATE SET seq = h.seq + 1, hash = sha256(h.hash || content), moved = true
    RETURNING h.seq, h.hash INTO NEW.seq, NEW.hash;
  END IF;
  RETURN NEW;
END $$;

-- Where the chains stand that moved since the last seal, at most so many, with the number that it knew. For upkeep
-- alone. One that is being written to at this moment is told of as it stands, and again next time: nobody waits.
CREATE POLICY owner_reads ON audit_sealed FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION heads_to_seal(p_most integer) RETURNS TABLE (chain uuid, seq bigint, hash bytea, before bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH moved AS MATERIALIZED (
    SELECT h.chain, h.seq, h.hash FROM audit_head h
     WHERE actor_user() IS NULL AND h.partnership_id = actor_partnership() AND h.moved ORDER BY h.chain LIMIT p_most),
  free AS MATERIALIZED (
    SELECT h.chain FROM moved m JOIN audit_head h
        ON h.partnership_id = actor_partnership() AND h.chain = m.chain AND h.seq = m.seq FOR UPDATE OF h SKIP LOCKED),
  settled AS (
    UPDATE audit_head h SET moved = false FROM free f
     WHERE h.partnership_id = actor_partnership() AND h.chain = f.chain)
  SELECT m.chain, m.seq, m.hash, coalesce(last.seq, 0) FROM moved m LEFT JOIN LATERAL (
    SELECT s.seq FROM audit_sealed s WHERE s.partnership_id = actor_partnership() AND s.chain = m.chain
     ORDER BY s.number DESC LIMIT 1) last ON true
   WHERE m.seq > coalesce(last.seq, 0) ORDER BY m.chain $$;

-- Who looked at a case, or tried to: one case's part of the trail, without the other cases that the same list showed.
-- That a case was among possible matches would tell that there is another like it: it was on a list, and no more.
CREATE POLICY owner_reads ON audit FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON assessment FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION ids_of_case(p_partnership uuid, p_case uuid) RETURNS uuid[] LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
  SELECT array_agg(x.id) FROM (SELECT p_case AS id
    UNION ALL SELECT f.id FROM referral f WHERE f.partnership_id = p_partnership AND f.case_id = p_case
    UNION ALL SELECT f.id FROM assessment f WHERE f.partnership_id = p_partnership AND f.case_id = p_case
    UNION ALL SELECT f.id FROM support_offer f WHERE f.partnership_id = p_partnership AND f.case_id = p_case
    UNION ALL SELECT f.id FROM agenda_item f WHERE f.partnership_id = p_partnership AND f.case_id = p_case
    UNION ALL SELECT f.id FROM action f WHERE f.partnership_id = p_partnership AND f.case_id = p_case) x $$;
CREATE FUNCTION trail_of_case(p_case uuid)
RETURNS TABLE (id uuid, at timestamptz, actor_id uuid, agency_id uuid, roles text[], verb text, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id, a.at, a.actor_id, a.agency_id, a.roles,
         CASE WHEN a.verb LIKE 'match.%' THEN 'case.listed' ELSE a.verb END, a.purpose FROM audit a
   WHERE a.partnership_id = actor_partnership() AND sees_case(p_case)
     AND (a.verb NOT LIKE 'exclusion.%' OR actor_is('marac_coordinator') OR actor_is('chair'))
     AND (a.case_id = p_case OR a.subjects && (SELECT ids_of_case(actor_partnership(), p_case))) $$;

-- In which cases somebody is, for the auditor: who is told of sharings, and sees no case and nobody in one.
CREATE POLICY owner_reads ON person FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION audited_parties(p_reference text) RETURNS TABLE (id uuid, case_id uuid, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.case_id, p.created_at FROM person asked
    JOIN party p ON p.partnership_id = asked.partnership_id AND p.person_id = coalesce(asked.same_as, asked.id)
   WHERE asked.partnership_id = actor_partnership() AND asked.reference = p_reference
     AND actor_is('governance_auditor') AND NOT barred(p.case_id) $$;

-- The owner checks the trail, explains a case, and erases a person: each leaves an entry, and none can change one.
CREATE POLICY owner_reads ON audit_seal FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_writes ON audit FOR INSERT TO CURRENT_USER WITH CHECK (actor_id IS NULL);
CREATE POLICY owner_erases ON audit_detail FOR ALL TO CURRENT_USER USING (true) WITH CHECK (false);
"""


def upgrade() -> None:
    for block in (CONTENT, DEFINERS):
        for statement in re.split(r";\n+(?=--|CREATE)", block):
            op.execute(statement)
    op.execute("CREATE TRIGGER chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain_audit()")
