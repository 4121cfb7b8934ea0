"""Cases, the grants that open them, the people in them and what happened."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from app.db.tables.base import belongs, case_table, document, labels, made_at, ref, tenant_table, when, words

case_file = tenant_table(
    "case_file",
    words("reference", required=True),
    words("state", required=True),
    Column("version", Integer, nullable=False, server_default="1"),
    when("opened_at", required=True),
    when("updated_at", required=True),
    # What every list shows, kept here so that a list reads one table.
    words("victim_name", required=True),
    ref("victim_person_id", required=True),
    words("level", required=True),
    Column("score", Integer),
    labels("grounds"),
    labels("markers"),
    Column("repeat", Boolean, nullable=False, server_default="false"),
    Column("children", Integer, nullable=False, server_default="0"),
    words("pathway", required=True),
    ref("referring_agency_id", required=True),
    ref("idva_id"),
    ref("next_meeting_id"),
    when("next_meeting_at"),
    Column("review_on", Date),
    when("last_referred_at", required=True),
    when("heard_at"),
    when("closed_at"),
    words("transferred_to"),
    # The case as lists show it, as JSON text: written by a trigger when the case changes, since it is read far oftener.
    words("line"),
    UniqueConstraint("partnership_id", "reference"),
    belongs("victim_person_id", "person"),
    belongs("referring_agency_id", "agency"),
    belongs("idva_id", "app_user"),
    belongs("next_meeting_id", "meeting"),
    Index("ix_case_file_victim", "partnership_id", "victim_person_id"),
    # High-risk cases that wait for an IDVA, the longest first.
    Index(
        "ix_case_file_unallocated",
        "partnership_id",
        "last_referred_at",
        "id",
        postgresql_where="idva_id IS NULL AND level = 'high'",
    ),
)

# Every right to see a case is a row that says why, from when and until when.
case_grant = tenant_table(
    "case_grant",
    ref("case_id", required=True),
    ref("principal", required=True),
    ref("agency_id", required=True),
    ref("user_id"),
    words("desk"),
    words("reason", required=True),
    ref("source_id"),
    when("from_at", required=True),
    when("until_at"),
    # Set while the case is restricted, on every grant but those that name somebody.
    Column("suspended", Boolean, nullable=False, server_default="false"),
    ref("given_by"),
    belongs("case_id", "case_file"),
    belongs("agency_id", "agency"),
    belongs("user_id", "app_user"),
    CheckConstraint("num_nonnulls(user_id, desk) = 1", name="one_principal"),
    Index("ix_case_grant_case", "partnership_id", "case_id", "principal"),
    Index("ix_case_grant_principal", "partnership_id", "principal", "case_id"),
)

# A human being, without a single fact about them: facts live in parties, inside cases, where policies hold.
person = tenant_table(
    "person",
    words("reference", required=True),
    # Set when a coordinator finds that this is somebody already known: the old reference then leads to them.
    ref("same_as"),
    made_at(),
    belongs("same_as", "person"),
    UniqueConstraint("partnership_id", "reference"),
)

party = case_table(
    "party",
    ref("person_id", required=True),
    words("key", required=True),
    words("role", required=True),
    words("name", required=True),
    words("relationship"),
    Column("date_of_birth", Date),
    Column("dob_variants", ARRAY(Date), nullable=False, server_default="{}"),
    labels("aliases"),
    labels("name_keys"),
    document("details"),
    made_at(),
    belongs("person_id", "person"),
    UniqueConstraint("partnership_id", "case_id", "person_id"),
    Index("ix_party_person", "partnership_id", "person_id"),
    Index("ix_party_dob", "partnership_id", "date_of_birth"),
    # Without a list of pending entries, which each of the many keys of one search would read through.
    Index("ix_party_name_keys", "name_keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
)

# The timeline. Decisions carry their reasons: rule, version and words.
case_event = case_table(
    "case_event",
    made_at("at"),
    words("kind", required=True),
    ref("actor_id"),
    ref("agency_id"),
    document("data"),
    document("reasons", "[]"),
)

assessment = case_table(
    "assessment",
    ref("person_id", required=True),
    ref("referral_id"),
    words("instrument", required=True),
    words("instrument_version", required=True),
    document("answers"),
    Column("score", Integer, nullable=False),
    Column("unanswered", Integer, nullable=False),
    Column("could_reach", Integer, nullable=False),
    words("actuarial", required=True),
    words("level", required=True),
    labels("grounds"),
    labels("markers"),
    document("reasons", "[]"),
    words("judgement"),
    when("assessed_at", required=True),
    words("assessor", required=True),
    words("place"),
    words("answered_by"),
    ref("agency_id", required=True),
    ref("recorded_by", required=True),
    ref("corrects"),
    ref("adopted_from"),
    words("correction_reason"),
    made_at(),
    belongs("agency_id", "agency"),
    belongs("corrects", "assessment"),
    belongs("adopted_from", "assessment"),
    belongs("person_id", "person"),
    Index("ix_assessment_person", "partnership_id", "person_id", "assessed_at"),
    Index(
        "uq_assessment_corrected_once",
        "partnership_id",
        "corrects",
        unique=True,
        postgresql_where="corrects IS NOT NULL",
    ),
)
