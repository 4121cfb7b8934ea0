"""Links: invitations, starting over, and new passwords asked for by mail."""

import asyncio
import json
import re
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.ids import new_id
from app.domain.access import Role
from app.domain.administration import NewUser
from app.domain.errors import Conflict, Forbidden, NotFound
from app.domain.sessions import ConfirmFirst, Lifetimes
from app.services import invitations, sessions
from tests.accounts import account_of
from tests.authenticator import Authenticator
from tests.links import (
    BY_HAND,
    MAILED,
    NEW,
    ORIGIN,
    asked_link,
    begin_app,
    code_of,
    is_over,
    join,
    link_for,
    newcomer,
    who,
    with_passkey,
)
from tests.tabs import Tab, problems
from tests.world import World


async def signs_in(world: World, email: str, password: str, code: str) -> bool:
    async with Tab(world.app) as fresh:
        path = f"/sign-in?partnership=t-{world.partnership_id}"
        await fresh.get(path)
        return (await fresh.post(path, email=email, password=password, code=code)).status_code == 303


async def test_whoever_is_invited_chooses_a_password_and_an_app_and_is_signed_in(
    world: World, tab: Tab, superuser: asyncpg.Connection
) -> None:
    user_id = await newcomer(world)
    link = await link_for(world, user_id)
    assert link
    secret, codes = await join(tab, link, world)
    assert "Rowan Ashdown" in (await tab.get("/home")).text
    assert len(set(codes)) == 10
    world.clock.forward(seconds=30)
    assert await signs_in(world, "rowan@police.example", NEW, code_of(secret, world))
    assert await signs_in(world, "rowan@police.example", NEW, codes[3])
    assert await is_over(tab, link), "it works once"
    trail = await superuser.fetch(
        "SELECT verb, purpose, actor_id FROM audit WHERE partnership_id = $1 AND verb LIKE 'sign_in.%' ORDER BY id",
        world.partnership_id,
    )
    told = [tuple(row.values()) for row in trail]
    assert told[0] == ("sign_in.link_made", "invitation", world["police_admin"].user_id)
    assert told[1] == ("sign_in.link_used", "invitation", user_id)
    assert {("sign_in.method_added", each, user_id) for each in ("password", "authenticator", "recovery_code")} <= {
        *told
    }


async def test_the_page_says_who_invites_whom_and_the_secret_leaves_the_address_at_once(
    world: World, tab: Tab, superuser: asyncpg.Connection
) -> None:
    link = await link_for(world, await newcomer(world))
    assert link
    moved = await tab.get(link)
    assert (moved.status_code, moved.headers["location"]) == (303, "/join")
    assert link.rpartition("/")[2] not in str(moved.headers)
    page = (await tab.get("/join")).text
    for each in ("Rowan Ashdown", "rowan@police.example", "Wessex Police", "Police Admin"):
        assert each in page
    kept = await superuser.fetchrow("SELECT * FROM sign_in_link WHERE partnership_id = $1", world.partnership_id)
    secret = link.rpartition("/")[2]
    assert secret not in str(kept)


async def test_nothing_is_half_made_by_leaving_in_the_middle(world: World, tab: Tab, app: FastAPI) -> None:
    link = await link_for(world, await newcomer(world))
    assert link
    path, secret = await begin_app(tab, link)
    wrong = await tab.post(path, new_password=NEW, code="000000")
    assert wrong.status_code == 422
    assert "not the code" in problems(wrong)
    assert NEW not in wrong.text
    weak = await tab.post(path, new_password="rowan ashdown!", code=code_of(secret, world))
    assert "Leave out your name" in problems(weak)
    assert problems(await tab.post(path)) == "Enter a new password Enter the code that the app shows"
    assert not await signs_in(world, "rowan@police.example", NEW, code_of(secret, world))
    async with Tab(app) as later:
        secret, _ = await join(later, link, world)
        world.clock.forward(seconds=30)
        assert await signs_in(world, "rowan@police.example", NEW, code_of(secret, world))
    gone = await tab.post(path, new_password=NEW, code=code_of(secret, world))
    assert gone.status_code == 410, "in the first browser it is over"


