"""What pages about meetings show beside what programs are told: what is due, who could come, what is odd."""

from app.db.statements import sql

# Whose answers are missing is counted over the items that the reader sees.
_LINES = """
    SELECT coalesce(json_agg(t.line ORDER BY t.n), '[]')::text AS body, array_agg(t.id ORDER BY t.n) AS ids
      FROM (SELECT m.id, row_number() OVER (ORDER BY {order}) AS n, json_build_object('id', m.id,
                   'forum', json_build_object('id', f.id, 'kind', f.kind, 'name', f.name), 'date', m.held_on,
                   'starts_at', m.starts_at, 'extra', m.extra, 'status', m.status, 'capacity', m.capacity,
                   'listed', l.listed, 'agenda_due_at', m.agenda_due_at, 'research_due_at', m.research_due_at,
                   'minutes_due_at', m.minutes_due_at, 'missing', g.missing, 'own_missing', g.own) AS line
              FROM (SELECT * FROM meeting m
                     WHERE m.partnership_id = :partnership AND {span}
                       AND (CAST(:forum AS uuid) IS NULL OR m.forum_id = :forum)
                       AND (CAST(:after AS uuid) IS NULL OR (m.starts_at, m.id) {beyond}
                            (SELECT b.starts_at, b.id FROM meeting b
                              WHERE b.partnership_id = :partnership AND b.id = :after))
                     ORDER BY {order} LIMIT :limit) m
              JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
             CROSS JOIN LATERAL (
               SELECT count(*) AS listed, array_agg(i.id) AS items FROM agenda_item i
                WHERE i.partnership_id = m.partnership_id AND i.meeting_id = m.id
                  AND i.status IN ('listed', 'decided')) l
             CROSS JOIN LATERAL (
               SELECT coalesce(json_agg(a.name ORDER BY a.name)
                               FILTER (WHERE l.listed > coalesce(r.answered, 0)), '[]') AS missing,
                      coalesce(max(l.listed - coalesce(r.answered, 0)) FILTER (WHERE a.id = :agency), 0) AS own
                 FROM forum_member s
                 JOIN agency a ON a.partnership_id = s.partnership_id AND a.id = s.agency_id
                 LEFT JOIN (SELECT x.agency_id, count(*) AS answered FROM research_shared x
                             WHERE x.partnership_id = :partnership AND x.item_id = ANY (l.items)
                             GROUP BY x.agency_id) r ON r.agency_id = s.agency_id
                WHERE s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id AND l.listed > 0
                  AND sits_at(s, m.starts_at)
                  AND m.status IN ('scheduled', 'locked', 'published', 'in_session')) g) t
"""
# One that was held and has no minutes yet is still somebody's work, however long ago it was.
UPCOMING = sql(
    _LINES.format(
        order="m.starts_at, m.id",
        beyond=">",
        span="(m.held_on >= :today OR m.status IN ('in_session', 'held')) AND m.status <> 'minutes_issued'",
    )
)
PAST = sql(
    _LINES.format(
        order="m.starts_at DESC, m.id DESC",
        beyond="<",
        span="(m.held_on < :today OR m.status = 'minutes_issued')",
    )
)

FORUMS = sql("""
    SELECT id, name, kind FROM forum WHERE partnership_id = :partnership AND active ORDER BY name, id
""")

# Somebody of an agency at the table who has the family name of somebody in a case, and is not kept from it already:
# nine times in ten a chance, and the tenth a conflict of interest. Of a restricted case only those who are named: to
# ask anybody else would tell them of it.
MOST_NAMESAKES = 20
_LAST_WORD = "reverse(split_part(reverse({}), ' ', 1))"
BESIDE = sql(f"""
    WITH items AS MATERIALIZED (
      SELECT i.id, i.case_id FROM agenda_item i
       WHERE i.partnership_id = :partnership AND i.meeting_id = :id AND i.status IN ('listed', 'decided'))
    SELECT forum_settings(f, m.held_on)::text AS settings,
           EXISTS (SELECT 1 FROM forum_member s WHERE s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
                      AND s.agency_id = :agency AND sits_at(s, :now)) AS member,
           (SELECT json_agg(p.cases)
              FROM (SELECT array_agg(DISTINCT t.case_id) AS cases FROM items i
                      JOIN party t ON t.partnership_id = :partnership AND t.case_id = i.case_id
                     WHERE t.role = 'perpetrator' GROUP BY t.person_id HAVING count(DISTINCT i.case_id) > 1
                    UNION
                    SELECT array_agg(DISTINCT t.case_id) FROM items i
                      JOIN party t ON t.partnership_id = :partnership AND t.case_id = i.case_id
                     WHERE t.role = 'perpetrator' AND t.date_of_birth IS NOT NULL
                     GROUP BY lower(t.name), t.date_of_birth HAVING count(DISTINCT i.case_id) > 1) p
           )::text AS shared,
           (SELECT json_agg(p.cases)
              FROM (SELECT DISTINCT array_agg(DISTINCT t.case_id) AS cases FROM items i
                      JOIN party t ON t.partnership_id = :partnership AND t.case_id = i.case_id
                     GROUP BY t.person_id
                    HAVING count(DISTINCT i.case_id) > 1 AND bool_or(t.role <> 'perpetrator')) p)::text AS families,
           (SELECT json_agg(n.line) FROM (
              SELECT json_build_object('case_id', t.case_id, 'party', t.name, 'person', u.name,
                                       'agency', a.name) AS line
                FROM items i JOIN party t ON t.partnership_id = :partnership AND t.case_id = i.case_id
                JOIN app_user u ON u.partnership_id = :partnership AND u.ended_at IS NULL AND NOT u.is_system
                 AND lower({_LAST_WORD.format("u.name")})
                     = lower(coalesce(t.details ->> 'family_name', {_LAST_WORD.format("t.name")}))
                JOIN forum_member s ON s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
                 AND s.agency_id = u.agency_id AND sits_at(s, m.starts_at)
                JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
               WHERE strpos(t.name, ' ') > 0 AND NOT EXISTS (
                 SELECT 1 FROM case_exclusion x WHERE x.partnership_id = :partnership AND x.case_id = t.case_id
                    AND x.user_id = u.id AND x.until_at IS NULL)
                 AND (NOT EXISTS (SELECT 1 FROM case_restriction r WHERE r.partnership_id = :partnership
                                     AND r.case_id = t.case_id AND r.until_at IS NULL)
                   OR EXISTS (SELECT 1 FROM grants_of_case(t.case_id) g
                               WHERE g.reason = 'named' AND g.user_id = u.id
                                 AND (g.until_at IS NULL OR g.until_at > :now)))
               ORDER BY t.case_id, t.name, u.name LIMIT {MOST_NAMESAKES}) n)::text AS namesakes,
           (SELECT json_agg(json_build_object('id', a.id, 'name', a.name, 'member', s.agency_id IS NOT NULL)
                            ORDER BY s.agency_id IS NULL, a.name)
              FROM agency a LEFT JOIN forum_member s ON s.partnership_id = a.partnership_id AND s.agency_id = a.id
               AND s.forum_id = m.forum_id AND sits_at(s, m.starts_at)
             WHERE a.partnership_id = m.partnership_id AND a.ended_at IS NULL)::text AS agencies
      FROM meeting m JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
     WHERE m.partnership_id = :partnership AND m.id = :id
""")

