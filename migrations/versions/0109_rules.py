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

-- A forum's settings, under the name and kind that it has now: those are of no day.
CREATE FUNCTION forum_named(f forum, p_settings jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT p_settings || jsonb_build_object('name', (f).name, 'kind', (f).kind) $$;

-- What holds for a forum on a day.
CREATE FUNCTION forum_settings(f forum, p_day date) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT forum_named(f, coalesce((SELECT r.value FROM standing_rules() r
                    WHERE r.rule = 'forum:' || (f).id AND r.effective_from <= p_day
                    ORDER BY r.effective_from DESC LIMIT 1), (f).settings)) $$;

-- The same from a day on: what holds then, and what is to hold later.
CREATE FUNCTION forum_timetable(f forum, p_day date) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('now', forum_settings(f, p_day), 'later', coalesce((
    SELECT jsonb_agg(jsonb_build_object('from', r.effective_from, 'settings', forum_named(f, r.value))
                     ORDER BY r.effective_from)
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

-- An agency that stops sitting on a forum sees no more of what is listed there for later, or for a meeting that is late
-- to begin; nor of what is being listed just now, which is waited for, or is listed without it: `grant_has_its_fact`.
-- A seat that is taken back before it began closes at once what it opened.
CREATE FUNCTION seat_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  v_taken_back boolean := NEW.from_at > actor_now() AND NEW.until_at <= NEW.from_at + interval '1 microsecond';
  v_until timestamptz := CASE WHEN v_taken_back THEN actor_now() ELSE NEW.until_at END;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('seats ' || NEW.forum_id, 0));
  UPDATE case_grant g SET until_at = greatest(v_until, g.from_at)
    FROM agenda_item i JOIN meeting m ON m.partnership_id = i.partnership_id AND m.id = i.meeting_id
   WHERE m.partnership_id = NEW.partnership_id AND m.forum_id = NEW.forum_id
     AND (m.starts_at >= NEW.until_at OR (v_taken_back AND m.starts_at >= NEW.from_at)
          OR (NEW.until_at <= actor_now() AND m.status IN ('scheduled', 'locked', 'published')))
     AND g.partnership_id = i.partnership_id AND g.case_id = i.case_id AND g.source_id = i.id
     AND g.reason = 'on_forum_list' AND g.agency_id = NEW.agency_id
     AND (g.until_at IS NULL OR g.until_at > v_until);
  RETURN NULL;
END $$;
CREATE TRIGGER seat AFTER UPDATE OF until_at ON forum_member FOR EACH ROW
  WHEN (NEW.until_at IS NOT NULL) EXECUTE FUNCTION seat_ended();

-- How many cases are on each list that is still to come, for who is about to close the forum; and whether a case was
-- ever on one, for who is about to change its kind. Cases that are kept from them, or open to named people only, are
-- left out.
CREATE FUNCTION listed_ahead(p_forum uuid) RETURNS TABLE (meeting_id uuid, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.id, count(*) FROM meeting m
    JOIN agenda_item i ON i.partnership_id = m.partnership_id AND i.meeting_id = m.id AND i.status = 'listed'
   WHERE m.partnership_id = actor_partnership() AND m.forum_id = p_forum AND actor_is('partnership_administrator')
     AND m.status = 'scheduled' AND NOT barred(i.case_id)
   GROUP BY m.id $$;
CREATE FUNCTION ever_listed(p_forum uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM meeting m
    JOIN agenda_item i ON i.partnership_id = m.partnership_id AND i.meeting_id = m.id
   WHERE m.partnership_id = actor_partnership() AND m.forum_id = p_forum AND actor_is('partnership_administrator')
     AND NOT barred(i.case_id)) $$;

-- What an agency that joins a forum finds on the lists of meetings still to come, at which it sits. knows: its desk
-- sees the case already. told: the entry by which the others heard of the case, when it was listed or before, if it was
-- on a basis that still holds. For the two functions below only: it names cases.
CREATE POLICY owner_reads ON lawful_basis FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON sharing_agreement FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION found_on_joining(p_partnership uuid, p_forum uuid, p_agency uuid, p_since timestamptz)
RETURNS TABLE (item_id uuid, case_id uuid, restricted boolean, knows boolean, told uuid)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT i.id, i.case_id,
         EXISTS (SELECT 1 FROM case_restriction r WHERE r.partnership_id = i.partnership_id AND r.case_id = i.case_id
                    AND r.until_at IS NULL),
         EXISTS (SELECT 1 FROM case_grant g WHERE g.partnership_id = i.partnership_id AND g.case_id = i.case_id
                    AND g.agency_id = p_agency AND g.user_id IS NULL
                    AND (g.until_at IS NULL OR g.until_at > actor_now())),
         (SELECT d.id FROM disclosure d
            JOIN lawful_basis b ON b.partnership_id = d.partnership_id AND b.id = d.basis_id
             AND (b.effective_until IS NULL OR b.effective_until > (actor_now() AT TIME ZONE 'Europe/London')::date)
           WHERE d.partnership_id = i.partnership_id AND d.case_id = i.case_id AND d.kind = 'shared'
             AND d.act IN ('referral', 'listed') AND d.at <= i.listed_at
           ORDER BY d.id DESC LIMIT 1)
    FROM meeting m JOIN agenda_item i ON i.partnership_id = m.partnership_id AND i.meeting_id = m.id
   WHERE m.partnership_id = p_partnership AND m.forum_id = p_forum AND i.status = 'listed'
     AND m.status IN ('scheduled', 'locked', 'published') AND m.starts_at > actor_now() AND m.starts_at >= p_since $$;
REVOKE EXECUTE ON FUNCTION found_on_joining FROM PUBLIC;

-- How many cases a seat would open, for who is about to give it; untold: how many it would not, since nobody has said
-- on what basis. Cases that are kept from them, or open to named people only, are left out of both.
CREATE FUNCTION seat_would_open(p_forum uuid, p_agency uuid, p_since timestamptz)
RETURNS TABLE (opened bigint, untold bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(DISTINCT f.case_id) FILTER (WHERE f.told IS NOT NULL),
         count(DISTINCT f.case_id) FILTER (WHERE f.told IS NULL)
    FROM found_on_joining(actor_partnership(), p_forum, p_agency, p_since) f
   WHERE actor_is('partnership_administrator') AND NOT f.restricted AND NOT f.knows AND NOT barred(f.case_id) $$;

-- Open what is listed for later to an agency that joins a forum, as if it had sat there when each case was listed: with
-- the grant, and with the entry in the ledger by which the others were told, for it as well. On a restricted case the
-- grant is suspended, as any is, and nobody is told. Returns what is to go into the trail.
CREATE POLICY owner_seats ON case_grant FOR INSERT TO CURRENT_USER WITH CHECK (reason = 'on_forum_list');
CREATE POLICY owner_seats ON disclosure FOR INSERT TO CURRENT_USER WITH CHECK (act = 'listed');
CREATE FUNCTION fresh_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM actor_now()) * 1000)::bigint), 12, '0') || '7'
          || substr(md5(random()::text), 1, 3) || 'a' || substr(md5(random()::text), 1, 15))::uuid $$;
