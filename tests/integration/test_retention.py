"""Retention: what is due is looked at, nothing is erased that one person alone decided, and what is hidden stays so."""

import asyncio
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.commands.erase import erase_due
from app.db.session import Credentials, UnitOfWork
from app.db.tables.partnerships import partnership_rule
from app.db.tables.retention import retention_review
from app.domain.erasure import ERASED
from app.domain.retention import ended_by
from tests.glass import keep_from, restrict
from tests.integration.test_cases import move, stepped_down
from tests.openid.arranged import shown_provider
from tests.world import Person, World, referral_form

ANY = {"If-Match": "*"}


async def closed(world: World, **changes: Any) -> dict[str, Any]:
    """A case that ended on 21 November 2026."""
    case = (await world.refer(yes=4, **changes))["case"] if changes else await stepped_down(world)
    done = await move(world["coordinator"], case, move="close", reason="Support is in place.")
    assert done.status_code == 200, done.text
    found: dict[str, Any] = done.json()
    return found


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A case whose seven years are over today."""
    found = await closed(world)
    world.clock.set(2033, 11, 21)
    return found


async def stands(who: Person, case: dict[str, Any]) -> str:
    answer = await who.get(f"/retention/{case['id']}")
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["standing"]
    return found


async def listed(who: Person, standing: str = "due") -> list[str]:
    answer = await who.get(f"/retention?standing={standing}")
    assert answer.status_code == 200, answer.text
    return [each["case"]["id"] for each in answer.json()["items"]]


async def decides(who: Person, case: dict[str, Any], decision: str = "erase", **told: Any) -> Any:
    form = {"decision": decision, "because": "Nobody needs it any more.", **told}
    return await who.post(f"/retention/{case['id']}/reviews", form)


async def proposed(world: World, case: dict[str, Any], who: str = "auditor") -> dict[str, Any]:
    answer = await decides(world[who], case)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["reviews"][0]
    return found


async def approves(who: Person, review: dict[str, Any], **headers: str) -> Any:
    return await who.post(f"/retention/reviews/{review['id']}/approve", headers=headers or ANY)


async def test_a_case_is_due_on_the_day_on_which_its_years_are_over_and_not_before(
    world: World, case: dict[str, Any]
) -> None:
    world.clock.set(2033, 11, 20)
    assert await listed(world["auditor"]) == []
    assert await stands(world["auditor"], case) == "not_due"
    world.clock.set(2033, 11, 21)
    assert await listed(world["auditor"]) == [case["id"]]
    shown = (await world["auditor"].get(f"/retention/{case['id']}")).json()
    assert (shown["standing"], shown["due_on"], shown["years"]) == ("due", "2033-11-21", 7)


async def test_the_database_counts_years_back_as_the_domain_does(superuser: asyncpg.Connection) -> None:
    for today in (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2027, 2, 28)):
        for years in (1, 4, 7):
            found = await superuser.fetchval("SELECT ($1::date - make_interval(years => $2))::date", today, years)
            assert found == ended_by(today, years), (today, years)


async def test_nothing_is_said_of_who_is_in_the_case(world: World, case: dict[str, Any]) -> None:
    for path in ("", f"/{case['id']}"):
        said = (await world["partnership_admin"].get(f"/retention{path}")).text
        assert case["reference"] in said
        assert "Maya" not in said


async def test_two_people_are_needed_for_an_erasure(world: World, case: dict[str, Any]) -> None:
    review = await proposed(world, case)
    assert await stands(world["auditor"], case) == "proposed"
    assert (await approves(world["auditor"], review)).status_code == 403
    assert (await approves(world["partnership_admin"], review, **{"If-Match": '"7"'})).status_code == 412
    answer = await approves(world["partnership_admin"], review)
    assert (answer.status_code, answer.json()["standing"]) == (200, "approved"), answer.text
    assert await listed(world["auditor"], "approved") == [case["id"]]
    assert (await approves(world["partnership_admin"], review)).status_code == 409


async def _is_one_with(superuser: asyncpg.Connection, world: World, by: str) -> None:
    """Make the coordinator's account, which proposed, and the administrator's one person's."""
    one, other = world["coordinator"].user_id, world["partnership_admin"].user_id
    if by == "address":
        for user, email in ((one, "Jo@Council.Example"), (other, "jo@council.example")):
            await superuser.execute("UPDATE app_user SET email = $2 WHERE id = $1", user, email)
        return
    provider = await shown_provider(world)
    for user, ended in ((one, world.clock()), (other, None)):
        await superuser.execute(
            "INSERT INTO openid_identity (partnership_id, id, provider_id, user_id, issuer, subject, created_at, "
            "ended_at) VALUES ($1, gen_random_uuid(), $2, $3, 'https://id.example', 'jo', now(), $4)",
            *(world.partnership_id, UUID(str(provider)), user, ended),
        )


