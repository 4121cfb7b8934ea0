"""Who may see which row: said once, in the database, for every query that will ever be written.

Each policy reads only what the transaction said of its actor (``enter``) and the grants. The few functions that run
with their owner's rights are listed here with their reason; a test holds the catalogue against this list.
"""

import re

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None

APP = "roundtable_app"

# Rows that every member of the partnership may read: none says anything about a case.
PARTNERSHIP_TABLES = (
    "partnership_rule",
    "agency",
    "app_user",
    "user_role",
    "forum",
    "forum_member",
    "meeting",
    "attendance",
    "agenda_pack",
)
# Rows seen by exactly those who see their case.
CASE_TABLES = (
    "party",
    "contact_detail",
    "case_event",
    "assessment",
    "support_offer",
    "agenda_item",
    "item_risk",
    "pack_item",
    "action",
    "action_update",
)
# Rows that belong to one user and to nobody else: answers kept for repeats, documents made for a recipient.
OWN_TABLES = {"idempotency": "user_id", "export_job": "recipient_id"}
CHANGEABLE = (
    "partnership",
    "agency",
    "app_user",
    "user_role",
    "forum",
    "forum_member",
    "meeting",
    "attendance",
    "case_file",
    "party",
    "referral",
    "possible_match",
    "support_offer",
    "agenda_item",
    "research_return",
    "export_job",
    "action",
)
EVERY_TABLE = (
    "partnership",
    *PARTNERSHIP_TABLES,
    "case_file",
    "case_grant",
    "person",
    *CASE_TABLES,
    "referral",
    "possible_match",
    "research_return",
    *OWN_TABLES,
    "audit",
    "audit_head",
)

CONTEXT = """
CREATE FUNCTION actor_partnership() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT NULLIF(current_setting('roundtable.partnership', true), '')::uuid $$;
CREATE FUNCTION actor_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT NULLIF(current_setting('roundtable.user', true), '')::uuid $$;
CREATE FUNCTION actor_agency() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT NULLIF(current_setting('roundtable.agency', true), '')::uuid $$;
CREATE FUNCTION actor_principals() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT NULLIF(current_setting('roundtable.principals', true), '')::uuid[] $$;

-- A role within an agency, as the principal of a grant.
CREATE FUNCTION desk_principal(agency uuid, desk text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT encode(substring(sha256(convert_to(agency::text || ':' || desk, 'UTF8')) from 1 for 16), 'hex')::uuid $$;

-- Tell the transaction who acts. No row means: nobody who may. Roles in p_desk_roles sit at their agency's desk.
CREATE FUNCTION enter(p_partnership uuid, p_user uuid, p_desk_roles text[])
RETURNS TABLE (name text, agency_id uuid, agency_name text, agency_kind text, roles text[], principals uuid[])
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('roundtable.partnership', p_partnership::text, true);
  SELECT u.name, a.id, a.name, a.kind INTO enter.name, enter.agency_id, enter.agency_name, enter.agency_kind
    FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
   WHERE u.partnership_id = p_partnership AND u.id = p_user AND u.ended_at IS NULL AND a.ended_at IS NULL;
  IF NOT FOUND THEN
    PERFORM set_config('roundtable.partnership', '', true);
    RETURN;
  END IF;
  SELECT coalesce(array_agg(r.role ORDER BY r.role), '{}') INTO enter.roles
    FROM user_role r WHERE r.partnership_id = p_partnership AND r.user_id = p_user AND r.ended_at IS NULL;
  SELECT array_agg(p) INTO enter.principals FROM (
    SELECT p_user AS p
    UNION ALL SELECT desk_principal(enter.agency_id, r) FROM unnest(enter.roles) r
    UNION ALL SELECT desk_principal(enter.agency_id, 'desk') WHERE enter.roles && p_desk_roles) of_actor;
  PERFORM set_config('roundtable.user', p_user::text, true),
          set_config('roundtable.agency', enter.agency_id::text, true),
          set_config('roundtable.principals', enter.principals::text, true);
  RETURN NEXT;
END $$;
"""

VISIBLE = """EXISTS (SELECT 1 FROM case_grant g
      WHERE g.partnership_id = {table}.partnership_id AND g.case_id = {table}.{column}
        AND g.principal = ANY ((SELECT actor_principals())::uuid[])
        AND (g.until_at IS NULL OR g.until_at > now()))"""