# Who could be there: people of its agencies whose role sits at meetings.
PEOPLE = sql("""
    SELECT u.id, u.name, u.agency_id, a.name AS agency,
           EXISTS (SELECT 1 FROM user_role r WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id
                      AND r.ended_at IS NULL AND r.role = ANY (:chairing)) AS chairs
      FROM meeting m
      JOIN forum_member s ON s.partnership_id = m.partnership_id AND s.forum_id = m.forum_id
       AND sits_at(s, m.starts_at)
      JOIN agency a ON a.partnership_id = s.partnership_id AND a.id = s.agency_id AND a.ended_at IS NULL
      JOIN app_user u ON u.partnership_id = a.partnership_id AND u.agency_id = a.id AND u.ended_at IS NULL
     WHERE m.partnership_id = :partnership AND m.id = :id AND NOT u.is_system
       AND EXISTS (SELECT 1 FROM user_role r WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id
                      AND r.ended_at IS NULL AND r.role = ANY (:attending))
     ORDER BY a.name, u.name
""")

UNPIN = sql("""
    UPDATE agenda_item SET position = NULL WHERE partnership_id = :partnership AND meeting_id = :meeting
""")

CASE_BY_REFERENCE = sql("SELECT id FROM case_file WHERE partnership_id = :partnership AND reference = :reference")

# Who is kept from a case on the list, and which of them only named people see; for those who keep people apart.
APART = sql("""
    SELECT (SELECT json_agg(json_build_object('name', u.name, 'agency', a.name, 'reference', c.reference)
                            ORDER BY u.name, c.reference)
              FROM case_exclusion x
              JOIN app_user u ON u.partnership_id = x.partnership_id AND u.id = x.user_id AND u.ended_at IS NULL
              JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
              JOIN case_file c ON c.partnership_id = x.partnership_id AND c.id = x.case_id
             WHERE x.partnership_id = :partnership AND x.case_id = ANY (:cases) AND x.until_at IS NULL)::text AS kept,
           (SELECT array_agg(r.case_id) FROM case_restriction r
             WHERE r.partnership_id = :partnership AND r.case_id = ANY (:cases) AND r.until_at IS NULL) AS restricted,
           (SELECT json_object_agg(a.id, a.name) FROM agency a WHERE a.partnership_id = :partnership)::text AS agencies
""")

NAMES = sql("SELECT name FROM agency WHERE partnership_id = :partnership AND id = ANY (:ids) ORDER BY name")

FAMILY = sql("""
    SELECT json_build_object('agenda_item_id', i.id, 'status', i.status,
             'case', json_build_object('id', c.id, 'reference', c.reference),
             'meeting', json_build_object('id', m.id, 'name', f.name, 'status', m.status, 'starts_at', m.starts_at,
                                          'research_due_at', m.research_due_at),
             'people', (SELECT json_agg(json_build_object('id', p.id, 'role', p.role, 'name', p.name,
                   'aliases', p.aliases, 'date_of_birth', p.date_of_birth, 'dob_variants', p.dob_variants)
                 ORDER BY array_position(ARRAY['victim', 'perpetrator', 'child', 'other'], p.role), p.id)
                FROM party p WHERE p.partnership_id = i.partnership_id AND p.case_id = i.case_id))::text AS body,
           i.case_id
      FROM agenda_item i
      JOIN case_file c ON c.partnership_id = i.partnership_id AND c.id = i.case_id
      JOIN meeting m ON m.partnership_id = i.partnership_id AND m.id = i.meeting_id
      JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
     WHERE i.partnership_id = :partnership AND i.id = :id
""")
