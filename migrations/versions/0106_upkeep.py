"""What the database's owner may do by hand: seal anew, and erase a person; and how long a release may last."""

import re

from alembic import op

revision: str = "0106"
down_revision: str | None = "0105"
branch_labels: None = None
depends_on: None = None

APP = "roundtable_app"

# What holds something about people, or something sealed.
KEPT_UP = (
    "action",
    "action_update",
    "agenda_item",
    "agenda_pack",
    "assessment",
    "audit_detail",
    "authenticator",
    "break_glass",
    "case_event",
    "case_exclusion",
    "case_file",
    "case_restriction",
    "ceremony",
    "client_voice",
    "contact_attempt",
    "contact_detail",
    "contact_index",
    "contact_release",
    "contact_secret",
    "disclosure",
    "export_job",
    "idempotency",
    "idva_support",
    "item_risk",
    "key_date",
    "letter",
    "meeting",
    "openid_provider",
    "pack_item",
    "party",
    "person",
    "possible_match",
    "privileged_note",
    "referral",
    "research_return",
    "research_shared",
    "safe_time",
    "safety_plan_item",
    "support_offer",
)
# Signed in as the owner, and in no function that runs with the owner's rights for somebody else.
BY_HAND = "session_user = current_user"

# Functions that run with their owner's rights, because the actor must not hold those rights.
DEFINERS = """
-- Upkeep visits each partnership in turn, and sees of the others no more than that they are there.
CREATE FUNCTION every_partnership() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$ SELECT id FROM partnership ORDER BY demo DESC, created_at, id $$;

-- `roundtable doctor` signs in as the service, which sees no sealed row: the names of the keys that rows still need.
-- The index of each large table is leapt through from key to key, so that ten million rows under two keys take two
-- steps.
CREATE POLICY owner_reads ON contact_secret FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_reads ON contact_index FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION keys_in_use() RETURNS TABLE (variable text, key_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE secrets(key) AS (
      (SELECT s.key_id FROM contact_secret s ORDER BY s.key_id LIMIT 1)
    UNION ALL
      SELECT (SELECT s.key_id FROM contact_secret s WHERE s.key_id > secrets.key ORDER BY s.key_id LIMIT 1)
        FROM secrets WHERE secrets.key IS NOT NULL),
  drafts(key) AS (
      (SELECT f.contacts_key_id FROM referral f WHERE f.contacts_key_id IS NOT NULL ORDER BY 1 LIMIT 1)
    UNION ALL
      SELECT (SELECT f.contacts_key_id FROM referral f WHERE f.contacts_key_id > drafts.key ORDER BY 1 LIMIT 1)
        FROM drafts WHERE drafts.key IS NOT NULL),
  looked_for(key) AS (
      (SELECT i.key_id FROM contact_index i ORDER BY i.key_id LIMIT 1)
    UNION ALL
      SELECT (SELECT i.key_id FROM contact_index i WHERE i.key_id > looked_for.key ORDER BY i.key_id LIMIT 1)
        FROM looked_for WHERE looked_for.key IS NOT NULL)
  SELECT 'ROUNDTABLE_CONTACT_KEYS', key FROM secrets WHERE key IS NOT NULL
  UNION SELECT 'ROUNDTABLE_CONTACT_KEYS', key FROM drafts WHERE key IS NOT NULL
  UNION SELECT 'ROUNDTABLE_CONTACT_KEYS', a.key_id FROM authenticator a
  UNION SELECT 'ROUNDTABLE_CONTACT_KEYS', p.key_id FROM openid_provider p
  UNION SELECT 'ROUNDTABLE_CONTACT_KEYS', c.key_id FROM ceremony c
  UNION SELECT 'ROUNDTABLE_CONTACT_KEYS', l.key_id FROM letter l WHERE l.key_id IS NOT NULL
  UNION SELECT 'ROUNDTABLE_INDEX_KEYS', key FROM looked_for WHERE key IS NOT NULL $$;
"""


def upgrade() -> None:
    for statement in re.split(r";\n+(?=--|CREATE)", DEFINERS):
        op.execute(statement)
    for table in KEPT_UP:
        op.execute(
            f"CREATE POLICY owner_keeps ON {table} FOR ALL TO CURRENT_USER USING ({BY_HAND}) WITH CHECK ({BY_HAND})"
        )
    # What was sealed is sealed: the service adds rows and changes none. A release is short, and for no machine.
    op.execute(f"REVOKE UPDATE ON contact_secret FROM {APP}")
    op.execute(
        f"CREATE POLICY briefly ON contact_release AS RESTRICTIVE FOR INSERT TO {APP} WITH CHECK ("
        "until_at <= (SELECT actor_now()) + interval '15 minutes' AND agency_id = (SELECT actor_agency()) "
        "AND NOT (SELECT actor_is('partner_system')))"
    )
    op.execute(f"CREATE POLICY owner_records ON audit FOR INSERT TO CURRENT_USER WITH CHECK ({BY_HAND})")
