"""Who is kept from a case, who opened one in an emergency, and who is told."""

from sqlalchemy import ARRAY, CheckConstraint, Column, Date, Index, Integer, LargeBinary, Uuid

from app.db.tables.base import belongs, case_table, document, made_at, ref, tenant_table, when, words

# Somebody with a conflict of interest. For them the case does not exist, whatever else would open it.
case_exclusion = case_table(
    "case_exclusion",
    ref("user_id", required=True),
    words("kind", required=True),
    words("because"),
    when("from_at", required=True),
    when("until_at"),
    ref("made_by", required=True),
    ref("ended_by"),
    Column("version", Integer, nullable=False, server_default="1"),
    belongs("user_id", "app_user"),
    CheckConstraint("ended_by <> user_id", name="ended_by_another"),
    Index("ix_case_exclusion_user", "partnership_id", "user_id"),
    Index(
        "uq_case_exclusion_standing",
        "partnership_id",
        "case_id",
        "user_id",
        unique=True,
        postgresql_where="until_at IS NULL",
    ),
)

# While one of these stands, the case exists for those named in its grants of reason 'named', and for nobody else.
case_restriction = case_table(
    "case_restriction",
    words("because", required=True),
    when("from_at", required=True),
    when("until_at"),
    ref("made_by", required=True),
    ref("ended_by"),
    Column("version", Integer, nullable=False, server_default="1"),
    Index(
        "uq_case_restriction_standing", "partnership_id", "case_id", unique=True, postgresql_where="until_at IS NULL"
    ),
)

# One use of it. The reference is kept here too, since who reviews it never sees the case. ended_at: given up early, or
# taken away by the review; until_at stays what was asked for.
break_glass = case_table(
    "break_glass",
    words("case_reference", required=True),
    ref("user_id", required=True),
    ref("agency_id", required=True),
    words("reason", required=True),
    when("from_at", required=True),
    when("until_at", required=True),
    when("ended_at"),
    Column("review_due_on", Date, nullable=False),
    when("reviewed_at"),
    ref("reviewed_by"),
    words("finding"),
    words("review"),
    Column("version", Integer, nullable=False, server_default="1"),
    belongs("user_id", "app_user"),
    belongs("agency_id", "agency"),
    CheckConstraint("reviewed_by <> user_id", name="reviewed_by_another"),
    CheckConstraint("until_at > from_at AND until_at <= from_at + interval '24 hours'", name="a_day_at_most"),
    CheckConstraint("num_nonnulls(reviewed_at, reviewed_by, finding, review) IN (0, 4)", name="reviewed_whole"),
    CheckConstraint("finding IN ('justified', 'not_justified')", name="finding_known"),
    Index("ix_break_glass_user", "partnership_id", "user_id"),
    Index("ix_break_glass_open", "partnership_id", "id", postgresql_where="reviewed_at IS NULL"),
)

# Told at once, to a person or to whoever holds a role at an agency. Names nobody: what it is about is looked up.
notice = tenant_table(
    "notice",
    ref("principal", required=True),
    words("kind", required=True),
    ref("case_id"),
    ref("about_id"),
    made_at("at"),
    when("seen_at"),
    ref("seen_by"),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("ix_notice_principal", "partnership_id", "principal", "id"),
    Index("ix_notice_unseen", "partnership_id", "principal", "id", postgresql_where="seen_at IS NULL"),
)

# The second ring. What everyone who sees the case may know: that there is something, masked.
contact_detail = case_table(
    "contact_detail",
    ref("party_id", required=True),
    ref("referral_id", required=True),
    document("masked"),
    made_at(),
    belongs("party_id", "party"),
    Index("uq_contact_detail_referral", "partnership_id", "party_id", "referral_id", unique=True),
)

# Where someone can be found: sealed under a key of its own, which is sealed with one that the database never holds.
# Seen for as long as a release made on purpose stands. Its id is that of the contact detail.
contact_secret = case_table(
    "contact_secret",
    ref("party_id", required=True),
    words("key_id", required=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    belongs("id", "contact_detail"),
    belongs("party_id", "party"),
    # Which keys are still needed is asked before one is destroyed.
    Index("ix_contact_secret_key", "key_id"),
)

contact_release = case_table(
    "contact_release",
    ref("user_id", required=True),
    ref("agency_id", required=True),
    Column("parties", ARRAY(Uuid), nullable=False),
    words("reason", required=True),
    words("because"),
    made_at("at"),
    when("until_at", required=True),
    belongs("user_id", "app_user"),
    Index("ix_contact_release_user", "partnership_id", "user_id", "case_id"),
)

# Keyed digests of phones, e-mails and postcodes, so that they can be looked for and not read.
contact_index = case_table(
    "contact_index",
    ref("party_id", required=True),
    ref("detail_id", required=True),
    words("kind", required=True),
    words("key_id", required=True),
    Column("blind", LargeBinary, nullable=False),
    belongs("party_id", "party"),
    belongs("detail_id", "contact_detail"),
    Index("ix_contact_index_blind", "partnership_id", "blind"),
    Index("ix_contact_index_detail", "partnership_id", "detail_id"),
    Index("ix_contact_index_key", "key_id"),
)
