"""What waits for an administrator's attention, in one statement. agency: whose people and systems; null for all."""

from app.db.statements import sql

WAITING = sql("""
    SELECT
      (SELECT coalesce(json_agg(json_build_object('id', s.id, 'title', s.title, 'version', s.version_name,
                'effective_from', s.effective_from, 'effective_until', s.effective_until) ORDER BY s.effective_until),
              '[]')
         FROM sharing_agreement s
        WHERE s.partnership_id = :partnership AND (s.effective_until IS NULL OR s.effective_until > :today))::text
        AS agreements,
      (SELECT coalesce(json_agg(json_build_object('forum_id', f.id, 'forum', f.name, 'held_on', m.held_on)
                ORDER BY m.held_on, f.name), '[]')
         FROM meeting m JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
        WHERE m.partnership_id = :partnership AND m.held_on = ANY (:holidays) AND NOT m.extra
          AND m.status NOT IN ('cancelled', 'held', 'minutes_issued'))::text AS sittings,
      (SELECT count(*) FROM app_user u JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
        WHERE u.partnership_id = :partnership AND (CAST(:agency AS uuid) IS NULL OR u.agency_id = :agency)
          AND u.ended_at IS NULL AND a.ended_at IS NULL AND u.created_at < :unused_since
          AND NOT EXISTS (SELECT 1 FROM session w WHERE w.partnership_id = u.partnership_id AND w.user_id = u.id
                             AND w.seen_at >= :unused_since)) AS unused,
      k.run_out, k.seen_by_leavers
      FROM (SELECT count(DISTINCT c.id) FILTER (WHERE k.until_at <= :soon) AS run_out,
                   count(DISTINCT c.id) FILTER (WHERE k.kind = 'secret' AND (w.ended_at IS NOT NULL
                                                      OR g.ended_at IS NOT NULL)) AS seen_by_leavers
              FROM api_credential k
              JOIN api_client c ON c.partnership_id = k.partnership_id AND c.id = k.client_id AND c.ended_at IS NULL
              JOIN app_user u ON u.partnership_id = c.partnership_id AND u.id = c.user_id AND u.ended_at IS NULL
              LEFT JOIN app_user w ON w.partnership_id = k.partnership_id AND w.id = k.made_by
              LEFT JOIN agency g ON g.partnership_id = w.partnership_id AND g.id = w.agency_id
             WHERE k.partnership_id = :partnership AND k.ended_at IS NULL
               AND (k.until_at IS NULL OR k.until_at > :now)
               AND (CAST(:agency AS uuid) IS NULL OR c.agency_id = :agency)) k
""")
