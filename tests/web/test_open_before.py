"""A form that was open in another tab while its person's session was replaced: shown again, and never acted on."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.session import Database
from app.domain.access import Role
from app.web.cookies import Cookie
from tests.accounts import PASSWORD, Account, account_of
from tests.tabs import Tab, problems
from tests.world import Person, World

ANN = {"name": "Ann Weaver", "email": "ann@police.example", "roles": "safeguarding_officer"}
AGAIN = "press the button once more"


@pytest.fixture
async def admin(world: World) -> Account:
    return await account_of(world, "police_admin")


@pytest.fixture
async def tab(app: FastAPI, admin: Account) -> AsyncIterator[Tab]:
    """A browser in which the administrator has signed in and opened a form."""
    async with Tab(app) as made:
        assert (await admin.sign_in(made)).status_code == 303
        await made.get("/people/invite")
        yield made


async def confirm_in_another_tab(tab: Tab, account: Account) -> None:
    """Have the session replaced. The form that was open keeps its token."""
    token = tab.csrf
    await tab.get("/confirm")
    done = await tab.post("/confirm", password=PASSWORD, code=await account.next_code())
    assert done.status_code == 303
    tab.csrf = token


async def people(superuser: asyncpg.Connection, person: Person) -> int:
    query = "SELECT count(*) FROM app_user WHERE partnership_id = $1"
    return int(await superuser.fetchval(query, person.partnership_id) or 0)


async def test_what_was_typed_is_shown_again_and_sent_when_it_is_pressed_once_more(
    tab: Tab, admin: Account, superuser: asyncpg.Connection
) -> None:
    before = await people(superuser, admin.person)
    await confirm_in_another_tab(tab, admin)
    shown = await tab.post("/people/invite", **ANN)
    assert (shown.status_code, AGAIN in problems(shown)) == (422, True)
    assert "<title>Error: " in shown.text
    assert 'value="Ann Weaver"' in shown.text
    assert 'value="ann@police.example"' in shown.text
    assert 'value="safeguarding_officer" checked' in shown.text
    assert await people(superuser, admin.person) == before, "nothing was done yet"
    assert (await tab.post("/people/invite", **ANN)).status_code == 303
    assert await people(superuser, admin.person) == before + 1


async def test_a_new_role_leaves_open_forms_as_they_were_as_well(tab: Tab, world: World, admin: Account) -> None:
    token = tab.csrf
    world.clock.forward(seconds=5)
    given = await world["partnership_admin"].post(
        f"/users/{admin.person.user_id}/roles", {"role": Role.SAFEGUARDING_OFFICER}
    )
    assert given.status_code == 201, given.text
    await tab.get("/home")
    tab.csrf = token
    assert AGAIN in problems(await tab.post("/people/invite", **ANN))


async def test_a_box_that_was_cleared_stays_cleared(tab: Tab, admin: Account) -> None:
    await confirm_in_another_tab(tab, admin)
    shown = await tab.post("/people/invite", name="Ann Weaver", email="")
    assert " checked" not in shown.text


async def test_no_secret_is_shown_again(tab: Tab, admin: Account) -> None:
    await tab.get("/account/password")
    await confirm_in_another_tab(tab, admin)
    shown = await tab.post("/account/password", password=PASSWORD, code="123456", new_password="kettle orbit pear")
    assert AGAIN in problems(shown)
    for secret in (PASSWORD, "123456", "kettle orbit pear"):
        assert secret not in shown.text


async def test_a_button_with_nothing_typed_says_that_nothing_was_changed(
    tab: Tab, admin: Account, world: World
) -> None:
    await tab.get(f"/people/{world['officer'].user_id}/end")
    await confirm_in_another_tab(tab, admin)
    refused = await tab.post(f"/people/{world['officer'].user_id}/end")
    assert (refused.status_code, "Nothing was changed" in refused.text) == (403, True)
    assert (await world["officer"].get("/me")).status_code == 200


async def test_somebody_else_in_the_same_browser_is_shown_nothing_of_it(
    tab: Tab, world: World, database: Database
) -> None:
    token = tab.csrf
    other = await account_of(world, "partnership_admin")
    tab.client.cookies.delete(Cookie.SESSION)
    assert (await other.sign_in(tab)).status_code == 303
    tab.csrf = token
    refused = await tab.post("/people/invite", **ANN)
    assert (refused.status_code, "Ann Weaver" in refused.text) == (403, False)


async def test_who_signs_out_leaves_nothing_that_shows_what_was_typed_before(tab: Tab, admin: Account) -> None:
    await confirm_in_another_tab(tab, admin)
    token = tab.csrf
    assert tab.client.cookies.get(Cookie.BEFORE)
    await tab.get("/home")
    await tab.post("/sign-out")
    assert not tab.client.cookies.get(Cookie.BEFORE)
    tab.csrf = token
    refused = await tab.post("/people/invite", **ANN)
    assert "Ann Weaver" not in refused.text


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_another_site_that_had_the_old_token_would_fill_in_nothing(
    tab: Tab, admin: Account, headers: dict[str, str]
) -> None:
    await confirm_in_another_tab(tab, admin)
    answer = await tab.client.post("/people/invite", data={"csrf": tab.csrf, **ANN}, headers=headers)
    assert (answer.status_code, "Ann Weaver" in answer.text) == (403, False)


async def test_a_script_is_told_as_before(tab: Tab, admin: Account) -> None:
    await confirm_in_another_tab(tab, admin)
    headers = {"accept": "application/json", "x-csrf-token": tab.csrf}
    answer = await tab.client.post("/people/invite", data=ANN, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "from_elsewhere")
