"""Row security, table by table and straight in SQL: whoever has no grant sees nothing of a case and can add nothing."""

from contextlib import suppress
from datetime import UTC, datetime

import asyncpg
import pytest
from sqlalchemy import Table

from app.db.tables import metadata
from app.domain.access import DESK_ROLES, GrantReason
from tests.policy.scene import CASE_BOUND, TELLING, Scene, insert, seen

NAMES = [table.name for table in CASE_BOUND]
CASE_FILE = metadata.tables["case_file"]
# Rows that may be added without seeing their case, and why. None of them shows its writer anything by being there.
ADDED_UNSEEN = {
    "audit": "an attempt is put on record whether or not it found anything",
    "audit_detail": "it is the words of such an entry, which commits to them",
    "notice": "it is written for others to read",
    "break_glass": "an emergency is how somebody comes to see a case; its use is theirs and is reviewed",
    "idempotency": "an answer is kept for the one who was given it, who may have lost the case by that very act",
}
# Rows that can be added by somebody who sees the case, and need not be seen by them afterwards, or not only by them.
SIGNED = {
    "case_grant": "given_by",
    "audit": "actor_id",
    "disclosure": "from_user_id",
    "contact_release": "user_id",
    "break_glass": "user_id",
    "idempotency": "user_id",
    "export_job": "recipient_id",
}


# How long a case is kept is decided by people who need see nothing of what is in it, by its reference.
RETAINED = {"legal_hold", "retention_review"}
# Who is kept from a case is for those who keep people apart, and how long it is kept for those who look after that:
# for nobody who merely works on it.
FOR_COORDINATORS = {"case_exclusion", *RETAINED}


@pytest.mark.parametrize("table", [each for each in TELLING if each.name != "privileged_note"], ids=str)
async def test_whoever_has_a_grant_sees_the_rows_of_the_case(scene: Scene, table: Table) -> None:
    async with scene.as_app("coordinator" if table.name in FOR_COORDINATORS else "officer") as connection:
        assert await seen(connection, table)


@pytest.mark.parametrize("who", ["auditor", "partnership_admin"])
async def test_whoever_decides_how_long_a_case_is_kept_sees_that_and_nothing_of_the_case(
    scene: Scene, who: str
) -> None:
    async with scene.as_app(who) as connection:
        for name in sorted(RETAINED):
            assert await seen(connection, metadata.tables[name])
        assert not await seen(connection, CASE_FILE)


# The nurse's agency sits on the HRDA's list, but she has no seat at its desk.
UNGRANTED = [
    (who, table)
    for who in ("nurse", "police_admin", "partnership_admin", "operator")
    for table in TELLING
    if (who, table.name) not in {("partnership_admin", name) for name in RETAINED}
]


@pytest.mark.parametrize(("who", "table"), UNGRANTED, ids=str)
async def test_whoever_has_no_grant_sees_no_row_of_any_case(scene: Scene, who: str, table: Table) -> None:
    async with scene.as_app(who) as connection:
        assert await seen(connection, table) == 0


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
async def test_without_an_actor_nothing_is_seen_at_all(scene: Scene, table: Table) -> None:
    async with scene.as_app(None) as connection:
        if table.name == "audit_head":
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await seen(connection, table)
        else:
            assert await seen(connection, table) == 0


@pytest.mark.parametrize("table", [t for t in metadata.sorted_tables if t.name != "audit_head"], ids=str)
async def test_another_partnership_sees_nothing_even_with_the_right_principals(scene: Scene, table: Table) -> None:
    async with scene.as_app("officer") as connection:
        principals = await connection.fetchval("SELECT current_setting('roundtable.principals')")
    column = "id" if table.name == "partnership" else "partnership_id"
    async with scene.as_app(scene.strangers["officer"]) as connection:
        await connection.execute("SELECT set_config('roundtable.principals', $1, true)", principals)
        theirs = f"SELECT count(*) FROM {table.name} WHERE {column} = $1"
        assert await connection.fetchval(theirs, scene.people["officer"].partnership_id) == 0


