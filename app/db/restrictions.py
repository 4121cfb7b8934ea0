"""Restrictions: the list of those for whom a case exists, and what making or lifting one changes."""

from app.db.audience import DESKS, PEOPLE
from app.db.statements import sql

SHOW = sql("""
    SELECT r.id, r.version, json_build_object('id', r.id, 'version', r.version, 'because', r.because,
             'since', r.from_at, 'made_by', m.name,
             'named', (SELECT coalesce(json_agg(json_build_object('id', u.id, 'name', u.name,
                   'agency', json_build_object('id', a.id, 'name', a.name), 'since', g.from_at,
                   'may_lift', EXISTS (SELECT 1 FROM user_role l WHERE l.partnership_id = u.partnership_id
                      AND l.user_id = u.id AND l.ended_at IS NULL AND l.role = ANY(:lifters)))
                   ORDER BY g.from_at, g.id), '[]')
                FROM grants_of_case(r.case_id) g
                JOIN app_user u ON u.partnership_id = g.partnership_id AND u.id = g.user_id
                JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
               WHERE g.reason = 'named' AND g.source_id = r.id AND (g.until_at IS NULL OR g.until_at > actor_now()))
           )::text AS body
      FROM case_restriction r JOIN app_user m ON m.partnership_id = r.partnership_id AND m.id = r.made_by
     WHERE r.partnership_id = :partnership AND r.case_id = :case_id AND r.until_at IS NULL
""")
STANDING = sql("""
    SELECT r.id, r.version, coalesce((SELECT array_agg(g.user_id) FROM grants_of_case(r.case_id) g
        WHERE g.reason = 'named' AND g.source_id = r.id AND (g.until_at IS NULL OR g.until_at > actor_now())), '{}')
           AS named
      FROM case_restriction r
     WHERE r.partnership_id = :partnership AND r.case_id = :case_id AND r.until_at IS NULL FOR UPDATE OF r
""")
# With no case, before there is one: nobody can be kept from it yet.
MEMBERS = sql("""
    SELECT u.id, u.agency_id, u.name,
           coalesce((SELECT array_agg(r.role) FROM user_role r WHERE r.partnership_id = u.partnership_id
                        AND r.user_id = u.id AND r.ended_at IS NULL), '{}') AS roles,
           EXISTS (SELECT 1 FROM case_exclusion x WHERE x.partnership_id = u.partnership_id
                      AND x.case_id = CAST(:case_id AS uuid) AND x.user_id = u.id AND x.until_at IS NULL) AS kept_apart
      FROM app_user u
     WHERE u.partnership_id = :partnership AND u.id = ANY(:users) AND u.ended_at IS NULL
""")
SUSPEND = sql("SELECT suspend_grants(:case_id, :suspend)")
END_NAMED = sql("SELECT end_named(:case_id, :source, :users)")
# Whom a case tells something new once its grants are no longer suspended: who never saw it; and everybody, when
# anything happened while it was restricted. One colleague who was named is not their agency's desk.
TO_TELL = sql(f"""
    SELECT {DESKS}, {PEOPLE} FROM grants_of_case(:case_id) g
     WHERE g.suspended AND (g.until_at IS NULL OR g.until_at > actor_now())
       AND (EXISTS (SELECT 1 FROM case_event e WHERE e.partnership_id = :partnership AND e.case_id = :case_id
                       AND e.id > :source AND e.kind <> 'case.restricted')
            OR NOT EXISTS (SELECT 1 FROM grants_of_case(:case_id) b JOIN sight_of_case(:case_id) s ON s.grant_id = b.id
                            WHERE b.agency_id = g.agency_id AND (b.user_id IS NULL OR b.user_id = g.user_id)))
""")
