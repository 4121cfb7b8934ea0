"""The catalogue of the database itself: nothing in it goes round row security. Each check is also seen to fail."""

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = "roundtable_app"
OURS = "relnamespace = 'public'::regnamespace"

# What must not be there, and one way to put it there: (what, query that finds it, statements that would make it).
FORBIDDEN: dict[str, tuple[str, Sequence[str]]] = {
    "a table whose row security is not enabled and forced": (
        f"""SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND {OURS}
             AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> 'alembic_version'""",
        ["ALTER TABLE item_risk NO FORCE ROW LEVEL SECURITY"],
    ),
    "a table that the service may read by no policy of its own": (
        f"""SELECT table_name FROM information_schema.role_table_grants
             WHERE grantee = '{APP}' AND table_name <> 'alembic_version' AND NOT EXISTS (
               SELECT 1 FROM pg_policies WHERE tablename = table_name AND '{APP}' = ANY (roles))""",
        ["DROP POLICY app ON item_risk"],
    ),
    "a policy for everybody, or one that lets the service see all": (
        f"""SELECT tablename || '.' || policyname FROM pg_policies
             WHERE 'public' = ANY (roles) OR ('{APP}' = ANY (roles) AND (qual = 'true' OR with_check = 'true'))""",
        ["CREATE POLICY wide ON item_risk FOR SELECT USING (partnership_id IS NOT NULL)"],
    ),
    "a policy that does not hold to the partnership": (
        f"""SELECT tablename || '.' || policyname FROM pg_policies
             WHERE '{APP}' = ANY (roles) AND permissive = 'PERMISSIVE'
               AND (coalesce(qual, with_check) !~ 'actor_partnership' OR coalesce(with_check, qual) !~
                    'actor_partnership')""",
        [f"CREATE POLICY wide ON item_risk FOR SELECT TO {APP} USING (case_id IS NOT NULL)"],
    ),
    "a view that does not run with its reader's rights": (
        f"""SELECT relname FROM pg_class WHERE relkind = 'v' AND {OURS}
             AND NOT coalesce('security_invoker=true' = ANY (reloptions) OR 'security_invoker=on' = ANY (reloptions),
                              false)""",
        ["CREATE VIEW every_case AS SELECT * FROM case_file"],
    ),
    "a materialized view, a foreign table or a sequence": (
        f"SELECT relname FROM pg_class WHERE relkind IN ('m', 'f', 'S') AND {OURS}",
        ["CREATE SEQUENCE case_number"],
    ),
    "a rule, which could rewrite a statement": (
        "SELECT rulename FROM pg_rules WHERE schemaname = 'public'",
        ["CREATE RULE quiet AS ON INSERT TO item_risk DO INSTEAD NOTHING"],
    ),
    "a function that runs with its owner's rights and finds its tables by the caller's path": (
        """SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
            AND proconfig IS DISTINCT FROM ARRAY['search_path=public, pg_temp']""",
        ["CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM case_file'"],
    ),
    "a function that PostgreSQL would trust before a policy": (
        "SELECT proname FROM pg_proc WHERE proleakproof AND pronamespace = 'public'::regnamespace",
        ["ALTER FUNCTION sees_case(uuid) LEAKPROOF"],
    ),
    "a function in a language that reaches the machine": (
        """SELECT proname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
            WHERE pronamespace = 'public'::regnamespace AND lanname NOT IN ('sql', 'plpgsql')""",
        ["CREATE FUNCTION swap(int) RETURNS int LANGUAGE internal AS 'int4abs'"],
    ),
    "something that the service could delete, empty, refer to or put a trigger on": (
        f"""SELECT table_name || ': ' || privilege_type FROM information_schema.role_table_grants
             WHERE grantee IN ('{APP}', 'PUBLIC') AND table_schema = 'public'
               AND (privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE') OR grantee = 'PUBLIC')""",
        [f"GRANT DELETE ON notice TO {APP}"],
    ),
    "something that the service could pass on": (
        f"SELECT table_name FROM information_schema.role_table_grants WHERE grantee = '{APP}' AND is_grantable = 'YES'",
        [f"GRANT SELECT ON notice TO {APP} WITH GRANT OPTION"],
    ),
    "something that is the service's own": (
        f"""SELECT relname FROM pg_class WHERE relowner = '{APP}'::regrole
            UNION ALL SELECT proname FROM pg_proc WHERE proowner = '{APP}'::regrole
            UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = '{APP}'::regrole
            UNION ALL SELECT datname FROM pg_database WHERE datdba = '{APP}'::regrole""",
        [f"GRANT CREATE ON SCHEMA public TO {APP}", f"ALTER TABLE notice OWNER TO {APP}"],
    ),
    "a place where the service could make something": (
        f"""SELECT nspname FROM pg_namespace WHERE has_schema_privilege('{APP}', oid, 'CREATE')
            UNION ALL SELECT datname FROM pg_database WHERE has_database_privilege('{APP}', oid, 'CREATE')""",
        [f"GRANT CREATE ON SCHEMA public TO {APP}"],
    ),
    "a role that the service is, or could become": (
        f"""SELECT rolname FROM pg_roles r WHERE (rolname = '{APP}' AND (rolsuper OR rolbypassrls OR rolcreaterole
               OR rolcreatedb OR rolreplication))
            OR (rolname <> '{APP}' AND pg_has_role('{APP}', r.oid, 'MEMBER'))""",
        [f"GRANT pg_read_all_data TO {APP}"],
    ),
    "a foreign key that could leave its partnership": (
        f"""SELECT c.conname FROM pg_constraint c
             WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (
               SELECT 1 FROM unnest(c.conkey, c.confkey) k(here, there)
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.here
                 JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.there
                WHERE a.attname = 'partnership_id'
                  AND b.attname = CASE c.confrelid::regclass::text WHEN 'partnership' THEN 'id'
                                  ELSE 'partnership_id' END)
                AND conrelid::regclass::text <> '{APP}'""",
        [
            "ALTER TABLE agency ADD UNIQUE (id)",
            "ALTER TABLE item_risk ADD CONSTRAINT loose FOREIGN KEY (agency_id) REFERENCES agency (id)",
        ],
    ),
    "a foreign key that deletes or changes what the service cannot": (
        """SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
            AND (confdeltype <> 'a' OR confupdtype <> 'a')""",
        [
            "ALTER TABLE item_risk ADD CONSTRAINT loose FOREIGN KEY (partnership_id, case_id) "
            "REFERENCES case_file (partnership_id, id) ON DELETE CASCADE"
        ],
    ),
    "an extension beyond the language of triggers": (
        "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'",
        [],
    ),
}


