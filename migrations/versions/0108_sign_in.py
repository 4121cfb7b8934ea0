"""How people and systems prove who they are: who may read what is kept of it, and who may end it.

Until somebody has proven who they are, nobody acts (``actor_user`` is NULL), and the sign-in looks at what was proven
before. After that, people see their own. Administrators are told what there is, by functions that hand out no secret.
"""

import re

from alembic import op

revision: str = "0108"
down_revision: str | None = "0107"
branch_labels: None = None
depends_on: None = None

APP = "roundtable_app"
TENANT = "partnership_id = (SELECT actor_partnership())"
USER = "(SELECT actor_user())"
NOBODY = f"{USER} IS NULL"
# What an agency's administrator may give to others, and so take in hand: the same as in 0103.
OWN_TO_GIVE = "'{practitioner,safeguarding_officer,idva,agency_representative,triage_practitioner,partner_system}'"

# Kept for one person, and read by nobody else: table, and what may be changed in it.
OWN = {
    "password": "hash, set_at",
    "passkey": "name, sign_count, backed_up, used_at, ended_at",
    "authenticator": "confirmed_at, used_at, last_step, ended_at",
    "recovery_code": "used_at, ended_at",
    "openid_identity": "used_at, ended_at",
}
# What stands between one request and the next, and is thrown away.
PASSING = {
    "ceremony": "used_at",
    "throttle": "until_at",
    "assertion_seen": "until_at",
}

