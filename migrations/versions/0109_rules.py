"""Rules by date: which of those that were set stands, a forum's settings on a day, and what follows from a change."""

import re

from alembic import op

revision: str = "0109"
down_revision: str | None = "0108"
branch_labels: None = None
depends_on: None = None

STANDING = """
-- Of each rule and day, what was set last, unless that was taken back: read like a table.
CREATE FUNCTION standing_rules() RETURNS SETOF partnership_rule LANGUAGE sql STABLE AS $$
  SELECT r.* FROM partnership_rule r
   WHERE r.partnership_id = actor_partnership() AND NOT r.taken_back AND NOT EXISTS (
     SELECT 1 FROM partnership_rule n WHERE n.partnership_id = r.partnership_id AND n.rule = r.rule
        AND n.effective_from = r.effective_from AND n.id > r.id) $$;

-- Whether an agency sits on a forum at a moment, by one of its seats.
CREATE FUNCTION sits_at(s forum_member, p_at timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (s).from_at <= p_at AND ((s).until_at IS NULL OR (s).until_at > p_at) $$;

-- What holds for a forum on a day.
CREATE FUNCTION forum_settings(f forum, p_day date) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT r.value FROM standing_rules() r
                    WHERE r.rule = 'forum:' || (f).id AND r.effective_from <= p_day
                    ORDER BY r.effective_from DESC LIMIT 1), (f).settings) $$;

-- The same from a day on: what holds then, and what is to hold later.
CREATE FUNCTION forum_timetable(f forum, p_day date) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('now', forum_settings(f, p_day), 'later', coalesce((
    SELECT jsonb_agg(jsonb_build_object('from', r.effective_from, 'settings', r.value) ORDER BY r.effective_from)
      FROM standing_rules() r WHERE r.rule = 'forum:' || (f).id AND r.effective_from > p_day), '[]')) $$;

-- A sitting at another time is so for every case on its list, and one that had no limit begins to count: whoever
-- changes a forum's settings sees no case.
CREATE POLICY owner_moves ON case_file FOR UPDATE TO CURRENT_USER USING (true);
CREATE FUNCTION meeting_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.starts_at <> OLD.starts_at THEN
    UPDATE case_file c SET next_meeting_at = NEW.starts_at
     WHERE c.partnership_id = NEW.partnership_id AND c.next_meeting_id = NEW.id AND c.id IN (
       SELECT i.case_id FROM agenda_item i WHERE i.partnership_id = NEW.partnership_id AND i.meeting_id = NEW.id);
  END IF;
  IF OLD.capacity IS NULL AND NEW.capacity IS NOT NULL THEN
    NEW.listed := (SELECT count(*) FROM agenda_item i WHERE i.partnership_id = NEW.partnership_id
                      AND i.meeting_id = NEW.id AND i.status IN ('listed', 'decided'));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER moved BEFORE UPDATE OF starts_at, capacity ON meeting FOR EACH ROW EXECUTE FUNCTION meeting_moved();

-- An agency that stops sitting on a forum sees no more of what is listed there for later; nor of what is being listed
-- just now, which is waited for, or is listed without it: `grant_has_its_fact`.
CREATE FUNCTION seat_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('seats ' || NEW.forum_id, 0));
  UPDATE case_grant g SET until_at = greatest(NEW.until_at, g.from_at)
    FROM agenda_item i JOIN meeting m ON m.partnership_id = i.partnership_id AND m.id = i.meeting_id
   WHERE m.partnership_id = NEW.partnership_id AND m.forum_id = NEW.forum_id AND m.starts_at >= NEW.until_at
     AND g.partnership_id = i.partnership_id AND g.case_id = i.case_id AND g.source_id = i.id
     AND g.reason = 'on_forum_list' AND g.agency_id = NEW.agency_id
     AND (g.until_at IS NULL OR g.until_at > NEW.until_at);
  RETURN NULL;
END $$;
CREATE TRIGGER seat AFTER UPDATE OF until_at ON forum_member FOR EACH ROW
  WHEN (NEW.until_at IS NOT NULL) EXECUTE FUNCTION seat_ended();

-- What was assessed, for an administrator who is about to change how: scores and days, and nothing that says of whom.
-- Cases that are kept from them, or open to named people only, are left out.
CREATE FUNCTION assessed_since(p_since timestamptz) RETURNS TABLE (instrument text, version text, yes integer,
  judged text, graded_on date, told jsonb, last_referral_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.instrument, s.instrument_version, s.score,
         CASE WHEN 'professional_judgement' = ANY (s.grounds) THEN 'high'
              WHEN s.judgement IS NOT NULL AND s.actuarial = 'standard' AND s.level <> 'standard' THEN 'medium' END,
         (s.created_at AT TIME ZONE 'Europe/London')::date,
         jsonb_strip_nulls(jsonb_build_object(
           'incident', jsonb_build_object('occurred_on', r.form -> 'incident' -> 'occurred_on',
                                          'would_be_crime', r.form -> 'incident' -> 'would_be_crime'),
           'events', (SELECT jsonb_agg(jsonb_build_object('occurred_on', e -> 'occurred_on',
                               'would_be_crime', e -> 'would_be_crime'))
                        FROM jsonb_array_elements(r.form -> 'events') e),
           'earlier_marac', jsonb_build_object('last_referral_on', r.form -> 'earlier_marac' -> 'last_referral_on',
                               'same_perpetrator', r.form -> 'earlier_marac' -> 'same_perpetrator'))),
         (SELECT (max(p.submitted_at) AT TIME ZONE 'Europe/London')::date FROM referral p
           WHERE p.partnership_id = r.partnership_id AND p.case_id = r.case_id AND p.submitted_at < r.submitted_at)
    FROM assessment s LEFT JOIN referral r ON r.partnership_id = s.partnership_id AND r.id = s.referral_id
   WHERE s.partnership_id = actor_partnership() AND actor_is('partnership_administrator') AND s.created_at >= p_since
     AND NOT barred(s.case_id)
     AND NOT EXISTS (SELECT 1 FROM assessment n WHERE n.partnership_id = s.partnership_id AND n.corrects = s.id) $$;
"""


def upgrade() -> None:
    for statement in re.split(r";\n+(?=--|CREATE)", STANDING):
        op.execute(statement)