async def test_two_browsers_finish_with_one_link_once(world: World, app: FastAPI) -> None:
    link = await link_for(world, await newcomer(world))
    assert link
    async with Tab(app) as one, Tab(app) as other:
        paths = [await begin_app(each, link) for each in (one, other)]
        answers = await asyncio.gather(
            *(
                each.post(path, new_password=NEW, code=code_of(secret, world))
                for each, (path, secret) in zip((one, other), paths, strict=True)
            )
        )
    assert sorted(each.status_code for each in answers) in ([200, 303], [200, 410]), "the other app is set up no more"


async def test_a_passkey_is_enough_and_needs_no_codes(world: World, tab: Tab) -> None:
    user_id = await newcomer(world)
    link = await link_for(world, user_id)
    assert link
    await with_passkey(tab, link, Authenticator())
    assert "Rowan Ashdown" in (await tab.get("/home")).text
    assert await is_over(tab, link)
    again = await link_for(world, user_id)
    assert again
    options = await with_passkey(tab, again, Authenticator())
    assert options["excludeCredentials"] == [], "the same device can make one in place of that which ends"


@pytest.mark.parametrize("end", ["too old", "replaced", "they left", "agency locked out", "unknown", "garbled"])
async def test_a_link_that_cannot_be_used_says_the_same_whatever_the_reason(
    end: str, world: World, tab: Tab, superuser: asyncpg.Connection
) -> None:
    user_id = await newcomer(world)
    link = await link_for(world, user_id)
    assert link
    pages = [(await tab.get("/join")).text]
    if end == "too old":
        world.clock.forward(days=7)
    elif end == "replaced":
        assert await link_for(world, user_id)
    elif end == "they left":
        await superuser.execute("UPDATE app_user SET ended_at = now() WHERE id = $1", user_id)
    elif end == "agency locked out":
        await superuser.execute(
            "UPDATE agency SET suspended_at = now(), suspended_because = 'test' WHERE id = $1",
            world.agencies["police"],
        )
    elif end == "unknown":
        link = link[:-2] + ("AA" if link[-2:] != "AA" else "BA")
    else:
        link = "/join/xyz"
    answer = await tab.get(link)
    assert answer.status_code == 410
    pages.append(answer.text)
    plain = {re.sub(r'nonce="[^"]+"', "", page) for page in pages}
    assert len(plain) == 1
    assert "ask your agency’s administrator" in plain.pop()


@pytest.mark.parametrize("change", ["promoted", "maker left", "maker is no administrator", "maker locked out"])
async def test_a_link_goes_no_further_than_whoever_made_it(change: str, world: World, tab: Tab) -> None:
    """They had it in their hands: a link kept until its owner was given more would let them be its owner."""
    user_id, maker = await newcomer(world, roles=[Role.PRACTITIONER]), world["police_admin"].user_id
    link = await link_for(world, user_id)
    assert link
    path, secret = await begin_app(tab, link)
    asked, told = {
        "promoted": (f"/users/{user_id}/roles", {"role": "marac_coordinator"}),
        "maker left": (f"/users/{maker}/end", None),
        "maker is no administrator": (f"/users/{maker}/roles/agency_administrator/end", None),
        "maker locked out": (f"/agencies/{world.agencies['police']}/suspend", {"because": "Theft."}),
    }[change]
    assert (await world["partnership_admin"].post(asked, told)).status_code < 300
    late = await tab.post(path, new_password=NEW, code=code_of(secret, world))
    assert (late.status_code, await is_over(tab, link)) == (410, True)
    if change != "maker locked out":
        own = await link_for(world, user_id, "partnership_admin")
        assert own
        await join(tab, own, world)


async def test_a_journey_lasts_an_hour_and_the_link_begins_another(world: World, tab: Tab) -> None:
    link = await link_for(world, await newcomer(world))
    assert link
    path, secret = await begin_app(tab, link)
    world.clock.forward(minutes=61)
    assert (await tab.post(path, new_password=NEW, code=code_of(secret, world))).status_code == 410
    assert (await join(tab, link, world))[1]


