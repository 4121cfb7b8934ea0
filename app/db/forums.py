"""Forums, as the partnership's administrator keeps them: settings, seats, diary, and who changed what."""

from app.db.statements import sql

_SEATS = """coalesce((SELECT json_agg(json_build_object('agency', json_build_object('id', a.id, 'name', a.name,
        'kind', a.kind), 'since', s.from_at, 'until', s.until_at) ORDER BY a.name, s.from_at)
    FROM forum_member s JOIN agency a ON a.partnership_id = s.partnership_id AND a.id = s.agency_id
   WHERE s.partnership_id = f.partnership_id AND s.forum_id = f.id
     AND (s.until_at IS NULL OR s.until_at > :now)), '[]')"""
LIST = sql("""
    SELECT coalesce(json_agg(json_build_object('id', f.id, 'version', f.version, 'kind', f.kind, 'name', f.name,
             'active', f.active, 'settings', forum_settings(f, :today),
             'members', (SELECT count(*) FROM forum_member s WHERE s.partnership_id = f.partnership_id
                            AND s.forum_id = f.id AND sits_at(s, :now)),
             'next_at', (SELECT min(m.starts_at) FROM meeting m WHERE m.partnership_id = f.partnership_id
                            AND m.forum_id = f.id AND m.starts_at > :now AND m.status <> 'cancelled'))
             ORDER BY NOT f.active, f.name, f.id), '[]')::text AS body
      FROM forum f WHERE f.partnership_id = :partnership
""")
SHOW = sql(f"""
    SELECT f.version, forum_timetable(f, :today)::text AS timetable, json_build_object('id', f.id, 'version', f.version,
             'kind', f.kind, 'name', f.name, 'active', f.active, 'settings', forum_settings(f, :today),
             'seats', {_SEATS})::text AS body
      FROM forum f WHERE f.partnership_id = :partnership AND f.id = :id
""")
# Whoever changes a forum does so alone.
TO_CHANGE = sql("""
    SELECT f.id, f.version, f.kind, f.name, f.active, forum_timetable(f, :today)::text AS timetable
      FROM forum f WHERE f.partnership_id = :partnership AND f.id = :id FOR NO KEY UPDATE
""")
_DIARY = """
    SELECT m.id, m.held_on, m.status, m.extra, m.starts_at, m.cut_off_at, m.agenda_due_at, m.research_due_at,
           m.minutes_due_at, m.capacity, m.cancelled_because
      FROM meeting m WHERE m.partnership_id = :partnership AND m.forum_id = :id AND m.held_on >= :since
     ORDER BY m.held_on, m.status <> 'cancelled', m.id
"""
DIARY = sql(_DIARY)
# A case that is joining one of these lists is waited for, and none joins meanwhile.
DIARY_TO_CHANGE = sql(f"{_DIARY} FOR UPDATE")
# What was said of each change stands beside the trail, and names the forum.
HISTORY = sql("""
    SELECT coalesce(json_agg(json_build_object('at', t.at, 'by', u.name, 'what', d.what -> 'what',
             'because', d.what -> 'because') ORDER BY t.id DESC), '[]')::text
      FROM audit t
      JOIN LATERAL (SELECT x.detail::jsonb AS what FROM audit_detail x
                     WHERE x.partnership_id = t.partnership_id AND x.id = t.id) d ON true
      LEFT JOIN app_user u ON u.partnership_id = t.partnership_id AND u.id = t.actor_id
     WHERE t.partnership_id = :partnership AND t.verb >= 'administration.forum_' AND t.verb < 'administration.forum`'
       AND d.what ->> 'forum' = :forum
""")
OF_AGENCY = sql("""
    SELECT coalesce(json_agg(json_build_object('id', f.id, 'name', f.name, 'since', s.from_at, 'until', s.until_at)
             ORDER BY f.name, f.id), '[]')::text
      FROM forum f LEFT JOIN LATERAL (
        SELECT s.from_at, s.until_at FROM forum_member s
         WHERE s.partnership_id = f.partnership_id AND s.forum_id = f.id AND s.agency_id = :agency
           AND (s.until_at IS NULL OR s.until_at > :now) ORDER BY s.from_at LIMIT 1) s ON true
     WHERE f.partnership_id = :partnership AND f.active
""")
# but: the forum that is to be called so; null for one that is not there yet.
NAME_TAKEN = sql("""
    SELECT EXISTS (SELECT 1 FROM forum WHERE partnership_id = :partnership AND lower(name) = lower(:name)
                      AND id IS DISTINCT FROM CAST(:but AS uuid))
""")
# Whether what its kind says was ever gone by.
WAS_USED = sql("""
    SELECT ever_listed(:id) OR EXISTS (SELECT 1 FROM meeting WHERE partnership_id = :partnership AND forum_id = :id
                                          AND status NOT IN ('scheduled', 'cancelled'))
""")
# Of those given, the agencies that are in the partnership.
AGENCIES = sql("""
    SELECT id, name FROM agency WHERE partnership_id = :partnership AND id = ANY (:ids) AND ended_at IS NULL
""")
# The seats on which an agency sits at a moment, or is to sit later.
SEATS = sql("""
    SELECT s.id, s.from_at, s.until_at, a.name FROM forum_member s
      JOIN agency a ON a.partnership_id = s.partnership_id AND a.id = s.agency_id
     WHERE s.partnership_id = :partnership AND s.forum_id = :forum AND s.agency_id = :agency
       AND (s.until_at IS NULL OR s.until_at > :at) ORDER BY s.from_at
""")
_OTHERS = """(SELECT count(*) FROM forum
      WHERE partnership_id = :partnership AND active AND kind = ANY (CAST(:kinds AS text[])) AND id <> :id)"""
OTHERS = sql(f"SELECT {_OTHERS}")
# What is asked before it is closed: how many others take high risk, which meetings are not finished, and how many cases
# are on its lists, by meeting.
TO_CLOSE = sql(f"""
    SELECT {_OTHERS} AS others,
           (SELECT coalesce(array_agg(u.held_on ORDER BY u.held_on), '{{}}') FROM (
              SELECT held_on FROM meeting WHERE partnership_id = :partnership AND forum_id = :id
                 AND status IN ('locked', 'published', 'in_session', 'held') ORDER BY held_on LIMIT 5) u) AS unfinished,
           (SELECT coalesce(json_object_agg(l.meeting_id, l.cases), '{{}}')::text FROM listed_ahead(:id) l) AS cases
""")
# What a seat would open, and what is done once it is there: each with what is to go into the trail.
WOULD_OPEN = sql("SELECT opened, untold FROM seat_would_open(:forum, :agency, :since)")
OPEN_TO_SEAT = sql("SELECT case_id, disclosure_id FROM open_to_seat(:seat, :detail)")
