"""What was shared between agencies, and what was not: with whom, why, and on what lawful basis."""

from sqlalchemy import ARRAY, CheckConstraint, Column, Date, Index, Integer, UniqueConstraint, Uuid, text

from app.db.tables.base import belongs, case_table, document, labels, made_at, ref, tenant_table, words

# The partnership's register. An entry is for the kinds of agency that it names; with none, for every agency.
lawful_basis = tenant_table(
    "lawful_basis",
    words("code", required=True),
    Column("version", Integer, nullable=False, server_default="1"),
    words("title", required=True),
    words("help", required=True),
    labels("agency_kinds"),
    labels("proposed_for"),
    words("article_6"),
    words("article_9"),
    words("article_10"),
    words("power"),
    Column("effective_from", Date, nullable=False),
    Column("effective_until", Date),
    made_at(),
    UniqueConstraint("partnership_id", "code", "version"),
)

sharing_agreement = tenant_table(
    "sharing_agreement",
    words("title", required=True),
    words("version_name", required=True),
    Column("effective_from", Date, nullable=False),
    Column("effective_until", Date),
    made_at(),
)

disclosure = case_table(
    "disclosure",
    words("kind", required=True),
    words("act", required=True),
    ref("source_id"),
    Column("subjects", ARRAY(Uuid), nullable=False, server_default=text("'{}'::uuid[]")),
    labels("items"),
    words("detail"),
    ref("from_agency_id", required=True),
    ref("from_user_id", required=True),
    Column("to_agencies", ARRAY(Uuid), nullable=False, server_default=text("'{}'::uuid[]")),
    Column("to_users", ARRAY(Uuid), nullable=False, server_default=text("'{}'::uuid[]")),
    words("to_outside"),
    words("purpose", required=True),
    ref("basis_id", required=True),
    # As it stood when it was chosen, since registers change.
    document("basis"),
    ref("agreement_id"),
    words("necessity"),
    words("proportionality"),
    words("awareness"),
    words("nature"),
    words("channel", required=True),
    words("onward"),
    words("because"),
    made_at("at"),
    belongs("from_agency_id", "agency"),
    belongs("from_user_id", "app_user"),
    belongs("basis_id", "lawful_basis"),
    belongs("agreement_id", "sharing_agreement"),
    CheckConstraint("kind IN ('shared', 'withheld')", name="kind_known"),
    Index("ix_disclosure_from", "partnership_id", "from_agency_id", "id"),
)
