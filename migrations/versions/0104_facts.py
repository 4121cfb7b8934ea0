"""Facts that PostgreSQL itself holds to: a grant has its fact, a closed list takes no case, a line says what is so."""

import re

from alembic import op

revision: str = "0104"
down_revision: str | None = "0103"
branch_labels: None = None
depends_on: None = None

# Nobody opens a case by wishing: when a transaction ends, each grant that it made must have the fact that it names.
FACTS = """
CREATE POLICY owner_reads ON referral FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON agenda_item FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON action FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON support_offer FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON break_glass FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON meeting FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON forum_member FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION grant_has_its_fact() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE held boolean;
BEGIN
  -- Whoever ends a seat on this forum waits for this, or this for them: `seat_ended`.
  IF NEW.reason = 'on_forum_list' THEN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('seats ' || m.forum_id, 0))
       FROM agenda_item f JOIN meeting m ON m.partnership_id = f.partnership_id AND m.id = f.meeting_id
      WHERE f.partnership_id = NEW.partnership_id AND f.id = NEW.source_id;
  END IF;
  held := CASE NEW.reason
    WHEN 'referred' THEN EXISTS (SELECT 1 FROM referral f WHERE f.partnership_id = NEW.partnership_id
      AND f.id = NEW.source_id AND f.case_id = NEW.case_id AND f.agency_id = NEW.agency_id)
    WHEN 'on_forum_list' THEN EXISTS (SELECT 1 FROM agenda_item f
        JOIN meeting m ON m.partnership_id = f.partnership_id AND m.id = f.meeting_id
        JOIN forum_member w ON w.partnership_id = m.partnership_id AND w.forum_id = m.forum_id
      WHERE f.partnership_id = NEW.partnership_id AND f.id = NEW.source_id AND f.case_id = NEW.case_id
      AND w.agency_id = NEW.agency_id)
    WHEN 'coordinates' THEN NEW.desk = 'marac_coordinator' AND EXISTS (SELECT 1 FROM user_role f JOIN app_user u
        ON u.partnership_id = f.partnership_id AND u.id = f.user_id WHERE f.partnership_id = NEW.partnership_id
      AND f.role = 'marac_coordinator' AND f.ended_at IS NULL AND u.agency_id = NEW.agency_id)
    WHEN 'allocated_idva' THEN EXISTS (SELECT 1 FROM case_file f WHERE f.partnership_id = NEW.partnership_id
      AND f.id = NEW.case_id AND f.idva_id = NEW.user_id)
    WHEN 'owns_action' THEN EXISTS (SELECT 1 FROM action f WHERE f.partnership_id = NEW.partnership_id
      AND f.id = NEW.source_id AND f.case_id = NEW.case_id AND f.agency_id = NEW.agency_id)
    WHEN 'offered_support' THEN EXISTS (SELECT 1 FROM support_offer f WHERE f.partnership_id = NEW.partnership_id
      AND f.id = NEW.source_id AND f.case_id = NEW.case_id AND f.agency_id = NEW.agency_id)
    WHEN 'named' THEN NEW.user_id IS NOT NULL AND EXISTS (SELECT 1 FROM case_restriction f
      WHERE f.partnership_id = NEW.partnership_id AND f.id = NEW.source_id AND f.case_id = NEW.case_id)
    WHEN 'break_glass' THEN EXISTS (SELECT 1 FROM break_glass f WHERE f.partnership_id = NEW.partnership_id
      AND f.id = NEW.source_id AND f.case_id = NEW.case_id AND f.user_id = NEW.user_id AND f.until_at = NEW.until_at)
    ELSE false END;
  -- Whose the fact is, the grant is: to that agency's desk, or to somebody who works there, and to nobody else.
  held := held AND NEW.principal = coalesce(NEW.user_id, desk_principal(NEW.agency_id, NEW.desk))
    AND (NEW.user_id IS NULL OR EXISTS (SELECT 1 FROM app_user u WHERE u.partnership_id = NEW.partnership_id
      AND u.id = NEW.user_id AND u.agency_id = NEW.agency_id));
  IF held IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a grant whose fact is not there: ' || NEW.reason;
  END IF;
  IF NEW.reason = 'on_forum_list' AND NOT EXISTS (SELECT 1 FROM agenda_item f
        JOIN meeting m ON m.partnership_id = f.partnership_id AND m.id = f.meeting_id
        JOIN forum_member w ON w.partnership_id = m.partnership_id AND w.forum_id = m.forum_id
      WHERE f.partnership_id = NEW.partnership_id AND f.id = NEW.source_id AND w.agency_id = NEW.agency_id
        AND sits_at(w, greatest(m.starts_at, NEW.from_at))) THEN
    RAISE EXCEPTION USING ERRCODE = 'serialization_failure', MESSAGE = 'an agency left while a case joined the list';
  END IF;
  RETURN NULL;
END $$;
"""

# What ends a grant, or suspends it, ends or suspends it for all: no single actor may do so row by row.
GRANTS = """
CREATE POLICY owner_ends ON case_grant FOR UPDATE TO CURRENT_USER USING (true);

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

-- A restriction suspends every grant that names nobody, and its end restores them: for an actor who sees the case.
CREATE FUNCTION suspend_grants(p_case uuid, p_suspend boolean)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE changed integer;
BEGIN
  IF NOT sees_case(p_case) THEN RETURN 0; END IF;
  UPDATE case_grant g SET suspended = p_suspend
   WHERE g.partnership_id = actor_partnership() AND g.case_id = p_case AND g.reason <> 'named'
     AND g.suspended <> p_suspend;
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END $$;

-- A grant made while its case is restricted is suspended from the start. The foreign key's lock on the case has been
-- waited for by now, so a restriction that is being made at this moment is seen.
CREATE FUNCTION suspend_new_grants() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE case_grant g SET suspended = true
    FROM made n JOIN case_restriction r
      ON r.partnership_id = n.partnership_id AND r.case_id = n.case_id AND r.until_at IS NULL
   WHERE g.partnership_id = n.partnership_id AND g.id = n.id AND g.reason <> 'named';
  RETURN NULL;
END $$;
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


# An IDVA's cases are open to them as their IDVA, and not for longer.
IDVAS = """
CREATE FUNCTION idva_no_more() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE case_grant g SET until_at = greatest(NEW.ended_at, g.from_at)
   WHERE g.partnership_id = NEW.partnership_id AND g.principal = NEW.user_id AND g.reason = 'allocated_idva'
     AND (g.until_at IS NULL OR g.until_at > NEW.ended_at);
  RETURN NULL;
END $$;
CREATE TRIGGER idva AFTER UPDATE OF ended_at ON user_role FOR EACH ROW
  WHEN (NEW.role = 'idva' AND NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL) EXECUTE FUNCTION idva_no_more()
"""


def upgrade() -> None:
    for block in (FACTS, GRANTS, LINE, LISTS, IDVAS):
        for statement in re.split(r";\n+(?=--|CREATE)", block):
            op.execute(statement)
    op.execute("CREATE TRIGGER closed AFTER INSERT ON agenda_item FOR EACH ROW EXECUTE FUNCTION list_is_open()")
    op.execute(
        "CREATE TRIGGER restricted AFTER INSERT ON case_grant REFERENCING NEW TABLE AS made "
        "FOR EACH STATEMENT EXECUTE FUNCTION suspend_new_grants()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER fact AFTER INSERT ON case_grant DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION grant_has_its_fact()"
    )
