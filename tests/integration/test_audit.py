"""The trail: whose it is, and that no entry can be changed, removed, moved or cut off unseen."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.commands.audit import explain
from app.commands.verify import verify
from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.problem import Problem
from tests.world import SHARING, World

Urls = tuple[str, str]


async def check(urls: Urls, world: World) -> tuple[bool, str]:
    said: list[str] = []
    slug = f"t-{world.partnership_id}"
    holds = await asyncio.to_thread(verify, urls[0], "DATABASE_OWNER_URL", slug, said.append, public_keys=())
    return holds, "\n".join(said)


async def busy_case(world: World) -> UUID:
    """A case with a chain of several entries."""
    result = await world.refer(yes=4)
    case_id = result["case"]["id"]
    for agency in ("housing", "probation", "health"):
        form = {"what": "Fit new locks at the home", "agency_id": str(world.agencies[agency]), "working_days": 2}
        form["sharing"] = SHARING
        assert (await world["coordinator"].post(f"/cases/{case_id}/actions", form)).status_code == 201
    return UUID(case_id)


async def entry(superuser: asyncpg.Connection, case_id: UUID, seq: int) -> Any:
    return await superuser.fetchrow("SELECT * FROM audit WHERE chain = $1 AND seq = $2", case_id, seq)


async def test_an_untouched_trail_holds(world: World, server_urls: Urls) -> None:
    await busy_case(world)
    holds, said = await check(server_urls, world)
    assert holds, said


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'case.read'",
        "at = at - interval '1 second'",
        "actor_id = NULL",
        "agency_id = gen_random_uuid()",
        "roles = '{chair}'",
        "subjects = array_append(subjects, gen_random_uuid())",
        "purpose = 'none'",
        "request_id = gen_random_uuid()",
        "digest = '\\x00'",
        "case_id = NULL",
        "hash = sha256(hash)",
    ],
)
async def test_a_changed_field_is_found_in_its_entry(
    world: World, server_urls: Urls, superuser: asyncpg.Connection, change: str
) -> None:
    case_id = await busy_case(world)
    await superuser.execute(f"UPDATE audit SET {change} WHERE chain = $1 AND seq = 3", case_id)
    holds, said = await check(server_urls, world)
    assert not holds
    assert f"chain {case_id}" in said
    assert "number 3:" in said


async def test_a_removed_entry_is_found_where_it_was(
    world: World, server_urls: Urls, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)
    await superuser.execute("DELETE FROM audit WHERE chain = $1 AND seq = 2", case_id)
    holds, said = await check(server_urls, world)
    assert not holds
    assert f"chain {case_id} of Test, number 3: an entry before number 3 is missing" in said


async def test_two_entries_that_changed_places_are_found(
    world: World, server_urls: Urls, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)
    for before, after in ((2, -2), (3, 2), (-2, 3)):
        await superuser.execute("UPDATE audit SET seq = $3 WHERE chain = $1 AND seq = $2", case_id, before, after)
    holds, said = await check(server_urls, world)
    assert not holds
    assert f"chain {case_id} of Test, number 2" in said


async def test_a_tail_that_was_cut_off_is_found_by_the_head(
    world: World, server_urls: Urls, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)
    last = await superuser.fetchval("SELECT max(seq) FROM audit WHERE chain = $1", case_id)
    await superuser.execute("DELETE FROM audit WHERE chain = $1 AND seq > $2", case_id, last - 2)
    holds, said = await check(server_urls, world)
    assert not holds
    assert f"number {last - 2}: the entries after number {last - 2} are missing" in said


async def test_a_chain_removed_whole_is_found_by_its_head(
    world: World, server_urls: Urls, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)
    await superuser.execute("DELETE FROM audit WHERE chain = $1", case_id)
    holds, said = await check(server_urls, world)
    assert not holds
    assert f"chain {case_id} of Test, number 0: all of its entries are missing" in said


async def test_an_entry_put_in_at_the_end_without_the_head_is_found(
    world: World, server_urls: Urls, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)
    last = await superuser.fetchval("SELECT max(seq) FROM audit WHERE chain = $1", case_id)
    await superuser.execute("ALTER TABLE audit DISABLE TRIGGER chain")
    try:
        await superuser.execute(
            "INSERT INTO audit SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(),"
            " 'seq', a.seq + 1))).* FROM audit a WHERE chain = $1 AND seq = $2",
            case_id,
            last,
        )
    finally:
        await superuser.execute("ALTER TABLE audit ENABLE TRIGGER chain")
    holds, said = await check(server_urls, world)
    assert not holds
    assert f"number {last + 1}:" in said


async def test_every_entry_stays_in_the_chain_while_many_write_at_once(world: World, server_urls: Urls) -> None:
    case_id = await busy_case(world)
    answers = await asyncio.gather(*(world["coordinator"].get(f"/audit?case={case_id}") for _ in range(12)))
    assert {each.status_code for each in answers} == {200}
    holds, said = await check(server_urls, world)
    assert holds, said


async def test_the_service_itself_cannot_change_or_remove_an_entry(server_urls: Urls) -> None:
    connection = await asyncpg.connect(server_urls[1])
    try:
        for statement in ("UPDATE audit SET verb = 'x'", "DELETE FROM audit", "SELECT * FROM audit_head"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_trail_with_nothing_in_it_is_not_said_to_hold(
    world: World, server_urls: Urls, superuser: asyncpg.Connection
) -> None:
    await busy_case(world)
    for table in ("audit", "audit_head"):
        await superuser.execute(f"DELETE FROM {table} WHERE partnership_id = $1", world.partnership_id)
    holds, said = await check(server_urls, world)
    assert (holds, "there is no entry at all" in said) == (False, True)


async def test_an_unknown_partnership_or_case_is_one_sentence(server_urls: Urls) -> None:
    with pytest.raises(Problem, match="no partnership called 'atlantis'"):
        await asyncio.to_thread(verify, server_urls[0], "DATABASE_OWNER_URL", "atlantis", print, public_keys=())
    with pytest.raises(Problem, match="no case 'C-0'"):
        await asyncio.to_thread(explain, server_urls[0], "DATABASE_OWNER_URL", "C-0", print)


async def test_explaining_a_case_whose_entries_have_impossible_times_is_one_sentence(
    world: World, server_urls: Urls, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)
    reference = await superuser.fetchval("SELECT reference FROM case_file WHERE id = $1", case_id)
    for moment in ("infinity", "4000-01-01 BC"):
        await superuser.execute(f"UPDATE audit SET at = '{moment}' WHERE chain = $1 AND seq = 2", case_id)
        with pytest.raises(Problem, match="roundtable audit verify"):
            await asyncio.to_thread(explain, server_urls[0], "DATABASE_OWNER_URL", reference, print)


async def test_explain_says_who_could_see_a_case_and_who_looked(world: World, server_urls: Urls) -> None:
    case_id = await busy_case(world)
    (first, *_) = (await world["housing_rep"].get("/actions?agency=mine")).json()["items"]
    said: list[str] = []
    reference = first["case"]["reference"]
    await asyncio.to_thread(explain, server_urls[0], "DATABASE_OWNER_URL", reference.lower(), said.append)
    text = "\n".join(said)
    assert "Officer, Wessex Police: referred" in text
    assert "City Housing, its desk: owns action" in text
    assert "Housing Rep, City Housing: action listed" in text
    assert "Maya" not in text
    assert str(case_id) not in text


async def test_whoever_stops_reading_an_explanation_is_in_the_trail_all_the_same(
    world: World, server_urls: Urls
) -> None:
    case = (await world.refer())["case"]

    def hang_up(_: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await asyncio.to_thread(explain, server_urls[0], "DATABASE_OWNER_URL", case["reference"], hang_up)
    found = await world["officer"].get(f"/audit?case={case['id']}&verb=audit.explained")
    assert len(found.json()["items"]) == 1


async def test_explaining_a_case_is_in_its_trail_and_says_who_was_kept_from_it(
    world: World, server_urls: Urls, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)
    chair, officer = world["chair"].user_id, world["officer"].user_id
    await superuser.execute(
        "INSERT INTO case_exclusion (partnership_id, id, case_id, user_id, kind, from_at, made_by)"
        " VALUES ($1, gen_random_uuid(), $2, $3, 'declared', now(), $3)",
        world.partnership_id,
        case_id,
        chair,
    )
    await superuser.execute(
        "INSERT INTO case_restriction (partnership_id, id, case_id, because, from_at, until_at, made_by)"
        " VALUES ($1, gen_random_uuid(), $2, 'a party works here', '2026-11-01', '2026-11-02', $3)",
        world.partnership_id,
        case_id,
        officer,
    )
    reference = await superuser.fetchval("SELECT reference FROM case_file WHERE id = $1", case_id)
    said: list[str] = []
    await asyncio.to_thread(explain, server_urls[0], "DATABASE_OWNER_URL", reference, said.append)
    text = "\n".join(said)
    assert "Chair, Community Safety: kept from it" in text
    assert "2026-11-01 00:00 until 2026-11-02 00:00  restricted" in text
    (entry,) = (await world["officer"].get(f"/audit?case={case_id}&verb=audit.explained")).json()["items"]
    assert (entry["actor"], entry["roles"], entry["purpose"]) == (None, ["platform_operator"], "command_line")
    assert (await check(server_urls, world))[0]


async def test_ones_own_part_of_the_trail_is_what_one_did(world: World) -> None:
    await busy_case(world)
    items = (await world["coordinator"].get("/audit?limit=3")).json()
    assert len(items["items"]) == 3
    assert {each["actor"]["name"] for each in items["items"]} == {"Coordinator"}
    rest = (await world["coordinator"].get(f"/audit?limit=3&cursor={items['next']}")).json()
    assert not {each["id"] for each in items["items"]} & {each["id"] for each in rest["items"]}


async def test_a_cases_part_of_the_trail_is_for_those_who_see_the_case(world: World) -> None:
    case_id = await busy_case(world)
    seen = await world["officer"].get(f"/audit?case={case_id}")
    assert {each["verb"] for each in seen.json()["items"]} >= {"case.referred", "action.promised"}
    hidden = await world["mh_rep"].get(f"/audit?case={case_id}")
    absent = await world["mh_rep"].get(f"/audit?case={uuid4()}")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content


async def test_an_attempt_on_a_case_is_found_in_its_trail_by_those_who_see_it(world: World) -> None:
    case_id = await busy_case(world)
    (action, *_) = (await world["housing_rep"].get("/actions?agency=mine")).json()["items"]
    assert (await world["mh_rep"].get(f"/cases/{case_id}")).status_code == 404
    assert (await world["mh_rep"].get(f"/actions/{action['id']}")).status_code == 404
    found = (await world["officer"].get(f"/audit?case={case_id}&verb=denied")).json()["items"]
    assert [(each["actor"]["name"], each["verb"], each["purpose"]) for each in found] == [
        ("Mh Rep", "denied.not_found", "actions.read"),
        ("Mh Rep", "denied.not_found", "cases.read"),
    ]


async def test_what_a_role_does_not_allow_is_in_the_trail(world: World) -> None:
    assert (await world["officer"].get("/audit?scope=partnership")).status_code == 403
    (latest, *_) = (await world["officer"].get("/audit?verb=denied.forbidden")).json()["items"]
    assert latest["purpose"] == "audit.listed"


async def test_a_hidden_case_and_an_absent_one_leave_the_same_entry_and_cost_the_same_statements(
    world: World, superuser: asyncpg.Connection
) -> None:
    case_id = await busy_case(world)
    for each in (case_id, uuid4()):
        for path in ("", "/timeline", "/trail", "/access"):
            assert (await world["mh_rep"].get(f"/cases/{each}{path}")).status_code == 404
    rows = await superuser.fetch(
        "SELECT verb, case_id, cardinality(subjects) AS subjects, purpose, chain, roles FROM audit"
        " WHERE actor_id = $1 AND verb LIKE 'denied.%' ORDER BY id",
        world["mh_rep"].user_id,
    )
    half = len(rows) // 2
    assert half
    assert [tuple(row) for row in rows[:half]] == [tuple(row) for row in rows[half:]]
    assert {row["case_id"] for row in rows} == {None}
    own = (await world["mh_rep"].get("/audit?verb=denied")).json()["items"]
    assert str(case_id) not in str(own)


async def test_a_refused_request_with_a_key_is_in_the_trail_under_its_own_name(world: World) -> None:
    missing = uuid4()
    form = {"what": "Fit new locks at the home", "agency_id": str(world.agencies["housing"]), "working_days": 2}
    answer = await world["coordinator"].post(
        f"/cases/{missing}/actions", {**form, "sharing": SHARING}, headers={"Idempotency-Key": "once"}
    )
    assert answer.status_code == 404
    (latest, *_) = (await world["coordinator"].get("/audit?verb=denied")).json()["items"]
    assert latest["purpose"].startswith("actions.")


async def test_the_auditor_reads_the_whole_partnerships_trail_and_narrows_it(world: World) -> None:
    case_id = await busy_case(world)
    auditor = world["auditor"]

    async def ask(query: str) -> list[dict[str, Any]]:
        answer = await auditor.get(f"/audit?scope=partnership&{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    everything = await ask("limit=100")
    assert {each["actor"]["name"] for each in everything if each["actor"]} >= {"Officer", "Coordinator"}
    assert {each["case_id"] for each in await ask(f"case={case_id}")} == {str(case_id)}
    assert {each["agency"]["name"] for each in await ask(f"agency={world.agencies['police']}")} == {"Wessex Police"}
    assert {each["actor"]["name"] for each in await ask(f"person={world['coordinator'].user_id}")} == {"Coordinator"}
    assert {each["verb"] for each in await ask("verb=action")} == {"action.promised"}
    assert await ask("verb=act") == []
    now = world.clock()
    world.clock.forward(hours=1)
    await auditor.get("/me")
    edge = (now.replace(minute=30)).isoformat().replace("+00:00", "Z")
    assert {each["case_id"] for each in await ask(f"until={edge}&verb=case.referred")} == {str(case_id)}
    assert {each["actor"]["name"] for each in await ask(f"since={edge}")} == {"Auditor"}


async def test_the_auditor_who_is_kept_from_a_case_reads_nothing_about_it(
    world: World, superuser: asyncpg.Connection
) -> None:
    case_id, auditor = await busy_case(world), world["auditor"]
    before = (await auditor.get(f"/audit?scope=partnership&case={case_id}")).json()["items"]
    assert before
    await superuser.execute(
        "INSERT INTO case_exclusion (partnership_id, id, case_id, user_id, kind, from_at, made_by)"
        " VALUES ($1, gen_random_uuid(), $2, $3, 'declared', now(), $3)",
        world.partnership_id,
        case_id,
        auditor.user_id,
    )
    assert (await auditor.get(f"/audit?scope=partnership&case={case_id}")).json()["items"] == []
    assert str(case_id) not in (await auditor.get("/audit?scope=partnership&limit=100")).text


async def test_other_roles_have_no_part_but_their_own(world: World) -> None:
    await busy_case(world)
    for who in ("officer", "coordinator", "chair", "police_admin", "system"):
        assert (await world[who].get("/audit?scope=partnership")).status_code == 403, who
    for who in ("officer", "coordinator", "auditor"):
        assert (await world[who].get("/audit?scope=administration")).status_code == 403, who
    mine = (await world["police_admin"].get("/audit?limit=100")).json()["items"]
    assert {each["actor"]["name"] for each in mine} == {"Police Admin"}


async def test_administrators_read_what_was_administered_in_or_for_their_agency(world: World) -> None:
    async def act(uow: UnitOfWork, agency: str) -> None:
        uow.record("administration.role_given", subjects=[world.agencies[agency]])

    boss = Credentials(world.partnership_id, world["partnership_admin"].user_id)
    for agency in ("police", "health"):
        await world.database.run(boss, act, world.clock(), new_id(), agency)
    await busy_case(world)

    async def read(who: str) -> list[str]:
        answer = await world[who].get("/audit?scope=administration")
        return [each["verb"] for each in answer.json()["items"]]

    assert await read("partnership_admin") == ["administration.role_given"] * 2
    assert await read("police_admin") == ["administration.role_given"]


async def test_reading_the_trail_is_in_the_trail(world: World) -> None:
    case_id = await busy_case(world)
    await world["officer"].get(f"/audit?case={case_id}")
    await world["auditor"].get("/audit?scope=partnership")
    (latest, *_) = (await world["coordinator"].get(f"/audit?case={case_id}&verb=audit.read")).json()["items"]
    assert latest["actor"]["name"] == "Officer"
    (latest, *_) = (await world["auditor"].get("/audit?verb=audit.read")).json()["items"]
    assert latest["purpose"] == "partnership"
