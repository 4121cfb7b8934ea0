"""The ledger of what was shared, as those may read it who see the case; and, whole, the auditor."""

from app.db.lawful_bases import REGISTER_TEXT
from app.db.statements import sql

# Whose subjects are not listed was about everybody in the case at the time.
_LINE = """json_build_object('id', d.id, 'kind', d.kind, 'act', d.act, 'at', d.at,
    'case', json_build_object('id', d.case_id, 'reference', c.reference),
    'everybody', d.subjects = '{}',
    'subjects', coalesce((SELECT json_agg(json_build_object('party_id', p.id, 'person_reference', n.reference,
         'name', p.name, 'role', p.role) ORDER BY p.id)
        FROM party p JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
       WHERE p.partnership_id = d.partnership_id AND p.case_id = d.case_id
         AND CASE WHEN d.subjects = '{}' THEN p.created_at <= d.at ELSE p.id = ANY (d.subjects) END), '[]'),
    'items', d.items, 'detail', d.detail,
    'sender', json_build_object('agency', json_build_object('id', a.id, 'name', a.name),
                              'person', json_build_object('id', u.id, 'name', u.name)),
    'to', json_build_object(
      'agencies', coalesce((SELECT json_agg(json_build_object('id', t.id, 'name', t.name) ORDER BY t.name, t.id)
         FROM agency t WHERE t.partnership_id = d.partnership_id AND t.id = ANY (d.to_agencies)), '[]'),
      'people', coalesce((SELECT json_agg(json_build_object('id', t.id, 'name', t.name) ORDER BY t.name, t.id)
         FROM app_user t WHERE t.partnership_id = d.partnership_id AND t.id = ANY (d.to_users)), '[]'),
      'outside', d.to_outside),
    'purpose', d.purpose, 'basis', NULLIF(d.basis, '{}'),
    'agreement', CASE WHEN s.id IS NOT NULL
       THEN json_build_object('id', s.id, 'title', s.title, 'version', s.version_name) END,
    'necessity', d.necessity, 'proportionality', d.proportionality, 'awareness', d.awareness, 'nature', d.nature,
    'channel', d.channel, 'onward', d.onward, 'because', d.because, 'corrects', d.corrects,
    'corrected_by', (SELECT x.id FROM disclosure x WHERE x.partnership_id = d.partnership_id AND x.corrects = d.id))"""
_JOINS = """
      JOIN agency a ON a.partnership_id = d.partnership_id AND a.id = d.from_agency_id
      JOIN app_user u ON u.partnership_id = d.partnership_id AND u.id = d.from_user_id
      LEFT JOIN case_file c ON c.partnership_id = d.partnership_id AND c.id = d.case_id
      LEFT JOIN sharing_agreement s ON s.partnership_id = d.partnership_id AND s.id = d.agreement_id"""
_PAGE = f"""coalesce(json_agg({_LINE} ORDER BY d.id DESC), '[]')::text AS body,
           array_agg(d.id ORDER BY d.id DESC) AS ids, array_agg(DISTINCT d.case_id) AS cases"""
_BEFORE = "(CAST(:after AS uuid) IS NULL OR d.id < :after) ORDER BY d.id DESC LIMIT :limit"

# OFFSET 0: a case's entries are few, and are looked up as such. Left to itself, PostgreSQL may hope to meet fifty of
# them while walking back through everybody's.
OF_CASE = sql(f"""
    SELECT k.id, page.body, page.ids FROM case_file k CROSS JOIN LATERAL (
      SELECT {_PAGE} FROM (
        SELECT d.* FROM (SELECT * FROM disclosure WHERE partnership_id = k.partnership_id AND case_id = k.id OFFSET 0) d
         WHERE {_BEFORE}) d
      {_JOINS}) page
     WHERE k.partnership_id = :partnership AND k.id = :id
""")


def _list(rows: str) -> str:
    return f"SELECT {_PAGE} FROM (SELECT d.* FROM ({rows}) d WHERE {_BEFORE}) d {_JOINS}"


_OF_KIND = "(CAST(:kind AS text) IS NULL OR d.kind = :kind)"
_LATEST = f"""(SELECT d.* FROM disclosure d WHERE d.partnership_id = :partnership AND {{}} AND {_OF_KIND}
                AND {_BEFORE})"""
