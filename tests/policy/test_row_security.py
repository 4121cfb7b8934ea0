"""Row security, table by table and straight in SQL: whoever has no grant sees nothing of a case and can add nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from app.db.tables import metadata
from app.domain.access import DESK_ROLES
from tests.world import Clock, World, build_world

CASE_BOUND = tuple(table for table in metadata.sorted_tables if "case_id" in table.columns)
NAMES = [table.name for table in CASE_BOUND]
# Rows that may be added without seeing their case, and why.
ADDED_UNSEEN = {
    "case_grant": "the first grant is what makes a case seen; each names who gave it",
    "audit": "an attempt is put on record whether or not it found anything",
}
DAY = date(2026, 11, 21)
PLAIN: dict[type[Any], Any] = {
    Uuid: uuid4,
    Text: lambda: "x",
    Integer: lambda: 1,
    Boolean: lambda: False,
    DateTime: lambda: datetime(2026, 11, 21, tzinfo=UTC),
    Date: lambda: DAY,
    JSONB: lambda: "{}",
    LargeBinary: lambda: b"x",
    ARRAY: list,
}


@dataclass
class Scene:
    """Two cases, in two partnerships, with a row in every table that belongs to a case."""

    world: World
    case_id: UUID
    other: World
    other_case_id: UUID
    app_url: str

    @asynccontextmanager
    async def as_app(self, world: World, who: str | None) -> AsyncIterator[asyncpg.Connection]:
        """The service's role, in a transaction of this person; everything is rolled back."""
        connection = await asyncpg.connect(self.app_url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            if who is not None:
                user = world[who].user_id
                desk = sorted(DESK_ROLES)
                assert await connection.fetchrow("SELECT * FROM enter($1, $2, $3)", world.partnership_id, user, desk)
            yield connection
        finally:  # or a test that fails would keep its locks, and the scene could not be cleared
            await connection.close()

    def row(self, table: Table, who: str = "officer") -> dict[str, Any]:
        """Some row of the case, by this person's agency."""
        row = {column.name: _plain(column) for column in table.columns if not column.nullable}
        row |= {column.name: self.case_id for column in table.columns if column.name.endswith("case_id")}
        mine = {"agency_id": self.world[who].agency_id, "given_by": self.world[who].user_id, "desk": "x"}
        row |= {name: value for name, value in mine.items() if name in table.columns}
        return row | {"partnership_id": self.world.partnership_id}


def _plain(column: Column[Any]) -> Any:
    return next(make() for kind, make in PLAIN.items() if isinstance(column.type, kind))


async def _insert(connection: asyncpg.Connection, table: Table, row: dict[str, Any]) -> None:
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({places})", *row.values())


@pytest.fixture(scope="module")
async def scene(app: FastAPI, clock: Clock, server_urls: tuple[str, str]) -> AsyncIterator[Scene]:
    """Made once: every test rolls back what it does."""
    clock.reset()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://roundtable.test") as client:
        worlds = [await build_world(app, client, clock) for _ in range(2)]
        cases = [UUID((await world.refer())["case"]["id"]) for world in worlds]
    made = Scene(worlds[0], cases[0], worlds[1], cases[1], server_urls[1])
    superuser = await asyncpg.connect(server_urls[0].replace("roundtable_owner@", "postgres@"))
    await superuser.execute("SET session_replication_role = replica")  # rows without what they refer to
    for table in CASE_BOUND:
        await _insert(superuser, table, made.row(table))
    yield made
    for table in CASE_BOUND:
        await superuser.execute(f"DELETE FROM {table.name} WHERE partnership_id = $1", made.world.partnership_id)
    await superuser.close()


@pytest.mark.parametrize("table", CASE_BOUND, ids=NAMES)
async def test_whoever_has_a_grant_sees_the_rows_of_the_case(scene: Scene, table: Table) -> None:
    async with scene.as_app(scene.world, "officer") as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {table.name} WHERE case_id = $1", scene.case_id)


# The nurse's agency sits on the HRDA's list, but she has no seat at its desk; the system's role sits at another's.
@pytest.mark.parametrize("table", [*CASE_BOUND, metadata.tables["case_file"], metadata.tables["person"]], ids=str)
async def test_whoever_has_no_grant_sees_no_row_of_any_case(scene: Scene, table: Table) -> None:
    async with scene.as_app(scene.world, "nurse") as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {table.name}") == 0


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
async def test_without_an_actor_nothing_is_seen_at_all(scene: Scene, table: Table) -> None:
    async with scene.as_app(scene.world, None) as connection:
        if table.name == "audit_head":
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetchval("SELECT count(*) FROM audit_head")
        elif table.name != "partnership":
            assert await connection.fetchval(f"SELECT count(*) FROM {table.name}") == 0


@pytest.mark.parametrize("table", [t for t in metadata.sorted_tables if t.name != "audit_head"], ids=str)
async def test_another_partnership_sees_nothing_even_with_the_right_principals(scene: Scene, table: Table) -> None:
    async with scene.as_app(scene.world, "officer") as connection:
        principals = await connection.fetchval("SELECT current_setting('roundtable.principals')")
    async with scene.as_app(scene.other, "officer") as connection:
        await connection.execute("SELECT set_config('roundtable.principals', $1, true)", principals)
        if "partnership_id" in table.columns:
            theirs = f"SELECT count(*) FROM {table.name} WHERE partnership_id = $1"
            assert await connection.fetchval(theirs, scene.world.partnership_id) == 0


@pytest.mark.parametrize("table", [t for t in CASE_BOUND if t.name not in ADDED_UNSEEN], ids=str)
async def test_nothing_can_be_added_under_a_case_that_is_not_seen(scene: Scene, table: Table) -> None:
    async with scene.as_app(scene.world, "nurse") as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await _insert(connection, table, scene.row(table, "nurse"))


async def test_a_grant_or_an_entry_on_the_record_cannot_be_signed_by_somebody_else(scene: Scene) -> None:
    for name, signed in (("case_grant", "given_by"), ("audit", "actor_id")):
        table = metadata.tables[name]
        async with scene.as_app(scene.world, "nurse") as connection:
            row = scene.row(table) | {signed: scene.world["officer"].user_id}
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await _insert(connection, table, row)


@pytest.mark.parametrize("table", [*CASE_BOUND, metadata.tables["case_file"]], ids=str)
async def test_nothing_can_be_changed_under_a_case_that_is_not_seen_and_nothing_deleted(
    scene: Scene, table: Table
) -> None:
    async with scene.as_app(scene.world, "nurse") as connection:
        with suppress(asyncpg.InsufficientPrivilegeError):  # of rows that nobody changes, ever
            assert await connection.execute(f"UPDATE {table.name} SET id = id") == "UPDATE 0"
    for verb in ("DELETE FROM", "TRUNCATE"):
        async with scene.as_app(scene.world, "officer") as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"{verb} {table.name}")


