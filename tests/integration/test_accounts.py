"""Who has what: told to whoever keeps them, complete, and in the trail."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, Database
from app.domain.sessions import Lifetimes, SessionKey
from app.exports.accounts_csv import accounts_csv, plain
from app.services import sessions
from app.web.cookies import Cookie
from tests.accounts import account_of
from tests.tabs import Tab, problems
from tests.world import Person, World


async def browser_of(person: Person, *, since: timedelta = timedelta()) -> SessionKey:
    """A browser in which they signed in so long ago."""
    who = Credentials(person.partnership_id, person.user_id)
    begun = person.clock() - since
    database: Database = person.app.state.database
    return await database.run(who, sessions.begin, begun, new_id(), ["passkey"], "Firefox on Windows", Lifetimes())


async def tab_of(person: Person, *, since: timedelta = timedelta()) -> Tab:
    """The same, to open pages in."""
    tab = Tab(person.app)
    tab.client.cookies.set(Cookie.SESSION, (await browser_of(person, since=since)).text)
    return tab


async def listed(world: World, who: str, query: str = "") -> dict[str, Any]:
    """Accounts by name."""
    answer = await world[who].get(f"/accounts?limit=200{query}")
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.json()["items"]}


async def test_an_agencys_administrator_is_told_of_their_own_and_the_partnerships_of_all(world: World) -> None:
    assert set(await listed(world, "police_admin")) == {"Officer", "Safeguarding", "Police Admin"}
    assert len(await listed(world, "partnership_admin")) == len(world.people)
    assert set(await listed(world, "partnership_admin", f"&agency={world.agencies['health']}")) == {
        "Nurse",
        "Health Rep",
    }
    refused = await world["police_admin"].get(f"/accounts?agency={world.agencies['health']}")
    assert refused.status_code == 403


@pytest.mark.parametrize("who", ["officer", "coordinator", "chair", "auditor", "system", "operator"])
async def test_nobody_else_is_told_who_has_what(world: World, who: str) -> None:
    for path in ("/accounts", "/accounts/export"):
        assert (await world[who].get(path)).status_code == 403


async def test_it_says_by_what_somebody_signs_in_and_what_is_left(world: World) -> None:
    await account_of(world, "officer")
    found = (await listed(world, "police_admin"))["Officer"]
    assert found["sign_in"] == {"passkeys": 0, "password": True, "app": True, "providers": 0, "recovery_codes": 10}
    assert found["roles"] == ["practitioner"]
    assert found["state"] == "active"


async def test_who_was_not_here_for_ninety_days_is_found(world: World, superuser: asyncpg.Connection) -> None:
    world.clock.forward(days=91)
    await world["officer"].get("/me")
    unused = await listed(world, "police_admin", "&unused=90")
    assert "Officer" not in unused
    assert "Safeguarding" in unused


async def test_who_never_came_is_invited_and_who_left_has_left(world: World) -> None:
    form = {"name": "Ann Weaver", "email": "ann@police.example", "roles": ["practitioner"]}
    ann = (await world["police_admin"].post("/users", form)).json()["id"]
    found = (await listed(world, "police_admin", "&state=invited"))["Ann Weaver"]
    assert (found["last_here"], found["state"]) == (None, "invited")
    await world["police_admin"].post(f"/users/{ann}/end")
    assert set(await listed(world, "police_admin", "&state=ended")) == {"Ann Weaver"}
    await world["partnership_admin"].post(f"/agencies/{world.agencies['idva']}/suspend", {"because": "x"})
    assert set(await listed(world, "partnership_admin", "&state=locked_out")) == {"Idva"}


async def test_pages_of_the_list_leave_nobody_out_and_show_nobody_twice(world: World) -> None:
    found, after = [], ""
    while True:
        page = (await world["partnership_admin"].get(f"/accounts?limit=4{after}")).json()
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = f"&cursor={page['next']}"
    assert sorted(found) == sorted(str(each.user_id) for each in world.people.values())


async def test_reading_the_list_and_exporting_it_is_in_the_trail(world: World, superuser: asyncpg.Connection) -> None:
    await listed(world, "police_admin")
    await world["police_admin"].get("/accounts/export")
    rows = await superuser.fetch(
        "SELECT verb, cardinality(subjects) AS many FROM audit WHERE actor_id = $1 ORDER BY id",
        world["police_admin"].user_id,
    )
    assert [(row["verb"], row["many"]) for row in rows] == [
        ("administration.accounts_read", 3),
        ("administration.accounts_exported", 3),
    ]


async def test_the_export_has_a_line_for_each(world: World) -> None:
    answer = await world["partnership_admin"].get(f"/accounts/export?agency={world.agencies['police']}")
    assert answer.headers["content-disposition"] == 'attachment; filename="accounts.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {each["Name"] for each in lines} == {"Officer", "Safeguarding", "Police Admin"}


@pytest.mark.parametrize("name", ["=1+1", "+44", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(name: str) -> None:
    assert plain(name) == f"'{name}"
    by = {"passkeys": 0, "password": False, "app": False, "providers": 0, "recovery_codes": 0}
    account = {"name": name, "email": "a@b.example", "job_title": None, "agency": {"name": name}, "state": "active"}
    more = {
        "roles": [],
        "is_system": False,
        "secret_seen_by_leaver": False,
        "added_at": "2026-11-22T09:00:00Z",
        "last_here": None,
        "ended_at": None,
    }
    (line,) = csv.DictReader(io.StringIO(accounts_csv([{**account, **more, "sign_in": by}]).decode("utf-8-sig"), ""))
    assert line["Name"] == line["Agency"] == f"'{name}"


async def test_a_browser_is_asked_again_who_it_is_before_the_list_leaves(world: World) -> None:
    async with await tab_of(world["police_admin"], since=timedelta(minutes=20)) as tab:
        asked = await tab.get("/people/download?state=active")
        assert asked.headers["location"] == "/confirm?next=/people/download%3Fstate%3Dactive"
    async with await tab_of(world["police_admin"]) as tab:
        made = await tab.get("/people/download?state=active")
        assert (made.status_code, made.headers["content-type"]) == (200, "text/csv; charset=utf-8")


async def test_somebody_is_signed_out_everywhere_by_who_keeps_them_and_by_nobody_else(world: World) -> None:
    path = f"/accounts/{world['officer'].user_id}/sessions/end"
    for who in ("nurse", "auditor"):
        assert (await world[who].post(path)).status_code == 403
    assert (await world["police_admin"].post(path)).json() == {"ended": 1}
    assert (await world["officer"].get("/me")).status_code == 401
    other = await world["police_admin"].post(f"/accounts/{world['nurse'].user_id}/sessions/end")
    assert (other.status_code, "own agency" in other.json()["detail"]) == (403, True)
    assert (await world["police_admin"].post(f"/accounts/{uuid4()}/sessions/end")).status_code == 404


async def test_an_agencys_administrator_signs_out_nobody_of_theirs_whose_roles_are_the_partnerships_to_give(
    world: World,
) -> None:
    """Whoever would end their access could be kept out by them, over and over."""
    council = world.agencies["council"]
    form = {"name": "Adam Cole", "email": "cole@council.example", "agency_id": str(council)}
    made = await world["partnership_admin"].post("/users", {**form, "roles": ["agency_administrator"]})
    admin = await world.sign_in(UUID(made.json()["id"]), UUID(str(council)), like="coordinator")
    path = f"/accounts/{world['partnership_admin'].user_id}/sessions/end"
    refused = await admin.post(path)
    assert (refused.status_code, "only the partnership gives" in refused.json()["detail"]) == (403, True)
    assert (await world["partnership_admin"].get("/me")).status_code == 200


async def test_one_ends_ones_own_sessions_and_no_others(world: World) -> None:
    officer = world["officer"]
    key = await browser_of(officer)
    (browser, token) = (await officer.get("/me/sessions")).json()["items"]
    assert (browser["device"], browser["current"]) == ("Firefox on Windows", False)
    assert (token["id"], token["current"]) == (str(officer.session_id), True)
    assert (await world["nurse"].post(f"/me/sessions/{key.session_id}/end")).status_code == 404
    assert (await officer.post(f"/me/sessions/{key.session_id}/end")).status_code == 200
    assert [each["id"] for each in (await officer.get("/me/sessions")).json()["items"]] == [token["id"]]


async def test_what_was_refused_in_ones_name_is_shown_to_oneself_and_to_who_keeps_one(world: World) -> None:
    account = await account_of(world, "officer")
    assert not await account.can_sign_in(password="wrong horse battery")
    assert await account.can_sign_in()
    for who, path in (
        ("officer", "/account"),
        ("police_admin", f"/people/{account.person.user_id}"),
        ("partnership_admin", f"/people/{account.person.user_id}"),
    ):
        async with await tab_of(world[who]) as tab:
            page = (await tab.get(path)).text
            assert "Sign-in refused" in page
            assert "Signed in with a password and a code" in page
    async with await tab_of(world["nurse"]) as tab:
        assert "Sign-in refused" not in (await tab.get("/account")).text
        assert (await tab.get(f"/people/{account.person.user_id}")).status_code == 403


async def test_an_administrator_invites_somebody_and_hands_them_their_link(world: World) -> None:
    async with await tab_of(world["police_admin"]) as tab:
        await tab.get("/people/invite")
        empty = await tab.post("/people/invite", name="", email="not an address")
        assert empty.status_code == 422
        assert problems(empty).startswith("Enter their name Email address: this cannot be")
        made = await tab.post("/people/invite", name="Ann Weaver", email="ann@police.example", roles="practitioner")
        person = made.headers["location"]
        page = await tab.get(person)
        assert "Not come yet" in page.text
        await tab.get(f"{person}/link")
        link = await tab.post(f"{person}/link")
        assert "/join/" in link.text
        taken = await tab.post("/people/invite", name="Another", email="ANN@police.example")
        assert "has this e-mail already" in problems(taken)


async def test_an_administrator_changes_and_ends_what_somebody_may_do(world: World) -> None:
    officer = world["officer"]
    here = f"/people/{officer.user_id}"
    async with await tab_of(world["police_admin"]) as tab:
        await tab.get(f"{here}/roles")
        assert "Choose a role" in problems(await tab.post(f"{here}/roles"))
        assert (await tab.post(f"{here}/roles", role="idva")).status_code == 303
        assert (await officer.get("/me")).json()["roles"] == ["idva", "practitioner"]
        assert "Take the role IDVA" in (await tab.get(f"{here}/roles/idva/end")).text
        await tab.post(f"{here}/roles/idva/end")
        assert (await officer.get("/me")).json()["roles"] == ["practitioner"]
        assert (await tab.get(f"{here}/end")).status_code == 200
        await tab.post(f"{here}/end")
        assert (await officer.get("/me")).status_code == 401
        assert "Left" in (await tab.get(here)).text


async def test_what_is_the_partnerships_is_not_offered_to_an_agencys_administrator(world: World) -> None:
    told = {"role": "chair"}
    await world["partnership_admin"].post(f"/users/{world['officer'].user_id}/roles", told)
    here = f"/people/{world['officer'].user_id}"
    async with await tab_of(world["police_admin"]) as tab:
        assert "End their access" not in (await tab.get(here)).text
        assert (await tab.post(f"{here}/end")).status_code == 403
    async with await tab_of(world["partnership_admin"]) as tab:
        assert "End their access" in (await tab.get(here)).text


async def test_one_signs_out_of_another_browser_and_everywhere_else(world: World) -> None:
    officer = world["officer"]
    other = await browser_of(officer)
    async with await tab_of(officer) as tab, Tab(officer.app) as elsewhere:
        elsewhere.client.cookies.set(Cookie.SESSION, other.text)
        assert (await elsewhere.get("/account")).status_code == 200
        await tab.get("/account")
        assert (await tab.post(f"/account/sessions/{other.session_id}/end")).headers["location"] == "/account"
        assert (await elsewhere.get("/account")).headers["location"] == "/stay/ended?next=/account"
        assert (await tab.post("/account/sessions/end-others")).status_code == 303
        assert (await officer.get("/me")).status_code == 401
        assert (await tab.get("/account")).status_code == 200


async def test_who_comes_back_to_an_ended_session_is_told_why(world: World) -> None:
    officer = world["officer"]
    async with await tab_of(officer) as tab:
        await world["police_admin"].post(f"/accounts/{officer.user_id}/sessions/end")
        sent = await tab.get("/account")
        why = await tab.get(sent.headers["location"])
        assert why.headers["location"] == "/sign-in?next=/account"
        assert "signed out by an administrator" in (await tab.get("/sign-in")).text
    async with await tab_of(officer) as tab:
        world.clock.forward(minutes=31)
        await tab.get((await tab.get("/account")).headers["location"])
        assert "you had done nothing here for a while" in (await tab.get("/sign-in")).text


async def test_lists_hold_the_agency_of_whom_they_are_about(world: World) -> None:
    """Whatever an address says, an agency's administrator sees their own."""
    async with await tab_of(world["police_admin"]) as tab:
        page = (await tab.get("/people?agency=&role=practitioner")).text
        assert "Officer" in page
        assert "Nurse" not in page
        assert (await tab.get(f"/people?agency={world.agencies['health']}")).status_code == 403
