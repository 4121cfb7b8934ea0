"""Exclusions: who is kept from a case, as those see it who keep people apart."""

from app.db.statements import sql

_LINE = """json_build_object('id', x.id, 'version', x.version, 'kind', x.kind,
    'person', json_build_object('id', u.id, 'name', u.name), 'agency', json_build_object('id', a.id, 'name', a.name),
    'because', x.because, 'since', x.from_at, 'until', x.until_at, 'made_by', m.name, 'ended_by', e.name)"""
_PEOPLE = """
      JOIN app_user u ON u.partnership_id = x.partnership_id AND u.id = x.user_id
      JOIN agency a ON a.partnership_id = u.partnership_id AND a.id = u.agency_id
      JOIN app_user m ON m.partnership_id = x.partnership_id AND m.id = x.made_by
      LEFT JOIN app_user e ON e.partnership_id = x.partnership_id AND e.id = x.ended_by"""

LIST = sql(f"""
    SELECT coalesce(json_agg({_LINE} ORDER BY x.id DESC), '[]')::text AS body
      FROM case_exclusion x {_PEOPLE}
     WHERE x.partnership_id = :partnership AND x.case_id = :case_id
""")
SHOW = sql(f"""
    SELECT x.version, {_LINE}::text AS body FROM case_exclusion x {_PEOPLE}
     WHERE x.partnership_id = :partnership AND x.id = :id
""")
TO_END = sql("""
    SELECT id, user_id, until_at, version FROM case_exclusion
     WHERE partnership_id = :partnership AND case_id = :case_id AND id = :id FOR UPDATE
""")
USER = sql("SELECT name FROM app_user WHERE partnership_id = :partnership AND id = :id AND ended_at IS NULL")
STANDING = sql("""
    SELECT id FROM case_exclusion
     WHERE partnership_id = :partnership AND case_id = :case_id AND user_id = :user AND until_at IS NULL
""")
LET_GO = sql("SELECT let_go_of(:case_id)")