async def test_an_administrators_link_for_somebody_who_signs_in_replaces_everything(
    world: World, tab: Tab, app: FastAPI
) -> None:
    officer = await account_of(world, "officer")
    link = await link_for(world, officer.person.user_id, delivery=MAILED)
    assert link, "handed over by somebody who has made sure, and never mailed"
    async with Tab(app) as before:
        await officer.next_code()
        await officer.sign_in(before)
        await before.get("/home")
        await tab.get(link)
        assert "everything that you signed in with before stops working" in (await tab.get("/join")).text
        assert await officer.can_sign_in(code=await officer.next_code()), "until it is finished nothing changes"
        secret, _ = await join(tab, link, world)
        assert (await before.get("/home")).status_code == 303, "signed out everywhere"
    assert (await tab.get("/home")).status_code == 200
    code = await officer.next_code()
    assert not await officer.can_sign_in(code=code)
    assert not await officer.can_sign_in(password=NEW, code=code), "the old app"
    assert not await officer.can_sign_in(password=NEW, code=officer.codes[0]), "the old recovery codes"
    assert await officer.can_sign_in(password=NEW, code=code_of(secret, world))


async def test_whoever_was_here_before_gets_no_link_by_mail_even_if_everything_of_theirs_was_ended(
    world: World, superuser: asyncpg.Connection
) -> None:
    officer = await account_of(world, "officer")
    for table in ("password", "authenticator", "recovery_code"):
        await superuser.execute(f"DELETE FROM {table} WHERE partnership_id = $1", world.partnership_id)
    assert await link_for(world, officer.person.user_id, delivery=MAILED) is None, "who never was here"
    await superuser.execute("UPDATE sign_in_link SET used_at = now() WHERE partnership_id = $1", world.partnership_id)
    assert await link_for(world, officer.person.user_id, delivery=MAILED)


async def test_mail_alone_lets_nobody_in(world: World, tab: Tab, superuser: asyncpg.Connection, app: FastAPI) -> None:
    officer = await account_of(world, "officer")
    link = await asked_link(world, officer.email)
    assert link
    async with Tab(app) as before:
        await officer.next_code()
        await officer.sign_in(before)
        await tab.get(link)
        page = await tab.get("/join")
        assert "Choose a new password" in page.text
        assert (await tab.get("/join/passkey")).headers["location"] == "/join", "only the password"
        assert (await tab.post("/join/app")).status_code == 410
        await tab.get(link)
        await tab.get("/join")
        assert "Use at least 12 characters" in problems(await tab.post("/join", new_password="short"))
        done = await tab.post("/join", new_password=NEW)
        assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
        assert (await tab.get("/home")).status_code == 303, "nobody is signed in by it"
        assert (await before.get("/home")).status_code == 303, "and everybody is signed out"
    assert not await officer.can_sign_in(password=NEW, code="000000")
    assert not await officer.can_sign_in(code=await officer.next_code())
    assert await officer.can_sign_in(password=NEW, code=await officer.next_code())
    assert await is_over(tab, link)


async def test_a_link_asked_for_lasts_an_hour_and_takes_no_other_away(
    world: World, tab: Tab, superuser: asyncpg.Connection
) -> None:
    officer = await account_of(world, "officer")
    handed_over = await link_for(world, officer.person.user_id)
    asked = await asked_link(world, officer.email)
    again = await asked_link(world, officer.email)
    assert handed_over
    assert asked
    assert again
    assert await is_over(tab, asked), "replaced by the newer one"
    world.clock.forward(hours=1)
    assert await is_over(tab, again)
    assert not await is_over(tab, handed_over), "anybody can ask, and so disturb nobody"
    world.clock.forward(hours=23)
    assert await is_over(tab, handed_over)


async def test_only_whoever_has_a_password_is_mailed_a_link_and_others_with_an_account_how_they_sign_in(
    world: World, superuser: asyncpg.Connection
) -> None:
    await newcomer(world, is_system=True)
    for email in ("officer@police.example", "nobody@police.example", "rowan@police.example"):
        assert await asked_link(world, email) is None
    kinds = await superuser.fetch(
        "SELECT kind FROM letter WHERE partnership_id = $1 ORDER BY kind", world.partnership_id
    )
    assert [row["kind"] for row in kinds] == ["asked"] * 3 + ["no_password"], "a system is nobody"


