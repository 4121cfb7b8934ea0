"""Exclusion, restriction, emergencies, the second ring and oversight: held by PostgreSQL, whatever is asked of it."""

import asyncpg
import pytest
from sqlalchemy import Table

from app.db.tables import metadata
from app.domain.access import GrantReason, desk_principal
from tests.policy.scene import CASE_BOUND, DAY, LATER, NOW, SUSPEND, TELLING, Scene, insert, seen
from tests.policy.test_row_security import ADDED_UNSEEN, RETAINED

# Whoever broke the glass, or has a release of their own, writes these; everything else they read and never write.
WRITTEN_BEHIND_GLASS = {
    **ADDED_UNSEEN,
    "case_grant": "whoever refers the same family opens it by that fact; without one, it cannot be committed",
    "case_exclusion": "whoever finds that they know the family says so at once",
    "contact_release": "an emergency may need an address; the release is on the record and reviewed",
    "disclosure": "telling somebody else is a sharing, and must never go unrecorded",
}
# What belongs to one agency, is for few, or is sealed until it is released: a grant alone does not show it.
NOT_BY_GRANT_ALONE = {
    "audit_detail",
    "research_return",
    "contact_attempt",
    "privileged_note",
    "contact_secret",
    "notice",
    "idempotency",
    "export_job",
    "case_exclusion",
    *RETAINED,
}
OVERSEEN = {"audit", "audit_detail", "break_glass", "disclosure", *RETAINED}


async def shown(connection: asyncpg.Connection) -> set[str]:
    """The tables in which this person sees anything of any case."""
    return {table.name for table in TELLING if await seen(connection, table)}


async def learns_nothing(connection: asyncpg.Connection, scene: Scene) -> None:
    """Neither rows nor functions tell that the case is there, nor let anything be done to it."""
    assert await shown(connection) == set()
    assert await connection.fetchval("SELECT sees_case($1)", scene.case_id) is False
    assert await connection.fetchval("SELECT barred($1)", scene.case_id) is True
    assert await connection.fetchval("SELECT behind_glass($1)", scene.reference) is None
    for function in ("grants_of_case", "trail_of_case", "retained_case"):
        assert await connection.fetch(f"SELECT * FROM {function}($1)", scene.case_id) == []
    assert await connection.fetchval("SELECT retained_case_of($1)", scene.reference) is None
    listed = await connection.fetch("SELECT * FROM retained_cases($1, $1, $1, $1)", LATER.date())
    assert scene.case_id not in [row["id"] for row in listed]
    keys = "SELECT * FROM parties_sharing(ARRAY['thornbury maya', 'maya thornbury', 'thornbury', 'maya'], 5)"
    assert await connection.fetch(keys) == []
    for reason in GrantReason:
        assert await connection.fetchval("SELECT end_grants($1, $2, NULL, now())", scene.case_id, reason) == 0
    assert await connection.fetchval("SELECT suspend_grants($1, false)", scene.case_id) == 0
    for table in TELLING:
        try:
            async with connection.transaction():
                assert await connection.execute(f"UPDATE {table.name} SET id = id") == "UPDATE 0"
        except asyncpg.InsufficientPrivilegeError:
            continue  # nobody rewrites these


@pytest.mark.parametrize("who", ["safeguarding", "coordinator", "chair", "auditor", "idva"])
async def test_the_excluded_see_no_row_of_any_table_though_they_hold_every_kind_of_grant(
    scene: Scene, who: str
) -> None:
    async with scene.supposing(who, scene.everything_of(who)) as connection:
        # Whoever keeps people apart sees who is, and whoever looks after retention how long a case is kept; the sealed
        # row waits for a release; what is privileged is for IDVAs.
        few = {"contact_secret", "case_exclusion", *RETAINED, *(() if who == "idva" else ("privileged_note",))}
        assert await shown(connection) >= {table.name for table in TELLING} - few
    async with scene.supposing(who, [*scene.everything_of(who), scene.apart(who)]) as connection:
        await learns_nothing(connection, scene)


@pytest.mark.parametrize("who", ["officer", "coordinator", "chair", "auditor"])
async def test_outside_a_restriction_nothing_is_seen_though_the_grants_stand(scene: Scene, who: str) -> None:
    held = [each for each in scene.everything_of(who) if each[1].get("reason") != GrantReason.NAMED]
    async with scene.supposing(who, [*held, scene.restricted()], SUSPEND) as connection:
        await learns_nothing(connection, scene)


async def test_whoever_a_restriction_names_sees_the_case_unless_kept_apart(scene: Scene) -> None:
    named = [scene.restricted(), scene.grant("nurse", GrantReason.NAMED)]
    async with scene.supposing("nurse", named, SUSPEND) as connection:
        assert {"case_file", "party", "person", "case_event"} <= await shown(connection)
    async with scene.supposing("nurse", [*named, scene.apart("nurse")], SUSPEND) as connection:
        await learns_nothing(connection, scene)


