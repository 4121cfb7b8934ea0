"""Actions: what an agency promised to do, by when, and what became of it."""

from sqlalchemy import Column, Date, Index, Integer

from app.db.tables.base import belongs, case_table, made_at, ref, when, words

action = case_table(
    "action",
    ref("meeting_id"),
    ref("item_id"),
    ref("party_id"),
    ref("agency_id", required=True),
    ref("owner_id"),
    words("what", required=True),
    Column("due_on", Date, nullable=False),
    words("status", required=True),
    words("reason"),
    Column("done_on", Date),
    ref("handed_to"),
    Column("version", Integer, nullable=False, server_default="1"),
    ref("created_by", required=True),
    made_at(),
    when("updated_at", required=True),
    belongs("agency_id", "agency"),
    belongs("owner_id", "app_user"),
    belongs("meeting_id", "meeting"),
    belongs("handed_to", "action"),
    Index("ix_action_worklist", "partnership_id", "agency_id", "status", "due_on", "id"),
    Index(
        "ix_action_owner",
        "partnership_id",
        "owner_id",
        "status",
        "due_on",
        "id",
        postgresql_where="owner_id IS NOT NULL",
    ),
)

action_update = case_table(
    "action_update",
    ref("action_id", required=True),
    words("status", required=True),
    words("note"),
    ref("by_id", required=True),
    made_at("at"),
    belongs("action_id", "action"),
    Index("ix_action_update_action", "partnership_id", "action_id"),
)
