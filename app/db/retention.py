"""How long cases are kept: the periods that hold, the cases that are due, and what was decided of each."""

from app.db.statements import sql
from app.domain.retention import Kind

_RULES = """(SELECT r.value::text FROM standing_rules() r
              WHERE r.rule = 'retention' AND r.effective_from <= :today
              ORDER BY r.effective_from DESC LIMIT 1)"""
RULES = sql(f"SELECT {_RULES}")

_HOLDS = """coalesce((SELECT json_agg(json_build_object('id', h.id, 'because', h.because, 'until_on', h.until_on,
      'from_at', h.from_at, 'made_by', m.name, 'lifted_at', h.lifted_at, 'lifted_by', l.name, 'version', h.version)
      ORDER BY h.id DESC)
    FROM legal_hold h
    JOIN app_user m ON m.partnership_id = h.partnership_id AND m.id = h.made_by
    LEFT JOIN app_user l ON l.partnership_id = h.partnership_id AND l.id = h.lifted_by
   WHERE h.partnership_id = :partnership AND h.case_id = k.id), '[]')"""
_REVIEWS = """coalesce((SELECT json_agg(json_build_object('id', v.id, 'ended_at', v.ended_at, 'decision', v.decision,
      'keep_until', v.keep_until, 'because', v.because, 'decided_at', v.decided_at,
      'decided_by', json_build_object('id', d.id, 'name', d.name), 'approved_at', v.approved_at, 'approved_by', a.name,
      'dropped_at', v.dropped_at, 'dropped_by', x.name, 'done_at', v.done_at, 'version', v.version)
      ORDER BY v.id DESC)
    FROM retention_review v
    JOIN app_user d ON d.partnership_id = v.partnership_id AND d.id = v.decided_by
    LEFT JOIN app_user a ON a.partnership_id = v.partnership_id AND a.id = v.approved_by
    LEFT JOIN app_user x ON x.partnership_id = v.partnership_id AND x.id = v.dropped_by
   WHERE v.partnership_id = :partnership AND v.case_id = k.id), '[]')"""
_FACTS = "k.id, k.reference, k.state, k.high_risk, k.children, k.ended_at, k.referred_at"
ONE = sql(f"""
    SELECT {_FACTS}, {_HOLDS}::text AS holds, {_REVIEWS}::text AS reviews, {_RULES} AS rules
      FROM retained_case(:case_id) k
""")
BY_REFERENCE = sql("SELECT retained_case_of(:reference)")
CASE_OF_HOLD = sql("SELECT case_id FROM legal_hold WHERE partnership_id = :partnership AND id = :id")
CASE_OF_REVIEW = sql("SELECT case_id FROM retention_review WHERE partnership_id = :partnership AND id = :id")
# What is decided of one case is decided one after the other, until the transaction ends. The owner's command asks too.
ONE_AT_A_TIME = sql("SELECT pg_advisory_xact_lock(hashtextextended('retention ' || CAST(:case_id AS uuid), 0))")


# In the order of domain.retention.standing, for lists; a test holds the two together.
def _listed(cases: str) -> str:
    return f"""
    WITH listed AS (
      SELECT {_FACTS}, h.until_on AS held_until, h.id IS NOT NULL AS held, v.decision, v.keep_until, v.decided_by,
             CASE WHEN k.ended_at IS NOT NULL AND v.done_at IS NOT NULL THEN 'erased'
                  WHEN h.id IS NOT NULL THEN 'held'
                  WHEN k.ended_at IS NULL THEN 'open'
                  WHEN NOT k.due THEN 'not_due'
                  WHEN v.decision = 'erase' AND v.approved_at IS NOT NULL THEN 'approved'
                  WHEN v.decision = 'erase' THEN 'proposed'
                  WHEN v.keep_until > :today THEN 'kept'
                  ELSE 'due' END AS standing
        FROM {cases} k
        LEFT JOIN LATERAL (
          SELECT l.id, l.until_on FROM legal_hold l
           WHERE l.partnership_id = :partnership AND l.case_id = k.id AND l.lifted_at IS NULL
             AND (l.until_on IS NULL OR l.until_on > :today)
           ORDER BY l.until_on DESC NULLS FIRST, l.id LIMIT 1) h ON true
        LEFT JOIN LATERAL (
          SELECT w.decision, w.keep_until, w.approved_at, w.done_at, w.decided_by FROM retention_review w
           WHERE w.partnership_id = :partnership AND w.case_id = k.id AND w.dropped_at IS NULL
             AND w.ended_at = k.ended_at
           ORDER BY w.id DESC LIMIT 1) v ON true)"""


_LISTED = _listed("retained_cases(:high_risk, :below_high, :children, :transferred)")
# The same as one statement with the periods: domain.retention.ended_by says what PostgreSQL says of 29 February.
_ENDED_BY = ", ".join(
    f"(CAST(:today AS date) - make_interval(years => (p.years ->> '{kind}')::integer))::date" for kind in Kind
)
_LISTED_TODAY = _listed(
    f"(SELECT coalesce({_RULES}, :starting)::jsonb AS years) p CROSS JOIN LATERAL retained_cases({_ENDED_BY})"
)
LIST = sql(f"""
    {_LISTED}
    SELECT s.id, s.reference, s.state, s.high_risk, s.children, s.ended_at, s.referred_at, s.held_until, s.keep_until,
           s.standing, u.name AS decided_by
      FROM listed s LEFT JOIN app_user u ON u.partnership_id = :partnership AND u.id = s.decided_by
     WHERE s.standing = :standing AND s.id > :after
     ORDER BY s.id LIMIT :limit
""")
COUNTS = sql(f"{_LISTED} SELECT standing, count(*) AS cases FROM listed GROUP BY standing")
# What waits for somebody: what is to be decided, and what others proposed.
WAITING = sql(f"""
    {_LISTED_TODAY}
    SELECT count(*) FILTER (WHERE standing = 'due') AS to_decide,
           count(*) FILTER (WHERE standing = 'proposed' AND decided_by <> :user) AS to_approve
      FROM listed
""")