TENANT = "partnership_id = (SELECT actor_partnership())"

# Functions that run with their owner's rights, because the actor must not hold those rights.
DEFINERS = """
-- Grants are read and ended across the whole case, which no single actor may do row by row.
CREATE POLICY owner_sees ON case_grant FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_ends ON case_grant FOR UPDATE TO CURRENT_USER USING (true);

CREATE FUNCTION sees_case(p_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM case_grant g WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case
    AND g.principal = ANY (actor_principals()) AND (g.until_at IS NULL OR g.until_at > now())) $$;

-- Everyone who could see the case, and why, for an actor who sees it.
CREATE FUNCTION grants_of_case(p_case uuid) RETURNS SETOF case_grant LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT g.* FROM case_grant g
   WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case AND sees_case(p_case) $$;

-- End the grants that one fact made (or all of a reason), for an actor who sees the case. One that would end later
-- anyway ends now; none is ever lengthened.
CREATE FUNCTION end_grants(p_case uuid, p_reason text, p_source uuid, p_until timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ended integer;
BEGIN
  IF NOT sees_case(p_case) THEN RETURN 0; END IF;
  UPDATE case_grant g SET until_at = greatest(p_until, g.from_at)
   WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case
     AND (g.until_at IS NULL OR g.until_at > p_until)
     AND g.reason = p_reason AND (p_source IS NULL OR g.source_id = p_source);
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END $$;

-- People who share a key, at most so many for each, in cases that the actor sees. Asked of the table itself, the index
-- on keys could not be used: PostgreSQL trusts no array operator before a policy has been applied.
CREATE POLICY owner_matches ON party FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION parties_sharing(p_keys text[], p_most integer) RETURNS TABLE (key text, party_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT asked.key, found.id FROM unnest(p_keys) AS asked(key) CROSS JOIN LATERAL (
    SELECT p.id FROM (SELECT id, partnership_id, case_id FROM party WHERE name_keys @> ARRAY[asked.key] OFFSET 0) p
     WHERE p.partnership_id = (SELECT actor_partnership())
       AND (SELECT true FROM case_grant g WHERE g.partnership_id = p.partnership_id AND g.case_id = p.case_id
             AND g.principal = ANY ((SELECT actor_principals())::uuid[])
             AND (g.until_at IS NULL OR g.until_at > now()) LIMIT 1)
     LIMIT p_most) found $$;

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

-- `roundtable audit explain` finds a case by its reference and names those who could see it.
CREATE POLICY owner_reads ON partnership FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON agency FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON app_user FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON case_file FOR SELECT TO CURRENT_USER USING (true);

-- Who looked at a case: one case's part of the trail, without the other cases that the same list showed.
CREATE POLICY owner_reads ON audit FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION trail_of_case(p_case uuid)
RETURNS TABLE (id uuid, at timestamptz, actor_id uuid, agency_id uuid, roles text[], verb text, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id, a.at, a.actor_id, a.agency_id, a.roles, a.verb, a.purpose FROM audit a
   WHERE a.partnership_id = actor_partnership() AND sees_case(p_case)
     AND (a.case_id = p_case OR a.subjects @> ARRAY[p_case]) $$;
"""

# What every list shows of a case, less the names that may change elsewhere.
LINE = """
CREATE FUNCTION write_case_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.line := json_build_object('id', NEW.id, 'reference', NEW.reference, 'state', NEW.state, 'version', NEW.version,
    'victim_name', NEW.victim_name, 'level', NEW.level, 'score', NEW.score, 'grounds', NEW.grounds,
    'markers', NEW.markers, 'repeat', NEW.repeat, 'children', NEW.children, 'pathway', NEW.pathway,
    'next_meeting', CASE WHEN NEW.next_meeting_id IS NOT NULL
      THEN json_build_object('id', NEW.next_meeting_id, 'starts_at', NEW.next_meeting_at) END,
    'review_on', NEW.review_on, 'opened_at', NEW.opened_at, 'updated_at', NEW.updated_at)::text;
  RETURN NEW;
END $$;
CREATE TRIGGER line BEFORE INSERT OR UPDATE ON case_file FOR EACH ROW EXECUTE FUNCTION write_case_line()
"""

