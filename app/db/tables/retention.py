"""How long cases are kept: legal holds, and what people decided when a period was over."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer

from app.db.tables.base import case_table, made_at, one_of, ref, when, words
from app.domain.retention import Decision

# While one of these stands, nothing of the case is erased. It ends before the day that it names, or when it is lifted.
legal_hold = case_table(
    "legal_hold",
    words("because", required=True),
    Column("until_on", Date),
    made_at("from_at"),
    ref("made_by", required=True),
    when("lifted_at"),
    ref("lifted_by"),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_whole"),
)

# About one end of the case: when it is opened again and ends once more, somebody decides anew. What was proposed to be
# erased is erased once somebody else has approved it, and by hand: done_at is the owner's to write.
retention_review = case_table(
    "retention_review",
    when("ended_at", required=True),
    words("decision", required=True),
    Column("keep_until", Date),
    words("because", required=True),
    made_at("decided_at"),
    ref("decided_by", required=True),
    when("approved_at"),
    ref("approved_by"),
    when("dropped_at"),
    ref("dropped_by"),
    when("done_at"),
    Column("version", Integer, nullable=False, server_default="1"),
    one_of("decision", Decision),
    CheckConstraint("(decision = 'keep') = (keep_until IS NOT NULL)", name="kept_until_a_day"),
    CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_whole"),
    CheckConstraint("(dropped_at IS NULL) = (dropped_by IS NULL)", name="dropped_whole"),
    CheckConstraint("approved_by <> decided_by", name="approved_by_another"),
    CheckConstraint("approved_at IS NULL OR decision = 'erase'", name="only_erasures_are_approved"),
    CheckConstraint("done_at IS NULL OR (approved_at IS NOT NULL AND dropped_at IS NULL)", name="done_as_approved"),
    Index(
        "uq_retention_review_erasure",
        "partnership_id",
        "case_id",
        "ended_at",
        unique=True,
        postgresql_where="decision = 'erase' AND dropped_at IS NULL",
    ),
)
