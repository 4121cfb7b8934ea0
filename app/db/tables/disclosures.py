"""What was shared between agencies, and what was not: with whom, why, and on what lawful basis."""

from sqlalchemy import ARRAY, CheckConstraint, Column, Date, Index, Integer, UniqueConstraint, Uuid, text

from app.db.tables.base import belongs, case_table, document, labels, made_at, ref, tenant_table, words

# The partnership's register. An entry is for the kinds of agency that it names; with none, for every agency. It holds
# before the day on which it ends; a version is never changed but for that day.
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
    CheckConstraint("effective_until >= effective_from", name="span_runs_forwards"),
)

sharing_agreement = tenant_table(
    "sharing_agreement",
    words("title", required=True),
    words("version_name", required=True),
    Column("effective_from", Date, nullable=False),
    Column("effective_until", Date),
    made_at(),
    CheckConstraint("effective_until >= effective_from", name="span_runs_forwards"),
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
    ref("basis_id"),
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
    # What is in the ledger stays. A later entry may say that it puts an earlier one right.
    ref("corrects"),
    made_at("at"),
    belongs("from_agency_id", "agency"),
    belongs("from_user_id", "app_user"),
    belongs("basis_id", "lawful_basis"),
    belongs("agreement_id", "sharing_agreement"),
    belongs("corrects", "disclosure"),
    CheckConstraint("kind IN ('shared', 'withheld')", name="kind_known"),
    CheckConstraint(
        "kind = 'withheld' OR num_nonnulls(basis_id, necessity, proportionality, nature) = 4", name="shared_on_a_basis"
    ),
    CheckConstraint("kind = 'withheld' OR to_agencies <> '{}' OR to_outside IS NOT NULL", name="shared_with_somebody"),
    CheckConstraint("kind = 'shared' OR because IS NOT NULL", name="withheld_for_a_reason"),
    Index(
        "uq_disclosure_corrected_once",
        "partnership_id",
        "corrects",
        unique=True,
        postgresql_where="corrects IS NOT NULL",
    ),
    Index("ix_disclosure_from", "partnership_id", "from_agency_id", "id"),
)
