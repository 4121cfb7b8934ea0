"""The providers of a partnership, as its administrator keeps them on the pages."""

import re
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.ids import new_id
from app.domain.openid import Fault, OpenidError
from tests.openid.provider import Browser, Provider
from tests.openid.visitor import SECRET, Visitor, added, signed_in
from tests.tabs import problems
from tests.world import World

_ID = re.compile(r'name="id" value="([^"]+)"')
_VERSION = re.compile(r'name="version" value="([^"]+)"')


@pytest.fixture
async def admin(trusting: FastAPI, world: World, browser: Browser) -> Visitor:
    """The partnership's administrator, just signed in."""
    return await signed_in(world, "partnership_admin", browser)


async def add(admin: Visitor, issuer: str, **fields: str) -> Any:
    await admin.get("/single-sign-on/add")
    found = _ID.search(admin.page)
    assert found
    told = {"id": found[1], "name": "Wessex Police", "issuer": issuer, "client_id": "us", "client_secret": SECRET}
    return await admin.post("/single-sign-on/add", **{**told, **fields})


async def change(admin: Visitor, path: str, **fields: str) -> Any:
    """Open a form, fill it in and send it."""
    await admin.get(path)
    found = _VERSION.search(admin.page)
    assert found
    return await admin.post(path, **{"version": found[1], **fields})


async def test_a_provider_is_added_once_it_has_answered_and_its_secret_is_sealed(
    admin: Visitor, providers: tuple[Provider, Provider], superuser: asyncpg.Connection, world: World
) -> None:
    done = await add(admin, providers[0].issuer)
    assert done.status_code == 303
    assert (await admin.get(done.headers["location"])).status_code == 200
    provider_id = done.headers["location"].rpartition("/")[2]
    assert f"http://roundtable.test/sign-in/back/{provider_id}" in admin.page
    assert SECRET not in admin.page
    sealed = await superuser.fetchval(
        "SELECT sealed FROM openid_provider WHERE partnership_id = $1", world.partnership_id
    )
    assert SECRET.encode() not in sealed
    again = await add(admin, providers[0].issuer)
    assert (again.status_code, "in the list already" in problems(again)) == (422, True)
    assert (await admin.get("/single-sign-on")).text.count("Wessex Police") == 1


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("", "Enter the issuer"),
        ("police.example", "must begin with https://"),
        ("http://169.254.169.254/latest", "must begin with https://"),
        ("https://169.254.169.254/latest", "open to the internet"),
        ("http://127.0.0.1:1", "did not answer in time"),
        ("ONE/", "exactly"),
        ("ONE/nowhere", "cannot be used"),
    ],
)
async def test_what_is_wrong_with_an_issuer_is_said_at_once(
    issuer: str, words: str, admin: Visitor, providers: tuple[Provider, Provider]
) -> None:
    refused = await add(admin, issuer.replace("ONE", providers[0].issuer))
    assert (refused.status_code, words in problems(refused)) == (422, True)
    assert SECRET not in refused.text


async def test_rules_second_factor_and_client_change_one_after_the_other_and_are_in_the_trail(
    admin: Visitor, providers: tuple[Provider, Provider], world: World, superuser: asyncpg.Connection
) -> None:
    path = (await add(admin, providers[0].issuer)).headers["location"]
    police, health = str(world.agencies["police"]), str(world.agencies["health"])
    first = {"claim": "groups", "values": "ops\r\nresponse", "agency_id": police, "roles": "practitioner"}
    assert (await change(admin, f"{path}/rules/add", **first)).status_code == 303
    second = {"claim": "hd", "values": "health.example", "agency_id": health}
    assert (await change(admin, f"{path}/rules/add", **second)).status_code == 303
    assert (await change(admin, f"{path}/second-factor", second_factor="when_said", amr="mfa\nhwk")).status_code == 303
    renamed = {"name": "Wessex Police <b>", "client_id": "us-2", "client_secret": ""}
    assert (await change(admin, f"{path}/change", **renamed)).status_code == 303
    page = " ".join((await admin.get(path)).text.split())
    for words in ("Wessex Police &lt;b&gt;", "us-2", "mfa, hwk", "health.example", "as Practitioner", "without a role"):
        assert words in page
    version = _VERSION.search(admin.page)
    assert version
    assert (await admin.post(f"{path}/rules/0/end", version=version[1])).status_code == 303
    assert (await admin.post(f"{path}/rules/0/end", version=version[1])).status_code == 412
    assert "response" not in (await admin.get(path)).text
    assert (await change(admin, f"{path}/end")).status_code == 303
    assert (await change(admin, f"{path}/change", **renamed)).status_code == 409
    rows = await superuser.fetch(
        "SELECT verb, purpose FROM audit WHERE partnership_id = $1 AND verb LIKE 'single_sign_on.provider%' "
        "ORDER BY id",
        world.partnership_id,
    )
    assert [(row["verb"].rpartition("_")[2], row["purpose"]) for row in rows] == [
        ("added", None),
        ("changed", "rule_added"),
        ("changed", "rule_added"),
        ("changed", "second_factor"),
        ("changed", "client"),
        ("changed", "rule_ended"),
        ("ended", None),
    ]


