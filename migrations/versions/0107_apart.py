"""Who is kept from a case, what that undoes for them, and who could see a case on any day."""

import re

from alembic import op

revision: str = "0107"
down_revision: str | None = "0106"
branch_labels: None = None
depends_on: None = None

APP = "roundtable_app"

# Functions that run with their owner's rights, because the actor must not hold those rights.
DEFINERS = """
-- Whether somebody is kept from a case, for an actor who sees it and is about to give them something to do with it: the
-- list of who is kept apart, and why, is for few. Null to whoever does not see the case.
CREATE FUNCTION kept_from(p_case uuid, p_user uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN sees_case(p_case) THEN
    EXISTS (SELECT 1 FROM case_exclusion x WHERE x.partnership_id = actor_partnership() AND x.case_id = p_case
               AND x.user_id = p_user AND x.until_at IS NULL)
    OR (EXISTS (SELECT 1 FROM case_restriction r
                 WHERE r.partnership_id = actor_partnership() AND r.case_id = p_case AND r.until_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM case_grant g WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case
               AND g.user_id = p_user AND g.reason = 'named' AND (g.until_at IS NULL OR g.until_at > actor_now())))
    END $$;

-- A name is taken off a restricted case's list: for an actor who sees the case.
CREATE FUNCTION end_named(p_case uuid, p_source uuid, p_users uuid[])
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ended integer;
BEGIN
  IF NOT sees_case(p_case) THEN RETURN 0; END IF;
  UPDATE case_grant g SET until_at = greatest(actor_now(), g.from_at)
   WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case AND g.reason = 'named'
     AND g.source_id = p_source AND g.user_id = ANY (p_users) AND (g.until_at IS NULL OR g.until_at > actor_now());
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END $$;

-- For whoever is kept from a case, it was never there: what they once sent for it does not stand in the way of sending
-- it again, and a document that they were given is made again without it. The attempt keeps its number: a process that
-- is still making the old one must not be taken for the next. For an actor who sees the case.
CREATE POLICY owner_lets_go ON referral FOR UPDATE TO CURRENT_USER USING (true);
CREATE POLICY owner_lets_go ON idempotency FOR ALL TO CURRENT_USER USING (true);
CREATE POLICY owner_lets_go ON export_job FOR ALL TO CURRENT_USER USING (true);
CREATE FUNCTION let_go_of(p_case uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE referral f SET digest = NULL
   WHERE f.partnership_id = actor_partnership() AND f.case_id = p_case AND f.digest IS NOT NULL
     AND kept_from(p_case, f.author_id);
  UPDATE idempotency i SET key = i.id::text
   WHERE i.partnership_id = actor_partnership() AND i.case_id = p_case AND kept_from(p_case, i.user_id);
  UPDATE export_job j SET status = 'queued', content = NULL, file_name = NULL, subjects = '{}', done = 0, total = 0,
         progress_at = NULL, finished_at = NULL
   WHERE j.partnership_id = actor_partnership() AND p_case = ANY (j.subjects) AND kept_from(p_case, j.recipient_id);
END $$;

-- The same for an answer about several cases, when it is asked for again by whoever is kept from one of the others.
CREATE FUNCTION let_go_of_answer(p_answer uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  UPDATE idempotency i SET key = i.id::text
   WHERE i.partnership_id = actor_partnership() AND i.user_id = actor_user() AND i.id = p_answer AND EXISTS (
     SELECT 1 FROM jsonb_array_elements_text(i.headers -> 'others') o(id) WHERE barred(o.id::uuid)) $$;

-- Whether an entry that names no case is about one that the actor is barred from: a draft that was sent since, or a
-- decision not to share. For those who see trails and not cases.
CREATE POLICY owner_reads ON disclosure FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION about_barred(p_subjects uuid[]) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM referral f WHERE f.partnership_id = actor_partnership() AND f.id = ANY (p_subjects)
                    AND f.case_id IS NOT NULL AND barred(f.case_id))
      OR EXISTS (SELECT 1 FROM disclosure d WHERE d.partnership_id = actor_partnership() AND d.id = ANY (p_subjects)
                    AND barred(d.case_id)) $$;

-- How many places on each list are taken by cases that do not exist for the actor. A list that is full for others has
-- room for whoever may not know of one of those on it: else its being full would tell them. Who refers nobody is told
-- nothing.
CREATE FUNCTION hidden_places() RETURNS TABLE (meeting_id uuid, places integer) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT i.meeting_id, count(*)::integer FROM (
      SELECT unnest(actor_excluded()) AS case_id
      UNION
      SELECT r.case_id FROM case_restriction r WHERE r.partnership_id = actor_partnership() AND r.until_at IS NULL
         AND NOT actor_roles() <@
           '{governance_auditor,agency_administrator,partnership_administrator,platform_operator}'
         AND NOT sees_case(r.case_id)) hidden
    JOIN agenda_item i ON i.partnership_id = actor_partnership() AND i.case_id = hidden.case_id
     AND i.status IN ('listed', 'decided')
   GROUP BY i.meeting_id $$;

-- A meeting that is over may leave a case on its list which whoever ended it does not see. Those who may bring it to
-- another are told: nobody is dropped because somebody may not know of them. For an actor who runs meetings, or says
-- when they are held.
CREATE POLICY owner_tells ON notice FOR INSERT TO CURRENT_USER WITH CHECK (true);
CREATE FUNCTION tell_of_left_behind(p_meeting uuid, p_kind text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  INSERT INTO notice (partnership_id, id, principal, kind, case_id, about_id, at, version)
  SELECT i.partnership_id, (lpad(to_hex((extract(epoch FROM actor_now()) * 1000)::bigint), 12, '0') || '7'
           || substr(md5(g.id::text || p_meeting::text), 1, 3) || 'a' || substr(md5(random()::text), 1, 15))::uuid,
         g.principal, p_kind, i.case_id, p_meeting, actor_now(), 1
    FROM agenda_item i JOIN case_grant g ON g.partnership_id = i.partnership_id AND g.case_id = i.case_id
   WHERE i.partnership_id = actor_partnership() AND i.meeting_id = p_meeting AND i.status = 'listed'
     AND (actor_is('marac_coordinator') OR actor_is('chair') OR actor_is('partnership_administrator'))
     AND NOT sees_case(i.case_id)
     AND g.reason IN ('named', 'coordinates') AND NOT g.suspended AND (g.until_at IS NULL OR g.until_at > actor_now())
$$;

-- When each grant really opened its case: less the spans of a restriction, and of that person's exclusion. For an actor
-- who sees the case. Of those kept apart only the effect is told here.
CREATE FUNCTION sight_of_case(p_case uuid) RETURNS TABLE (grant_id uuid, span tstzrange)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.id, s.span FROM case_grant g CROSS JOIN LATERAL {spans} AS s(span)
   WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case AND sees_case(p_case) $$;

-- For the auditor, who sees no case: which cases a reference is about, a case's own or that of somebody in it; who
-- could see one, and who looked at it. Nothing of what is in it.
CREATE FUNCTION oversees(p_case uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$ SELECT actor_is('governance_auditor') AND NOT barred(p_case) $$;
CREATE FUNCTION audited_cases(p_reference text) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT c.id FROM case_file c
   WHERE c.partnership_id = actor_partnership() AND c.reference = p_reference AND oversees(c.id)
  UNION SELECT a.case_id FROM audited_parties(p_reference) a $$;
CREATE FUNCTION audited_sight(p_case uuid) RETURNS TABLE (agency_id uuid, user_id uuid, desk text, reason text,
  given_by uuid, span tstzrange) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.agency_id, g.user_id, g.desk, g.reason, g.given_by, s.span
    FROM case_grant g CROSS JOIN LATERAL {spans} AS s(span)
   WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case AND oversees(p_case) $$;
CREATE FUNCTION audited_trail(p_case uuid)
RETURNS TABLE (id uuid, at timestamptz, actor_id uuid, agency_id uuid, roles text[], verb text, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id, a.at, a.actor_id, a.agency_id, a.roles,
         CASE WHEN a.verb LIKE 'match.%' THEN 'case.listed' ELSE a.verb END, a.purpose FROM audit a
   WHERE a.partnership_id = actor_partnership() AND oversees(p_case)
     AND (a.case_id = p_case OR a.subjects && (SELECT ids_of_case(actor_partnership(), p_case))) $$;

-- Whether what the trail says of a case still holds, at this moment: each entry against the one before it in its chain,
-- the case's own chain without a gap up to its head, and against the newest seal that tells of it.
CREATE FUNCTION audited_chain(p_case uuid) RETURNS TABLE (entries bigint, broken bigint, whole boolean,
  sealed_at timestamptz, sealed boolean) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH link AS (
    SELECT a.chain, a.seq, a.hash,
           coalesce(a.hash = sha256(coalesce(b.hash, ''::bytea) || audit_content(a)), false)
             AND (a.seq = 1 OR b.seq IS NOT NULL) AS holds
      FROM audit a LEFT JOIN audit b
        ON b.partnership_id = a.partnership_id AND b.chain = a.chain AND b.seq = a.seq - 1
     WHERE a.partnership_id = actor_partnership() AND oversees(p_case)
       AND (a.case_id = p_case OR a.subjects && (SELECT ids_of_case(actor_partnership(), p_case)))),
  seal AS (
    SELECT e.at, d.seq, d.hash FROM audit_sealed d
      JOIN audit_seal e ON e.partnership_id = d.partnership_id AND e.number = d.number
     WHERE d.partnership_id = actor_partnership() AND d.chain = p_case AND oversees(p_case)
     ORDER BY d.number DESC LIMIT 1)
  SELECT (SELECT count(*) FROM link), (SELECT count(*) FROM link WHERE NOT holds),
         coalesce((SELECT count(*) = max(l.seq) FROM link l WHERE l.chain = p_case)
           AND EXISTS (SELECT 1 FROM audit_head h JOIN link l ON l.chain = h.chain AND l.seq = h.seq AND l.hash = h.hash
                        WHERE h.partnership_id = actor_partnership() AND h.chain = p_case)
           AND (SELECT h.seq = max(l.seq) FROM audit_head h JOIN link l ON l.chain = h.chain
                 WHERE h.partnership_id = actor_partnership() AND h.chain = p_case GROUP BY h.seq), false),
         (SELECT at FROM seal),
         (SELECT EXISTS (SELECT 1 FROM link l WHERE l.chain = p_case AND l.seq = s.seq AND l.hash = s.hash) FROM seal s)
   WHERE oversees(p_case) $$;
"""
# When a grant really opened its case: less the spans of a restriction, and of that person's exclusion.
SPANS = """unnest(
      tstzmultirange(tstzrange(g.from_at, g.until_at))
      - coalesce((SELECT range_agg(tstzrange(r.from_at, r.until_at)) FROM case_restriction r
                   WHERE r.partnership_id = g.partnership_id AND r.case_id = g.case_id AND g.reason <> 'named'),
                 '{}'::tstzmultirange)
      - coalesce((SELECT range_agg(tstzrange(x.from_at, x.until_at)) FROM case_exclusion x
                   WHERE x.partnership_id = g.partnership_id AND x.case_id = g.case_id AND x.user_id = g.user_id),
                 '{}'::tstzmultirange))"""

