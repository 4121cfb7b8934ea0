"""What waits for somebody: every kind in one statement, each found by an index and no further than it is counted.

But for records that may be one person: which pairs those are is judged by rules, not by SQL.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from app.db.statements import Statement, sql
from app.domain.actions import OUTSTANDING
from app.domain.lifecycle import NOT_FOLLOWED
from app.domain.work import Kind, When
from app.risk.grading import Level


def _texts(values: Iterable[str]) -> str:
    return ", ".join(f"'{each}'" for each in sorted(values))


# The end of the day in London on which something is due.
_END = "(CAST({0} + 1 AS timestamp) AT TIME ZONE 'Europe/London')"
_SITS = "s.partnership_id = :partnership AND s.agency_id = :agency AND sits_at(s, m.starts_at)"
_ACTION = """json_build_object('what', a.what, 'owner', (SELECT u.name FROM app_user u
                   WHERE u.partnership_id = a.partnership_id AND u.id = a.owner_id))"""
_VICTIM = """coalesce(r.form #>> '{victim,known_as}',
               nullif(concat_ws(' ', r.form #>> '{victim,given_name}', r.form #>> '{victim,family_name}'), ''))"""


def _draft(whose: str) -> str:
    return f"""
    SELECT r.id, CAST(NULL AS uuid) AS case_id, CAST(NULL AS timestamptz) AS due_by, CAST(NULL AS date) AS due_on,
           r.created_at AS since, r.created_at AS place,
           json_build_object('victim', {_VICTIM}, 'author', u.name) AS about
      FROM referral r JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.author_id
     WHERE r.partnership_id = :partnership AND r.agency_id = :agency AND r.status = 'draft' AND {whose}
     ORDER BY r.id LIMIT :most"""


def _meeting_due(due: str, where: str) -> str:
    """Meetings that something is to be done to, if anything that the actor sees is on their lists."""
    return f"""
    SELECT m.id, CAST(NULL AS uuid) AS case_id, m.{due} AS due_by, CAST(NULL AS date) AS due_on,
           CAST(NULL AS timestamptz) AS since, m.{due} AS place,
           json_build_object('meeting', f.name, 'starts_at', m.starts_at, 'status', m.status, 'cases', n.cases) AS about
      FROM forum f JOIN meeting m ON m.partnership_id = f.partnership_id AND m.forum_id = f.id AND {where}
     CROSS JOIN LATERAL (
       SELECT count(*) AS cases FROM agenda_item i WHERE i.partnership_id = m.partnership_id
          AND i.meeting_id = m.id AND i.status IN ('listed', 'decided')) n
     WHERE f.partnership_id = :partnership AND n.cases > 0
     ORDER BY m.{due}, m.id LIMIT :most"""


_BRANCHES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.MEETING: f"""
    SELECT m.id, CAST(NULL AS uuid) AS case_id, CAST(NULL AS timestamptz) AS due_by, CAST(NULL AS date) AS due_on,
           CAST(NULL AS timestamptz) AS since, m.starts_at AS place,
           json_build_object('meeting', f.name, 'starts_at', m.starts_at, 'status', m.status, 'cases', n.cases) AS about
      FROM forum_member s
      JOIN meeting m ON m.partnership_id = s.partnership_id AND m.forum_id = s.forum_id
      JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
     CROSS JOIN LATERAL (
       SELECT count(*) AS cases FROM agenda_item i WHERE i.partnership_id = m.partnership_id
          AND i.meeting_id = m.id AND i.status IN ('listed', 'decided')) n
     WHERE {_SITS} AND m.starts_at >= :since AND m.starts_at < :tomorrow
       AND m.status IN ('scheduled', 'locked', 'published', 'in_session') AND n.cases > 0
     ORDER BY m.starts_at, m.id LIMIT :most""",
        Kind.CONTACT: """
    SELECT s.id, s.case_id, s.contact_due_at AS due_by, CAST(NULL AS date) AS due_on,
           CAST(NULL AS timestamptz) AS since, s.contact_due_at AS place, json_build_object() AS about
      FROM idva_support s
     WHERE s.partnership_id = :partnership AND s.idva_id = :user AND s.ended_at IS NULL AND s.reached_at IS NULL
     ORDER BY s.contact_due_at, s.id LIMIT :most""",
        Kind.UNALLOCATED: f"""
    SELECT c.id, c.id AS case_id, CAST(NULL AS timestamptz) AS due_by, CAST(NULL AS date) AS due_on,
           c.last_referred_at AS since, c.last_referred_at AS place,
           json_build_object('meeting_at', c.next_meeting_at) AS about
      FROM case_file c
     WHERE c.partnership_id = :partnership AND c.idva_id IS NULL AND c.level = '{Level.HIGH}'
       AND c.state NOT IN ({_texts(NOT_FOLLOWED)})
     ORDER BY c.last_referred_at, c.id LIMIT :most""",
        Kind.RESEARCH: f"""
    SELECT i.id, i.case_id, m.research_due_at AS due_by, CAST(NULL AS date) AS due_on,
           CAST(NULL AS timestamptz) AS since, m.research_due_at AS place,
           json_build_object('meeting', f.name, 'starts_at', m.starts_at, 'kept', r.id IS NOT NULL) AS about
      FROM forum_member s
      JOIN meeting m ON m.partnership_id = s.partnership_id AND m.forum_id = s.forum_id
      JOIN forum f ON f.partnership_id = m.partnership_id AND f.id = m.forum_id
     CROSS JOIN LATERAL (
       -- Meeting by meeting, or PostgreSQL would read the lists of all that there ever were.
       SELECT i.id, i.case_id FROM agenda_item i
        WHERE i.partnership_id = m.partnership_id AND i.meeting_id = m.id AND i.status = 'listed' OFFSET 0) i
      LEFT JOIN research_return r ON r.partnership_id = :partnership AND r.item_id = i.id
                                 AND r.agency_id = s.agency_id
     WHERE {_SITS} AND m.starts_at > CAST(:now AS timestamptz) - interval '1 day'
       AND m.status IN ('scheduled', 'locked', 'published', 'in_session') AND r.released_at IS NULL
     ORDER BY m.research_due_at, i.id LIMIT :most""",
        Kind.ACTION: f"""
    SELECT a.id, a.case_id, CAST(NULL AS timestamptz) AS due_by, a.due_on, CAST(NULL AS timestamptz) AS since,
           {_END.format("a.due_on")} AS place, {_ACTION} AS about
      FROM action a
     WHERE a.partnership_id = :partnership AND a.owner_id = :user AND a.status IN ({_texts(OUTSTANDING)})
     ORDER BY a.due_on, a.id LIMIT :most""",
        Kind.DRAFT: _draft("r.author_id = :user"),
        Kind.OFFER: f"""
    SELECT o.id, o.case_id, CAST(NULL AS timestamptz) AS due_by, o.accept_by AS due_on,
           CAST(NULL AS timestamptz) AS since, {_END.format("o.accept_by")} AS place,
           json_build_object('service', o.service) AS about
      FROM support_offer o
     WHERE o.partnership_id = :partnership AND o.agency_id = :agency AND o.status = 'offered'
     ORDER BY o.accept_by, o.id LIMIT :most""",
        Kind.PACK: _meeting_due("agenda_due_at", "m.status IN ('scheduled', 'locked')"),
        Kind.MINUTES: _meeting_due("minutes_due_at", "m.status = 'held'"),
        Kind.REVIEW: f"""
    SELECT b.id, CAST(NULL AS uuid) AS case_id, CAST(NULL AS timestamptz) AS due_by, b.review_due_on AS due_on,
           CAST(NULL AS timestamptz) AS since, {_END.format("b.review_due_on")} AS place,
           json_build_object('reference', b.case_reference, 'person', u.name, 'agency', g.name) AS about
      FROM break_glass b
      JOIN app_user u ON u.partnership_id = b.partnership_id AND u.id = b.user_id
      JOIN agency g ON g.partnership_id = b.partnership_id AND g.id = b.agency_id
     WHERE b.partnership_id = :partnership AND b.reviewed_at IS NULL AND b.user_id <> :user
     ORDER BY b.review_due_on, b.id LIMIT :most""",
        Kind.AGENCY_ACTION: f"""
    SELECT a.id, a.case_id, CAST(NULL AS timestamptz) AS due_by, a.due_on, CAST(NULL AS timestamptz) AS since,
           {_END.format("a.due_on")} AS place, {_ACTION} AS about
      FROM unnest(ARRAY[{_texts(OUTSTANDING)}]) o(status) CROSS JOIN LATERAL (
        SELECT w.* FROM action w
         WHERE w.partnership_id = :partnership AND w.agency_id = :agency AND w.status = o.status
           AND w.owner_id IS DISTINCT FROM :user
         ORDER BY w.due_on, w.id LIMIT :most) a
     ORDER BY a.due_on, a.id LIMIT :most""",
        Kind.AGENCY_DRAFT: _draft("r.author_id <> :user"),
        Kind.NOTICE: """
    SELECT n.id, CAST(NULL AS uuid) AS case_id, CAST(NULL AS timestamptz) AS due_by, CAST(NULL AS date) AS due_on,
           n.at AS since, n.at AS place, json_build_object('kind', n.kind) AS about
      FROM notice n
     WHERE n.partnership_id = :partnership AND n.principal = ANY ((SELECT actor_principals())::uuid[])
       AND n.seen_at IS NULL
     ORDER BY n.id DESC LIMIT :most""",
    }
)
# Which span of time it falls into, by its number in When.
_SPAN = """CASE WHEN w.due_by IS NULL AND w.due_on IS NULL THEN 2
            WHEN w.place <= :now THEN 1 WHEN w.place <= :tomorrow THEN 2 WHEN w.place <= :week THEN 3 ELSE 4 END"""


@cache
def waiting(kinds: tuple[Kind, ...]) -> Statement:
    """What waits of these kinds: how many in each span of time, and the nearest of each with its case.

    Only kinds that the actor may act on are asked for: PostgreSQL plans each of them anew. :since and :tomorrow: when
    today began and will be over; :week: when this week will.
    """
    asked = " UNION ALL ".join(
        f"(SELECT CAST('{kind}' AS text) AS kind, {number} AS rank, b.* FROM ({_BRANCHES[kind]}) b)"
        for number, kind in enumerate(kinds)
        if kind in _BRANCHES
    )
    spans = ", ".join(f"'{each}'" for each in When)
    return sql(f"""
    SELECT coalesce(json_agg(json_build_object('kind', r.kind, 'when', (ARRAY[{spans}])[r.span], 'count', r.count,
             'more', r.found >= :most AND r.span = r.last, 'id', r.id, 'due_by', r.due_by, 'due_on', r.due_on,
             'since', r.since, 'about', r.about, 'case', CASE WHEN c.id IS NOT NULL THEN
               json_build_object('id', c.id, 'reference', c.reference, 'victim_name', c.victim_name) END)
             ORDER BY r.span, r.rank, r.number), '[]')::text AS body,
           array_agg(coalesce(c.id, r.id)) FILTER (WHERE c.id IS NOT NULL OR r.kind LIKE '%draft') AS subjects
      FROM (SELECT s.*, row_number() OVER (PARTITION BY s.rank, s.span ORDER BY s.place, s.id) AS number,
                   count(*) OVER (PARTITION BY s.rank, s.span) AS count,
                   count(*) OVER (PARTITION BY s.rank) AS found, max(s.span) OVER (PARTITION BY s.rank) AS last
              FROM (SELECT w.*, {_SPAN} AS span FROM ({asked}) w) s) r
      LEFT JOIN case_file c ON c.partnership_id = :partnership AND c.id = r.case_id
     WHERE r.number <= :shown
    """)