@pytest.mark.parametrize("what", FORBIDDEN)
async def test_the_database_does_not_hold(what: str, superuser: asyncpg.Connection) -> None:
    query, _ = FORBIDDEN[what]
    assert [row[0] for row in await superuser.fetch(query)] == [], f"there is {what}"


@pytest.mark.parametrize("what", [each for each, (_, making) in FORBIDDEN.items() if making])
async def test_it_would_be_found_if_the_database_held(what: str, superuser: asyncpg.Connection) -> None:
    query, making = FORBIDDEN[what]
    transaction = superuser.transaction()
    await transaction.start()
    try:
        for statement in making:
            await superuser.execute(statement)
        assert await superuser.fetch(query)
    finally:
        await transaction.rollback()


# Columns that the service may write or read where it may not have the whole table.
COLUMNS = {
    ("assessment", "UPDATE"): {"person_id"},
    ("person", "UPDATE"): {"same_as"},
    ("case_exclusion", "UPDATE"): {"until_at", "ended_by", "version"},
    ("case_restriction", "UPDATE"): {"until_at", "ended_by", "version"},
    ("break_glass", "UPDATE"): {"reviewed_at", "reviewed_by", "finding", "review", "version"},
    ("app_user", "UPDATE"): {"ended_at"},
    ("user_role", "UPDATE"): {"ended_at"},
    ("notice", "UPDATE"): {"seen_at", "seen_by", "version"},
    ("lawful_basis", "UPDATE"): {"effective_until"},
    ("sharing_agreement", "UPDATE"): {"effective_until"},
    ("legal_hold", "UPDATE"): {"lifted_at", "lifted_by", "version"},
    ("retention_review", "UPDATE"): {"approved_at", "approved_by", "dropped_at", "dropped_by", "version"},
    # How people and systems sign in: what is counted, replaced or ended. Whose it is and what proves it never changes.
    ("session", "UPDATE"): {"seen_at", "idle_until", "ended_at", "ended_because", "ended_by"},
    ("password", "UPDATE"): {"hash", "set_at"},
    ("passkey", "UPDATE"): {"name", "sign_count", "backed_up", "used_at", "ended_at"},
    ("authenticator", "UPDATE"): {"confirmed_at", "used_at", "last_step", "ended_at"},
    ("recovery_code", "UPDATE"): {"used_at", "ended_at"},
    ("sign_in_link", "UPDATE"): {"used_at", "ended_at"},
    ("ceremony", "UPDATE"): {"used_at"},
    ("throttle", "UPDATE"): {"until_at"},
    ("assertion_seen", "UPDATE"): {"until_at"},
    ("letter", "UPDATE"): {"key_id", "sealed", "next_at", "tries", "sent_at", "given_up_at"},
    ("openid_provider", "UPDATE"): {"name", "client_id", "key_id", "sealed", "rules", "ended_at", "version"},
    ("openid_identity", "UPDATE"): {"used_at", "ended_at"},
    ("api_client", "UPDATE"): {"name", "purpose", "scopes", "ended_at", "version"},
    ("api_credential", "UPDATE"): {"until_at", "used_at", "ended_at"},
    # All but `subjects`: which other cases a list showed is nobody's to read.
    ("audit", "SELECT"): {
        *("partnership_id", "id", "chain", "seq", "at", "actor_id", "agency_id", "roles"),
        *("verb", "case_id", "purpose", "request_id", "digest", "hash"),
    },
}