@pytest.mark.parametrize("table", [t for t in CASE_BOUND if t.name not in ADDED_UNSEEN], ids=str)
async def test_nothing_is_added_to_a_case_by_those_kept_from_it_or_outside_its_restriction(
    scene: Scene, table: Table
) -> None:
    grants = [scene.grant("nurse", reason) for reason in GrantReason]
    outside = [each for each in grants if each[1]["reason"] != GrantReason.NAMED]
    for facts, also in ((([*grants, scene.apart("nurse")]), ()), ([*outside, scene.restricted()], (SUSPEND,))):
        async with scene.supposing("nurse", facts, *also) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await insert(connection, table, scene.row(table, "nurse"))


async def test_an_exclusion_that_was_ended_keeps_nobody_apart(scene: Scene) -> None:
    table, row = scene.apart("officer")
    async with scene.supposing("officer", [(table, {**row, "until_at": NOW})]) as connection:
        assert await connection.fetchval("SELECT sees_case($1)", scene.case_id)


@pytest.mark.parametrize("reason", GrantReason)
async def test_a_grant_without_its_fact_cannot_be_committed(scene: Scene, reason: GrantReason) -> None:
    # The coordinator's grants are the hardest to refuse: the case is theirs to see, and their role is a fact.
    table, row = scene.grant("coordinator", reason, from_at=NOW, until_at=LATER)
    async with scene.as_app("coordinator") as connection:
        await insert(connection, table, row)
        with pytest.raises(asyncpg.CheckViolationError, match=f"whose fact is not there: {reason}"):
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


async def test_a_grant_for_a_reason_that_nobody_knows_cannot_be_committed(scene: Scene) -> None:
    table, row = scene.grant("coordinator", GrantReason.REFERRED)
    async with scene.as_app("coordinator") as connection:
        await insert(connection, table, row | {"reason": "curious"})
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


FACT_TABLES = {
    GrantReason.REFERRED: "referral",
    GrantReason.OWNS_ACTION: "action",
    GrantReason.OFFERED_SUPPORT: "support_offer",
    GrantReason.NAMED: "case_restriction",
    GrantReason.BREAK_GLASS: "break_glass",
}


@pytest.mark.parametrize("reason", FACT_TABLES)
async def test_a_fact_opens_the_case_that_it_is_about_and_no_other(scene: Scene, reason: GrantReason) -> None:
    table = metadata.tables[FACT_TABLES[reason]]
    fact = scene.row(table, "nurse", **({"until_at": LATER} if reason is GrantReason.BREAK_GLASS else {}))
    grant_table, row = scene.grant("nurse", reason, source_id=fact["id"], until_at=LATER)
    about_another = {name: scene.other_case_id for name in fact if name.endswith("case_id")}
    for so, opens in ((fact, True), (fact | about_another, False)):
        async with scene.supposing("nurse", [(table, so), scene.grant("nurse", GrantReason.NAMED)]) as connection:
            await insert(connection, grant_table, row)
            assert await _stands(connection) is opens


async def test_a_list_opens_its_cases_to_the_agencies_that_sit_there(scene: Scene) -> None:
    meeting, member, item = (metadata.tables[name] for name in ("meeting", "forum_member", "agenda_item"))
    sitting = scene.row(meeting, "nurse", held_on=DAY)
    facts = [
        (meeting, sitting),
        (member, scene.row(member, "nurse", forum_id=sitting["forum_id"])),
        (item, listed := scene.row(item, "nurse", meeting_id=sitting["id"])),
    ]
    for who, opens in (("nurse", True), ("probation_rep", False)):
        table, row = scene.grant(who, GrantReason.ON_FORUM_LIST, source_id=listed["id"])
        async with scene.supposing(who, [*facts, scene.grant(who, GrantReason.NAMED)]) as connection:
            await insert(connection, table, row)
            assert await _stands(connection) is opens


async def test_an_agencys_fact_opens_the_case_to_its_own_desk_and_people_and_to_nobody_else(scene: Scene) -> None:
    table = metadata.tables["action"]
    fact = scene.row(table, "nurse")
    nurse, probation = scene.people["nurse"], scene.people["probation_rep"]
    of_nurse, of_probation = ({"agency_id": each.agency_id} for each in (nurse, probation))
    desk = desk_principal(nurse.agency_id)
    for given, opens in (
        (of_nurse, True),
        (of_nurse | {"user_id": None, "desk": "desk", "principal": desk}, True),
        (of_probation, False),
        (of_nurse | {"user_id": probation.user_id, "principal": probation.user_id}, False),
        (of_nurse | {"principal": probation.user_id}, False),
        (of_nurse | {"user_id": None, "desk": "desk", "principal": probation.user_id}, False),
        (of_nurse | {"user_id": None, "desk": "desk", "principal": desk_principal(probation.agency_id)}, False),
    ):
        grant_table, row = scene.grant("nurse", GrantReason.OWNS_ACTION, source_id=fact["id"], **given)
        async with scene.supposing("nurse", [(table, fact), scene.grant("nurse", GrantReason.NAMED)]) as connection:
            await insert(connection, grant_table, row)
            assert await _stands(connection) is opens, given


