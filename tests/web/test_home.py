"""Home, and what a session opens: until it ends, and not one request longer."""

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from app.db.ids import new_id
from app.db.session import Credentials, Database
from app.domain.sessions import Lifetimes, SessionKey
from app.services import sessions
from app.web.cookies import Cookie
from tests.tabs import Tab
from tests.world import Person, World


async def key_of(database: Database, person: Person) -> SessionKey:
    who = Credentials(person.partnership_id, person.user_id)
    return await database.run(who, sessions.begin, person.clock(), new_id(), ["passkey"], "Firefox", Lifetimes())


def hold(tab: Tab, key: SessionKey) -> None:
    tab.client.cookies.set(Cookie.SESSION, key.text, domain="roundtable.test")


async def sign_in(tab: Tab, database: Database, person: Person) -> SessionKey:
    key = await key_of(database, person)
    hold(tab, key)
    return key


@pytest.fixture
async def tab(app: FastAPI) -> AsyncIterator[Tab]:
    async with Tab(app) as made:
        yield made


def places(page: str) -> set[str]:
    """Where the navigation leads."""
    return set(re.findall(r'govuk-service-navigation__link" href="([^"]+)"', page))


async def test_home_says_who_is_signed_in_in_words(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get("/home")
    assert page.status_code == 200
    for words in ("Coordinator", "Community Safety", "MARAC coordinator", "Sign out"):
        assert words in page.text
    assert "marac_coordinator" not in page.text


async def test_each_role_is_led_to_what_it_may_do(tab: Tab, world: World, database: Database) -> None:
    seen = {}
    for who in ("officer", "police_admin", "partnership_admin"):
        await sign_in(tab, database, world[who])
        seen[who] = places((await tab.get("/home")).text)
    assert "/home" in seen["officer"]
    assert not seen["officer"] & {"/people", "/systems", "/single-sign-on", "/agencies"}
    assert not seen["police_admin"] & {"/single-sign-on", "/agencies"}
    assert seen["officer"] <= seen["police_admin"] <= seen["partnership_admin"]


async def test_every_place_that_somebody_is_led_to_is_there_for_them(
    tab: Tab, world: World, database: Database
) -> None:
    for who in ("officer", "police_admin", "partnership_admin"):
        await sign_in(tab, database, world[who])
        for path in places((await tab.get("/home")).text):
            assert (await tab.get(path)).status_code == 200, (who, path)


async def test_nobody_is_sent_to_sign_in(tab: Tab) -> None:
    answer = await tab.get("/home")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/home")


async def test_signing_out_ends_the_session_for_whoever_kept_a_copy_of_the_cookie(
    tab: Tab, world: World, database: Database
) -> None:
    key = await sign_in(tab, database, world["officer"])
    await tab.get("/home")
    answer = await tab.post("/sign-out")
    assert answer.status_code == 303
    assert Cookie.SESSION not in tab.client.cookies
    assert "You are signed out." in (await tab.get(answer.headers["location"])).text
    hold(tab, key)
    assert (await tab.get("/home")).status_code == 303


async def test_signing_out_twice_is_no_error(tab: Tab, world: World, database: Database) -> None:
    key = await sign_in(tab, database, world["officer"])
    await tab.get("/home")
    await tab.post("/sign-out")
    hold(tab, key)
    assert (await tab.post("/sign-out")).status_code == 303


async def test_another_site_cannot_sign_somebody_out(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    assert (await tab.client.post("/sign-out", headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await tab.get("/home")).status_code == 200


async def test_a_session_left_alone_for_too_long_is_over(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    world.clock.forward(minutes=29)
    assert (await tab.get("/home")).status_code == 200
    world.clock.forward(minutes=31)
    assert (await tab.get("/home")).status_code == 303


async def test_the_session_of_one_secret_is_not_opened_by_another(tab: Tab, world: World, database: Database) -> None:
    key = await key_of(database, world["officer"])
    forged = SessionKey(key.partnership_id, key.user_id, key.session_id, bytes(32))
    hold(tab, forged)
    assert (await tab.get("/home")).status_code == 303


async def test_the_session_of_one_person_does_not_open_for_another(tab: Tab, world: World, database: Database) -> None:
    key = await key_of(database, world["officer"])
    forged = SessionKey(key.partnership_id, world["partnership_admin"].user_id, key.session_id, key.secret)
    hold(tab, forged)
    assert (await tab.get("/home")).status_code == 303


async def test_a_new_role_gives_a_new_session_and_ends_the_old(tab: Tab, world: World, database: Database) -> None:
    key = await sign_in(tab, database, world["officer"])
    admin, officer = world["police_admin"], world["officer"]
    world.clock.forward(minutes=1)
    given = await admin.post(f"/users/{officer.user_id}/roles", {"role": "idva"})
    assert given.status_code == 201
    page = await tab.get("/home")
    assert "IDVA" in page.text
    renewed = tab.client.cookies[Cookie.SESSION]
    assert renewed != key.text
    assert (await tab.get("/home")).status_code == 200
    assert tab.client.cookies[Cookie.SESSION] == renewed
    tab.client.cookies.clear()
    hold(tab, key)
    assert (await tab.get("/home")).status_code == 303


async def test_a_page_that_is_not_there_is_a_page(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    answer = await tab.get("/nowhere")
    assert answer.status_code == 404
    assert "Page not found" in answer.text
