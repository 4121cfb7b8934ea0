"""The trail of who saw and did what, and the answers kept so that a repeated request is one request."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from app.db.tables.base import document, made_at, metadata, ref, tenant_table, words

# Append-only. `chain`, `seq` and `hash` are set by a trigger, from the chain's head.
audit = tenant_table(
    "audit",
    Column("chain", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    made_at("at"),
    ref("actor_id"),
    ref("agency_id"),
    Column("roles", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    # Sorted by its bytes, so that the index tells which begin alike.
    Column("verb", Text(collation="C"), nullable=False),
    ref("case_id"),
    Column("subjects", ARRAY(Uuid), nullable=False, server_default=text("'{}'::uuid[]")),
    words("purpose"),
    ref("request_id", required=True),
    # A salted commitment to the detail, so that erasing the detail leaves the chain whole.
    Column("digest", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("partnership_id", "chain", "seq"),
    Index("ix_audit_case", "partnership_id", "case_id", "id", postgresql_where=text("case_id IS NOT NULL")),
    # Who saw a case in a list: without it, that question reads a year of everybody's reading.
    Index("ix_audit_subjects", "subjects", postgresql_using="gin"),
    Index("ix_audit_actor", "partnership_id", "actor_id", "id"),
    # What is rare: refusals and administration among a million reads.
    Index("ix_audit_verb", "partnership_id", "verb", "id"),
    # Somebody who tries one case after another is stopped, and a year of their reading is not searched for it.
    Index(
        "ix_audit_tried",
        "partnership_id",
        "actor_id",
        "at",
        postgresql_where=text("verb = 'break_glass.tried'"),
    ),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("partnership_id", Uuid, nullable=False),
    Column("chain", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    # Since the last seal.
    Column("moved", Boolean, nullable=False, server_default=text("true")),
    PrimaryKeyConstraint("partnership_id", "chain"),
    Index("ix_audit_head_moved", "partnership_id", "chain", postgresql_where=text("moved")),
)

# What an entry commits to. Erased, it leaves its digest, and so the chain, as they were.
audit_detail = tenant_table(
    "audit_detail",
    ref("case_id"),
    Column("salt", LargeBinary, nullable=False),
    # JSON as it was hashed, to the byte.
    words("detail", required=True),
)

# A signed statement of where every chain stood. Its copies at the agencies are what a rewritten trail cannot match.
audit_seal = Table(
    "audit_seal",
    metadata,
    Column("partnership_id", Uuid, nullable=False),
    Column("number", BigInteger, nullable=False),
    made_at("at"),
    Column("entries", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("partnership_id", "number"),
)

# The chains that had moved on since the seal before.
audit_sealed = Table(
    "audit_sealed",
    metadata,
    Column("partnership_id", Uuid, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("chain", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("partnership_id", "number", "chain"),
    Index("ix_audit_sealed_chain", "partnership_id", "chain", "number"),
)

idempotency = tenant_table(
    "idempotency",
    # The case that the answer is about: who no longer sees it does not get the answer again.
    ref("case_id"),
    ref("user_id", required=True),
    words("key", required=True),
    words("request_digest", required=True),
    Column("status", Integer, nullable=False),
    document("headers"),
    Column("body", LargeBinary, nullable=False),
    made_at(),
    UniqueConstraint("partnership_id", "user_id", "key"),
    Index("ix_idempotency_made", "partnership_id", "created_at"),
    Index("ix_idempotency_case", "partnership_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
)
