"""The migrations and the tables say the same."""

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.migrate import engine_url
from app.db.tables import metadata


async def test_the_migrations_make_exactly_the_tables_that_are_declared(server_urls: tuple[str, str]) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    engine = create_async_engine(engine_url(server_urls[0]))
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []


async def test_every_table_forces_row_security(server_urls: tuple[str, str]) -> None:
    connection = await asyncpg.connect(server_urls[0])
    tables = await connection.fetch(
        "SELECT relname, relrowsecurity, relforcerowsecurity,"
        " (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies"
        " FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    await connection.close()
    unguarded = [
        row["relname"]
        for row in tables
        if not (row["relrowsecurity"] and row["relforcerowsecurity"] and row["policies"])
    ]
    assert unguarded == ["alembic_version"]


async def test_only_the_listed_functions_run_with_their_owners_rights(server_urls: tuple[str, str]) -> None:
    connection = await asyncpg.connect(server_urls[0])
    found = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1"
    )
    await connection.close()
    listed = [
        "about_barred",
        "assessed_since",
        "audited_cases",
        "audited_chain",
        "audited_parties",
        "audited_sight",
        "audited_trail",
        "barred",
        "behind_glass",
        "behind_glass_of",
        "chain_audit",
        "end_glass",
        "end_grants",
        "end_named",
        "end_sign_in_methods",
        "ever_listed",
        "every_partnership",
        "excluded_from",
        "forget_old",
        "grant_has_its_fact",
        "grants_of_case",
        "heads_to_seal",
        "hidden_places",
        "idva_no_more",
        "keeps",
        "kept_from",
        "keys_in_use",
        "let_go_of",
        "let_go_of_answer",
        "list_is_whole",
        "listed_ahead",
        "may_open",
        "meeting_moved",
        "one_person",
        "open_session",
        "open_to_seat",
        "parties_sharing",
        "partnership_of_client",
        "partnerships_with_letters",
        "retained_case",
        "retained_case_of",
        "retained_cases",
        "retains",
        "seat_ended",
        "seat_would_open",
        "sees_case",
        "shared_since",
        "sight_of_case",
        "sign_in_methods_of",
        "sign_in_partnerships",
        "sign_ins_of",
        "suspend_grants",
        "suspend_new_grants",
        "tell_of_left_behind",
        "trail_of_case",
    ]
    assert [row["proname"] for row in found] == listed
