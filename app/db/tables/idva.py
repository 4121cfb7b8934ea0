"""What an IDVA service does for a client: contact, safe times, her words, her plan, dates, and how things changed."""

from sqlalchemy import ARRAY, Boolean, Column, Date, Index, Integer, Text, UniqueConstraint

from app.db.tables.base import belongs, case_table, document, labels, made_at, ref, when, words

# From the day that an IDVA has the case until they stop. A service that takes over begins another.
idva_support = case_table(
    "idva_support",
    ref("agency_id", required=True),
    ref("idva_id", required=True),
    when("began_at", required=True),
    # The clock that the first successful contact stops.
    when("contact_due_at", required=True),
    when("reached_at"),
    when("ended_at"),
    ref("ended_by"),
    words("end_reason"),
    words("end_note"),
    labels("outcomes"),
    document("after"),
    Column("version", Integer, nullable=False, server_default="1"),
    belongs("agency_id", "agency"),
    belongs("idva_id", "app_user"),
    Index("ix_idva_support_idva", "partnership_id", "idva_id", "began_at"),
    Index("uq_idva_support_standing", "partnership_id", "case_id", unique=True, postgresql_where="ended_at IS NULL"),
)

# Seen by the service that made it. That it was made is on the timeline, for whoever sees the case.
contact_attempt = case_table(
    "contact_attempt",
    ref("support_id", required=True),
    ref("agency_id", required=True),
    ref("by_id", required=True),
    when("at", required=True),
    words("means", required=True),
    words("outcome", required=True),
    words("note"),
    made_at(),
    belongs("support_id", "idva_support"),
    belongs("by_id", "app_user"),
)

# Each time that it was said anew; the last one holds. windows: when she can be called, by the week.
safe_time = case_table(
    "safe_time",
    ref("party_id", required=True),
    document("windows", "[]"),
    document("said"),
    ref("agency_id", required=True),
    ref("by_id", required=True),
    made_at(),
    belongs("party_id", "party"),
    belongs("by_id", "app_user"),
)

client_voice = case_table(
    "client_voice",
    Column("version", Integer, nullable=False),
    words("said"),
    words("wishes"),
    Column("declined", Boolean, nullable=False),
    ref("agency_id", required=True),
    ref("by_id", required=True),
    made_at(),
    belongs("by_id", "app_user"),
    UniqueConstraint("partnership_id", "case_id", "version"),
)

key_date = case_table(
    "key_date",
    words("kind", required=True),
    Column("held_on", Date, nullable=False),
    words("starts"),
    words("what"),
    when("dropped_at"),
    ref("agency_id", required=True),
    ref("by_id", required=True),
    Column("version", Integer, nullable=False, server_default="1"),
    made_at(),
    belongs("by_id", "app_user"),
)

safety_plan_item = case_table(
    "safety_plan_item",
    words("what", required=True),
    words("who"),
    Column("by_on", Date),
    words("status", required=True),
    Column("done_on", Date),
    ref("agency_id", required=True),
    ref("by_id", required=True),
    Column("version", Integer, nullable=False, server_default="1"),
    made_at(),
    when("updated_at", required=True),
    belongs("by_id", "app_user"),
)

# How severe each kind of abuse was at one moment, as the IDVA and the client see it: ``kind:severity``.
abuse_severity = case_table(
    "abuse_severity",
    words("stage", required=True),
    Column("seen_on", Date, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    ref("agency_id", required=True),
    ref("by_id", required=True),
    made_at(),
    belongs("by_id", "app_user"),
)

# Between an IDVA and their client. For the IDVAs of that service who work on the case, and for nobody else.
privileged_note = case_table(
    "privileged_note",
    ref("agency_id", required=True),
    ref("by_id", required=True),
    words("note", required=True),
    made_at(),
    belongs("by_id", "app_user"),
)