async def _stands(connection: asyncpg.Connection) -> bool:
    """Whether the grants of this transaction could be committed."""
    try:
        await connection.execute("SET CONSTRAINTS fact IMMEDIATE")
    except asyncpg.CheckViolationError:
        return False
    return True


@pytest.mark.parametrize("table", TELLING, ids=str)
async def test_a_break_glass_grant_reads_the_case_and_writes_nothing(scene: Scene, table: Table) -> None:
    async with scene.supposing("nurse", [scene.grant("nurse", GrantReason.BREAK_GLASS)]) as connection:
        if table.name not in NOT_BY_GRANT_ALONE:
            assert await seen(connection, table)
        if table.name in WRITTEN_BEHIND_GLASS or table.name in ("case_file", "person", "export_job"):
            return
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await insert(connection, table, scene.row(table, "nurse"))


@pytest.mark.parametrize("table", [*CASE_BOUND, metadata.tables["case_file"]], ids=str)
async def test_a_break_glass_grant_changes_nothing(scene: Scene, table: Table) -> None:
    if table.name in ("break_glass", "contact_release", "notice", "idempotency", "case_exclusion"):
        return  # their own use, release, notice and answer, and a conflict of their own: no work on the case
    async with scene.supposing("nurse", [scene.grant("nurse", GrantReason.BREAK_GLASS)]) as connection:
        columns = [column.name for column in table.columns if column.name not in ("partnership_id", "id")]
        for column in columns:
            try:
                async with connection.transaction():
                    assert await connection.execute(f"UPDATE {table.name} SET {column} = {column}") == "UPDATE 0"
            except asyncpg.InsufficientPrivilegeError:
                continue


async def test_a_break_glass_grant_shows_nothing_from_the_moment_it_lapses(scene: Scene) -> None:
    for until, sees in ((LATER, True), (NOW, False)):
        lapsing = scene.grant("nurse", GrantReason.BREAK_GLASS, until_at=until)
        async with scene.supposing("nurse", [lapsing]) as connection:
            assert await connection.fetchval("SELECT sees_case($1)", scene.case_id) is sees
            assert bool(await seen(connection, metadata.tables["case_file"])) is sees


SECRET, RELEASE = metadata.tables["contact_secret"], metadata.tables["contact_release"]


async def test_a_secret_is_seen_while_ones_own_release_of_that_party_stands_and_at_no_other_time(scene: Scene) -> None:
    who = "safeguarding"  # who sees the case from the police desk; the scene's release is the officer's
    mine = scene.row(RELEASE, who)
    for release, sees in (
        ([], 0),
        ([mine], 1),
        ([mine | {"until_at": NOW}], 0),
        ([mine | {"parties": [scene.other_case_id]}], 0),
        ([mine | {"case_id": scene.other_case_id}], 0),
        ([mine | {"user_id": scene.people["nurse"].user_id}], 0),
    ):
        async with scene.supposing(who, [(RELEASE, row) for row in release]) as connection:
            assert await connection.fetchval("SELECT sees_case($1)", scene.case_id)
            count = "SELECT count(*) FROM contact_secret WHERE party_id = $1"
            assert await connection.fetchval(count, scene.case_id) == sees, release


async def test_a_release_shows_nothing_to_somebody_who_does_not_see_the_case(scene: Scene) -> None:
    async with scene.supposing("nurse", [(RELEASE, scene.row(RELEASE, "nurse"))]) as connection:
        assert await seen(connection, SECRET) == 0
        assert await seen(connection, RELEASE) == 0


async def test_an_auditor_sees_the_trail_and_the_ledger_and_no_case(scene: Scene) -> None:
    async with scene.as_app("auditor") as connection:
        assert await shown(connection) == OVERSEEN
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT subjects FROM audit")


async def test_a_return_that_was_not_released_is_its_own_agencys(scene: Scene) -> None:
    returns = metadata.tables["research_return"]
    async with scene.as_app("safeguarding") as connection:  # of the officer's agency
        assert await seen(connection, returns)
    async with scene.as_app("coordinator") as connection:
        assert await seen(connection, returns) == 0
        assert await seen(connection, metadata.tables["research_shared"])


async def test_a_document_is_its_recipients_while_they_see_every_case_in_it(scene: Scene) -> None:
    jobs = metadata.tables["export_job"]
    row = scene.row(jobs)
    async with scene.supposing("officer", [(jobs, row)]) as connection:
        assert await connection.fetchval("SELECT count(*) FROM export_job WHERE id = $1", row["id"]) == 1
    row["subjects"] = [scene.case_id, scene.other_case_id]
    async with scene.supposing("officer", [(jobs, row)]) as connection:
        assert await connection.fetchval("SELECT count(*) FROM export_job WHERE id = $1", row["id"]) == 0
