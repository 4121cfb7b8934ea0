"""Who may see which row: said once, in the database, for every query that will ever be written.

Each policy reads only what the transaction said of its actor (``enter``) and the grants. The few functions that run
with their owner's rights are listed here with their reason; a test holds the catalogue against this list.
"""

import re

from alembic import op

revision: str = "0103"
down_revision: str | None = "0102"
branch_labels: None = None
depends_on: None = None

APP = "roundtable_app"

# What the partnership is made of and decides by, with policies of their own: see 0111.
KEPT = ("partnership", "partnership_rule", "agency", "forum", "forum_member", "lawful_basis", "sharing_agreement")
# Rows that every member of the partnership may read: none says anything about a case.
PARTNERSHIP_TABLES = ("meeting", "attendance", "agenda_pack")
# Rows seen by exactly those who see their case, and written by those who work on it.
CASE_TABLES = (
    "party",
    "contact_detail",
    "contact_index",
    "case_event",
    "assessment",
    "support_offer",
    "agenda_item",
    "item_risk",
    "pack_item",
    "action",
    "action_update",
    "case_restriction",
    "idva_support",
    "safe_time",
    "client_voice",
    "key_date",
    "safety_plan_item",
    "abuse_severity",
)
CHANGEABLE = (
    "partnership",
    "agency",
    "forum",
    "forum_member",
    "meeting",
    "attendance",
    "case_file",
    "party",
    "contact_secret",
    "referral",
    "possible_match",
    "support_offer",
    "agenda_item",
    "research_return",
    "research_shared",
    "export_job",
    "action",
    "idva_support",
    "key_date",
    "safety_plan_item",
)
# Facts that end, or that somebody answers, and that nobody rewrites: what else they say stays as it was written.
ENDED = {
    "app_user": "ended_at",
    "user_role": "ended_at",
    "case_exclusion": "until_at, ended_by, version",
    "case_restriction": "until_at, ended_by, version",
    "break_glass": "reviewed_at, reviewed_by, finding, review, version",
    "notice": "seen_at, seen_by, version",
    "lawful_basis": "effective_until",
    "sharing_agreement": "effective_until",
}
EVERY_TABLE = (
    *KEPT,
    *PARTNERSHIP_TABLES,
    "app_user",
    "user_role",
    "case_file",
    "case_grant",
    "case_exclusion",
    "break_glass",
    "notice",
    "person",
    *CASE_TABLES,
    "contact_secret",
    "contact_release",
    "disclosure",
    "referral",
    "possible_match",
    "research_return",
    "research_shared",
    "contact_attempt",
    "privileged_note",
    "idempotency",
    "export_job",
    "audit",
    "audit_head",
    "audit_detail",
    "audit_seal",
    "audit_sealed",
)

# What makes a grant one of the actor's, and of effect now. Exclusion beats it; so does a restriction, which suspends
# every grant of the case but those that name somebody.
MINE = """g.principal = ANY ((SELECT actor_principals())::uuid[])
        AND (g.until_at IS NULL OR g.until_at > (SELECT actor_now()))
        AND NOT g.suspended AND g.case_id <> ALL ((SELECT coalesce(actor_excluded(), '{}'))::uuid[])"""
TENANT = "partnership_id = (SELECT actor_partnership())"
# Those who may open a case in an emergency: whoever works on cases. Nobody else is told that there is one.
CASEWORK = """actor_roles() && '{practitioner,safeguarding_officer,idva,agency_representative,triage_practitioner,
       marac_coordinator,chair}'"""