@pytest.mark.parametrize(
    ("form", "fields", "words"),
    [
        ("rules/add", {"claim": "", "values": "a"}, "Enter the name of a claim"),
        ("rules/add", {"claim": "a", "values": ""}, "Enter at least one value"),
        ("rules/add", {"claim": "a", "values": " \n "}, "Enter at least one value"),
        ("rules/add", {"claim": "a", "values": "b", "agency_id": ""}, "Choose an agency"),
        ("rules/add", {"claim": "a", "values": "b", "agency_id": "NOWHERE"}, "Choose an agency of this partnership"),
        ("rules/add", {"claim": "a", "values": "b", "roles": "marac_coordinator"}, "Give others by hand"),
        ("second-factor", {}, "Choose whether it asks for two factors"),
        ("second-factor", {"second_factor": "when_said"}, "at least one method or level"),
        ("change", {"name": "", "client_id": "us"}, "Enter a name"),
    ],
)
async def test_what_cannot_be_is_said_in_words_at_its_field(
    form: str, fields: dict[str, str], words: str, admin: Visitor, providers: tuple[Provider, Provider], world: World
) -> None:
    path = (await add(admin, providers[0].issuer)).headers["location"]
    told = {"agency_id": str(world.agencies["police"])} if form == "rules/add" else {}
    told |= {name: value.replace("NOWHERE", str(new_id())) for name, value in fields.items()}
    refused = await change(admin, f"{path}/{form}", **told)
    assert (refused.status_code, words in problems(refused)) == (422, True), problems(refused)


async def test_only_the_partnerships_administrator_keeps_providers_and_only_when_just_confirmed(
    admin: Visitor, world: World, browser: Browser, providers: tuple[Provider, Provider]
) -> None:
    path = (await add(admin, providers[0].issuer)).headers["location"]
    for who in ("police_admin", "officer", "coordinator", "operator"):
        other = await signed_in(world, who, browser)
        for page in ("/single-sign-on", "/single-sign-on/add", path, f"{path}/change"):
            assert (await other.get(page)).status_code == 403, (who, page)
    world.clock.forward(minutes=16)
    assert (await admin.get(path)).status_code == 200
    assert (await admin.get("/single-sign-on/add")).headers["location"].startswith("/confirm?")
    late = await admin.post(f"{path}/change", version="1", name="Another", client_id="us")
    assert late.headers["location"].startswith("/confirm?")


async def test_postgresql_lets_nobody_else_add_a_provider_or_change_one(
    trusting: FastAPI, world: World, providers: tuple[Provider, Provider]
) -> None:
    found = await added(world, providers[0])
    statement = f"UPDATE openid_provider SET issuer = issuer WHERE id = '{found.id}'"

    async def rewriting(uow: Any) -> None:
        await uow._connection.execute(statement)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.database.run_as_system(world.partnership_id, rewriting, world.clock())


async def test_the_service_itself_asks_no_provider_on_this_machine_unless_it_is_a_demonstration(
    app: FastAPI, providers: tuple[Provider, Provider], world: World
) -> None:
    with pytest.raises(OpenidError) as caught:
        await app.state.openid.check(providers[0].issuer, world.clock())
    assert caught.value.fault is Fault.ADDRESS