EVERY = sql(_list(_LATEST.format("true")))
# Whoever sees few cases starts from those, and whoever sees many from the agency's entries: either way few rows that
# are not theirs are looked at.
OUTGOING = sql(
    """
    WITH seen AS (SELECT array_agg(g.case_id) AS cases, count(*) AS number FROM (
           SELECT DISTINCT case_id FROM case_grant
            WHERE partnership_id = :partnership AND principal = ANY ((SELECT actor_principals())::uuid[]) LIMIT 1001) g)
    """
    + _list(
        f"""
        (SELECT d.* FROM seen CROSS JOIN LATERAL (
           SELECT * FROM disclosure WHERE partnership_id = :partnership AND case_id = ANY (seen.cases) OFFSET 0) d
          WHERE seen.number <= 1000 AND d.from_agency_id = :agency AND {_OF_KIND} AND {_BEFORE})
        UNION ALL
        {_LATEST.format("d.from_agency_id = :agency AND (SELECT number FROM seen) > 1000")}"""
    )
)
IN_CASE = sql(
    _list(
        f"""SELECT d.* FROM (
               SELECT * FROM disclosure WHERE partnership_id = :partnership AND case_id = :case_id OFFSET 0) d
             WHERE (CAST(:agency AS uuid) IS NULL OR d.from_agency_id = :agency) AND {_OF_KIND}"""
    )
)
# Of several cases, in a span of time; from an agency or to it, if one is named.
BETWEEN = sql(
    _list(
        """SELECT d.* FROM (
               SELECT * FROM disclosure WHERE partnership_id = :partnership AND case_id = ANY (:cases) OFFSET 0) d
             WHERE d.kind = 'shared' AND d.at >= :since AND d.at < :until
               AND (CAST(:agency AS uuid) IS NULL OR d.from_agency_id = :agency OR :agency = ANY (d.to_agencies))"""
    )
)

# Every case in which the actor knows the person; to the auditor, who sees no case, the sharings alone are told.
_THEM = """
    WITH asked AS (SELECT coalesce(same_as, id) AS id FROM person
                    WHERE partnership_id = :partnership AND reference = :reference),
    known AS (SELECT p.id, p.case_id, p.created_at, p.name FROM asked
                JOIN party p ON p.partnership_id = :partnership AND p.person_id = asked.id),
    them AS (SELECT * FROM known UNION ALL
             SELECT a.id, a.case_id, a.created_at, NULL FROM audited_parties(:reference) a
              WHERE a.id NOT IN (SELECT id FROM known))"""
_ABOUT_THEM = """SELECT d.* FROM them CROSS JOIN LATERAL (
          SELECT * FROM disclosure WHERE partnership_id = :partnership AND case_id = them.case_id OFFSET 0) d
         WHERE CASE WHEN d.subjects = '{}' THEN them.created_at <= d.at ELSE them.id = ANY (d.subjects) END"""
OF_PERSON = sql(f"""{_THEM}
    SELECT (SELECT name FROM known ORDER BY id DESC LIMIT 1) AS name, (SELECT count(*) FROM them) AS parties, page.*
      FROM (SELECT {_PAGE} FROM (SELECT d.* FROM ({_ABOUT_THEM}) d WHERE {_BEFORE}) d {_JOINS}) page
""")
# What is printed: nothing that was written in somebody's own words but the names of those who were told.
SHEET = sql(f"""{_THEM}
    SELECT (SELECT name FROM known ORDER BY id DESC LIMIT 1) AS name, (SELECT count(*) FROM them) AS parties,
           (SELECT json_build_object('name', name, 'marking', marking)::text FROM partnership_today()
             WHERE id = :partnership) AS partnership, page.*
      FROM (SELECT {_PAGE} FROM (
              SELECT d.* FROM ({_ABOUT_THEM}) d WHERE d.kind = 'shared' ORDER BY d.id DESC LIMIT :limit) d
            {_JOINS}) page
""")

ONE = sql(f"SELECT {_LINE}::text FROM disclosure d {_JOINS} WHERE d.partnership_id = :partnership AND d.id = :id")

# All that an entry made by hand is held against.
TO_RECORD = sql(f"""
    SELECT (SELECT array_agg(p.id ORDER BY p.id) FROM party p
             WHERE p.partnership_id = :partnership AND p.case_id = :case_id) AS parties,
           (SELECT array_agg(a.id) FROM agency a
             WHERE a.partnership_id = :partnership AND a.ended_at IS NULL) AS agencies,
           {REGISTER_TEXT} AS register,
           EXISTS (SELECT 1 FROM disclosure d
                    WHERE d.partnership_id = :partnership AND d.id = :corrects AND d.case_id = :case_id
                      AND d.from_agency_id = :agency AND d.kind = :kind_of_entry) AS correctable,
           EXISTS (SELECT 1 FROM disclosure x
                    WHERE x.partnership_id = :partnership AND x.corrects = :corrects) AS corrected
""")