CONTENT = """
CREATE FUNCTION audit_content(a audit) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT convert_to(jsonb_build_array(a.partnership_id, a.id, extract(epoch FROM a.at), a.actor_id, a.agency_id,
    a.roles, a.verb, a.case_id, a.subjects, a.purpose, a.request_id, encode(a.digest, 'hex'))::text, 'UTF8') $$;
"""

# A referral that is being listed waits for whoever is locking or cancelling that list, and is then routed again:
# nobody is ever left on a list that has closed. Cases added by hand ('late', 'review') may still join one.
LISTS = """
CREATE FUNCTION list_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM meeting m WHERE m.partnership_id = NEW.partnership_id AND m.id = NEW.meeting_id
     AND (m.status = 'scheduled'
          OR (NEW.kind IN ('late', 'review') AND m.status IN ('locked', 'published', 'in_session')))
     FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'serialization_failure', MESSAGE = 'the list closed while a case joined it';
  END IF;
  RETURN NULL;
END $$;
"""


def _each(block: str) -> None:
    """Run a block's statements one by one, since the driver takes one at a time."""
    for statement in re.split(r";\n+(?=--|CREATE)", block):
        op.execute(statement)


def _policy(table: str, using: str, check: str | None = None) -> None:
    op.execute(f"CREATE POLICY app ON {table} FOR ALL TO {APP} USING ({using}) WITH CHECK ({check or using})")


def upgrade() -> None:
    op.execute(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP}') "
        f"THEN CREATE ROLE {APP} NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF; END $$"
    )
    _each(CONTEXT)
    _each(CONTENT)
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
    for table in EVERY_TABLE:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        if table != "audit_head":
            op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
    for table in CHANGEABLE:
        op.execute(f"GRANT UPDATE ON {table} TO {APP}")
    # Whose an assessment is may be corrected when two records turn out to be one person; what it says, never.
    op.execute(f"GRANT UPDATE (person_id) ON assessment TO {APP}")
    op.execute(f"GRANT UPDATE (same_as) ON person TO {APP}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP}")
    _each(DEFINERS)
    _each(LINE)
    _each(LISTS)
    op.execute("CREATE TRIGGER closed AFTER INSERT ON agenda_item FOR EACH ROW EXECUTE FUNCTION list_is_open()")
    op.execute("CREATE TRIGGER chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain_audit()")
    _visibility()


def _visibility() -> None:
    _policy("partnership", "true", "id = (SELECT actor_partnership())")
    for table in PARTNERSHIP_TABLES:
        _policy(table, TENANT)
    for table, owner in OWN_TABLES.items():
        _policy(table, f"{TENANT} AND {owner} = (SELECT actor_user())")
    for table in CASE_TABLES:
        _policy(table, f"{TENANT} AND {VISIBLE.format(table=table, column='case_id')}")
    _policy("case_file", f"{TENANT} AND {VISIBLE.format(table='case_file', column='id')}", TENANT)
    mine = "principal = ANY ((SELECT actor_principals())::uuid[])"
    _policy("case_grant", f"{TENANT} AND {mine}", f"{TENANT} AND given_by = (SELECT actor_user())")
    _policy(
        "person",
        f"{TENANT} AND EXISTS (SELECT 1 FROM party p WHERE p.partnership_id = person.partnership_id "
        "AND p.person_id = ANY (ARRAY[person.id, person.same_as]))",
        TENANT,
    )
    _policy(
        "referral",
        f"{TENANT} AND CASE WHEN case_id IS NULL THEN principals && (SELECT actor_principals())::uuid[] "
        f"ELSE {VISIBLE.format(table='referral', column='case_id')} END",
    )
    _policy(
        "possible_match",
        f"{TENANT} AND {VISIBLE.format(table='possible_match', column='case_id')} "
        f"AND {VISIBLE.format(table='possible_match', column='other_case_id')}",
    )
    seen = f"{TENANT} AND {VISIBLE.format(table='research_return', column='case_id')}"
    own = "agency_id = (SELECT actor_agency())"
    _policy("research_return", f"{seen} AND ({own} OR released_at IS NOT NULL)", f"{seen} AND {own}")
    visible = VISIBLE.format(table="audit", column="case_id")
    seen = f"actor_id = (SELECT actor_user()) OR (case_id IS NOT NULL AND {visible})"
    _policy(
        "audit",
        f"{TENANT} AND ({seen})",
        f"{TENANT} AND actor_id IS NOT DISTINCT FROM (SELECT actor_user())",
    )