FUNCTIONS = """
-- Whether the actor keeps this person: the partnership's administrator anyone, an agency's their own colleagues who
-- hold no role beyond what that agency may give; never oneself.
CREATE FUNCTION keeps(p_user uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT p_user <> actor_user() AND EXISTS (SELECT 1 FROM app_user u
    WHERE u.partnership_id = actor_partnership() AND u.id = p_user
      AND (actor_is('partnership_administrator') OR (actor_is('agency_administrator') AND u.agency_id = actor_agency()
        AND NOT EXISTS (SELECT 1 FROM user_role r WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id
                           AND r.ended_at IS NULL AND r.role <> ALL ({own_to_give}))))) $$;

-- By what means somebody whom the actor may ask about can sign in, and when each was last used: no secret among it.
CREATE POLICY owner_reads ON password FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON passkey FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON authenticator FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON recovery_code FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON openid_identity FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION sign_in_methods_of(p_user uuid)
RETURNS TABLE (user_id uuid, kind text, made_at timestamptz, used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.user_id, m.kind, m.made_at, m.used_at FROM (
    SELECT partnership_id, p.user_id, 'password' AS kind, set_at AS made_at, NULL::timestamptz AS used_at
      FROM password p WHERE hash IS NOT NULL
    UNION ALL SELECT partnership_id, p.user_id, 'passkey', created_at, p.used_at FROM passkey p WHERE ended_at IS NULL
    UNION ALL SELECT partnership_id, a.user_id, 'authenticator', created_at, a.used_at FROM authenticator a
               WHERE confirmed_at IS NOT NULL AND ended_at IS NULL
    UNION ALL SELECT partnership_id, r.user_id, 'recovery_code', created_at, NULL FROM recovery_code r
               WHERE r.used_at IS NULL AND ended_at IS NULL
    UNION ALL SELECT partnership_id, o.user_id, 'openid', created_at, o.used_at FROM openid_identity o
               WHERE ended_at IS NULL) m
    JOIN app_user u ON u.partnership_id = m.partnership_id AND u.id = m.user_id
   WHERE m.partnership_id = actor_partnership() AND m.user_id = p_user
     AND (m.user_id = actor_user() OR actor_is('partnership_administrator')
       OR (actor_is('agency_administrator') AND u.agency_id = actor_agency())) $$;

-- Take away every means by which somebody signs in, and all that they are signed in by: for whoever keeps them.
CREATE POLICY owner_ends ON password FOR UPDATE TO CURRENT_USER USING (true);
CREATE POLICY owner_ends ON passkey FOR UPDATE TO CURRENT_USER USING (true);
CREATE POLICY owner_ends ON authenticator FOR UPDATE TO CURRENT_USER USING (true);
CREATE POLICY owner_ends ON recovery_code FOR UPDATE TO CURRENT_USER USING (true);
CREATE POLICY owner_ends ON openid_identity FOR UPDATE TO CURRENT_USER USING (true);
CREATE FUNCTION end_sign_in_methods(p_user uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT keeps(p_user) THEN RETURN false; END IF;
  UPDATE password SET hash = NULL, set_at = actor_now()
   WHERE partnership_id = actor_partnership() AND user_id = p_user;
  UPDATE passkey SET ended_at = actor_now()
   WHERE partnership_id = actor_partnership() AND user_id = p_user AND ended_at IS NULL;
  UPDATE authenticator SET ended_at = actor_now()
   WHERE partnership_id = actor_partnership() AND user_id = p_user AND ended_at IS NULL;
  UPDATE recovery_code SET ended_at = actor_now()
   WHERE partnership_id = actor_partnership() AND user_id = p_user AND ended_at IS NULL;
  UPDATE openid_identity SET ended_at = actor_now()
   WHERE partnership_id = actor_partnership() AND user_id = p_user AND ended_at IS NULL;
  RETURN true;
END $$;

-- Upkeep drops what can be used no more; sessions a good while later, since they say when somebody was last here.
CREATE POLICY owner_reads ON session FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON ceremony FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON throttle FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON assertion_seen FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_forgets ON session FOR DELETE TO CURRENT_USER USING (true);
CREATE POLICY owner_forgets ON ceremony FOR DELETE TO CURRENT_USER USING (true);
CREATE POLICY owner_forgets ON throttle FOR DELETE TO CURRENT_USER USING (true);
CREATE POLICY owner_forgets ON assertion_seen FOR DELETE TO CURRENT_USER USING (true);
CREATE FUNCTION forget_old() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE forgotten integer;
BEGIN
  IF actor_user() IS NOT NULL THEN RETURN 0; END IF;
  DELETE FROM ceremony WHERE partnership_id = actor_partnership() AND until_at < actor_now() - interval '1 day';
  DELETE FROM throttle WHERE partnership_id = actor_partnership() AND until_at < actor_now();
  DELETE FROM assertion_seen WHERE partnership_id = actor_partnership() AND until_at < actor_now();
  -- Of what a system was let in by, one every few minutes, only the newest says anything.
  DELETE FROM session s WHERE s.partnership_id = actor_partnership() AND s.kind = 'client'
     AND s.until_at < actor_now() - interval '1 day' AND EXISTS (SELECT 1 FROM session n
       WHERE n.partnership_id = s.partnership_id AND n.user_id = s.user_id AND n.seen_at >= s.seen_at AND n.id > s.id);
  DELETE FROM session WHERE partnership_id = actor_partnership() AND until_at < actor_now() - interval '400 days';
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  -- A repeated request comes within days. A document that is asked for once more is made once more.
  DELETE FROM idempotency WHERE partnership_id = actor_partnership() AND created_at < actor_now() - interval '7 days';
  UPDATE export_job SET status = 'queued', content = NULL, file_name = NULL, subjects = '{}', done = 0, total = 0,
         progress_at = NULL, finished_at = NULL
   WHERE partnership_id = actor_partnership() AND content IS NOT NULL AND finished_at < actor_now() - interval '1 day';
  RETURN forgotten;
END $$;

-- Somebody's sign-ins and what was refused in their name, newest first, and of a system its tokens: for themselves, and
-- for whoever keeps or could keep them. Whose a refusal was is in its subjects, which nobody else reads. A system gets
-- hundreds of tokens a day, so its newest are found by who acted.
CREATE FUNCTION sign_ins_of(p_user uuid, p_most integer)
RETURNS TABLE (id uuid, at timestamptz, verb text, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.id, e.at, e.verb, e.purpose FROM (
    SELECT a.id, a.at, a.verb, a.purpose FROM audit a
     WHERE a.subjects @> ARRAY[p_user] AND a.partnership_id = actor_partnership()
       AND a.verb = ANY ('{sign_in.done,sign_in.failed,sign_in.throttled,sign_in.token_printed,sign_in.ended,
                           client.refused,client.throttled}')
    UNION ALL
    (SELECT t.id, t.at, t.verb, t.purpose FROM audit t
      WHERE t.actor_id = p_user AND t.partnership_id = actor_partnership() AND t.verb = 'client.token_issued'
      ORDER BY t.id DESC LIMIT p_most)) e
   WHERE EXISTS (SELECT 1 FROM app_user u WHERE u.partnership_id = actor_partnership() AND u.id = p_user
           AND (u.id = actor_user() OR actor_is('partnership_administrator')
             OR (actor_is('agency_administrator') AND u.agency_id = actor_agency())))
   ORDER BY e.id DESC LIMIT p_most $$;

-- Whether a key still seals something of these: `keys_in_use` asks.
CREATE POLICY owner_reads ON openid_provider FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON letter FOR SELECT TO CURRENT_USER USING (true);

-- Where a mail waits to be sent, so that no other partnership is visited: ids, and nothing of the mail.
CREATE FUNCTION partnerships_with_letters() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT DISTINCT l.partnership_id FROM letter l WHERE l.sealed IS NOT NULL AND l.next_at <= actor_now() $$;

-- Which partnerships people can sign in to here: their names are no secret.
CREATE FUNCTION sign_in_partnerships() RETURNS TABLE (id uuid, slug text, name text, demo boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.slug, p.name, p.demo FROM partnership p ORDER BY p.name, p.id $$;

-- Where a system is registered. An id that is nobody's is tried, and refused, in the oldest partnership: whoever asks
-- cannot tell the two apart.
CREATE POLICY owner_reads ON api_client FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION partnership_of_client(p_client uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT c.partnership_id FROM api_client c WHERE c.id = p_client),
                  (SELECT p.id FROM partnership p ORDER BY p.created_at, p.id LIMIT 1)) $$;

-- Whatever changes what somebody may see is told to every process, so that what they have open is looked at again. It
-- carries ids and no more.
CREATE FUNCTION tell_of_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('roundtable_access', concat_ws(' ', NEW.partnership_id, to_jsonb(NEW) ->> TG_ARGV[0]));
  RETURN NULL;
END $$;
"""