# Those who keep people apart: as `domain/access.py` says of the verb, so that whoever merely works on a case learns of
# no colleague's conflict.
KEEPS_APART = """(SELECT actor_is('marac_coordinator') OR actor_is('chair')) AND EXISTS (
    SELECT 1 FROM case_grant g WHERE g.partnership_id = case_exclusion.partnership_id
       AND g.case_id = case_exclusion.case_id AND g.principal = ANY ((SELECT actor_principals())::uuid[])
       AND (g.until_at IS NULL OR g.until_at > (SELECT actor_now())) AND NOT g.suspended
       AND g.case_id <> ALL ((SELECT coalesce(actor_excluded(), '{}'))::uuid[])
       AND g.reason NOT IN ('break_glass', 'owns_action', 'offered_support'))"""


def upgrade() -> None:
    for statement in re.split(r";\n+(?=--|CREATE)", DEFINERS.replace("{spans}", SPANS)):
        op.execute(statement)
    tenant = "partnership_id = (SELECT actor_partnership())"
    user = "(SELECT actor_user())"
    op.execute("DROP POLICY app ON case_exclusion")
    op.execute(f"CREATE POLICY app_reads ON case_exclusion FOR SELECT TO {APP} USING ({tenant} AND {KEEPS_APART})")
    op.execute(
        f"CREATE POLICY app_adds ON case_exclusion FOR INSERT TO {APP} "
        f"WITH CHECK ({tenant} AND made_by = {user} AND sees_case(case_id))"
    )
    op.execute(
        f"CREATE POLICY app_ends ON case_exclusion FOR UPDATE TO {APP} USING ({tenant} AND {KEEPS_APART}) "
        f"WITH CHECK ({tenant} AND user_id <> {user})"
    )
    # An act may close a case to whoever did it, and they may still repeat it: only those kept apart get no answer.
    op.execute("DROP POLICY app ON idempotency")
    op.execute(
        f"CREATE POLICY app ON idempotency FOR ALL TO {APP} USING ({tenant} AND user_id = {user} "
        f"AND (case_id IS NULL OR NOT barred(case_id))) WITH CHECK ({tenant} AND user_id = {user})"
    )
    # That somebody was kept apart, in the trail: for the same few, and for auditors.
    op.execute(
        f"CREATE POLICY discreet ON audit AS RESTRICTIVE FOR SELECT TO {APP} USING (verb NOT LIKE 'exclusion.%' "
        "OR (SELECT actor_is('marac_coordinator') OR actor_is('chair') OR actor_is('governance_auditor')))"
    )
    # What names no case and is about one: an entry without its case would tell that there is one.
    op.execute(
        f"CREATE POLICY unbarred ON audit AS RESTRICTIVE FOR SELECT TO {APP} USING (case_id IS NOT NULL OR verb <> ALL "
        "('{referral.drafted,referral.revised,referral.read,information.withheld}') OR NOT about_barred(subjects))"
    )
    # An addendum is there for whoever sees one of the cases in it: its being there would tell of the others.
    op.execute(
        f"CREATE POLICY sent ON agenda_pack AS RESTRICTIVE FOR SELECT TO {APP} USING "
        "(header ->> 'kind' IS DISTINCT FROM 'addendum' OR EXISTS (SELECT 1 FROM pack_item x "
        "WHERE x.partnership_id = agenda_pack.partnership_id AND x.pack_id = agenda_pack.id))"
    )