@pytest.mark.parametrize("table", [t for t in CASE_BOUND if t.name not in ADDED_UNSEEN], ids=str)
async def test_nothing_can_be_added_under_a_case_that_is_not_seen(scene: Scene, table: Table) -> None:
    async with scene.as_app("nurse") as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await insert(connection, table, scene.row(table, "nurse"))


@pytest.mark.parametrize("name", ADDED_UNSEEN)
async def test_what_is_added_unseen_does_not_show_the_case(scene: Scene, name: str) -> None:
    table = metadata.tables[name]
    reference = scene.row(table, "nurse")
    if name == "audit":
        del reference["id"]  # the scene's own entry has it
        reference["id"] = scene.other_case_id
    if name == "audit_detail":
        reference["id"] = scene.other_case_id
    async with scene.as_app("nurse") as connection:
        await insert(connection, table, reference)
        others = [each for each in TELLING if each.name not in ADDED_UNSEEN]
        assert [each.name for each in others if await seen(connection, each)] == []


async def test_nobody_opens_a_case_that_they_do_not_see_to_themselves_or_to_anyone(scene: Scene) -> None:
    """Else whoever knew a case's id could write an action for it, a support offer or a referral, and so come in."""
    for reason in GrantReason:
        to_others = scene.grant("officer", reason, given_by=scene.people["nurse"].user_id)
        to_oneself = scene.grant("nurse", reason)
        for table, row in (to_others, to_oneself):
            if reason is GrantReason.BREAK_GLASS and row["user_id"] == scene.people["nurse"].user_id:
                continue  # which must have its use, that is told to others and reviewed
            async with scene.as_app("nurse") as connection:
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                    await insert(connection, table, row)


@pytest.mark.parametrize(("name", "signed"), SIGNED.items())
async def test_nothing_can_be_signed_by_somebody_else(scene: Scene, name: str, signed: str) -> None:
    table = metadata.tables[name]
    async with scene.as_app("safeguarding") as connection:  # who sees the case from the police desk
        assert await connection.fetchval("SELECT sees_case($1)", scene.case_id)
        row = scene.row(table, "safeguarding") | {"id": scene.other_case_id, signed: scene.people["officer"].user_id}
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await insert(connection, table, row)


@pytest.mark.parametrize("table", [*CASE_BOUND, CASE_FILE], ids=str)
async def test_nothing_can_be_changed_under_a_case_that_is_not_seen_and_nothing_deleted(
    scene: Scene, table: Table
) -> None:
    async with scene.as_app("nurse") as connection:
        with suppress(asyncpg.InsufficientPrivilegeError):  # of rows that nobody changes, ever
            assert await connection.execute(f"UPDATE {table.name} SET id = id") == "UPDATE 0"
    for verb in ("DELETE FROM", "TRUNCATE"):
        async with scene.as_app("officer") as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"{verb} {table.name}")


@pytest.mark.parametrize("table", CASE_BOUND, ids=NAMES)
async def test_no_row_can_be_moved_to_a_case_that_is_not_seen(scene: Scene, table: Table) -> None:
    for column, value in (
        ("case_id", scene.other_case_id),
        ("partnership_id", scene.strangers["officer"].partnership_id),
    ):
        async with scene.as_app("officer") as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"UPDATE {table.name} SET {column} = $1", value)


async def test_what_is_seen_hangs_on_the_actors_own_grants_even_if_more_grants_could_be_read(
    scene: Scene, superuser: asyncpg.Connection
) -> None:
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute("CREATE POLICY too_wide ON case_grant FOR SELECT TO roundtable_app USING (true)")
    await superuser.execute("SET LOCAL ROLE roundtable_app")
    nurse = scene.people["nurse"]
    enter = "SELECT * FROM enter($1, $2, $3)"
    await superuser.fetchrow(enter, nurse.partnership_id, nurse.user_id, sorted(DESK_ROLES))
    assert await superuser.fetchval("SELECT count(*) FROM case_grant WHERE case_id = $1", scene.case_id)
    shown = {table.name: await seen(superuser, table) for table in TELLING if table.name != "case_grant"}
    await transaction.rollback()
    assert set(shown.values()) == {0}, shown


