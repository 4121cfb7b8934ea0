"""One's own passkeys: added, named, removed, and kept from everybody else."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.db import passkeys as queries
from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.db.tables.sign_in import passkey
from app.services import passkeys
from app.web.cookies import Cookie
from tests.accounts import trail
from tests.authenticator import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Authenticator
from tests.passkeys import HOST, ORIGIN, REFUSED, Enrolled, Scripted, enrol, hold_session, said
from tests.world import World


@pytest.fixture
async def officer(world: World) -> Enrolled:
    return await enrol(world, "officer")


@pytest.fixture
async def tab(app: FastAPI) -> AsyncIterator[Scripted]:
    async with Scripted(app) as opened:
        yield opened


async def _add(tab: Scripted, device: Authenticator, **wrong: Any) -> httpx.Response:
    await tab.open("/account/passkeys/add")
    options = await tab.begin("/account/passkeys/add/begin")
    return await tab.send("/account/passkeys/add/finish", device.make(options, ORIGIN) | wrong)


async def test_one_adds_names_and_removes_passkeys_and_keeps_the_last(
    world: World, tab: Scripted, superuser: Any
) -> None:
    await hold_session(world, "officer", tab)
    assert "You have none yet" in (await tab.get("/account/passkeys")).text
    assert "Firefox on Windows" in (await tab.get("/account/passkeys/add")).text
    first = Authenticator(flags=PRESENT | VERIFIED | ELIGIBLE | BACKED_UP)
    assert (await _add(tab, first)).json() == {"to": "/account/passkeys"}
    assert (await _add(tab, Authenticator(), name="Work laptop")).status_code == 200
    shown = (await tab.get("/account/passkeys")).text
    assert "The passkey was added." in shown
    assert shown.index("By your account with its maker") < shown.index("Only on the device that made it")
    ids = list(dict.fromkeys(re.findall(r"/account/passkeys/([0-9a-f-]{36})/remove", shown)))
    assert len(ids) == 2
    await tab.get(f"/account/passkeys/{ids[0]}")
    assert (await tab.post(f"/account/passkeys/{ids[0]}", name=" ")).status_code == 422
    assert (await tab.post(f"/account/passkeys/{ids[0]}", name="My phone")).status_code == 303
    assert "My phone" in (await tab.get("/account/passkeys")).text
    assert (await tab.get(f"/account/passkeys/{ids[1]}/remove")).status_code == 200
    assert (await tab.post(f"/account/passkeys/{ids[1]}/remove")).status_code == 303
    assert "Work laptop" not in (await tab.get("/account/passkeys")).text
    assert (await tab.get(f"/account/passkeys/{ids[0]}/remove")).status_code == 409
    refused = await tab.post(f"/account/passkeys/{ids[0]}/remove")
    assert refused.status_code == 409
    assert "First add another passkey, or a password and an authenticator app." in refused.text
    assert [each["purpose"] for each in await trail(superuser, world, "sign_in.method_added")] == ["passkey"] * 2
    assert len(await trail(superuser, world, "sign_in.method_ended")) == 1


async def test_of_two_removed_at_once_one_stays(officer: Enrolled, app: FastAPI, superuser: Any) -> None:
    world = officer.world
    await enrol(world, "officer")
    ids = [
        row["id"] for row in await superuser.fetch("SELECT id FROM passkey WHERE user_id = $1", officer.person.user_id)
    ]
    who = Credentials(world.partnership_id, officer.person.user_id)
    ended = await asyncio.gather(
        *(world.database.run(who, passkeys.end, world.clock(), new_id(), each) for each in ids), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in ended) == ["LastWay", "NoneType"]


async def test_a_removed_passkey_signs_nobody_in(officer: Enrolled, tab: Scripted, superuser: Any) -> None:
    world = officer.world
    await enrol(world, "officer")
    passkey_id = await superuser.fetchval(
        "SELECT id FROM passkey WHERE credential_id = $1", officer.device.credential_id
    )
    who = Credentials(world.partnership_id, officer.person.user_id)
    await world.database.run(who, passkeys.end, world.clock(), new_id(), passkey_id)
    assert said(await officer.sign_in(tab)) == (422, REFUSED)


async def test_adding_asks_first_who_one_is_and_names_what_one_has(officer: Enrolled, tab: Scripted) -> None:
    await hold_session(officer.world, "officer", tab)
    await tab.open("/account/passkeys/add")
    options = await tab.begin("/account/passkeys/add/begin")
    assert [each["transports"] for each in options["excludeCredentials"]] == [["internal"]]
    assert options["user"]["name"] == "officer@police.example"
    made = Authenticator().make(options, ORIGIN)
    officer.world.clock.forward(minutes=16)
    for path, body in (("begin", {}), ("finish", made)):
        answer = await tab.send(f"/account/passkeys/add/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "confirm_first")


async def test_nobody_adds_what_was_made_elsewhere_or_begun_by_another(world: World, app: FastAPI) -> None:
    async with Scripted(app) as tab, Scripted(app) as other:
        await hold_session(world, "officer", tab)
        await hold_session(world, "nurse", other)
        await tab.open("/account/passkeys/add")
        made = Authenticator().make(await tab.begin("/account/passkeys/add/begin"), "https://evil.example")
        assert (await tab.send("/account/passkeys/add/finish", made)).json()["code"] == "passkey_not_taken"
        await other.open("/account/passkeys/add")
        options = await tab.begin("/account/passkeys/add/begin")
        other.client.cookies.set(Cookie.PASSKEY, tab.client.cookies[Cookie.PASSKEY], domain=HOST)
        answer = await other.send("/account/passkeys/add/finish", Authenticator().make(options, ORIGIN))
        assert answer.json()["code"] == "begin_again"


async def test_nobody_sees_names_or_removes_anothers_passkey(officer: Enrolled, tab: Scripted, superuser: Any) -> None:
    passkey_id = await superuser.fetchval("SELECT id FROM passkey WHERE user_id = $1", officer.person.user_id)
    await hold_session(officer.world, "nurse", tab)
    await tab.get("/home")
    for path in (f"/account/passkeys/{passkey_id}", f"/account/passkeys/{passkey_id}/remove"):
        assert (await tab.get(path)).status_code == 404
        assert (await tab.post(path, name="Mine")).status_code == 404
    assert "Test key" not in (await tab.get("/account/passkeys")).text


async def test_policies_keep_a_passkey_to_its_owner(officer: Enrolled) -> None:
    async def count(uow: UnitOfWork) -> int:
        return len(await uow.rows(queries.KNOWN, user_id=officer.person.user_id))

    async def forge(uow: UnitOfWork) -> None:
        uow.add(
            passkey,
            user_id=officer.person.user_id,
            name="Forged",
            credential_id=b"x",
            public_key=b"x",
            sign_count=0,
            transports=[],
            backed_up=False,
            created_at=uow.now,
        )

    world = officer.world
    for who, seen in (("officer", 1), ("police_admin", 0), ("partnership_admin", 0)):
        credentials = Credentials(world.partnership_id, world[who].user_id)
        assert await world.database.run(credentials, count, world.clock(), new_id()) == seen
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.database.run(credentials, forge, world.clock(), new_id())