# Functions that run with their owner's rights, because the actor must not hold those rights.
DEFINERS = """
-- Grants are read across the whole case, which no single actor may do row by row.
CREATE POLICY owner_sees ON case_grant FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON case_exclusion FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON case_restriction FOR SELECT TO CURRENT_USER USING (true);

-- Whether a case exists for the actor: for checks that must ask of a case beside the row that they are about.
CREATE FUNCTION sees_case(p_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM case_grant g
    WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case AND {mine}) $$;

-- Nobody opens a case that they do not see, or see in an emergency, to themselves or to anyone: only one that this very
-- statement makes.
CREATE FUNCTION may_open(p_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM case_file c WHERE c.partnership_id = actor_partnership() AND c.id = p_case) THEN
    RETURN true;
  END IF;
  RETURN EXISTS (SELECT 1 FROM case_grant g
    WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case AND {mine} AND g.reason <> 'break_glass');
END $$;

-- Whether the actor is to know nothing of a case whatever their role: for those who see trails and not cases.
CREATE FUNCTION barred(p_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT p_case = ANY (coalesce(actor_excluded(), '{}')) OR (
    EXISTS (SELECT 1 FROM case_restriction r
             WHERE r.partnership_id = actor_partnership() AND r.case_id = p_case AND r.until_at IS NULL)
    AND NOT sees_case(p_case)) $$;

-- Everyone who could see the case, and why, for an actor who sees it.
CREATE FUNCTION grants_of_case(p_case uuid) RETURNS SETOF case_grant LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT g.* FROM case_grant g
   WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case AND sees_case(p_case) $$;

-- A case that somebody may open in an emergency, by its reference: any but one that they are barred from.
CREATE FUNCTION behind_glass(p_reference text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT c.id FROM case_file c WHERE c.partnership_id = actor_partnership() AND c.reference = p_reference
     AND {casework} AND NOT barred(c.id) $$;

-- The same by a name, as matching writes one, and a date of birth: every case that has somebody in it who has both.
CREATE POLICY owner_matches ON party FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION behind_glass_of(p_name text, p_born date)
RETURNS TABLE (case_id uuid, victim_id uuid, ended boolean, referred_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, c.victim_person_id, c.state IN ('closed', 'transferred'), c.last_referred_at FROM case_file c
   WHERE c.partnership_id = actor_partnership() AND {casework} AND NOT barred(c.id) AND c.id IN (
     SELECT p.case_id FROM (SELECT case_id, partnership_id, role, date_of_birth, dob_variants FROM party
                             WHERE name_keys @> ARRAY[p_name] OFFSET 0) p
      WHERE p.partnership_id = actor_partnership() AND p.role IN ('victim', 'child', 'perpetrator')
        AND (p.date_of_birth = p_born OR p_born = ANY (p.dob_variants))) $$;

-- Close a case that was opened in an emergency before its hours are up: for who opened it, and for a review.
CREATE POLICY owner_ends ON break_glass FOR UPDATE TO CURRENT_USER USING (true);
CREATE FUNCTION end_glass(p_use uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE v_case uuid;
BEGIN
  UPDATE break_glass b SET ended_at = actor_now(), version = b.version + 1
   WHERE b.partnership_id = actor_partnership() AND b.id = p_use AND b.ended_at IS NULL AND b.until_at > actor_now()
     AND (b.user_id = actor_user() OR actor_is('governance_auditor')) AND NOT barred(b.case_id)
  RETURNING b.case_id INTO v_case;
  UPDATE case_grant g SET until_at = greatest(actor_now(), g.from_at)
   WHERE g.partnership_id = actor_partnership() AND g.case_id = v_case AND g.reason = 'break_glass'
     AND g.source_id = p_use AND g.until_at > actor_now();
  RETURN v_case IS NOT NULL;
END $$;

-- People who share a key, at most so many for each, in cases that the actor sees. Asked of the table itself, the index
-- on keys could not be used: PostgreSQL trusts no array operator before a policy has been applied.
CREATE FUNCTION parties_sharing(p_keys text[], p_most integer) RETURNS TABLE (key text, party_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT asked.key, found.id FROM unnest(p_keys) AS asked(key) CROSS JOIN LATERAL (
    SELECT p.id FROM (SELECT id, partnership_id, case_id FROM party WHERE name_keys @> ARRAY[asked.key] OFFSET 0) p
     WHERE p.partnership_id = (SELECT actor_partnership())
       AND (SELECT true FROM case_grant g WHERE g.partnership_id = p.partnership_id AND g.case_id = p.case_id
             AND {mine} LIMIT 1)
     LIMIT p_most) found $$;

-- `roundtable audit explain` finds a case by its reference and names those who could see it.
CREATE POLICY owner_reads ON partnership FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON agency FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON app_user FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON case_file FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON user_role FOR SELECT TO CURRENT_USER USING (true);
"""


def _each(block: str) -> None:
    """Run a block's statements one by one, since the driver takes one at a time."""
    for statement in re.split(r";\n+(?=--|CREATE)", block.replace("{mine}", MINE).replace("{casework}", CASEWORK)):
        op.execute(statement)


def _visible(table: str, column: str = "case_id", *, working: bool = False) -> str:
    """That the actor holds a grant to the row's case; ``working``: one that lets them do more than read."""
    more = " AND g.reason <> 'break_glass'" if working else ""
    return (
        f"EXISTS (SELECT 1 FROM case_grant g WHERE g.partnership_id = {table}.partnership_id "
        f"AND g.case_id = {table}.{column} AND {MINE}{more})"
    )


def _policy(table: str, using: str, check: str | None = None) -> None:
    op.execute(f"CREATE POLICY app ON {table} FOR ALL TO {APP} USING ({using}) WITH CHECK ({check or using})")