@pytest.mark.parametrize("by", ["address", "organisation's account"])
async def test_two_accounts_of_one_person_are_not_two_people(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection, by: str
) -> None:
    review = await proposed(world, case, "coordinator")
    await _is_one_with(superuser, world, by)
    refused = await approves(world["partnership_admin"], review)
    assert refused.status_code == 403
    assert "with another account of yours" in refused.json()["detail"]
    assert (await approves(world["auditor"], review)).status_code == 200


async def test_the_database_lets_nobody_approve_their_own(
    world: World, case: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    review = await proposed(world, case)
    with pytest.raises(asyncpg.CheckViolationError, match="approved_by_another"):
        await superuser.execute(
            "UPDATE retention_review SET approved_at = now(), approved_by = decided_by WHERE id = $1",
            UUID(review["id"]),
        )


async def test_the_database_takes_no_decision_that_is_approved_from_the_start(
    world: World, case: dict[str, Any]
) -> None:
    async def cheat(uow: UnitOfWork) -> None:
        told = {"ended_at": uow.now, "decision": "erase", "because": "x", "decided_at": uow.now}
        by = {"decided_by": uow.actor.user, "approved_at": uow.now, "approved_by": world["officer"].user_id}
        uow.add(retention_review, case_id=UUID(case["id"]), version=1, **told, **by)

    auditor = world["auditor"]
    who = Credentials(auditor.partnership_id, auditor.user_id, auditor.session_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.database.run(who, cheat, world.clock(), uuid4())


async def test_two_proposals_at_once_are_one(world: World, case: dict[str, Any]) -> None:
    both = await asyncio.gather(decides(world["auditor"], case), decides(world["partnership_admin"], case))
    assert sorted(each.status_code for each in both) == [201, 409]


async def test_what_was_approved_can_be_taken_back_and_the_case_is_due_again(
    world: World, case: dict[str, Any]
) -> None:
    review = await proposed(world, case)
    await approves(world["partnership_admin"], review)
    answer = await world["coordinator"].post(f"/retention/reviews/{review['id']}/drop", headers=ANY)
    assert (answer.status_code, answer.json()["standing"]) == (200, "due"), answer.text
    again = await world["coordinator"].post(f"/retention/reviews/{review['id']}/drop", headers=ANY)
    assert again.status_code == 409


async def test_what_is_kept_is_looked_at_again_on_the_day_that_was_given(world: World, case: dict[str, Any]) -> None:
    missing = await decides(world["auditor"], case, "keep")
    assert missing.json()["errors"][0]["pointer"] == "/keep_until"
    assert (await decides(world["auditor"], case, "keep", keep_until="2033-11-21")).status_code == 422
    kept = await decides(world["auditor"], case, "keep", keep_until="2034-05-01")
    assert kept.json()["standing"] == "kept"
    world.clock.set(2034, 4, 30)
    assert await listed(world["auditor"]) == []
    world.clock.set(2034, 5, 1)
    assert await listed(world["auditor"]) == [case["id"]]


async def test_a_hold_keeps_a_case_from_being_erased_until_it_ends(world: World, case: dict[str, Any]) -> None:
    review = await proposed(world, case)
    held = await world["auditor"].post(
        f"/retention/{case['id']}/holds", {"because": "A claim was issued.", "until_on": "2034-03-01"}
    )
    assert (held.status_code, held.json()["standing"]) == (201, "held"), held.text
    assert (await approves(world["partnership_admin"], review)).status_code == 409
    world.clock.set(2034, 3, 1)
    assert await stands(world["auditor"], case) == "due", "decided anew, by two again"


async def test_what_was_approved_before_a_hold_is_not_erased_when_one_person_lifts_it(
    world: World, case: dict[str, Any]
) -> None:
    review = await proposed(world, case)
    assert (await approves(world["partnership_admin"], review)).status_code == 200
    held = await world["auditor"].post(f"/retention/{case['id']}/holds", {"because": "A claim was issued."})
    lift = f"/retention/holds/{held.json()['holds'][0]['id']}/lift"
    assert (await world["auditor"].post(lift, headers=ANY)).json()["standing"] == "due"


async def test_a_hold_can_be_put_on_a_case_that_is_worked_on_and_lifted_once(world: World) -> None:
    case = await stepped_down(world)
    answer = await world["auditor"].post(f"/retention/{case['id']}/holds", {"because": "An inquest."})
    assert answer.json()["standing"] == "held"
    (hold,) = answer.json()["holds"]
    assert await listed(world["auditor"], "held") == [case["id"]]
    lifted = await world["auditor"].post(f"/retention/holds/{hold['id']}/lift", headers=ANY)
    assert (lifted.status_code, lifted.json()["standing"]) == (200, "open"), lifted.text
    assert (await world["auditor"].post(f"/retention/holds/{hold['id']}/lift", headers=ANY)).status_code == 409


async def test_a_case_that_is_referred_again_is_not_due_and_what_was_approved_lapses(
    world: World, case: dict[str, Any]
) -> None:
    review = await proposed(world, case)
    await approves(world["partnership_admin"], review)
    party = (await world["coordinator"].get(f"/cases/{case['id']}")).json()["parties"][0]["person_reference"]
    form = referral_form(yes=4, note="He found her.", sharing=world["coordinator"].sharing)
    form["victim"]["person_reference"] = party
    again = await world["coordinator"].post("/referrals?submit=true", form)
    assert again.json()["case"]["id"] == case["id"], again.text
    assert await stands(world["auditor"], case) == "open"
    done = await move(world["coordinator"], case, move="close", reason="Support is in place.")
    assert done.status_code == 200, done.text
    assert await stands(world["auditor"], case) == "not_due"
    world.clock.set(2035, 11, 21)
    assert await listed(world["auditor"], "approved") == []


async def test_of_a_restricted_case_only_those_who_are_named_decide(world: World, case: dict[str, Any]) -> None:
    await restrict(world, case)
    for who in ("auditor", "partnership_admin", "chair"):
        hidden = await world[who].get(f"/retention/{case['id']}")
        absent = await world[who].get(f"/retention/{uuid4()}")
        assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
        assert await listed(world[who]) == []
        assert (await world[who].get("/retention")).json()["counts"]["due"] == 0
        assert (await decides(world[who], case)).status_code == 404
    assert await listed(world["coordinator"]) == [case["id"]]
    assert (await decides(world["coordinator"], case)).status_code == 201


async def test_whoever_is_kept_from_a_case_does_not_decide_how_long_it_is_kept(
    world: World, case: dict[str, Any]
) -> None:
    await keep_from(world, case, "partnership_admin")
    assert await listed(world["partnership_admin"]) == []
    assert (await decides(world["partnership_admin"], case)).status_code == 404
    assert await listed(world["auditor"]) == [case["id"]]


@pytest.mark.parametrize("who", ["officer", "nurse", "health_rep", "idva", "police_admin", "operator", "triage"])
async def test_nobody_else_is_asked(world: World, who: str) -> None:
    assert (await world[who].get("/retention")).status_code == 403


async def test_a_longer_period_set_since_stops_what_was_approved(world: World, case: dict[str, Any]) -> None:
    review = await proposed(world, case)
    await approves(world["partnership_admin"], review)
    await set_periods(world, below_high=10)
    assert await stands(world["auditor"], case) == "not_due"
    assert await listed(world["auditor"], "approved") == []


async def set_periods(world: World, **years: int) -> None:
    async def change(uow: UnitOfWork) -> None:
        value = {"version": "2", "high_risk": 7, "below_high": 7, "children": 7, "transferred": 7, **years}
        when = {"effective_from": uow.now.date(), "created_at": uow.now}
        uow.add(partnership_rule, rule="retention", version="2", value=value, **when)

    await world.database.run_as_system(world.partnership_id, change, world.clock())


async def approved(world: World, case: dict[str, Any]) -> None:
    answer = await approves(world["partnership_admin"], await proposed(world, case))
    assert answer.status_code == 200, answer.text


async def carried_out(world: World, urls: tuple[str, str]) -> tuple[int, str]:
    said: list[str] = []
    arguments = (urls[0], "DATABASE_OWNER_URL", world.database._vault, world.clock(), said.append, lambda _: True)
    partnership = f"t-{world.partnership_id}"
    return await asyncio.to_thread(partial(erase_due, *arguments, partnership=partnership)), "\n".join(said)


async def test_the_command_erases_what_was_approved_and_leaves_what_else_is_known_of_the_same_people(
    world: World, server_urls: tuple[str, str], superuser: asyncpg.Connection
) -> None:
    case, other = await closed(world), (await world.refer(yes=4, victim="Maya Thornbury", note="Another."))["case"]
    world.clock.set(2033, 11, 21)
    await approved(world, case)
    done, said = await carried_out(world, server_urls)
    assert done == 1, said
    names = await superuser.fetch("SELECT name FROM party WHERE case_id = $1", UUID(case["id"]))
    assert {row["name"] for row in names} == {ERASED}
    assert "Maya" in (await world["coordinator"].get(f"/cases/{other['id']}")).text
    shown = (await world["auditor"].get(f"/retention/{case['id']}")).json()
    assert (shown["standing"], shown["reviews"][0]["because"]) == ("erased", ERASED)
    assert await listed(world["auditor"], "erased") == [case["id"]]
    assert (await carried_out(world, server_urls))[0] == 0


async def test_the_command_erases_nothing_that_only_one_person_decided_or_that_is_held(
    world: World, server_urls: tuple[str, str], superuser: asyncpg.Connection, case: dict[str, Any]
) -> None:
    await proposed(world, case)
    assert (await carried_out(world, server_urls))[0] == 0
    review = (await world["auditor"].get(f"/retention/{case['id']}")).json()["reviews"][0]
    await approves(world["partnership_admin"], review)
    await world["auditor"].post(f"/retention/{case['id']}/holds", {"because": "An inquest."})
    assert (await carried_out(world, server_urls))[0] == 0
    name = await superuser.fetchval("SELECT victim_name FROM case_file WHERE id = $1", UUID(case["id"]))
    assert name == "Maya Thornbury"


async def test_a_case_that_is_being_opened_again_while_the_command_runs_is_not_erased(
    world: World, server_urls: tuple[str, str], superuser: asyncpg.Connection, case: dict[str, Any]
) -> None:
    await approved(world, case)
    opening = superuser.transaction()
    await opening.start()
    await superuser.execute("UPDATE case_file SET state = 're_referred' WHERE id = $1", UUID(case["id"]))
    erasing = asyncio.create_task(carried_out(world, server_urls))
    waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL)"
    while not erasing.done() and not await superuser.fetchval(waiting):  # noqa: ASYNC110  # no event tells of a lock
        await asyncio.sleep(0.01)
    await opening.commit()
    done, said = await erasing
    assert (done, f"{case['reference']} stays" in said) == (0, True)
    name = await superuser.fetchval("SELECT victim_name FROM case_file WHERE id = $1", UUID(case["id"]))
    assert name == "Maya Thornbury"