CREATE FUNCTION open_to_seat(p_seat uuid, p_detail text) RETURNS TABLE (case_id uuid, disclosure_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  w forum_member;
  f record;
BEGIN
  SELECT s.* INTO STRICT w FROM forum_member s WHERE s.partnership_id = actor_partnership() AND s.id = p_seat;
  IF NOT actor_is('partnership_administrator') THEN RETURN; END IF;
  -- What is being listed just now is waited for, or is listed again: `list_is_whole`.
  PERFORM pg_advisory_xact_lock(hashtextextended('seats ' || w.forum_id, 0));
  FOR f IN SELECT * FROM found_on_joining(w.partnership_id, w.forum_id, w.agency_id, w.from_at) j
            ORDER BY j.case_id, j.item_id LOOP
    CONTINUE WHEN f.told IS NULL AND NOT f.restricted AND NOT f.knows;
    INSERT INTO case_grant (partnership_id, id, case_id, principal, agency_id, desk, reason, source_id, from_at,
        given_by)
    VALUES (w.partnership_id, fresh_id(), f.case_id, desk_principal(w.agency_id, 'desk'), w.agency_id, 'desk',
            'on_forum_list', f.item_id, actor_now(), actor_user());
    -- A case that is on two lists is told of once.
    CONTINUE WHEN f.restricted OR f.knows OR f.case_id = open_to_seat.case_id;
    open_to_seat.case_id := f.case_id;
    INSERT INTO disclosure (partnership_id, id, case_id, kind, act, source_id, subjects, items, detail, from_agency_id,
        from_user_id, to_agencies, purpose, basis_id, basis, agreement_id, necessity, proportionality, awareness,
        nature, channel, onward, at)
    SELECT d.partnership_id, fresh_id(), d.case_id, 'shared', 'listed', f.item_id, '{}', '{case}', p_detail,
           d.from_agency_id, d.from_user_id, ARRAY[w.agency_id], d.purpose, d.basis_id, d.basis,
           (SELECT a.id FROM sharing_agreement a WHERE a.partnership_id = d.partnership_id AND a.id = d.agreement_id
               AND (a.effective_until IS NULL
                    OR a.effective_until > (actor_now() AT TIME ZONE 'Europe/London')::date)),
           d.necessity, d.proportionality, d.awareness, d.nature, 'roundtable', d.onward, actor_now()
      FROM disclosure d WHERE d.partnership_id = w.partnership_id AND d.id = f.told
    RETURNING id INTO open_to_seat.disclosure_id;
    RETURN NEXT;
  END LOOP;
END $$;

-- A case that joins a list while an agency joins the forum is listed again, so that it opens to that agency as well.
CREATE FUNCTION list_is_whole() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('seats ' || m.forum_id, 0))
     FROM meeting m WHERE m.partnership_id = NEW.partnership_id AND m.id = NEW.meeting_id;
  PERFORM 1 FROM meeting m
     JOIN forum_member w ON w.partnership_id = m.partnership_id AND w.forum_id = m.forum_id
    WHERE m.partnership_id = NEW.partnership_id AND m.id = NEW.meeting_id AND sits_at(w, m.starts_at)
      AND (w.until_at IS NULL OR w.until_at > NEW.listed_at)
      AND NOT EXISTS (SELECT 1 FROM case_grant g WHERE g.partnership_id = NEW.partnership_id
                         AND g.case_id = NEW.case_id AND g.source_id = NEW.id AND g.agency_id = w.agency_id);
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'serialization_failure', MESSAGE = 'an agency joined while a case joined the list';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER whole AFTER INSERT ON agenda_item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION list_is_whole();

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
    for statement in re.split(r";\n+(?=--|CREATE|REVOKE)", STANDING):
        op.execute(statement)