@pytest.mark.parametrize("table", CASE_BOUND, ids=NAMES)
async def test_no_row_can_be_moved_to_a_case_that_is_not_seen(scene: Scene, table: Table) -> None:
    for column, value in (("case_id", scene.other_case_id), ("partnership_id", scene.other.partnership_id)):
        async with scene.as_app(scene.world, "officer") as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"UPDATE {table.name} SET {column} = $1", value)


async def test_a_grant_that_has_ended_shows_nothing(scene: Scene) -> None:
    async with scene.as_app(scene.world, "officer") as connection:
        reason = "SELECT end_grants($1, reason, NULL, now()) FROM (SELECT DISTINCT reason FROM grants_of_case($1)) g"
        await connection.fetch(reason, scene.case_id)
        for table in [*CASE_BOUND, metadata.tables["case_file"]]:
            if table.name not in ("case_grant", "audit"):
                assert await connection.fetchval(f"SELECT count(*) FROM {table.name}") == 0, table.name


async def test_a_grant_that_was_to_lapse_later_can_end_at_once_and_is_never_lengthened(scene: Scene) -> None:
    end = "SELECT end_grants($1, reason, NULL, $2::timestamptz) FROM (SELECT DISTINCT reason FROM grants_of_case($1)) g"
    async with scene.as_app(scene.world, "officer") as connection:
        soon, late = datetime(2027, 11, 21, tzinfo=UTC), datetime(2028, 11, 21, tzinfo=UTC)
        for until in (soon, late):
            await connection.fetch(end, scene.case_id, until)
            rights = await connection.fetch("SELECT until_at FROM grants_of_case($1)", scene.case_id)
            assert {each["until_at"] for each in rights} == {soon}
        await connection.fetch(end, scene.case_id, await connection.fetchval("SELECT now()"))
        assert await connection.fetchval("SELECT count(*) FROM case_file") == 0


