"""Uses of break-glass: whom to open a case to, whom to tell, and what is to be reviewed."""

from app.db.statements import sql

# One person's uses and tries are counted one after the other, until their transaction ends.
ONE_AT_A_TIME = sql("SELECT pg_advisory_xact_lock(hashtextextended('break_glass ' || CAST(:user AS uuid), 0))")
TRIED = sql("""
    SELECT count(*) FROM audit WHERE partnership_id = :partnership AND actor_id = :user
       AND verb = 'break_glass.tried' AND at > :since
""")
USED = sql("""
    SELECT count(*) FROM break_glass WHERE partnership_id = :partnership AND user_id = :user AND from_at > :since
""")
BY_REFERENCE = sql("SELECT behind_glass(:reference)")
BY_PERSON = sql("SELECT case_id, victim_id, ended, referred_at FROM behind_glass_of(:name, :born)")
SEEN = sql("SELECT reference FROM case_file WHERE partnership_id = :partnership AND id = :case_id")
COORDINATORS = sql("""
    SELECT string_agg(DISTINCT a.name, ' or ') FROM user_role r
      JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id AND u.ended_at IS NULL
      JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
     WHERE r.partnership_id = :partnership AND r.role = 'marac_coordinator' AND r.ended_at IS NULL
""")
# Asked once the grant is written: whose case it is, and who is to be told.
OPENED = sql("""
    SELECT c.reference,
           (SELECT g.agency_id FROM grants_of_case(c.id) g
             WHERE g.agency_id <> actor_agency() AND (g.until_at IS NULL OR g.until_at > actor_now())
             ORDER BY g.agency_id = c.referring_agency_id DESC, g.reason = 'coordinates' DESC, g.id LIMIT 1) AS held_by,
           array_remove(array_agg(DISTINCT desk_principal(u.agency_id, r.role)) || c.idva_id, NULL) AS told
      FROM case_file c
      LEFT JOIN user_role r ON r.partnership_id = c.partnership_id AND r.ended_at IS NULL
                           AND r.role IN ('marac_coordinator', 'governance_auditor')
      LEFT JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id AND u.ended_at IS NULL
     WHERE c.partnership_id = :partnership AND c.id = :case_id
     GROUP BY c.id, c.reference, c.referring_agency_id, c.idva_id
""")
# The user's own administrators; the partnership's where the agency has none.
ADMINISTRATORS = sql("""
    SELECT array_agg(DISTINCT desk_principal(w.agency_id, w.role)) FROM (
      SELECT u.agency_id, r.role, rank() OVER (ORDER BY r.role) AS place
        FROM user_role r
        JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id AND u.ended_at IS NULL
       WHERE r.partnership_id = :partnership AND r.ended_at IS NULL
         AND ((r.role = 'agency_administrator' AND u.agency_id = :agency) OR r.role = 'partnership_administrator')) w
     WHERE w.place = 1
""")
AUDITORS = sql("""
    SELECT array_agg(DISTINCT desk_principal(u.agency_id, r.role)) FROM user_role r
      JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id AND u.ended_at IS NULL
     WHERE r.partnership_id = :partnership AND r.role = 'governance_auditor' AND r.ended_at IS NULL
""")

_OPEN = "(b.ended_at IS NULL AND b.until_at > :now)"
_USE = f"""
    json_build_object('id', b.id, 'version', b.version,
      'case', json_build_object('id', b.case_id, 'reference', b.case_reference),
      'person', json_build_object('id', u.id, 'name', u.name), 'agency', json_build_object('id', a.id, 'name', a.name),
      'reason', b.reason, 'used_at', b.from_at, 'until_at', b.until_at, 'ended_at', b.ended_at, 'open', {_OPEN},
      'review_due_on', b.review_due_on,
      'overdue', b.reviewed_at IS NULL AND b.review_due_on < CAST(:today AS date),
      'review', CASE WHEN b.reviewed_at IS NOT NULL THEN json_build_object('finding', b.finding, 'review', b.review,
        'reviewed_at', b.reviewed_at, 'reviewer', json_build_object('id', w.id, 'name', w.name)) END)
"""
_WHO = """
      JOIN app_user u ON u.partnership_id = b.partnership_id AND u.id = b.user_id
      JOIN agency a ON a.partnership_id = b.partnership_id AND a.id = b.agency_id
      LEFT JOIN app_user w ON w.partnership_id = b.partnership_id AND w.id = b.reviewed_by
"""
ONE = sql(f"""
    SELECT b.case_id, b.user_id, b.agency_id, b.reviewed_at, b.version, {_USE}::text AS body
      FROM break_glass b {_WHO}
     WHERE b.partnership_id = :partnership AND b.id = :id
""")
LIST = sql(f"""
    SELECT coalesce(json_agg(p.line ORDER BY p.id DESC), '[]')::text AS body,
           array_agg(p.id ORDER BY p.id DESC) AS ids, array_agg(DISTINCT p.case_id) AS cases
      FROM (SELECT b.id, b.case_id, {_USE} AS line
              FROM (SELECT b.* FROM break_glass b
                     WHERE b.partnership_id = :partnership AND b.id < :before
                       AND (CAST(:open AS boolean) IS NULL OR {_OPEN} = :open)
                       AND (CAST(:reviewed AS boolean) IS NULL OR (b.reviewed_at IS NOT NULL) = :reviewed)
                     ORDER BY b.id DESC LIMIT :limit) b {_WHO}) p
""")
END = sql("SELECT end_glass(:id)")
