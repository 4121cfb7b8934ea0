"""Contact details: what everyone who sees the case may know, and the rows that a standing release shows."""

from app.db.statements import sql

# Who said how the victim is reached: her IDVA, or else whoever referred her last. A referral after the IDVA's words may
# have added to them.
_REFERRED = "IN ('case.referred', 'case.re_referred')"
_SAID = f"""(SELECT json_build_object('how', CASE WHEN e.kind {_REFERRED} THEN 'referral' ELSE 'idva' END,
                     'by', u.name, 'agency', a.name, 'at', e.at, 'referred_since', (
                       SELECT r.at FROM case_event r WHERE r.partnership_id = e.partnership_id
                          AND r.case_id = e.case_id AND r.kind {_REFERRED} AND r.id > e.id
                        ORDER BY r.id DESC LIMIT 1))
             FROM case_event e
             LEFT JOIN app_user u ON u.partnership_id = e.partnership_id AND u.id = e.actor_id
             LEFT JOIN agency a ON a.partnership_id = e.partnership_id AND a.id = e.agency_id
            WHERE e.partnership_id = p.partnership_id AND e.case_id = p.case_id
              AND (e.kind = 'client.safe_times_set' OR e.kind {_REFERRED})
            ORDER BY e.kind = 'client.safe_times_set' DESC, e.id DESC LIMIT 1)"""
_ORDER = "array_position(ARRAY['victim', 'child', 'perpetrator'], p.role), p.id"

MASKED = sql(f"""
    SELECT p.id AS party_id, p.key, p.role, p.name, n.reference AS person_reference,
           p.details -> 'safe_contact' AS safe_contact,
           CASE WHEN p.role = 'victim' AND p.details -> 'safe_contact' IS NOT NULL THEN {_SAID}
           END::text AS safe_contact_said,
           coalesce(g.given, '[]'::jsonb) AS given,
           (SELECT max(r.until_at) FROM contact_release r
             WHERE r.partnership_id = p.partnership_id AND r.user_id = :user AND r.case_id = p.case_id
               AND p.id = ANY (r.parties) AND r.until_at > :now) AS released_until
      FROM party p
      JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
      LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('given_at', d.created_at, 'agency', a.name, 'contact', d.masked)
                         ORDER BY d.id) AS given
          FROM contact_detail d
          JOIN referral f ON f.partnership_id = d.partnership_id AND f.id = d.referral_id
          JOIN agency a ON a.partnership_id = f.partnership_id AND a.id = f.agency_id
         WHERE d.partnership_id = p.partnership_id AND d.party_id = p.id) g ON true
     WHERE p.partnership_id = :partnership AND p.case_id = :case_id
     ORDER BY {_ORDER}
""")
# Which other agencies gave the details of these people.
GIVEN_BY = sql("""
    SELECT f.agency_id, array_agg(DISTINCT d.party_id) AS parties
      FROM contact_detail d JOIN referral f ON f.partnership_id = d.partnership_id AND f.id = d.referral_id
     WHERE d.partnership_id = :partnership AND d.case_id = :case_id AND d.party_id = ANY(:parties)
       AND f.agency_id <> :own
     GROUP BY f.agency_id ORDER BY f.agency_id
""")
PARTIES = sql("SELECT id FROM party WHERE partnership_id = :partnership AND case_id = :case_id")
# The policy shows a sealed row while a release of the actor's own stands that names the person.
RELEASED = sql(f"""
    SELECT p.id AS party_id, p.key, p.role, p.name, n.reference AS person_reference,
           p.details -> 'safe_contact' AS safe_contact, o.until_at AS released_until,
           d.id, d.key_id, d.wrapped, d.sealed
      FROM (SELECT s.party_id, max(r.until_at) AS until_at
              FROM contact_release r CROSS JOIN LATERAL unnest(r.parties) AS s(party_id)
             WHERE r.partnership_id = :partnership AND r.user_id = :user AND r.case_id = :case_id
               AND r.until_at > :now GROUP BY s.party_id) o
      JOIN party p ON p.partnership_id = :partnership AND p.id = o.party_id
      JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
      LEFT JOIN contact_secret d ON d.partnership_id = p.partnership_id AND d.party_id = p.id
     WHERE CAST(:parties AS uuid[]) IS NULL OR p.id = ANY (:parties)
     ORDER BY {_ORDER}, d.id
""")
