"""Meetings, what is on their lists, who came, what each agency returned, and what was circulated."""

from sqlalchemy import ARRAY, Boolean, Column, Date, Index, Integer, LargeBinary, UniqueConstraint, Uuid, text

from app.db.tables.base import belongs, case_table, document, labels, made_at, ref, tenant_table, when, words

meeting = tenant_table(
    "meeting",
    ref("forum_id", required=True),
    Column("held_on", Date, nullable=False),
    Column("extra", Boolean, nullable=False, server_default="false"),
    words("status", required=True),
    Column("version", Integer, nullable=False, server_default="1"),
    when("starts_at", required=True),
    when("cut_off_at", required=True),
    when("agenda_due_at", required=True),
    when("research_due_at", required=True),
    when("minutes_due_at", required=True),
    Column("capacity", Integer),
    Column("listed", Integer, nullable=False, server_default="0"),
    ref("chair_id"),
    when("locked_at"),
    when("published_at"),
    when("started_at"),
    when("ended_at"),
    when("minutes_at"),
    words("cancelled_because"),
    words("without_quorum_because"),
    made_at(),
    belongs("forum_id", "forum"),
    belongs("chair_id", "app_user"),
    # A date that was skipped can be given a sitting again.
    Index(
        "uq_meeting_standing",
        "partnership_id",
        "forum_id",
        "held_on",
        unique=True,
        postgresql_where="status <> 'cancelled'",
    ),
    Index("ix_meeting_starts", "partnership_id", "forum_id", "starts_at"),
)

attendance = tenant_table(
    "attendance",
    ref("meeting_id", required=True),
    ref("agency_id", required=True),
    ref("user_id"),
    words("name", required=True),
    words("capacity", required=True),
    words("status", required=True),
    Column("sent_information", Boolean, nullable=False, server_default="false"),
    when("confidentiality_accepted_at"),
    words("statement_version"),
    ref("recorded_by", required=True),
    made_at(),
    belongs("meeting_id", "meeting"),
    belongs("agency_id", "agency"),
    belongs("user_id", "app_user"),
    Index(
        "uq_attendance_user",
        "partnership_id",
        "meeting_id",
        "user_id",
        unique=True,
        postgresql_where=text("user_id IS NOT NULL"),
    ),
    UniqueConstraint("partnership_id", "meeting_id", "agency_id", "name"),
)

agenda_item = case_table(
    "agenda_item",
    ref("meeting_id", required=True),
    words("kind", required=True),
    words("status", required=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("position", Integer),
    document("reasons", "[]"),
    made_at("listed_at"),
    ref("listed_by"),
    words("outcome"),
    words("outcome_reason"),
    labels("criteria"),
    Column("deferred_to", Date),
    words("minutes"),
    words("safety_plan"),
    when("decided_at"),
    ref("decided_by"),
    belongs("meeting_id", "meeting"),
    Index("ix_agenda_item_meeting", "partnership_id", "meeting_id"),
    # A case that left a list may come back to it: what became of its first place stays beside the new one.
    Index(
        "uq_agenda_item_listed_once",
        "partnership_id",
        "meeting_id",
        "case_id",
        unique=True,
        postgresql_where=text("status IN ('listed', 'decided')"),
    ),
)

# What one agency found in its files. Private to that agency until it releases it.
research_return = case_table(
    "research_return",
    ref("item_id", required=True),
    ref("agency_id", required=True),
    Column("known", Boolean),
    words("facts"),
    words("opinion"),
    words("shared_facts"),
    words("shared_opinion"),
    words("kept_because"),
    when("released_at"),
    ref("released_by"),
    Column("version", Integer, nullable=False, server_default="1"),
    ref("answered_by", required=True),
    made_at("answered_at"),
    belongs("item_id", "agenda_item"),
    belongs("agency_id", "agency"),
    UniqueConstraint("partnership_id", "item_id", "agency_id"),
)

# What an agency released of its return: all that any other agency can read of it.
research_shared = case_table(
    "research_shared",
    ref("item_id", required=True),
    ref("agency_id", required=True),
    Column("known", Boolean, nullable=False),
    words("facts"),
    words("opinion"),
    when("released_at", required=True),
    ref("released_by", required=True),
    Column("version", Integer, nullable=False, server_default="1"),
    belongs("item_id", "agenda_item"),
    belongs("agency_id", "agency"),
    UniqueConstraint("partnership_id", "item_id", "agency_id"),
)

item_risk = case_table(
    "item_risk",
    ref("item_id", required=True),
    ref("party_id"),
    words("about", required=True),
    words("risk", required=True),
    ref("agency_id", required=True),
    ref("named_by", required=True),
    made_at("named_at"),
    belongs("item_id", "agenda_item"),
    belongs("party_id", "party"),
)

# What was circulated, frozen: first the agenda, then addenda. Readers number those that they were sent, since a gap
# would tell of a case that they may not know.
agenda_pack = tenant_table(
    "agenda_pack",
    ref("meeting_id", required=True),
    document("header"),
    when("published_at", required=True),
    ref("published_by", required=True),
    belongs("meeting_id", "meeting"),
    Index("ix_agenda_pack_meeting", "partnership_id", "meeting_id"),
)

# One row for each case in a pack, so that the policy on cases also governs what was frozen about them.
pack_item = case_table(
    "pack_item",
    ref("pack_id", required=True),
    words("kind", required=True),
    Column("position", Integer, nullable=False),
    document("content"),
    belongs("pack_id", "agenda_pack"),
    UniqueConstraint("partnership_id", "pack_id", "case_id", "kind"),
)

# A document being made, or made, for one recipient.
export_job = tenant_table(
    "export_job",
    ref("meeting_id", required=True),
    words("document", required=True),
    words("format", required=True),
    ref("recipient_id", required=True),
    words("status", required=True),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    words("problem"),
    Column("content", LargeBinary),
    words("file_name"),
    # Who works on it counts up the attempt, so that one who was thought dead cannot finish over the next.
    Column("attempt", Integer, nullable=False, server_default="0"),
    when("progress_at"),
    # The cases in it: each look at the finished document is a look at them.
    Column("subjects", ARRAY(Uuid), nullable=False, server_default=text("'{}'::uuid[]")),
    made_at(),
    when("finished_at"),
    Index("ix_export_job_kept", "partnership_id", "finished_at", postgresql_where=text("content IS NOT NULL")),
    belongs("meeting_id", "meeting"),
    belongs("recipient_id", "app_user"),
)