# Table, column that says whose access changed, and when that is.
TOLD = (
    ("app_user", "id", "UPDATE OF ended_at"),
    ("user_role", "user_id", "INSERT OR UPDATE OF ended_at"),
    ("agency", "id", "UPDATE OF ended_at, suspended_at"),
    ("session", "user_id", "UPDATE OF ended_at"),
    ("case_exclusion", "user_id", "INSERT OR UPDATE OF until_at"),
    # It has no such column: told to the whole partnership.
    ("case_restriction", "user_id", "INSERT OR UPDATE"),
)


def upgrade() -> None:
    everything = (
        *OWN,
        *PASSING,
        "session",
        "sign_in_link",
        "letter",
        "openid_provider",
        "api_client",
        "api_credential",
    )
    for table in everything:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
    for statement in re.split(r";\n+(?=--|CREATE)", FUNCTIONS.replace("{own_to_give}", OWN_TO_GIVE)):
        op.execute(statement)
    _people()
    _passing()
    _systems()
    for table, column, event in TOLD:
        op.execute(
            f"CREATE TRIGGER told AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION tell_of_access('{column}')"
        )


def _policy(table: str, using: str, check: str | None = None) -> None:
    op.execute(f"CREATE POLICY app ON {table} FOR ALL TO {APP} USING ({using}) WITH CHECK ({check or using})")


def _people() -> None:
    own = f"{TENANT} AND ({NOBODY} OR user_id = {USER})"
    for table, columns in OWN.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO {APP}")
        _policy(table, own)
    op.execute(
        # What somebody has confirmed is said once, of a new session.
        f"GRANT UPDATE (seen_at, idle_until, ended_at, ended_because, ended_by) ON session TO {APP}"
    )
    colleague = (
        "EXISTS (SELECT 1 FROM app_user u WHERE u.partnership_id = {table}.partnership_id "
        "AND u.id = {table}.user_id AND u.agency_id = (SELECT actor_agency()))"
    )
    told = (
        "((SELECT actor_is('partnership_administrator')) "
        f"OR ((SELECT actor_is('agency_administrator')) AND {colleague}))"
    )
    for table in ("session", "sign_in_link"):
        seen = f"{TENANT} AND ({NOBODY} OR user_id = {USER} OR {told.format(table=table)})"
        op.execute(f"CREATE POLICY app_reads ON {table} FOR SELECT TO {APP} USING ({seen})")
        op.execute(
            f"CREATE POLICY app_ends ON {table} FOR UPDATE TO {APP} "
            f"USING ({TENANT} AND ({NOBODY} OR user_id = {USER} OR keeps(user_id)) AND ended_at IS NULL) "
            f"WITH CHECK ({TENANT})"
        )
    # A client's may do what the client may, and no more.
    held = (
        "(kind <> 'client' OR EXISTS (SELECT 1 FROM api_client c WHERE c.partnership_id = session.partnership_id "
        "AND c.id = session.client_id AND c.user_id = session.user_id AND session.scopes <@ c.scopes))"
    )
    op.execute(f"CREATE POLICY app_begins ON session FOR INSERT TO {APP} WITH CHECK ({own} AND {held})")
    op.execute(f"GRANT UPDATE (used_at, ended_at) ON sign_in_link TO {APP}")
    op.execute(
        f"CREATE POLICY app_makes ON sign_in_link FOR INSERT TO {APP} "
        f"WITH CHECK ({TENANT} AND made_by IS NOT DISTINCT FROM {USER} AND ({NOBODY} OR keeps(user_id)))"
    )