async def test_the_service_has_parts_of_these_tables_and_of_no_other(superuser: asyncpg.Connection) -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for row in await superuser.fetch(
        f"""SELECT c.table_name, c.privilege_type, c.column_name FROM information_schema.column_privileges c
             WHERE c.grantee = '{APP}' AND NOT EXISTS (SELECT 1 FROM information_schema.role_table_grants t
               WHERE t.grantee = c.grantee AND t.table_name = c.table_name AND t.privilege_type = c.privilege_type)"""
    ):
        found.setdefault((row["table_name"], row["privilege_type"]), set()).add(row["column_name"])
    assert found == COLUMNS


async def test_what_is_written_once_cannot_be_written_again(superuser: asyncpg.Connection) -> None:
    written_once = [
        "audit",
        "audit_detail",
        "audit_seal",
        "audit_sealed",
        "disclosure",
        "case_grant",
        "case_event",
        "contact_release",
        "contact_detail",
        "contact_index",
        "agenda_pack",
        "pack_item",
        "item_risk",
        "action_update",
        "idempotency",
        "partnership_rule",
        "audit_head",
        "abuse_severity",
        "client_voice",
        "contact_attempt",
        "privileged_note",
        "safe_time",
    ]
    changed = [
        name
        for name in written_once
        if await superuser.fetchval("SELECT has_any_column_privilege($1, $2, 'UPDATE')", APP, name)
    ]
    assert changed == []
    for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"):
        reaches = "SELECT has_any_column_privilege($1, 'audit_head', $2)"
        if privilege != "DELETE":
            assert not await superuser.fetchval(reaches, APP, privilege)


# A unique error would tell of a row that its reader cannot see, unless nobody can meet a hidden one by choosing
# values: the key is drawn at random, is the writer's own, is inside a case that the writer sees, or is of a table that
# the whole partnership reads.
UNIQUE = {
    "uq_agency_partnership_id_slug": "read by the whole partnership",
    "uq_agenda_item_listed_once": "inside a case that the writer sees",
    "uq_app_user_email": "read by the whole partnership",
    "uq_assessment_corrected_once": "inside a case: the assessment that is corrected is seen by whoever corrects it",
    "uq_attendance_partnership_id_meeting_id_agency_id_name": "read by the whole partnership",
    "uq_attendance_user": "read by the whole partnership",
    "uq_audit_partnership_id_chain_seq": "set by a trigger, from the chain's head, which is locked",
    "uq_case_exclusion_standing": "inside a case that the writer sees",
    "uq_case_file_partnership_id_reference": "drawn at random, 40 bits",
    "uq_case_restriction_standing": "inside a case that the writer sees",
    "uq_client_voice_partnership_id_case_id_version": "inside a case that the writer sees",
    "uq_contact_detail_referral": "inside a case: party and referral are both of it",
    "uq_disclosure_corrected_once": "inside a case: the entry that is put right is seen by whoever puts it right",
    "uq_forum_partnership_id_name": "read by the whole partnership",
    "uq_idempotency_partnership_id_user_id_key": "the writer's own",
    "uq_idva_support_standing": "inside a case that the writer sees",
    "uq_lawful_basis_partnership_id_code_version": "read by the whole partnership",
    "uq_meeting_standing": "read by the whole partnership",
    "uq_authenticator_standing": "the writer's own",
    "uq_openid_identity_standing": "what a provider signed, and nobody can choose",
    "uq_openid_provider_issuer": "read by the whole partnership",
    "uq_passkey_partnership_id_credential_id": "drawn at random, 128 bits or more",
    "uq_password_partnership_id_user_id": "the writer's own",
    "uq_sign_in_link_partnership_id_digest": "drawn at random, 256 bits",
    "uq_pack_item_partnership_id_pack_id_case_id_kind": "inside a case that the writer sees",
    "uq_partnership_slug": "written when a partnership is founded, by whoever runs the service",
    "uq_party_partnership_id_case_id_person_id": "inside a case that the writer sees",
    "uq_person_partnership_id_reference": "drawn at random, 40 bits",
    "uq_possible_match_partnership_id_party_id_other_party_id": "both of two cases that the writer sees",
    "uq_referral_digest": "the writer's own",
    "uq_research_return_partnership_id_item_id_agency_id": "inside a case, and the writer's own agency's",
    "uq_research_shared_partnership_id_item_id_agency_id": "inside a case, and the writer's own agency's",
    "uq_retention_review_erasure": "of a case that the writer looks after",
    "uq_user_role_standing": "read by the whole partnership",
}


