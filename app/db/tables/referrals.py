"""Referrals from first draft to case, possible matches to people already known, and offers of support."""

from sqlalchemy import ARRAY, Column, Date, Index, Integer, LargeBinary, UniqueConstraint, Uuid

from app.db.tables.base import belongs, case_table, document, labels, made_at, ref, tenant_table, when, words

referral = tenant_table(
    "referral",
    ref("case_id"),
    words("status", required=True),
    Column("version", Integer, nullable=False, server_default="1"),
    ref("agency_id", required=True),
    ref("author_id", required=True),
    # Those who may see it while it is a draft: its author and their agency's desk. Then the case decides.
    Column("principals", ARRAY(Uuid), nullable=False),
    document("form"),
    words("contacts_key_id"),
    Column("contacts", LargeBinary),
    words("digest"),
    document("result"),
    made_at(),
    when("updated_at", required=True),
    when("submitted_at"),
    belongs("case_id", "case_file"),
    belongs("agency_id", "agency"),
    belongs("author_id", "app_user"),
    Index("ix_referral_case", "partnership_id", "case_id"),
    Index("ix_referral_key", "contacts_key_id", postgresql_where="contacts_key_id IS NOT NULL"),
    Index("ix_referral_agency", "partnership_id", "agency_id", "id"),
    # Drafts are few among all that an agency ever sent.
    Index("ix_referral_draft", "partnership_id", "agency_id", "id", postgresql_where="status = 'draft'"),
    # The same words from the same person are the same referral, however often the network repeats them.
    Index(
        "uq_referral_digest",
        "partnership_id",
        "author_id",
        "digest",
        unique=True,
        postgresql_where="digest IS NOT NULL",
    ),
)

# Two records that may be one person. Only a coordinator joins them, and only with both in sight.
possible_match = case_table(
    "possible_match",
    ref("party_id", required=True),
    ref("other_case_id", required=True),
    ref("other_party_id", required=True),
    labels("why"),
    words("status", required=True),
    ref("decided_by"),
    when("decided_at"),
    made_at(),
    belongs("party_id", "party"),
    belongs("other_party_id", "party"),
    belongs("other_case_id", "case_file"),
    UniqueConstraint("partnership_id", "party_id", "other_party_id"),
)

support_offer = case_table(
    "support_offer",
    words("service", required=True),
    ref("agency_id", required=True),
    words("status", required=True),
    Column("accept_by", Date, nullable=False),
    made_at("offered_at"),
    ref("offered_by"),
    when("answered_at"),
    ref("answered_by"),
    words("reason"),
    Column("version", Integer, nullable=False, server_default="1"),
    belongs("agency_id", "agency"),
    Index("ix_support_offer_agency", "partnership_id", "agency_id", "status"),
)