async def test_grants_are_read_by_one_policy_and_barred_by_another(superuser: asyncpg.Connection) -> None:
    policies = await superuser.fetch("""
        SELECT policyname, permissive, cmd, qual FROM pg_policies
         WHERE tablename = 'case_grant' AND roles && ARRAY['roundtable_app', 'public']::name[] ORDER BY policyname
    """)
    assert [(each["policyname"], each["permissive"], each["cmd"]) for each in policies] == [
        ("app", "PERMISSIVE", "ALL"),
        ("barred", "RESTRICTIVE", "SELECT"),
    ]
    assert "actor_principals()" in policies[0]["qual"]
    assert "actor_excluded()" in policies[1]["qual"]


async def test_the_functions_that_see_more_tell_whoever_has_no_grant_nothing(scene: Scene) -> None:
    for who in (scene.people["nurse"], scene.strangers["officer"]):
        async with scene.as_app(who) as connection:
            assert await connection.fetchval("SELECT sees_case($1)", scene.case_id) is False
            assert await connection.fetch("SELECT * FROM grants_of_case($1)", scene.case_id) == []
            assert await connection.fetch("SELECT * FROM trail_of_case($1)", scene.case_id) == []
            assert await connection.fetchval("SELECT end_grants($1, 'referred', NULL, now())", scene.case_id) == 0
            assert await connection.fetchval("SELECT suspend_grants($1, true)", scene.case_id) == 0


async def test_a_grant_that_has_ended_shows_nothing(scene: Scene) -> None:
    async with scene.as_app("officer") as connection:
        reason = (
            "SELECT end_grants($1, reason, NULL, actor_now()) FROM (SELECT DISTINCT reason FROM grants_of_case($1)) g"
        )
        await connection.fetch(reason, scene.case_id)
        # Their own use, notice, trail and kept answer are left, and their own (ended) grants.
        left = {table.name for table in TELLING if await seen(connection, table)}
        assert left <= {"case_grant", "audit", "audit_detail", "notice", "break_glass", "idempotency"}, left


async def test_a_grant_that_was_to_lapse_later_can_end_at_once_and_is_never_lengthened(scene: Scene) -> None:
    end = "SELECT end_grants($1, reason, NULL, $2::timestamptz) FROM (SELECT DISTINCT reason FROM grants_of_case($1)) g"
    async with scene.as_app("officer") as connection:
        soon, late = datetime(2027, 11, 21, tzinfo=UTC), datetime(2028, 11, 21, tzinfo=UTC)
        for until in (soon, late):
            await connection.fetch(end, scene.case_id, until)
            rights = await connection.fetch("SELECT until_at FROM grants_of_case($1)", scene.case_id)
            assert {each["until_at"] for each in rights} == {soon}
        await connection.fetch(end, scene.case_id, await connection.fetchval("SELECT actor_now()"))
        assert await seen(connection, CASE_FILE) == 0


async def test_nobody_enters_a_partnership_that_is_not_theirs(scene: Scene) -> None:
    async with scene.as_app(None) as connection:
        enter = "SELECT * FROM enter($1, $2, $3)"
        stranger = scene.strangers["coordinator"].user_id
        here = scene.people["officer"].partnership_id
        assert await connection.fetch(enter, here, stranger, sorted(DESK_ROLES)) == []
        assert await connection.fetchval("SELECT count(*) FROM agency") == 0


@pytest.mark.parametrize("table", CASE_BOUND, ids=NAMES)
async def test_no_row_can_point_at_a_case_of_another_partnership(
    scene: Scene, superuser: asyncpg.Connection, table: Table
) -> None:
    if table.name in ("audit", "audit_detail", "notice", "idempotency"):
        return  # these point at nothing, so that they outlive everything, or open nothing
    transaction = superuser.transaction()
    await transaction.start()
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await insert(superuser, table, scene.row(table) | {"case_id": scene.other_case_id})
    await transaction.rollback()