def upgrade() -> None:
    for table in EVERY_TABLE:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        if table not in ("audit", "audit_head"):
            op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
    for table in CHANGEABLE:
        op.execute(f"GRANT UPDATE ON {table} TO {APP}")
    for table, columns in ENDED.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO {APP}")
    # Whose an assessment is may be corrected when two records turn out to be one person; what it says, never.
    op.execute(f"GRANT UPDATE (person_id) ON assessment TO {APP}")
    op.execute(f"GRANT UPDATE (same_as) ON person TO {APP}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP}")
    # Which other cases were in the same list is nobody's to read: trail_of_case looks there for those who may.
    op.execute(
        "GRANT INSERT, SELECT (partnership_id, id, chain, seq, at, actor_id, agency_id, roles, verb, case_id, purpose, "
        f"request_id, digest, hash) ON audit TO {APP}"
    )
    _each(DEFINERS)
    _visibility()
    _oversight()


def _visibility() -> None:
    for table in PARTNERSHIP_TABLES:
        _policy(table, TENANT)
    for table in CASE_TABLES:
        _policy(table, f"{TENANT} AND {_visible(table)}", f"{TENANT} AND {_visible(table, working=True)}")
    seen, worked = _visible("case_file", "id"), _visible("case_file", "id", working=True)
    op.execute(f"CREATE POLICY app_reads ON case_file FOR SELECT TO {APP} USING ({TENANT} AND {seen})")
    op.execute(f"CREATE POLICY app_opens ON case_file FOR INSERT TO {APP} WITH CHECK ({TENANT})")
    op.execute(
        f"CREATE POLICY app_changes ON case_file FOR UPDATE TO {APP} USING ({TENANT} AND {seen}) "
        f"WITH CHECK ({TENANT} AND {worked})"
    )
    mine = "principal = ANY ((SELECT actor_principals())::uuid[])"
    user = "(SELECT actor_user())"
    opens = f"((reason = 'break_glass' AND user_id = {user}) OR may_open(case_id))"
    _policy("case_grant", f"{TENANT} AND {mine}", f"{TENANT} AND given_by = {user} AND {opens}")
    op.execute(
        f"CREATE POLICY barred ON case_grant AS RESTRICTIVE FOR SELECT TO {APP} USING "
        "(NOT suspended AND case_id <> ALL ((SELECT coalesce(actor_excluded(), '{}'))::uuid[]))"
    )
    _policy("case_exclusion", f"{TENANT} AND {_visible('case_exclusion')}")
    _policy(
        "person",
        f"{TENANT} AND EXISTS (SELECT 1 FROM party p WHERE p.partnership_id = person.partnership_id "
        "AND p.person_id = ANY (ARRAY[person.id, person.same_as]))",
        TENANT,
    )
    _policy(
        "referral",
        *(
            f"{TENANT} AND CASE WHEN case_id IS NULL THEN principals && (SELECT actor_principals())::uuid[] "
            f"ELSE {_visible('referral', working=working)} END"
            for working in (False, True)
        ),
    )
    _policy(
        "possible_match",
        *(
            f"{TENANT} AND {_visible('possible_match', working=working)} "
            f"AND {_visible('possible_match', 'other_case_id', working=working)}"
            for working in (False, True)
        ),
    )
    # The second ring: seen while a release stands that names the person whose it is.
    released = (
        "EXISTS (SELECT 1 FROM contact_release r WHERE r.partnership_id = contact_secret.partnership_id "
        f"AND r.user_id = {user} AND r.case_id = contact_secret.case_id AND contact_secret.party_id = ANY (r.parties) "
        "AND r.until_at > (SELECT actor_now()))"
    )
    seen = _visible("contact_secret")
    working = _visible("contact_secret", working=True)
    _policy("contact_secret", f"{TENANT} AND {seen} AND {released}", f"{TENANT} AND {working}")
    _policy(
        "contact_release",
        f"{TENANT} AND {_visible('contact_release')}",
        f"{TENANT} AND user_id = {user} AND {_visible('contact_release')}",
    )
    own = "agency_id = (SELECT actor_agency())"
    working = _visible("research_return", working=True)
    _policy(
        "research_return", f"{TENANT} AND {own} AND {_visible('research_return')}", f"{TENANT} AND {own} AND {working}"
    )
    working = _visible("research_shared", working=True)
    _policy("research_shared", f"{TENANT} AND {_visible('research_shared')}", f"{TENANT} AND {own} AND {working}")
    # What an IDVA service knows of its client by speaking with them; and what is privileged, which nothing shows but
    # being one of that service's IDVAs who work on the case.
    working = _visible("contact_attempt", working=True)
    _policy(
        "contact_attempt", f"{TENANT} AND {own} AND {_visible('contact_attempt')}", f"{TENANT} AND {own} AND {working}"
    )
    working = _visible("privileged_note", working=True)
    idva = f"{TENANT} AND {own} AND (SELECT actor_is('idva')) AND {working}"
    _policy("privileged_note", idva, f"{idva} AND by_id = {user}")
    about = f"(case_id IS NULL OR {_visible('idempotency')})"
    _policy("idempotency", f"{TENANT} AND user_id = {user} AND {about}", f"{TENANT} AND user_id = {user}")
    # A document made earlier may hold cases that its recipient no longer sees: theirs while they see them all.
    whole = "NOT EXISTS (SELECT 1 FROM unnest(subjects) AS s(id) WHERE NOT sees_case(s.id))"
    _policy("export_job", f"{TENANT} AND recipient_id = {user} AND {whole}", f"{TENANT} AND recipient_id = {user}")
    _policy(
        "notice",
        f"{TENANT} AND {mine} AND (case_id IS NULL OR NOT barred(case_id))",
        TENANT,
    )