async def test_what_is_seen_hangs_on_the_actors_own_grants_even_if_more_grants_could_be_read(
    scene: Scene, superuser: asyncpg.Connection
) -> None:
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute("CREATE POLICY too_wide ON case_grant FOR SELECT TO roundtable_app USING (true)")
    await superuser.execute("SET LOCAL ROLE roundtable_app")
    nurse = scene.world["nurse"].user_id
    await superuser.fetchrow("SELECT * FROM enter($1, $2, $3)", scene.world.partnership_id, nurse, sorted(DESK_ROLES))
    assert await superuser.fetchval("SELECT count(*) FROM case_grant WHERE case_id = $1", scene.case_id)
    seen = {
        table.name: await superuser.fetchval(f"SELECT count(*) FROM {table.name}")
        for table in [*CASE_BOUND, metadata.tables["case_file"], metadata.tables["person"]]
        if table.name != "case_grant"
    }
    await transaction.rollback()
    assert set(seen.values()) == {0}, seen


async def test_grants_have_exactly_one_policy_for_the_service(superuser: asyncpg.Connection) -> None:
    policies = await superuser.fetch("""
        SELECT policyname, permissive, cmd, qual FROM pg_policies
         WHERE tablename = 'case_grant' AND roles && ARRAY['roundtable_app', 'public']::name[]
    """)
    assert [(each["policyname"], each["permissive"], each["cmd"]) for each in policies] == [
        ("app", "PERMISSIVE", "ALL")
    ]
    assert "actor_principals()" in policies[0]["qual"]


async def test_the_functions_that_see_more_tell_whoever_has_no_grant_nothing(scene: Scene) -> None:
    for world, who in ((scene.world, "nurse"), (scene.other, "officer")):
        async with scene.as_app(world, who) as connection:
            assert await connection.fetchval("SELECT sees_case($1)", scene.case_id) is False
            assert await connection.fetch("SELECT * FROM grants_of_case($1)", scene.case_id) == []
            assert await connection.fetch("SELECT * FROM trail_of_case($1)", scene.case_id) == []
            assert await connection.fetchval("SELECT end_grants($1, 'referred', NULL, now())", scene.case_id) == 0


async def test_nobody_enters_a_partnership_that_is_not_theirs(scene: Scene) -> None:
    async with scene.as_app(scene.world, None) as connection:
        stranger = scene.other["coordinator"].user_id
        enter = "SELECT * FROM enter($1, $2, $3)"
        assert await connection.fetch(enter, scene.world.partnership_id, stranger, sorted(DESK_ROLES)) == []
        assert await connection.fetchval("SELECT count(*) FROM agency") == 0


async def test_every_foreign_key_stays_inside_its_partnership(superuser: asyncpg.Connection) -> None:
    leaving = await superuser.fetch("""
        SELECT c.conname FROM pg_constraint c
          JOIN pg_attribute there ON there.attrelid = c.confrelid AND there.attname = 'partnership_id'
         WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
           AND NOT EXISTS (SELECT 1 FROM unnest(c.conkey, c.confkey) k(here, there_key)
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.here
                WHERE a.attname = 'partnership_id' AND k.there_key = there.attnum)
    """)
    assert leaving == []


@pytest.mark.parametrize("table", CASE_BOUND, ids=NAMES)
async def test_no_row_can_point_at_a_case_of_another_partnership(
    scene: Scene, superuser: asyncpg.Connection, table: Table
) -> None:
    if table.name == "audit":
        return  # the trail points at nothing, so that it outlives everything
    transaction = superuser.transaction()
    await transaction.start()
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await _insert(superuser, table, scene.row(table) | {"case_id": scene.other_case_id})
    await transaction.rollback()


async def test_the_service_s_role_owns_nothing_and_can_become_nobody_else(scene: Scene) -> None:
    async with scene.as_app(scene.world, None) as connection:
        role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = current_user")
        assert role is not None
        assert role["rolname"] == "roundtable_app"
        for power in ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication"):
            assert not role[power], power
        owned = "SELECT relname FROM pg_class WHERE relowner = current_user::regrole"
        assert await connection.fetch(owned) == []
        assert not await connection.fetchval("SELECT has_schema_privilege('public', 'CREATE')")
        for other in ("roundtable_owner", "postgres"):
            assert not await connection.fetchval("SELECT pg_has_role($1, 'MEMBER')", other)
