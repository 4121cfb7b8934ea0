"""Agencies: kept by the partnership's administrator, locked out and let in by a page, a route or a command."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from app.commands import lock_out as command
from app.commands.administrator import administrator
from app.db.partnerships import load_facts
from app.domain.agencies import AgencyKind, slug_of
from app.domain.routing import Pathway
from app.problem import Problem
from app.settings import Settings, new_contact_key
from tests.accounts import account_of
from tests.integration.test_accounts import tab_of
from tests.tabs import Tab, problems
from tests.world import World


@pytest.fixture
def settings(server_urls: tuple[str, str]) -> Settings:
    """What a command needs: the database, and keys."""
    keys = {"test": new_contact_key()}
    more: dict[str, Any] = {"contact_keys": keys, "index_keys": keys}
    return Settings(database_url=server_urls[1], origin="https://roundtable.example", **more)


async def keep(world: World, path: str, body: Any = None, *, who: str = "partnership_admin") -> Any:
    return await world[who].post(f"/agencies{path}", body)


async def verbs(superuser: asyncpg.Connection, partnership_id: UUID, like: str) -> list[tuple[str, str | None]]:
    rows = await superuser.fetch(
        "SELECT verb, purpose FROM audit WHERE partnership_id = $1 AND verb LIKE $2 ORDER BY id", partnership_id, like
    )
    return [(row["verb"], row["purpose"]) for row in rows]


async def test_an_agency_that_joins_can_be_given_people_at_once(world: World) -> None:
    made = await keep(world, "", {"name": "Northgate Women’s Refuge", "kind": "refuge"})
    assert (made.status_code, made.json()["slug"]) == (201, "northgate-womens-refuge")
    form = {"name": "Ann", "email": "ann@refuge.example", "agency_id": made.json()["id"], "roles": ["practitioner"]}
    assert (await world["partnership_admin"].post("/users", form)).status_code == 201
    assert (await keep(world, "", {"name": "NORTHGATE womens refuge", "kind": "refuge"})).status_code == 422
    kept = (await world["partnership_admin"].get("/agencies/kept")).json()["items"]
    assert [each["people"] for each in kept if each["id"] == made.json()["id"]] == [1]


@pytest.mark.parametrize("name", ["!!!", "—"])
async def test_a_name_needs_letters(world: World, name: str) -> None:
    refused = await keep(world, "", {"name": name, "kind": "police"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/name")


def test_a_short_name_can_be_typed() -> None:
    assert slug_of("Children’s Services, São Paulo & Co.") == "childrens-services-sao-paulo-co"
    assert slug_of("x" * 200) == "x" * 60


@pytest.mark.parametrize("who", ["police_admin", "coordinator", "auditor", "operator"])
async def test_only_the_partnerships_administrator_keeps_agencies(world: World, who: str) -> None:
    health = world.agencies["health"]
    for path, body in (
        ("", {"name": "Another", "kind": "police"}),
        (f"/{health}/rename", {"name": "Another"}),
        (f"/{health}/suspend", {"because": "x"}),
        (f"/{health}/restore", None),
        (f"/{health}/end", None),
    ):
        assert (await keep(world, path, body, who=who)).status_code == 403


async def test_nobody_locks_themselves_out(world: World) -> None:
    own = world.agencies["council"]
    for path, body in ((f"/{own}/suspend", {"because": "x"}), (f"/{own}/end", None)):
        refused = await keep(world, path, body)
        assert (refused.status_code, "your own agency" in refused.json()["detail"]) == (403, True)


async def test_what_has_been_done_is_not_done_again(world: World) -> None:
    health = world.agencies["health"]
    assert (await keep(world, f"/{health}/restore")).status_code == 409
    assert (await keep(world, f"/{health}/suspend", {"because": "x"})).status_code == 200
    assert (await keep(world, f"/{health}/suspend", {"because": "x"})).status_code == 409
    assert (await keep(world, f"/{health}/end")).status_code == 200
    for path, body in (("end", None), ("restore", None), ("rename", {"name": "Y"}), ("suspend", {"because": "x"})):
        assert (await keep(world, f"/{health}/{path}", body)).status_code == 409
    assert (await keep(world, f"/{world.partnership_id}/end")).status_code == 404


async def test_an_agency_that_has_left_sits_on_no_forum(world: World) -> None:
    world.clock.forward(minutes=1)
    await keep(world, f"/{world.agencies['probation']}/end")
    for forum in (await world["coordinator"].get("/forums")).json()["items"]:
        assert "Probation Service" not in [each["name"] for each in forum["members"]]


async def test_who_is_locked_out_hears_at_sign_in_what_a_wrong_password_hears(world: World) -> None:
    account = await account_of(world, "officer")
    await keep(world, f"/{world.agencies['police']}/suspend", {"because": "A laptop was stolen."})
    async with Tab(account.person.app) as tab:
        locked_out = await account.sign_in(tab)
    async with Tab(account.person.app, "192.0.2.77") as tab:
        wrong = await account.sign_in(tab, password="wrong horse battery")
    assert locked_out.status_code == wrong.status_code == 422
    assert problems(locked_out) == problems(wrong)


async def test_each_act_is_in_the_trail_and_so_is_each_session_that_it_ended(
    world: World, superuser: asyncpg.Connection
) -> None:
    health = world.agencies["health"]
    await keep(world, f"/{health}/rename", {"name": "Solent Trust"})
    await keep(world, f"/{health}/suspend", {"because": "x"})
    await keep(world, f"/{health}/restore")
    await keep(world, f"/{health}/end")
    assert await verbs(superuser, world.partnership_id, "administration.%") == [
        ("administration.agency_renamed", None),
        ("administration.agency_suspended", None),
        ("administration.agency_restored", None),
        ("administration.agency_ended", None),
    ]
    ended = await verbs(superuser, world.partnership_id, "sign_in.ended")
    assert ended == [("sign_in.ended", "administrator")] * 2  # the nurse and the representative


async def test_the_pages_do_the_same(world: World) -> None:
    here = f"/agencies/{world.agencies['health']}"
    async with await tab_of(world["partnership_admin"]) as tab:
        await tab.get("/agencies/add")
        assert "Enter its name" in problems(await tab.post("/agencies/add", kind="police"))
        made = await tab.post("/agencies/add", name="Northgate Refuge", kind="refuge")
        assert "Northgate Refuge" in (await tab.get(made.headers["location"])).text
        await tab.get(f"{here}/suspend")
        assert "Say why" in problems(await tab.post(f"{here}/suspend", because=" "))
        await tab.post(f"{here}/suspend", because="A laptop was stolen.")
        assert "A laptop was stolen." in (await tab.get(here)).text
        assert (await world["nurse"].get("/me")).status_code == 401
        await tab.post(f"{here}/restore")
        await tab.get(f"{here}/rename")
        await tab.post(f"{here}/rename", name="Solent Trust")
        assert "Solent Trust" in (await tab.get("/agencies")).text
        await tab.get(f"{here}/end")
        await tab.post(f"{here}/end")
        assert "left the partnership" in (await tab.get(here)).text
    async with await tab_of(world["police_admin"]) as tab:
        assert (await tab.get("/agencies")).status_code == 403


async def test_one_command_locks_an_agency_out_and_another_lets_it_in(
    world: World, settings: Settings, superuser: asyncpg.Connection
) -> None:
    said: list[str] = []
    slug = f"t-{world.partnership_id}"
    await asyncio.to_thread(command.lock_out, settings, "health", "A laptop was stolen.", slug, said.append)
    assert (await world["nurse"].get("/me")).status_code == 401
    assert (await world["officer"].get("/me")).status_code == 200
    assert said[0].startswith("Solent Hospitals is locked out")
    with pytest.raises(Problem, match="locked out already"):
        await asyncio.to_thread(command.lock_out, settings, "health", "Again.", slug, said.append)
    await asyncio.to_thread(command.lift, settings, "Solent Hospitals", slug, said.append)
    assert await verbs(superuser, world.partnership_id, "administration.%") == [
        ("administration.agency_suspended", "command_line"),
        ("administration.agency_restored", "command_line"),
    ]


async def test_a_lock_out_needs_a_reason_and_one_agency(world: World, settings: Settings) -> None:
    async def refusal(name: str, because: str, partnership: str | None) -> str:
        with pytest.raises(Problem) as refused:
            await asyncio.to_thread(command.lock_out, settings, name, because, partnership, print)
        return str(refused.value)

    slug = f"t-{world.partnership_id}"
    assert "Say why" in await refusal("health", " ", slug)
    assert "no agency called 'nowhere'" in await refusal("nowhere", "x", slug)
    assert (await world["nurse"].get("/me")).status_code == 200


async def appointed(settings: Settings, **changes: Any) -> list[str]:
    """What the command says."""
    said: list[str] = []
    told = {"email": "Ada@council.example", "name": "Ada Byron", "agency": "City Council", **changes}
    usual: dict[str, Any] = {
        "kind": AgencyKind.LOCAL_AUTHORITY,
        "partnership": None,
        "another": False,
        "because": None,
    }
    await asyncio.to_thread(lambda: administrator(settings, said.append, **{**usual, **told}))
    return said


async def test_the_first_administrator_is_made_with_the_partnership_and_signs_in_by_a_link(
    settings: Settings, app: FastAPI, world: World, superuser: asyncpg.Connection
) -> None:
    name = f"Wessex {world.partnership_id}"
    (said,) = await appointed(settings, partnership=name, another=True)
    link = said.splitlines()[-1]
    assert re.fullmatch(r"https://roundtable\.example/join/[\w-]+", link)
    async with Tab(app) as tab:
        await tab.get(link.removeprefix("https://roundtable.example"))
        assert "City Council" in (await tab.get("/join")).text
    founded = await superuser.fetchval("SELECT id FROM partnership WHERE name = $1", name)
    assert founded is not None
    assert [verb for verb, _ in await verbs(superuser, founded, "%")] == [
        "administration.partnership_founded",
        "administration.agency_added",
        "administration.administrator_made",
        "sign_in.link_made",
    ]

    rules = (await world.database.run_as_system(founded, load_facts, datetime.now(UTC))).routing
    assert rules.pathway is Pathway.HRDA_THEN_MARAC
    # Until they have come, it can be repeated, and makes a new link in place of that.
    (again,) = await appointed(settings, partnership=name)
    assert again.splitlines()[-1] != link


async def test_where_an_administrator_can_sign_in_another_is_made_only_with_a_reason(
    settings: Settings, world: World, superuser: asyncpg.Connection
) -> None:
    await account_of(world, "partnership_admin")
    slug = f"t-{world.partnership_id}"
    with pytest.raises(Problem, match="has an administrator who can sign in"):
        await appointed(settings, partnership=slug)
    await appointed(
        settings, partnership=slug, because="The only one is on leave.", email="partnership_admin@x.example"
    )
    made = await superuser.fetchval(
        "SELECT d.detail FROM audit a JOIN audit_detail d ON d.id = a.id "
        "WHERE a.partnership_id = $1 AND a.verb = 'administration.administrator_made'",
        world.partnership_id,
    )
    assert made == '{"because":"The only one is on leave."}'


async def test_a_partnership_is_not_founded_by_a_slip_of_the_keyboard(settings: Settings, world: World) -> None:
    with pytest.raises(Problem, match="no partnership called 'Wesex'"):
        await appointed(settings, partnership="Wesex")


async def test_a_second_partnership_is_not_called_like_the_first(settings: Settings, world: World) -> None:
    name = f"Wessex {world.partnership_id}"
    await appointed(settings, partnership=name, another=True)
    with pytest.raises(Problem, match="leave out --another"):
        await appointed(settings, partnership=name, another=True)


async def test_no_link_is_given_to_an_administrator_whose_agency_is_locked_out(
    settings: Settings, world: World
) -> None:
    """They could not follow it, and would be told nothing but that it does not work."""
    name = f"Wessex {world.partnership_id}"
    await appointed(settings, partnership=name, another=True)
    slug = slug_of(name)
    await asyncio.to_thread(command.lock_out, settings, "City Council", "A laptop was stolen.", slug, print)
    with pytest.raises(Problem, match="City Council is locked out"):
        await appointed(settings, partnership=name)