def _passing() -> None:
    for table, columns in PASSING.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO {APP}")
    _policy("ceremony", f"{TENANT} AND ({NOBODY} OR user_id = {USER})")
    _policy("throttle", f"{TENANT}")
    _policy("assertion_seen", f"{TENANT} AND {NOBODY}")
    # Whoever asks for a mail cannot read what others asked for.
    op.execute(f"GRANT UPDATE (key_id, sealed, next_at, tries, sent_at, given_up_at) ON letter TO {APP}")
    op.execute(f"CREATE POLICY app_reads ON letter FOR SELECT TO {APP} USING ({TENANT} AND {NOBODY})")
    op.execute(f"CREATE POLICY app_sends ON letter FOR UPDATE TO {APP} USING ({TENANT} AND {NOBODY})")
    op.execute(f"CREATE POLICY app_writes ON letter FOR INSERT TO {APP} WITH CHECK ({TENANT})")


def _systems() -> None:
    everywhere = f"({NOBODY} OR (SELECT actor_is('partnership_administrator')))"
    op.execute(f"GRANT UPDATE (name, client_id, key_id, sealed, rules, ended_at, version) ON openid_provider TO {APP}")
    op.execute(f"CREATE POLICY app_reads ON openid_provider FOR SELECT TO {APP} USING ({TENANT})")
    op.execute(f"CREATE POLICY app_adds ON openid_provider FOR INSERT TO {APP} WITH CHECK ({TENANT} AND {everywhere})")
    op.execute(f"CREATE POLICY app_changes ON openid_provider FOR UPDATE TO {APP} USING ({TENANT} AND {everywhere})")
    agency = "agency_id = (SELECT actor_agency())"
    keeps = f"({everywhere} OR ((SELECT actor_is('agency_administrator')) AND {agency}))"
    op.execute(f"GRANT UPDATE (name, purpose, scopes, ended_at, version) ON api_client TO {APP}")
    # It acts as a system of its agency, and never as a person.
    system = (
        "EXISTS (SELECT 1 FROM app_user u WHERE u.partnership_id = api_client.partnership_id "
        "AND u.id = api_client.user_id AND u.agency_id = api_client.agency_id AND u.is_system)"
    )
    _policy("api_client", f"{TENANT} AND ({keeps} OR user_id = {USER})", f"{TENANT} AND {keeps} AND {system}")
    op.execute(f"GRANT UPDATE (until_at, used_at, ended_at) ON api_credential TO {APP}")
    # Seen and made by whoever sees, or keeps, its client.
    of_client = (
        "EXISTS (SELECT 1 FROM api_client c WHERE c.partnership_id = api_credential.partnership_id "
        "AND c.id = api_credential.client_id)"
    )
    people = f"{TENANT} AND {of_client} AND NOT (SELECT actor_is('partner_system'))"
    # A system reads its own, to be sure that what it came in by still stands.
    op.execute(f"CREATE POLICY app_reads ON api_credential FOR SELECT TO {APP} USING ({TENANT} AND {of_client})")
    op.execute(f"CREATE POLICY app_adds ON api_credential FOR INSERT TO {APP} WITH CHECK ({people})")
    op.execute(
        f"CREATE POLICY app_changes ON api_credential FOR UPDATE TO {APP} USING ({people}) WITH CHECK ({people})"
    )