# Counted up, or refused, by nobody in particular, and under a digest that only the service can make.
KEYED_BY_DIGEST = ("throttle", "assertion_seen")


async def test_no_unique_error_tells_of_a_hidden_row(superuser: asyncpg.Connection) -> None:
    found = await superuser.fetch(f"""
        SELECT i.relname AS name, x.indisprimary AS is_key, c.relname AS of, array_agg(a.attname::text) AS columns
          FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (x.indkey)
         WHERE x.indisunique AND c.{OURS} AND c.relname <> 'alembic_version'
           AND has_any_column_privilege('{APP}', c.oid, 'INSERT')
         GROUP BY 1, 2, 3
    """)
    assert {row["name"] for row in found if not row["is_key"]} == UNIQUE.keys(), "say why each tells nothing"
    for row in found:
        if row["of"] != "partnership":
            assert "partnership_id" in row["columns"], row["name"]
        if row["is_key"] and row["of"] not in ("partnership", "audit_seal", "audit_sealed", *KEYED_BY_DIGEST):
            assert set(row["columns"]) == {"partnership_id", "id"}, row["name"]  # drawn at random, 74 bits


async def test_every_function_with_its_owners_rights_says_why_above_it(superuser: asyncpg.Connection) -> None:
    written = "\n".join(path.read_text() for path in sorted((ROOT / "migrations/versions").glob("*.py")))
    for row in await superuser.fetch(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    ):
        paragraph = re.search(rf"\n\n((?:[^\n]+\n)*)CREATE FUNCTION {row['proname']}\(", written)
        assert paragraph, row["proname"]
        assert re.search(r"^(--|#) ", paragraph[1], re.MULTILINE), f"{row['proname']} has no reason above it"


async def test_functions_with_their_owners_rights_hold_to_the_actor(superuser: asyncpg.Connection) -> None:
    # Those that an actor calls look at nothing outside the partnership that the transaction is in.
    elsewhere = {
        "every_partnership": "upkeep visits each; it says no more than that they are there",
        "keys_in_use": "it names keys, so that the operator knows which can be destroyed, and nothing sealed with them",
        "partnership_of_client": "a system that asks for a token says no partnership; it is told none either",
        "partnerships_with_letters": "upkeep visits each; it says no more than that a mail waits there",
        "sign_in_partnerships": "people choose where to sign in; the names are no secret",
        "excluded_from": "`enter` asks it before there is an actor, of the partnership that it was given",
    }
    for row in await superuser.fetch(
        f"""SELECT proname, prosrc FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
             AND prorettype <> 'trigger'::regtype AND has_function_privilege('{APP}', oid, 'EXECUTE')"""
    ):
        if row["proname"] not in elsewhere:
            assert "actor_partnership()" in row["prosrc"] or "actor_excluded()" in row["prosrc"], row["proname"]


@pytest.fixture
async def login(server_urls: tuple[str, str]) -> AsyncIterator[asyncpg.Connection]:
    """The service's own login, as nobody."""
    connection = await asyncpg.connect(server_urls[1])
    yield connection
    await connection.close()


async def test_no_path_through_which_the_services_login_is_more_than_its_role(login: asyncpg.Connection) -> None:
    await login.execute("SET row_security = off")  # which asks for an error rather than for fewer rows
    for table in ("case_file", "audit", "contact_secret"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await login.fetch(f"SELECT id FROM {table}")
    for statement in (
        "SET ROLE roundtable_owner",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await login.execute(statement)
