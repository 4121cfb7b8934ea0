"""The service's role, and who acts in a transaction: what every policy goes by."""

from alembic import op

revision: str = "0102"
down_revision: str | None = "0101"
branch_labels: None = None
depends_on: None = None

APP = "roundtable_app"

# What `enter` told the transaction. Unset, each of these is nobody and nothing.
SETTINGS = {
    "partnership": "uuid",
    "user": "uuid",
    "agency": "uuid",
    "principals": "uuid[]",
    "roles": "text[]",
    "excluded": "uuid[]",
}

# The moment of the request: spans of grants and releases are judged by one clock, that of the service.
NOW = """
CREATE FUNCTION actor_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(NULLIF(current_setting('roundtable.now', true), '')::timestamptz, now()) $$
"""

IS = """
CREATE FUNCTION actor_is(role text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(role = ANY (actor_roles()), false) $$
"""

DESK_PRINCIPAL = """
-- A role within an agency, as the principal of a grant.
CREATE FUNCTION desk_principal(agency uuid, desk text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT encode(substring(sha256(convert_to(agency::text || ':' || desk, 'UTF8')) from 1 for 16), 'hex')::uuid $$
"""

# The cases from which somebody is kept. They cannot see those rows themselves.
EXCLUDED_FROM = """
CREATE FUNCTION excluded_from(p_partnership uuid, p_user uuid) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(x.case_id), '{}') FROM case_exclusion x
   WHERE x.partnership_id = p_partnership AND x.user_id = p_user AND x.until_at IS NULL $$
"""

# By the owner, who may read every row: the policies on sessions, for those who look after others', cost every request
# as much again as finding the row.
OPEN_SESSION = """
CREATE FUNCTION open_session(p_user uuid, p_session uuid, p_digest bytea, p_now timestamptz)
RETURNS TABLE (kind text, scopes text[], confirmed_until timestamptz, began_at timestamptz, seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.kind, s.scopes, s.confirmed_until, s.created_at, s.seen_at FROM session s
   WHERE s.partnership_id = actor_partnership() AND s.id = p_session AND s.user_id = p_user
     AND s.digest IS NOT DISTINCT FROM p_digest
     AND s.ended_at IS NULL AND s.until_at > p_now AND (s.idle_until IS NULL OR s.idle_until > p_now) $$
"""

ENTER = """
-- Tell the transaction who acts. No row means: nobody who may. Roles in p_desk_roles sit at their agency's desk.
-- p_session: what they act through, proven by a signature, or by p_digest if a browser holds it; NULL when the program
-- itself acts for them.
-- The locks are shared: whatever ends somebody's access takes them whole, so once that is answered nothing of theirs is
-- still being done. While it waits or works, the row that is returned has nothing in it: ask again, holding nothing.
CREATE FUNCTION enter(p_partnership uuid, p_user uuid, p_desk_roles text[], p_now timestamptz DEFAULT now(),
  p_session uuid DEFAULT NULL, p_digest bytea DEFAULT NULL)
RETURNS TABLE (name text, agency_id uuid, agency_name text, agency_kind text, roles text[], principals uuid[],
  session_kind text, scopes text[], confirmed_until timestamptz, reissue boolean)
LANGUAGE plpgsql AS $$
DECLARE
  v_began timestamptz;
  v_seen timestamptz;
BEGIN
  IF NOT pg_try_advisory_xact_lock_shared(hashtextextended(p_user::text, 0)) THEN
    RETURN NEXT;
    RETURN;
  END IF;
  PERFORM set_config('roundtable.partnership', p_partnership::text, true),
          set_config('roundtable.now', p_now::text, true);
  SELECT u.name, a.id, a.name, a.kind INTO enter.name, enter.agency_id, enter.agency_name, enter.agency_kind
    FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
   WHERE u.partnership_id = p_partnership AND u.id = p_user AND u.ended_at IS NULL AND a.ended_at IS NULL;
  IF FOUND THEN
    IF NOT pg_try_advisory_xact_lock_shared(hashtextextended(enter.agency_id::text, 0)) THEN
      PERFORM set_config('roundtable.partnership', '', true);
      enter.agency_id := NULL;
      RETURN NEXT;
      RETURN;
    END IF;
    PERFORM 1 FROM agency a
      WHERE a.partnership_id = p_partnership AND a.id = enter.agency_id
        AND a.suspended_at IS NULL AND a.ended_at IS NULL;
  END IF;
  IF FOUND AND p_session IS NOT NULL THEN
    SELECT s.kind, s.scopes, s.confirmed_until, s.began_at, s.seen_at
      INTO enter.session_kind, enter.scopes, enter.confirmed_until, v_began, v_seen
      FROM open_session(p_user, p_session, p_digest, p_now) s;
  END IF;
  IF NOT FOUND THEN
    PERFORM set_config('roundtable.partnership', '', true);
    RETURN;
  END IF;
  IF v_seen < p_now - interval '1 minute' THEN
    UPDATE session s SET seen_at = p_now, idle_until = p_now + s.idle_seconds * interval '1 second'
     WHERE s.partnership_id = p_partnership AND s.id = (
       SELECT w.id FROM session w WHERE w.partnership_id = p_partnership AND w.id = p_session FOR UPDATE SKIP LOCKED);
  END IF;
  SELECT coalesce(array_agg(r.role ORDER BY r.role), '{}'), coalesce(max(r.given_at) > v_began, false)
    INTO enter.roles, enter.reissue
    FROM user_role r WHERE r.partnership_id = p_partnership AND r.user_id = p_user AND r.ended_at IS NULL;
  SELECT array_agg(p) INTO enter.principals FROM (
    SELECT p_user AS p
    UNION ALL SELECT desk_principal(enter.agency_id, r) FROM unnest(enter.roles) r
    UNION ALL SELECT desk_principal(enter.agency_id, 'desk') WHERE enter.roles && p_desk_roles) of_actor;
  PERFORM set_config('roundtable.user', p_user::text, true),
          set_config('roundtable.agency', enter.agency_id::text, true),
          set_config('roundtable.principals', enter.principals::text, true),
          set_config('roundtable.roles', enter.roles::text, true),
          set_config('roundtable.excluded', excluded_from(p_partnership, p_user)::text, true);
  RETURN NEXT;
END $$
"""


def upgrade() -> None:
    op.execute(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP}') "
        f"THEN CREATE ROLE {APP} NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF; END $$"
    )
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
    for name, kind in SETTINGS.items():
        op.execute(
            f"CREATE FUNCTION actor_{name}() RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"$$ SELECT NULLIF(current_setting('roundtable.{name}', true), '')::{kind} $$"
        )
    for function in (NOW, IS, DESK_PRINCIPAL, EXCLUDED_FROM, OPEN_SESSION, ENTER):
        op.execute(function)
