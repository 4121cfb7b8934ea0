"""The trail: the part of it that each role may read, and, for the database's owner, whether all of it still holds."""

from functools import cache

from app.db.statements import Statement, sql

_COLUMNS = "t.id, t.at, t.verb, t.purpose, t.case_id, t.roles, t.actor_id, t.agency_id"
_PAGE = """
    SELECT coalesce(json_agg(json_build_object(
             'id', t.id, 'at', t.at, 'verb', t.verb, 'purpose', t.purpose, 'case_id', t.case_id, 'roles', t.roles,
             'actor', CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END,
             'agency', CASE WHEN g.id IS NOT NULL THEN json_build_object('id', g.id, 'name', g.name) END,
             'detail', CAST(d.detail AS json)) ORDER BY t.id DESC), '[]')::text AS body,
           array_agg(t.id ORDER BY t.id DESC) AS ids
      FROM ({entries}) t
      LEFT JOIN app_user u ON u.partnership_id = :partnership AND u.id = t.actor_id
      LEFT JOIN agency g ON g.partnership_id = :partnership AND g.id = t.agency_id
      LEFT JOIN audit_detail d ON d.partnership_id = :partnership AND d.id = t.id
"""
# A verb stands for its kind as well: "denied" for "denied.forbidden". Said in operators that PostgreSQL trusts before a
# policy has been applied, and in the order that its index is kept in; LIKE is neither.
_KIND = """t.verb >= :verb AND t.verb < CAST(:verb AS text) || '/'
             AND (t.verb = :verb OR t.verb >= CAST(:verb AS text) || '.')"""
_NARROWED = {
    "after": "t.id < :after",
    "case_id": "t.case_id = :case_id",
    "person": "t.actor_id = :person",
    "verb": "t.verb = :verb",
    "kind": _KIND.replace(":verb", ":kind"),
    "since": "t.at >= :since",
    "until": "t.at < :until",
}
ADMINISTRATION = "administration"
# What administrators did; and, for those who ask by verb, who was let in and who was not: systems are, all day.
_KEPT = f"({' OR '.join(_KIND.replace(':verb', repr(each)) for each in (ADMINISTRATION, 'single_sign_on'))})"
_LET_IN = "split_part(t.verb, '.', 1) = ANY ('{administration,single_sign_on,sign_in,client}')"


@cache
def page(kind: str, narrowed: frozenset[str]) -> Statement:
    """A page of the trail: ``own``, ``case``, ``partnership`` or ``administration``, narrowed by these parameters.

    A verb without a dot is given as ``kind``.
    """
    where = [text for name, text in _NARROWED.items() if name in narrowed]
    if kind == "case":
        where = [text for text in where if text != _NARROWED["case_id"]]
        where += ["t.agency_id = :agency"] if "agency" in narrowed else []
        columns = _COLUMNS.replace("t.case_id", "CAST(:case_id AS uuid) AS case_id")
        return sql(_PAGE.format(entries=_entries(columns, "trail_of_case(:case_id)", where)))
    where.insert(0, "t.partnership_id = :partnership")
    if kind == "own":
        where.append("t.actor_id = :actor")
    if kind == ADMINISTRATION:
        where.append(_LET_IN if narrowed & {"verb", "kind"} else _KEPT)
    if "agency" not in narrowed:
        return sql(_PAGE.format(entries=_entries(_COLUMNS, "audit", where)))
    # The newest of each of its people, and of those the newest: entries are found by person, and never by agency alone.
    each = _entries(_COLUMNS, "audit", [*where, "t.actor_id = w.id"])
    people = "w.partnership_id = :partnership AND w.agency_id = :agency"
    source = f"(SELECT n.* FROM app_user w CROSS JOIN LATERAL ({each}) n WHERE {people})"
    return sql(_PAGE.format(entries=_entries(_COLUMNS, source, [])))


def _entries(columns: str, source: str, where: list[str]) -> str:
    return f"SELECT {columns} FROM {source} t WHERE {' AND '.join(where) or 'true'} ORDER BY t.id DESC LIMIT :limit"


# What is hashed of an entry, as the migration's `audit_content` says it. Whoever checks a trail does not ask a function
# that is kept beside it: who can write the one can replace the other.
_CONTENT = """convert_to(jsonb_build_array(a.partnership_id, a.id, extract(epoch FROM a.at), a.actor_id, a.agency_id,
    a.roles, a.verb, a.case_id, a.subjects, a.purpose, a.request_id, encode(a.digest, 'hex'))::text, 'UTF8')"""
