"""The register of lawful bases and the agreements, as they stand on a day."""

from functools import lru_cache

from app.db.statements import sql
from app.domain.lawful_bases import Register

_ENTRY = """json_build_object('id', b.id, 'code', b.code, 'version', b.version, 'title', b.title, 'help', b.help,
    'agency_kinds', b.agency_kinds, 'proposed_for', b.proposed_for, 'article_6', b.article_6,
    'article_9', b.article_9, 'article_10', b.article_10, 'power', b.power, 'effective_from', b.effective_from,
    'effective_until', b.effective_until)"""
_AGREEMENT = """json_build_object('id', s.id, 'title', s.title, 'version', s.version_name,
    'effective_from', s.effective_from, 'effective_until', s.effective_until)"""

# As one value, so that a statement which loads other facts can carry it along: needs :partnership, :today and :kind.
REGISTER_TEXT = f"""json_build_object(
    'bases', coalesce((SELECT json_agg({_ENTRY} ORDER BY b.code, b.id) FROM lawful_basis b
       WHERE b.partnership_id = :partnership AND b.effective_from <= :today
         AND (b.effective_until IS NULL OR b.effective_until > :today)
         AND (b.agency_kinds = '{{}}' OR CAST(:kind AS text) = ANY (b.agency_kinds))), '[]'),
    'agreements', coalesce((SELECT json_agg({_AGREEMENT} ORDER BY s.effective_from DESC, s.id DESC)
       FROM sharing_agreement s WHERE s.partnership_id = :partnership AND s.effective_from <= :today
        AND (s.effective_until IS NULL OR s.effective_until > :today)), '[]'))::text"""

REGISTER = sql(f"SELECT {REGISTER_TEXT}")

# A register is parsed once for as long as its text is the same.
register_from = lru_cache(maxsize=256)(Register.model_validate_json)

EVERY_VERSION = sql(f"""
    SELECT coalesce(json_agg({_ENTRY} ORDER BY b.code, b.version DESC), '[]')::text
      FROM lawful_basis b WHERE b.partnership_id = :partnership
""")
# Everything that is kept, and how often each was shared on since a day.
KEPT = sql(f"""
    SELECT json_build_object(
      'bases', coalesce((SELECT json_agg({_ENTRY} ORDER BY b.code, b.version DESC) FROM lawful_basis b
                          WHERE b.partnership_id = :partnership), '[]'),
      'agreements', coalesce((SELECT json_agg({_AGREEMENT} ORDER BY s.effective_from DESC, s.id DESC)
                                FROM sharing_agreement s WHERE s.partnership_id = :partnership), '[]'),
      'times', coalesce((SELECT json_object_agg(t.id, t.times) FROM (
          WITH shared AS MATERIALIZED (SELECT * FROM shared_since(:since))
          SELECT basis_id AS id, sum(times) AS times FROM shared WHERE basis_id IS NOT NULL GROUP BY 1
          UNION ALL
          SELECT agreement_id, sum(times) FROM shared WHERE agreement_id IS NOT NULL GROUP BY 1) t), '{{}}'))::text
""")
LATEST = sql(f"""
    SELECT {_ENTRY}::text FROM lawful_basis b WHERE b.partnership_id = :partnership AND b.code = :code
     ORDER BY b.version DESC LIMIT 1
""")
ONE = sql(f"SELECT {_ENTRY}::text FROM lawful_basis b WHERE b.partnership_id = :partnership AND b.id = :id")
END = sql("""
    UPDATE lawful_basis SET effective_until = :on
     WHERE partnership_id = :partnership AND id = :id AND (effective_until IS NULL OR effective_until > :on)
    RETURNING id
""")

AGREEMENTS = sql(f"""
    SELECT coalesce(json_agg({_AGREEMENT} ORDER BY s.effective_from DESC, s.id DESC), '[]')::text
      FROM sharing_agreement s WHERE s.partnership_id = :partnership
""")
AGREEMENT = sql(
    f"SELECT {_AGREEMENT}::text FROM sharing_agreement s WHERE s.partnership_id = :partnership AND s.id = :id"
)
END_AGREEMENT = sql("""
    UPDATE sharing_agreement SET effective_until = :on
     WHERE partnership_id = :partnership AND id = :id AND (effective_until IS NULL OR effective_until > :on)
    RETURNING id
""")