def _oversight() -> None:
    """What an information-governance auditor sees beside their own: uses and sharings, never a case."""
    auditor = "(SELECT actor_is('governance_auditor'))"
    user, agency = "(SELECT actor_user())", "(SELECT actor_agency())"
    read = f"{TENANT} AND (user_id = {user} OR {auditor} OR {_visible('break_glass')}) AND NOT barred(case_id)"
    op.execute(f"CREATE POLICY app_reads ON break_glass FOR SELECT TO {APP} USING ({read})")
    op.execute(
        f"CREATE POLICY app_uses ON break_glass FOR INSERT TO {APP} WITH CHECK "
        f"({TENANT} AND user_id = {user} AND agency_id = {agency} AND reviewed_at IS NULL AND ended_at IS NULL)"
    )
    # Reviewed once, by an auditor who is not the one who used it.
    op.execute(
        f"CREATE POLICY app_reviews ON break_glass FOR UPDATE TO {APP} "
        f"USING ({TENANT} AND {auditor} AND user_id <> {user} AND reviewed_at IS NULL AND NOT barred(case_id)) "
        f"WITH CHECK ({TENANT} AND reviewed_by = {user})"
    )
    # Asked row by row: else PostgreSQL reads every grant that the actor holds in order to list fifty entries.
    one_by_one = (
        "(SELECT true FROM case_grant g WHERE g.partnership_id = disclosure.partnership_id "
        f"AND g.case_id = disclosure.case_id AND {MINE} LIMIT 1)"
    )
    _policy(
        "disclosure",
        f"{TENANT} AND (({one_by_one} AND (kind = 'shared' OR from_agency_id = {agency})) "
        f"OR ({auditor} AND NOT barred(case_id)))",
        f"{TENANT} AND from_user_id = {user} AND {_visible('disclosure')} AND (from_agency_id = {agency} OR "
        # What somebody takes from another agency, they enter themselves, and only as told to themselves.
        f"(act IN ('contact_release', 'break_glass') AND to_agencies = ARRAY[{agency}] AND to_users = ARRAY[{user}]))",
    )
    unbarred = "(case_id IS NULL OR NOT barred(case_id))"
    # Who was let in and who was not is told to whoever keeps them, and to whom it is about.
    administration = (
        "case_id IS NULL AND split_part(verb, '.', 1) = ANY ('{administration,single_sign_on,sign_in,client}') "
        "AND ((SELECT actor_is('partnership_administrator')) OR (verb LIKE 'sign_in.%' AND "
        f"{user} = ANY (subjects)) "
        f"OR ((SELECT actor_is('agency_administrator')) AND (agency_id = {agency} OR {agency} = ANY (subjects))))"
    )
    _policy(
        "audit",
        f"{TENANT} AND (((actor_id = {user} OR {auditor}) AND {unbarred}) "
        f"OR (case_id IS NOT NULL AND {_visible('audit')}) OR ({administration}))",
        f"{TENANT} AND actor_id IS NOT DISTINCT FROM {user}",
    )
    _policy(
        "audit_detail",
        # Words about an act may say what they must not: they are told to whoever said them, their agency, and auditors.
        f"{TENANT} AND EXISTS (SELECT 1 FROM audit a WHERE a.partnership_id = audit_detail.partnership_id "
        f"AND a.id = audit_detail.id AND (a.actor_id = {user} OR a.agency_id = {agency} OR {auditor} "
        # Why a forum or a rule was changed is told to those who keep them.
        "OR (a.case_id IS NULL AND split_part(a.verb, '.', 1) = 'administration' "
        "AND (SELECT actor_is('partnership_administrator')))))",
        TENANT,
    )
    # Seals are made by upkeep alone. What stands inside one names every case, so nobody who acts for an agency sees it.
    nobody = f"{user} IS NULL"
    _policy("audit_seal", TENANT, f"{TENANT} AND {nobody}")
    _policy("audit_sealed", f"{TENANT} AND {nobody}")
