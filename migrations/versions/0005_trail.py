"""The trail: each entry linked to the last of its chain, by a trigger that nobody can go round."""

import re

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None

CONTENT = """
CREATE FUNCTION audit_content(a audit) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT convert_to(jsonb_build_array(a.partnership_id, a.id, extract(epoch FROM a.at), a.actor_id, a.agency_id,
    a.roles, a.verb, a.case_id, a.subjects, a.purpose, a.request_id, encode(a.digest, 'hex'))::text, 'UTF8') $$;
"""


# Functions that run with their owner's rights, because the actor must not hold those rights.
DEFINERS = """
-- The chain's head is written by nobody but the trigger; the app cannot reach it.
CREATE POLICY owner_chains ON audit_head FOR ALL TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  NEW.chain := coalesce(NEW.case_id, NEW.actor_id, NEW.partnership_id);
  INSERT INTO audit_head AS h (partnership_id, chain, seq, hash)
       VALUES (NEW.partnership_id, NEW.chain, 1, sha256('\\x'::bytea || audit_content(NEW)))
  ON CONFLICT (partnership_id, chain) DO UPDATE SET seq = h.seq + 1, hash = sha256(h.hash || audit_content(NEW))
  RETURNING h.seq, h.hash INTO NEW.seq, NEW.hash;
  RETURN NEW;
END $$;

-- Who looked at a case: one case's part of the trail, without the other cases that the same list showed.
CREATE POLICY owner_reads ON audit FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION trail_of_case(p_case uuid)
RETURNS TABLE (id uuid, at timestamptz, actor_id uuid, agency_id uuid, roles text[], verb text, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id, a.at, a.actor_id, a.agency_id, a.roles, a.verb, a.purpose FROM audit a
   WHERE a.partnership_id = actor_partnership() AND sees_case(p_case)
     AND (a.case_id = p_case OR a.subjects @> ARRAY[p_case]) $$;
"""


def upgrade() -> None:
    for block in (CONTENT, DEFINERS):
        for statement in re.split(r";\n+(?=--|CREATE)", block):
            op.execute(statement)
    op.execute("CREATE TRIGGER chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain_audit()")
