"""Meetings: the list, one of them with all that its page shows, and one to change."""

from app.db.statements import sql

LIST = sql("""
    SELECT coalesce(json_agg(t.line ORDER BY t.starts_at, t.id), '[]')::text AS body,
           (array_agg(t.id ORDER BY t.starts_at DESC, t.id DESC))[1] AS last, count(*) AS count
      FROM (SELECT m.id, m.starts_at, json_build_object('id', m.id,
                   'forum', json_build_object('id', f.id, 'kind', f.kind, 'name', f.name), 'date', m.held_on,
                   'starts_at', m.starts_at, 'extra', m.extra, 'status', m.status, 'version', m.version,
                   'capacity', m.capacity,
                   'listed', (SELECT count(*) FROM agenda_item i WHERE i.partnership_id = m.partnership_id
                               AND i.meeting_id = m.id AND i.status IN ('listed', 'decided'))) AS line
              FROM meeting m JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
             WHERE m.partnership_id = :partnership
               AND (CAST(:forum AS uuid) IS NULL OR m.forum_id = :forum)
               AND (CAST(:since AS date) IS NULL OR m.held_on >= :since)
               AND (CAST(:until AS date) IS NULL OR m.held_on <= :until)
               AND (CAST(:status AS text) IS NULL OR m.status = :status)
               AND (CAST(:after AS uuid) IS NULL OR (m.starts_at, m.id) > (SELECT b.starts_at, b.id FROM meeting b
                     WHERE b.partnership_id = :partnership AND b.id = :after))
             ORDER BY m.starts_at, m.id LIMIT :limit) t
""")

PLANNED = sql("""
    SELECT id, held_on, starts_at, cut_off_at, agenda_due_at, research_due_at, minutes_due_at, status, extra
      FROM meeting WHERE partnership_id = :partnership AND forum_id = :forum AND held_on BETWEEN :since AND :until
     ORDER BY starts_at, status <> 'cancelled'
""")

DIARIES = sql("""
    SELECT f.id, forum_timetable(f, :since)::text AS timetable,
           array(SELECT m.held_on FROM meeting m WHERE m.partnership_id = f.partnership_id AND m.forum_id = f.id
                    AND m.held_on BETWEEN :since AND :until) AS planned
      FROM forum f WHERE f.partnership_id = :partnership AND f.active ORDER BY f.id
""")

FORUM = sql("""
    SELECT forum_timetable(f, :since)::text AS timetable FROM forum f
     WHERE f.partnership_id = :partnership AND f.id = :id
""")

ON_DATE = sql("""
    SELECT id FROM meeting WHERE partnership_id = :partnership AND forum_id = :forum AND held_on = :day
       AND status <> 'cancelled'
""")

# Attendance: `removed` keeps that somebody was once on the list.
READ = sql("""
    WITH items AS MATERIALIZED (
      SELECT i.id, i.case_id FROM agenda_item i
       WHERE i.partnership_id = :partnership AND i.meeting_id = :id AND i.status IN ('listed', 'decided')),
    answered AS (
      SELECT r.agency_id, count(*) AS count FROM research_shared r
       WHERE r.partnership_id = :partnership AND r.item_id IN (SELECT id FROM items)
       GROUP BY r.agency_id)
    SELECT m.version, forum_settings(f, m.held_on)::text AS settings,
      json_build_object('id', m.id, 'forum', json_build_object('id', f.id, 'kind', f.kind, 'name', f.name),
        'date', m.held_on, 'extra', m.extra, 'status', m.status, 'version', m.version, 'starts_at', m.starts_at,
        'cut_off_at', m.cut_off_at, 'agenda_due_at', m.agenda_due_at, 'research_due_at', m.research_due_at,
        'minutes_due_at', m.minutes_due_at, 'locked_at', m.locked_at, 'published_at', m.published_at,
        'started_at', m.started_at, 'ended_at', m.ended_at, 'minutes_at', m.minutes_at,
        'cancelled_because', m.cancelled_because, 'without_quorum_because', m.without_quorum_because,
        'capacity', m.capacity, 'listed', (SELECT count(*) FROM items),
        'chair', (SELECT json_build_object('id', u.id, 'name', u.name) FROM app_user u
                   WHERE u.partnership_id = m.partnership_id AND u.id = m.chair_id),
        'attendance', (SELECT coalesce(json_agg(json_build_object('id', t.id,
              'agency', json_build_object('id', a.id, 'name', a.name, 'kind', a.kind), 'user_id', t.user_id,
              'name', t.name,
              'standing', CASE WHEN t.status = 'apologies' AND t.sent_information THEN 'apologies_with_information'
                               WHEN t.status = 'apologies' THEN 'apologies'
                               WHEN t.capacity = 'observer' THEN 'observer' ELSE 'present' END,
              'accepted_at', t.confidentiality_accepted_at) ORDER BY a.name, t.name), '[]')
       FROM attendance t JOIN agency a ON a.partnership_id = t.partnership_id AND a.id = t.agency_id
      WHERE t.partnership_id = m.partnership_id AND t.meeting_id = m.id AND t.status <> 'removed'),
        'agencies', (SELECT coalesce(json_agg(json_build_object('id', a.id, 'name', a.name,
              'research_missing', (SELECT count(*) FROM items)
                 - coalesce((SELECT n.count FROM answered n WHERE n.agency_id = a.id), 0)) ORDER BY a.name), '[]')
            FROM forum_member s JOIN agency a ON a.partnership_id = s.partnership_id AND a.id = s.agency_id
           WHERE s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
             AND sits_at(s, m.starts_at)))::text AS body
      FROM meeting m JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
     WHERE m.partnership_id = :partnership AND m.id = :id
""")

# Whoever holds this row decides alone what becomes of the meeting: a case that is joining its list waits.
TO_CHANGE = sql("""
    SELECT m.id, m.version, m.status, m.held_on, m.starts_at, m.forum_id, m.chair_id, m.capacity, f.kind, f.name,
           forum_settings(f, m.held_on)::text AS settings,
           EXISTS (SELECT 1 FROM forum_member s WHERE s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
                      AND s.agency_id = :agency AND sits_at(s, :now)) AS member
      FROM meeting m JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
     WHERE m.partnership_id = :partnership AND m.id = :id FOR UPDATE OF m
""")

ON_LIST = sql("""
    SELECT i.id, i.case_id, i.status FROM agenda_item i
     WHERE i.partnership_id = :partnership AND i.meeting_id = :meeting AND i.status IN ('listed', 'decided')
     ORDER BY i.listed_at, i.id
""")

CHAIR = sql("""
    SELECT u.id FROM app_user u JOIN user_role r ON r.partnership_id = u.partnership_id AND r.user_id = u.id
     WHERE u.partnership_id = :partnership AND u.id = :id AND u.ended_at IS NULL AND r.ended_at IS NULL
       AND r.role = ANY(:roles) LIMIT 1
""")
TAKE_PLACE = sql("""
    UPDATE meeting SET listed = listed + 1
     WHERE partnership_id = :partnership AND id = :meeting AND status = 'scheduled'
       AND (capacity IS NULL OR :over OR listed < capacity
            + coalesce((SELECT h.places FROM hidden_places() h WHERE h.meeting_id = meeting.id), 0))
    RETURNING id
""")
TELL_OF_LEFT_BEHIND = sql("SELECT tell_of_left_behind(:meeting, :kind)")
