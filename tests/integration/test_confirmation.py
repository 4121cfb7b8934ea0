"""Showing again who one is, and what may be changed once one has."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI

from app.domain.throttle import RULES, Bucket
from app.web.visit import Site
from tests.accounts import PASSWORD, Account, account_of
from tests.tabs import Tab, problems
from tests.world import World

NEW = "lantern mosaic heron"
WRONG = "Your password or code is not right. Check both and try again."


@pytest.fixture
async def officer(world: World) -> Account:
    return await account_of(world, "officer")


@pytest.fixture
async def tab(app: FastAPI, officer: Account) -> AsyncIterator[Tab]:
    """Where the officer has signed in, and has a code left to use."""
    async with Tab(app) as opened:
        assert (await officer.sign_in(opened)).status_code == 303
        await officer.next_code()
        yield opened


@pytest.fixture
def demonstration(app: FastAPI) -> Iterator[None]:
    """As if the service had been started as one."""
    before, app.state.site = app.state.site, Site(demo=True)
    yield
    app.state.site = before


def session_of(tab: Tab) -> str | None:
    return tab.client.cookies.get("roundtable")


async def test_a_quarter_of_an_hour_after_signing_in_what_changes_how_one_does_asks_again(
    officer: Account, tab: Tab
) -> None:
    assert (await tab.get("/account/recovery-codes")).status_code == 200
    officer.world.clock.forward(minutes=16)
    for path in ("/account/recovery-codes", "/account/app"):
        answer = await tab.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/confirm?next={path}")
        answer = await tab.post(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/confirm?next={path}")


async def test_confirming_goes_back_with_a_new_session_in_place_of_the_old(
    officer: Account, tab: Tab, app: FastAPI, superuser: Any
) -> None:
    officer.world.clock.forward(minutes=16)
    before = session_of(tab)
    await tab.get("/confirm?next=/account/app")
    answer = await tab.post("/confirm", password=PASSWORD, code=officer.code, next="/account/app")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/app")
    assert (await tab.get("/account/app")).status_code == 200
    async with Tab(app) as thief:
        thief.client.cookies.set("roundtable", before or "")
        assert (await thief.get("/home")).headers["location"].endswith("?next=/home")
    assert await superuser.fetchval(
        "SELECT count(*) FROM audit WHERE partnership_id = $1 AND verb = 'sign_in.confirmed' AND purpose = 'password'",
        officer.world.partnership_id,
    )


@pytest.mark.parametrize("wrong", ["password", "code"])
async def test_a_wrong_password_and_a_wrong_code_are_told_alike_and_stopped_after_ten(
    wrong: str, officer: Account, tab: Tab
) -> None:
    await tab.get("/confirm")
    fields = {"password": PASSWORD, "code": officer.code, wrong: "not the right one"}
    for _ in range(RULES[Bucket.CONFIRMATION].tries):
        answer = await tab.post("/confirm", **fields)
        assert (answer.status_code, problems(answer)) == (422, WRONG)
    answer = await tab.post("/confirm", password=PASSWORD, code=officer.code)
    assert answer.status_code == 429
    officer.world.clock.forward(minutes=3)
    assert (await tab.post("/confirm", password=PASSWORD, code=officer.code)).status_code == 303


async def test_a_new_password_ends_every_other_session_and_renews_this_one(
    officer: Account, tab: Tab, app: FastAPI
) -> None:
    async with Tab(app) as elsewhere:
        await officer.sign_in(elsewhere)
        before = session_of(tab)
        await tab.get("/account/password")
        answer = await tab.post(
            "/account/password", password=PASSWORD, code=await officer.next_code(), new_password=NEW
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert session_of(tab) != before
        assert (await tab.get("/home")).status_code == 200
        assert (await elsewhere.get("/home")).status_code == 303
        assert (await officer.sign_in(elsewhere, code=await officer.next_code())).status_code == 422
        assert (await officer.sign_in(elsewhere, password=NEW)).status_code == 303


async def test_without_the_old_password_and_a_code_there_is_no_new_one(officer: Account, tab: Tab) -> None:
    await tab.get("/account/password")
    for fields in ({}, {"password": PASSWORD}, {"code": officer.code}, {"password": "wrong", "code": officer.code}):
        answer = await tab.post("/account/password", new_password=NEW, **fields)
        assert (answer.status_code, problems(answer)) == (422, WRONG)
    assert await officer.can_sign_in()


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("short", "Use at least 12 characters."),
        ("Password1234", "This is one of the passwords that are guessed first"),
        ("officer 1 at the kettle", "Leave out your name"),
        ("", "Enter a new password"),
    ],
)
async def test_a_password_that_would_be_guessed_is_refused_and_uses_no_code_up(
    new: str, told: str, officer: Account, tab: Tab
) -> None:
    await tab.get("/account/password")
    answer = await tab.post("/account/password", password=PASSWORD, code=officer.code, new_password=new)
    assert answer.status_code == 422
    assert told in problems(answer)
    assert await officer.can_sign_in()


async def test_somebody_without_a_password_sets_one_when_just_confirmed(
    officer: Account, tab: Tab, superuser: Any
) -> None:
    await superuser.execute("UPDATE password SET hash = NULL WHERE user_id = $1", officer.person.user_id)
    page = await tab.get("/account/password")
    assert "Set your password" in page.text
    assert 'name="password"' not in page.text
    assert (await tab.post("/account/password", new_password=NEW)).headers["location"] == "/account"
    assert await officer.can_sign_in(password=NEW)
    await superuser.execute("UPDATE password SET hash = NULL WHERE user_id = $1", officer.person.user_id)
    officer.world.clock.forward(minutes=16)
    assert (await tab.get("/account/password")).headers["location"] == "/confirm?next=/account/password"
    await tab.get("/confirm")
    answer = await tab.post("/account/password", new_password=NEW)
    assert answer.headers["location"] == "/confirm?next=/account/password"


async def test_a_new_app_counts_from_its_first_code_and_ends_the_old_one(officer: Account, tab: Tab) -> None:
    await tab.get("/account/app")
    begun = await tab.post("/account/app")
    page = await tab.get(begun.headers["location"])
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found is not None
    assert "<svg" in page.text
    secret = found[1].replace(" ", "")
    made = pyotp.TOTP(secret)
    now = officer.world.clock

    answer = await tab.post(begun.headers["location"], code="000000")
    assert answer.status_code == 422
    assert found[1] in answer.text
    assert not await officer.can_sign_in(code=made.at(now()))
    assert await officer.can_sign_in()
    answer = await tab.post(begun.headers["location"], code=made.at(now()))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")

    assert not await officer.can_sign_in(code=await officer.next_code())
    assert await officer.can_sign_in(code=made.at(now()))
    assert (await tab.get(begun.headers["location"])).status_code == 404


async def test_nobody_sees_anothers_app_being_set_up(officer: Account, tab: Tab, app: FastAPI) -> None:
    idva = await account_of(officer.world, "idva")
    await tab.get("/account/app")
    begun = await tab.post("/account/app")
    async with Tab(app) as theirs:
        await idva.sign_in(theirs)
        assert (await theirs.get(begun.headers["location"])).status_code == 404
        assert (await theirs.post(begun.headers["location"], code="123456")).status_code == 404


async def test_a_real_service_knows_no_one_press_whatever_its_database_says(
    officer: Account, tab: Tab, superuser: Any
) -> None:
    await superuser.execute("UPDATE partnership SET demo = true WHERE id = $1", officer.world.partnership_id)
    assert "one press" not in (await tab.get("/confirm")).text
    assert (await tab.post("/confirm/demo")).status_code == 404


async def test_one_press_is_enough_in_a_demonstration_and_nowhere_else(
    officer: Account, tab: Tab, superuser: Any, demonstration: None
) -> None:
    await tab.get("/confirm")
    assert (await tab.post("/confirm/demo")).status_code == 403
    await superuser.execute("UPDATE partnership SET demo = true WHERE id = $1", officer.world.partnership_id)
    page = await tab.get("/confirm")
    assert "In this demonstration one press is enough." in page.text
    answer = await tab.post("/confirm/demo", next="/account/app")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/app")
