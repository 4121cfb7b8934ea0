"""Who takes part: partnerships, their dated rules, agencies, people and the roles they hold, forums."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from app.db.tables.base import belongs, document, made_at, metadata, ref, tenant_table, when, words

partnership = Table(
    "partnership",
    metadata,
    Column("id", Uuid, primary_key=True),
    words("name", required=True),
    Column("slug", Text, nullable=False, unique=True),
    words("marking", required=True),
    words("confidentiality_statement", required=True),
    words("confidentiality_version", required=True),
    Column("demo", Boolean, nullable=False, server_default="false"),
    made_at(),
)

# One row each time that a rule is set from some day on, so that a decision can name the rule it was made by. Nothing is
# rewritten: of several for one day the last holds, or none if that was taken back. See ``standing_rules``.
partnership_rule = tenant_table(
    "partnership_rule",
    words("rule", required=True),
    Column("effective_from", Date, nullable=False),
    words("version", required=True),
    document("value"),
    Column("taken_back", Boolean, nullable=False, server_default="false"),
    words("because"),
    ref("set_by"),
    made_at(),
    Index("ix_partnership_rule_day", "partnership_id", "rule", "effective_from", "id"),
)

agency = tenant_table(
    "agency",
    words("name", required=True),
    words("slug", required=True),
    words("kind", required=True),
    when("ended_at"),
    # Locked out for now: none of its people or systems is let in.
    when("suspended_at"),
    words("suspended_because"),
    made_at(),
    UniqueConstraint("partnership_id", "slug"),
    CheckConstraint("(suspended_at IS NULL) = (suspended_because IS NULL)", name="suspended_whole"),
)

app_user = tenant_table(
    "app_user",
    ref("agency_id", required=True),
    words("name", required=True),
    words("email", required=True),
    words("job_title"),
    Column("is_system", Boolean, nullable=False, server_default="false"),
    when("ended_at"),
    made_at(),
    belongs("agency_id", "agency"),
    Index("uq_app_user_email", "partnership_id", "email", unique=True),
)

user_role = tenant_table(
    "user_role",
    ref("user_id", required=True),
    words("role", required=True),
    made_at("given_at"),
    ref("given_by"),
    when("ended_at"),
    belongs("user_id", "app_user"),
    Index("ix_user_role_user", "partnership_id", "user_id"),
    Index(
        "uq_user_role_standing", "partnership_id", "user_id", "role", unique=True, postgresql_where="ended_at IS NULL"
    ),
)

# settings: those that it was founded with. What was set since is a rule, from a day on. See ``forum_settings``.
forum = tenant_table(
    "forum",
    words("kind", required=True),
    words("name", required=True),
    document("settings"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("active", Boolean, nullable=False, server_default="true"),
    made_at(),
    UniqueConstraint("partnership_id", "name"),
)

forum_member = tenant_table(
    "forum_member",
    ref("forum_id", required=True),
    ref("agency_id", required=True),
    when("from_at", required=True),
    when("until_at"),
    belongs("forum_id", "forum"),
    belongs("agency_id", "agency"),
    CheckConstraint("until_at IS NULL OR until_at > from_at", name="span_runs_forwards"),
    Index("ix_forum_member_forum", "partnership_id", "forum_id"),
)