async def test_nobody_makes_a_link_for_themself_or_above_their_agency(world: World) -> None:
    with pytest.raises(Forbidden):
        await link_for(world, world["police_admin"].user_id)
    with pytest.raises(Forbidden):
        await link_for(world, world["nurse"].user_id)
    with pytest.raises(Forbidden):
        await link_for(world, world["officer"].user_id, by="officer")
    with pytest.raises(NotFound):
        await link_for(world, new_id())
    above = await newcomer(world, roles=[Role.CHAIR])
    with pytest.raises(Forbidden):
        await link_for(world, above)
    assert await link_for(world, above, by="partnership_admin")
    with pytest.raises(Conflict):
        await link_for(world, await newcomer(world, email="system@police.example", is_system=True))


async def test_a_link_needs_an_administrator_who_has_just_confirmed_whoever_it_is_for(
    world: World,
) -> None:
    officer = await account_of(world, "officer")
    admin = who(world, "police_admin")
    key = await world.database.run(
        admin, sessions.begin, world.clock(), new_id(), ["passkey"], "A browser", Lifetimes()
    )
    in_browser = replace(admin, session_id=key.session_id, digest=key.digest)

    async def make(user_id: UUID) -> str | None:
        return await world.database.run(in_browser, invitations.invite, world.clock(), new_id(), user_id, BY_HAND)

    assert await make(officer.person.user_id)
    world.clock.forward(minutes=16)
    for person in (officer.person, world["safeguarding"]):
        with pytest.raises(ConfirmFirst):
            await make(person.user_id)


async def test_adding_somebody_mails_them_their_invitation_and_rest_never_tells_the_link(
    world: World, superuser: asyncpg.Connection
) -> None:
    told = NewUser(name="Rowan Ashdown", email="rowan@police.example")
    for delivery, expected in ((MAILED, 1), (BY_HAND, 0)):
        told = told.model_copy(update={"email": f"rowan{expected}@police.example"})
        added = await world.database.run(
            who(world, "police_admin"), invitations.add_user, world.clock(), new_id(), told, delivery
        )
        assert b"/join/" not in added.body
        waiting = await superuser.fetchval(
            "SELECT count(*) FROM sign_in_link WHERE partnership_id = $1 AND user_id = $2",
            world.partnership_id,
            UUID(json.loads(added.body)["id"]),
        )
        assert waiting == expected


async def test_the_command_lines_link_lets_the_first_administrator_in(world: World, tab: Tab) -> None:
    link = await world.database.run_as_system(
        world.partnership_id,
        invitations.invite_by_command,
        world.clock(),
        world["partnership_admin"].user_id,
        ORIGIN,
    )
    assert (await join(tab, link.removeprefix(ORIGIN), world))[1]
    assert "Partnership Admin" in (await tab.get("/home")).text


async def test_the_page_for_forgotten_passwords_answers_everybody_alike(
    world: World, tab: Tab, app: FastAPI, superuser: asyncpg.Connection
) -> None:
    path = f"/forgotten?partnership=t-{world.partnership_id}"
    assert "This service sends no mail" in (await tab.get(path)).text
    assert "Which partnership" in (await tab.get("/forgotten")).text
    before = app.state.delivery
    app.state.delivery = MAILED
    try:
        await tab.get(path)
        assert problems(await tab.post(path)) == "Enter your email address"
        pages = [await tab.post(path, email=each) for each in ("officer@police.example", "nobody@police.example")]
    finally:
        app.state.delivery = before
    assert {each.status_code for each in pages} == {200}
    assert len({re.sub(r'nonce="[^"]+"', "", each.text) for each in pages}) == 1
    waiting = await superuser.fetchval("SELECT count(*) FROM letter WHERE partnership_id = $1", world.partnership_id)
    assert waiting == 2