# For the same reason, PostgreSQL's own functions and operators come first, and what is checked must be tables.
TRUSTED = "SET LOCAL search_path = pg_catalog, public, pg_temp"
NO_TABLES = """
    SELECT t.name FROM unnest('{audit, audit_head, audit_detail, audit_seal, audit_sealed}'::text[]) AS t(name)
      JOIN pg_class c ON c.oid = to_regclass('public.' || t.name) WHERE c.relkind <> 'r'
"""
# Read as the owner, in one snapshot. Each entry is checked against the hash kept in the one before it, so a chain holds
# if every link does, none is missing, and the last is the one that the head names. Joined, not sorted: what is sorted
# would be the whole trail, and this way several processes can share the work.
BROKEN = rf"""
    WITH link AS (
      SELECT a.partnership_id, a.chain, a.seq,
             CASE WHEN a.seq < 1 OR (a.seq > 1 AND b.seq IS NULL) THEN 'gap'
                  WHEN a.chain IS DISTINCT FROM coalesce(a.case_id, a.actor_id, a.partnership_id)
                    OR a.hash IS DISTINCT FROM sha256(coalesce(b.hash, '\x'::bytea) || {_CONTENT})
                  THEN 'changed' END AS kind
        FROM audit a LEFT JOIN audit b
          ON b.partnership_id = a.partnership_id AND b.chain = a.chain AND b.seq = greatest(a.seq, 0) - 1
       WHERE $1::uuid IS NULL OR a.partnership_id = $1),
    length AS (
      SELECT a.partnership_id, a.chain, max(a.seq) AS seq, count(*) AS entries FROM audit a
       WHERE $1::uuid IS NULL OR a.partnership_id = $1 GROUP BY a.partnership_id, a.chain),
    head AS (SELECT * FROM audit_head h WHERE $1::uuid IS NULL OR h.partnership_id = $1),
    fault AS (
      SELECT partnership_id, chain, seq, kind FROM link WHERE kind IS NOT NULL
      UNION ALL
      SELECT coalesce(h.partnership_id, l.partnership_id), coalesce(h.chain, l.chain), coalesce(l.seq, 0),
             CASE WHEN l.seq IS NULL THEN 'gone' WHEN h.seq > l.seq THEN 'cut_short'
                  WHEN h.seq = l.seq AND h.hash = t.hash THEN 'gap' ELSE 'other_head' END
        FROM length l FULL JOIN head h ON h.partnership_id = l.partnership_id AND h.chain = l.chain
        LEFT JOIN audit t ON t.partnership_id = h.partnership_id AND t.chain = h.chain AND t.seq = h.seq
       WHERE h.seq IS DISTINCT FROM l.seq OR h.hash IS DISTINCT FROM t.hash OR l.entries <> l.seq)
    SELECT DISTINCT ON (f.partnership_id, f.chain) p.name AS partnership, f.chain, f.seq, f.kind
      FROM fault f LEFT JOIN partnership p ON p.id = f.partnership_id
     ORDER BY f.partnership_id, f.chain, f.seq, f.kind
"""
TOTALS = """
    SELECT count(*) AS entries, (SELECT count(*) FROM audit_head h WHERE $1::uuid IS NULL OR h.partnership_id = $1)
           AS chains
      FROM audit a WHERE $1::uuid IS NULL OR a.partnership_id = $1
"""
PARTNERSHIP = "SELECT id FROM partnership WHERE slug = $1"
CASES = """
    SELECT c.partnership_id, c.id, c.reference, p.name AS partnership
      FROM case_file c JOIN partnership p ON p.id = c.partnership_id WHERE c.reference = upper($1)
"""
GRANTS = """
    SELECT g.reason, g.desk, g.from_at, g.until_at, a.name AS agency, u.name AS person
      FROM case_grant g JOIN agency a ON a.partnership_id = g.partnership_id AND a.id = g.agency_id
      LEFT JOIN app_user u ON u.partnership_id = g.partnership_id AND u.id = g.user_id
     WHERE g.partnership_id = $1 AND g.case_id = $2 ORDER BY g.from_at, a.name, u.name NULLS FIRST
"""
LOOKS = """
    SELECT t.at, t.verb, t.purpose, t.roles, a.name AS agency, u.name AS person
      FROM audit t LEFT JOIN agency a ON a.partnership_id = t.partnership_id AND a.id = t.agency_id
      LEFT JOIN app_user u ON u.partnership_id = t.partnership_id AND u.id = t.actor_id
     WHERE t.partnership_id = $1 AND (t.case_id = $2 OR t.subjects && ids_of_case($1, $2)) ORDER BY t.id
"""
RESTRICTIONS = """
    SELECT from_at, until_at FROM case_restriction WHERE partnership_id = $1 AND case_id = $2 ORDER BY from_at
"""
EXCLUSIONS = """
    SELECT x.from_at, x.until_at, u.name AS person, a.name AS agency
      FROM case_exclusion x JOIN app_user u ON u.partnership_id = x.partnership_id AND u.id = x.user_id
      JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
     WHERE x.partnership_id = $1 AND x.case_id = $2 ORDER BY x.from_at, u.name
"""
EXPLAINED = """
    INSERT INTO audit (partnership_id, id, at, roles, verb, case_id, purpose, request_id)
    VALUES ($1, $3, $5, '{platform_operator}', 'audit.explained', $2, 'command_line', $4)
"""
REWORDED = """
    SELECT a.chain, a.seq, CASE WHEN a.id IS NULL THEN 'stray' ELSE 'reworded' END AS kind
      FROM audit_detail d LEFT JOIN audit a ON a.partnership_id = d.partnership_id AND a.id = d.id
     WHERE ($1::uuid IS NULL OR d.partnership_id = $1)
       AND (octet_length(d.salt) <> 16 OR a.digest IS DISTINCT FROM sha256(d.salt || convert_to(d.detail, 'UTF8')))
     ORDER BY a.chain, a.seq
"""
DETAILS = """
    SELECT count(*) AS committed, count(d.id) AS kept, count(*) - count(d.id) AS erased
      FROM audit a LEFT JOIN audit_detail d ON d.partnership_id = a.partnership_id AND d.id = a.id
     WHERE a.digest IS NOT NULL AND ($1::uuid IS NULL OR a.partnership_id = $1)
"""
