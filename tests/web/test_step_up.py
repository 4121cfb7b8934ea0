"""What gives somebody power asks its administrator who they are first; what takes power away asks nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from app.db.session import Database
from app.domain.access import MAY, STEP_UP, Role, Verb
from tests.openid.arranged import shown_provider
from tests.systems import Key, shown_system, system_of
from tests.tabs import Tab, problems, sign_in
from tests.world import World


@dataclass(frozen=True)
class Act:
    """A form, and what is typed into it. verb: what the trail says once it is done."""

    path: str
    verb: str
    typed: Mapping[str, str] = field(default_factory=dict)


async def granting(world: World) -> list[Act]:
    """Every form that gives power, each of them possible."""
    officer, nurse = world["officer"].user_id, world["nurse"].user_id
    system = await system_of(world, "partnership_admin")
    health, provider = world.agencies["health"], await shown_provider(world)
    await world["partnership_admin"].post(f"/agencies/{health}/suspend", {"because": "A laptop was stolen."})
    refuge = await world["partnership_admin"].post("/agencies", {"name": "Northgate Refuge", "kind": "refuge"})
    seat = {"agency_id": refuge.json()["id"], "day": "today", "because": "Agreed.", "sure": "yes"}
    when = {"every": "month", "week": "first", "weekday": "monday", "starts_at": "14:00"}
    clinic = {"kind": "stalking_clinic", "name": "Clinic", **when, "members": str(health), "because": "Agreed."}
    client = {"name": "Records", "purpose": "Sends referrals.", "scopes": "refer"}
    rule = {"version": "1", "claim": "groups", "values": "ops", "agency_id": str(world.agencies["police"])}
    return [
        Act("/people/invite", "administration.user_added", {"name": "Ann Weaver", "email": "ann@police.example"}),
        Act(f"/people/{officer}/roles", "administration.role_given", {"role": "safeguarding_officer"}),
        Act(f"/people/{nurse}/link", "sign_in.link_made"),
        Act(f"/agencies/{health}/restore", "administration.agency_restored"),
        Act(f"/forums/{world.forums['hrda']}/agencies/add", "administration.forum_seated", seat),
        Act("/forums/add", "administration.forum_added", clinic),
        Act("/systems/add", "administration.client_added", client),
        Act(f"/systems/{system.client_id}/change", "administration.client_changed", {**client, "version": "1"}),
        Act(f"/systems/{system.client_id}/secrets/add", "administration.client_credential_added", {"days": "30"}),
        Act(
            f"/systems/{system.client_id}/keys/add",
            "administration.client_credential_added",
            {"days": "30", "jwk": json.dumps(Key("one").jwk)},
        ),
        Act(f"/single-sign-on/{provider}/rules/add", "single_sign_on.provider_changed", rule),
        Act(
            f"/single-sign-on/{provider}/second-factor",
            "single_sign_on.provider_changed",
            {"version": "2", "second_factor": "always"},
        ),
        Act(
            f"/single-sign-on/{provider}/change",
            "single_sign_on.provider_changed",
            {"version": "3", "name": "Police", "client_id": "us"},
        ),
    ]


async def done(superuser: asyncpg.Connection, world: World, verb: str) -> int:
    """How often the trail says that the administrator did this."""
    query = "SELECT count(*) FROM audit WHERE actor_id = $1 AND verb = $2"
    return int(await superuser.fetchval(query, world["partnership_admin"].user_id, verb) or 0)


async def test_what_gives_power_is_asked_for_again_before_its_form_and_before_it_is_done(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    acts = await granting(world)
    await sign_in(tab, database, world["partnership_admin"])
    world.clock.forward(minutes=16)
    await tab.get("/people")
    for act in acts:
        before = await done(superuser, world, act.verb)
        assert (await tab.get(act.path)).headers.get("location") == f"/confirm?next={act.path}"
        assert (await tab.post(act.path, **act.typed)).headers.get("location") == f"/confirm?next={act.path}"
        assert await done(superuser, world, act.verb) == before, act
    await sign_in(tab, database, world["partnership_admin"])
    for act in acts:
        before = await done(superuser, world, act.verb)
        assert (await tab.get(act.path)).status_code == 200, act
        answer = await tab.post(act.path, **act.typed)
        assert answer.status_code in (200, 303), (act, problems(answer))
        assert await done(superuser, world, act.verb) == before + 1, act


async def test_a_new_provider_is_asked_nothing_before_its_administrator_was(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    await sign_in(tab, database, world["partnership_admin"])
    world.clock.forward(minutes=16)
    assert (await tab.get("/single-sign-on/add")).headers["location"] == "/confirm?next=/single-sign-on/add"
    await tab.get("/people")
    typed = {
        "id": str(UUID(int=7)),
        "name": "P",
        "issuer": "https://p.example",
        "client_id": "us",
        "client_secret": "x",
    }
    assert (await tab.post("/single-sign-on/add", **typed)).headers["location"] == "/confirm?next=/single-sign-on/add"
    assert await done(superuser, world, "single_sign_on.provider_added") == 0


async def test_what_takes_power_away_asks_nothing(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    officer, nurse = world["officer"].user_id, world["nurse"].user_id
    system, provider = await shown_system(world), await shown_provider(world)
    here = f"/systems/{system.client_id}"
    await sign_in(tab, database, world["partnership_admin"])
    world.clock.forward(minutes=16)
    for act in (
        Act(f"/people/{officer}/roles/practitioner/end", "administration.role_ended"),
        Act(f"/people/{officer}/sign-out", "sign_in.ended"),
        Act(f"/people/{nurse}/end", "administration.user_ended"),
        Act(f"{here}/credentials/{system.secret_id}/end", "administration.client_credential_ended"),
        Act(f"{here}/end", "administration.client_ended"),
        Act(f"/agencies/{world.agencies['health']}/suspend", "administration.agency_suspended", {"because": "Stolen."}),
        Act(f"/agencies/{world.agencies['health']}/end", "administration.agency_ended"),
        Act(f"/single-sign-on/{provider}/end", "single_sign_on.provider_ended", {"version": "1"}),
    ):
        before = await done(superuser, world, act.verb)
        assert (await tab.get(act.path)).status_code == 200, act
        answer = await tab.post(act.path, **act.typed)
        assert answer.status_code == 303, (act, problems(answer))
        assert not answer.headers["location"].startswith("/confirm"), act
        assert await done(superuser, world, act.verb) > before, act


def test_no_partner_system_has_what_a_person_is_asked_again_for() -> None:
    """Nobody could ask it."""
    assert {verb for verb in STEP_UP if Role.PARTNER_SYSTEM in MAY[verb].roles} == set()
    assert {Verb.GRANT_ACCESS, Verb.ADMIT} < STEP_UP
