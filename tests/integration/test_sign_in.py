"""Signing in with an e-mail address, a password and a code."""

import asyncio
import re
from typing import Any

import pytest
from fastapi import FastAPI

from app.domain.throttle import RULES, Bucket
from app.services.passwords import Cost, Passwords
from app.web.face import DemoPerson
from app.web.visit import Site
from tests.accounts import PASSWORD, Account, account_of, trail
from tests.tabs import Tab, problems
from tests.world import World, build_world

WRONG = "Your email address, password or code is not right. Check all three and try again."


@pytest.fixture
async def officer(world: World) -> Account:
    return await account_of(world, "officer")


async def test_email_password_and_code_sign_somebody_in(officer: Account, tab: Tab, superuser: Any) -> None:
    answer = await officer.sign_in(tab)
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert "Officer" in (await tab.get("/home")).text
    (entry,) = await trail(superuser, officer.world, "sign_in.done")
    assert (entry["actor_id"], entry["purpose"]) == (officer.person.user_id, "password")


async def test_the_email_is_the_same_however_its_letters_are_written(officer: Account, tab: Tab) -> None:
    assert (await officer.sign_in(tab, email=officer.email.upper())).status_code == 303


async def test_whatever_is_wrong_the_answer_and_the_entry_are_the_same(
    officer: Account, app: FastAPI, superuser: Any
) -> None:
    tried: list[dict[str, str]] = [
        {"email": "nobody@police.example"},
        {"password": "wrong orbit plum"},
        {"code": "000000"},
        {"code": "ABCD-EFGH-JKMN-PQRS"},
        {"code": "what code?"},
        {"password": "x" * 900},
    ]
    pages = set()
    async with Tab(app) as tab:
        for fields in tried:
            answer = await officer.sign_in(tab, **fields)
            assert answer.status_code == 422
            assert problems(answer) == WRONG
            plain = re.sub(r'nonce="[^"]+"|value="[^"]+@[^"]+"|(name="csrf" value|data-csrf)="[^"]+"', "", answer.text)
            pages.add(plain)
    assert len(pages) == 1
    entries = await trail(superuser, officer.world, "sign_in.failed")
    assert [(each["actor_id"], each["purpose"], len(each["subjects"])) for each in entries] == [
        (None, "password", 2)
    ] * len(tried)
    mine = [each for each in entries if officer.person.user_id in each["subjects"]]
    assert len(mine) == len(tried) - 1


async def test_no_secret_is_shown_again(officer: Account, tab: Tab) -> None:
    answer = await officer.sign_in(tab, password="wrong orbit plum", code="123123")
    assert officer.email in answer.text
    assert "wrong orbit plum" not in answer.text
    assert "123123" not in answer.text


async def test_an_empty_form_says_what_to_enter_and_is_counted_nowhere(officer: Account, tab: Tab) -> None:
    for _ in range(RULES[Bucket.ACCOUNT].tries + 1):
        answer = await officer.sign_in(tab, email="", password="", code="")
    assert answer.status_code == 422
    assert "Enter your email address" in problems(answer)
    assert "Enter your password" in problems(answer)
    assert (await officer.sign_in(tab)).status_code == 303


async def test_a_code_works_once(officer: Account, app: FastAPI) -> None:
    code = officer.code
    async with Tab(app) as first, Tab(app) as second:
        assert (await officer.sign_in(first, code=code)).status_code == 303
        assert (await officer.sign_in(second, code=code)).status_code == 422
        assert (await officer.sign_in(second, code=await officer.next_code())).status_code == 303


async def test_of_one_code_sent_many_times_at_once_one_is_taken(officer: Account, app: FastAPI, superuser: Any) -> None:
    tabs = [Tab(app) for _ in range(6)]
    for each in tabs:
        await each.get(f"/sign-in?partnership={officer.slug}")
    fields = {"email": officer.email, "password": PASSWORD, "code": officer.code}
    answers = await asyncio.gather(*(each.post(f"/sign-in?partnership={officer.slug}", **fields) for each in tabs))
    assert sorted(each.status_code for each in answers) == [303, *[422] * 5]
    assert len(await trail(superuser, officer.world, "sign_in.failed")) == 5


async def test_a_recovery_code_stands_in_for_the_app_once(officer: Account, app: FastAPI, superuser: Any) -> None:
    typed = officer.codes[3].lower().replace("-", " ")
    async with Tab(app) as tab:
        assert (await officer.sign_in(tab, code=typed)).status_code == 303
    async with Tab(app) as tab:
        assert (await officer.sign_in(tab, code=typed)).status_code == 422
        assert (await officer.sign_in(tab, code=officer.codes[4])).status_code == 303
    assert [each["purpose"] for each in await trail(superuser, officer.world, "sign_in.done")] == ["recovery_code"] * 2


async def test_new_recovery_codes_end_the_old_ones_and_are_shown_once(officer: Account, tab: Tab) -> None:
    await officer.sign_in(tab)
    assert "<b>10</b> left" in (await tab.get("/account/recovery-codes")).text
    made = await tab.post("/account/recovery-codes")
    codes = re.findall(r"<code>([0-9A-Z-]{19})</code>", made.text)
    assert len(set(codes)) == 10
    assert not set(codes) & set(officer.codes)
    assert codes[0] not in (await tab.get("/account/recovery-codes")).text
    assert (await officer.sign_in(tab, code=officer.codes[0])).status_code == 422
    assert (await officer.sign_in(tab, code=codes[0])).status_code == 303


async def test_somebody_ended_and_somebody_of_a_locked_out_agency_are_nobody(
    officer: Account, tab: Tab, superuser: Any
) -> None:
    away = {"suspended_at": "now()", "suspended_because": "'lost laptop'"}
    for table, row_id, columns in (
        ("agency", officer.person.agency_id, away),
        ("app_user", officer.person.user_id, {"ended_at": "now()"}),
    ):
        gone = ", ".join(f"{name} = {value}" for name, value in columns.items())
        back = ", ".join(f"{name} = NULL" for name in columns)
        await superuser.execute(f"UPDATE {table} SET {gone} WHERE id = $1", row_id)
        answer = await officer.sign_in(tab)
        assert (answer.status_code, problems(answer)) == (422, WRONG)
        await superuser.execute(f"UPDATE {table} SET {back} WHERE id = $1", row_id)
    assert (await officer.sign_in(tab)).status_code == 303


async def test_a_password_alone_signs_nobody_in(officer: Account, tab: Tab, superuser: Any) -> None:
    for table in ("authenticator", "recovery_code"):
        await superuser.execute(f"UPDATE {table} SET ended_at = now() WHERE user_id = $1", officer.person.user_id)
    for code in (officer.code, officer.codes[0]):
        assert (await officer.sign_in(tab, code=code)).status_code == 422


async def test_an_account_elsewhere_is_no_account_here(officer: Account, tab: Tab, app: FastAPI) -> None:
    other = await build_world(app, officer.person.client, officer.world.clock)
    await tab.get(f"/sign-in?partnership=t-{other.partnership_id}")
    fields = {"email": officer.email, "password": PASSWORD, "code": officer.code}
    answer = await tab.post(f"/sign-in?partnership=t-{other.partnership_id}", **fields)
    assert problems(answer) == WRONG


@pytest.mark.parametrize("email", [None, "nobody@police.example"], ids=["somebody", "nobody"])
async def test_after_ten_tries_nobody_may_try_again_for_a_while_from_any_address(
    email: str | None, officer: Account, app: FastAPI, superuser: Any
) -> None:
    fields = {"email": email or officer.email, "password": "wrong orbit plum"}
    for n in range(RULES[Bucket.ACCOUNT].tries):
        async with Tab(app, f"192.0.2.{n}") as tab:
            assert (await officer.sign_in(tab, **fields)).status_code == 422
    async with Tab(app, "198.51.100.7") as tab:
        answer = await officer.sign_in(tab, **fields)
        assert answer.status_code == 429
        assert problems(answer) == (
            "There have been too many tries. Try again at 3:20am. A passkey works all the same."
        )
        assert (await officer.sign_in(tab, **fields)).status_code == 429
        (entry,) = await trail(superuser, officer.world, "sign_in.throttled")
        assert (entry["actor_id"], entry["purpose"], len(entry["subjects"])) == (None, "password", 2)
        # Whoever guesses right while they may not try is told the same.
        if email is None:
            assert (await officer.sign_in(tab)).status_code == 429
        officer.world.clock.forward(minutes=10)
        assert (await officer.sign_in(tab, **fields)).status_code == 422


async def test_tries_made_at_once_all_count(officer: Account, app: FastAPI) -> None:
    tries = RULES[Bucket.ACCOUNT].tries
    tabs = [Tab(app, f"192.0.2.{n}") for n in range(tries + 4)]
    await tabs[0].get(f"/sign-in?partnership={officer.slug}")
    for each in tabs:
        each.csrf, each.client.cookies = tabs[0].csrf, tabs[0].client.cookies
    fields = {"email": officer.email, "password": "wrong orbit plum", "code": "000000"}
    answers = await asyncio.gather(*(each.post(f"/sign-in?partnership={officer.slug}", **fields) for each in tabs))
    assert sorted(each.status_code for each in answers) == [422] * tries + [429] * 4


async def test_a_browser_that_signed_in_before_is_not_stopped_by_tries_from_elsewhere(
    officer: Account, app: FastAPI
) -> None:
    async with Tab(app) as hers, Tab(app) as theirs:
        assert (await officer.sign_in(hers)).status_code == 303
        while (await officer.sign_in(theirs, password="wrong orbit plum")).status_code != 429:
            pass
        code = await officer.next_code()
        assert (await officer.sign_in(theirs, code=code)).status_code == 429
        hers.client.cookies.delete("roundtable")
        assert (await officer.sign_in(hers, code=code)).status_code == 303


async def test_a_right_try_is_not_counted(officer: Account, app: FastAPI) -> None:
    for _ in range(RULES[Bucket.ACCOUNT].tries + 1):
        async with Tab(app) as tab:
            assert (await officer.sign_in(tab, code=await officer.next_code())).status_code == 303


async def test_the_mark_of_one_account_is_no_mark_of_another(officer: Account, app: FastAPI) -> None:
    other = await account_of(officer.world, "idva")
    async with Tab(app) as theirs:
        assert (await other.sign_in(theirs)).status_code == 303
        theirs.client.cookies.delete("roundtable")
        for _ in range(RULES[Bucket.ACCOUNT].tries):
            assert (await officer.sign_in(theirs, password="wrong orbit plum")).status_code == 422
        assert (await officer.sign_in(theirs, password="wrong orbit plum")).status_code == 429
    async with Tab(app) as elsewhere:
        assert (await officer.sign_in(elsewhere)).status_code == 429


async def test_nothing_in_the_database_tells_an_email_an_address_or_a_code(
    officer: Account, tab: Tab, superuser: Any
) -> None:
    await officer.sign_in(tab, email="secret.word@police.example")
    await officer.sign_in(tab)
    for table in ("throttle", "audit", "session", "recovery_code", "password", "authenticator"):
        rows = await superuser.fetch(
            f"SELECT t::text AS row FROM {table} t WHERE partnership_id = $1", officer.world.partnership_id
        )
        text = " ".join(row["row"] for row in rows)
        shown = bytes.fromhex("".join(re.findall(r"\\\\x([0-9a-f]+)", text))).decode("latin-1") + text
        for secret in ("secret.word", "192.0.2.1", officer.secret, officer.codes[0].replace("-", ""), PASSWORD):
            assert secret not in shown


async def test_signing_in_goes_on_to_where_the_visitor_was_going_and_never_elsewhere(
    officer: Account, app: FastAPI
) -> None:
    for given, path in (("/account/password", "/account/password"), ("//evil.example", "/home")):
        async with Tab(app) as tab:
            code = await officer.next_code()
            assert (await officer.sign_in(tab, code=code, next=given)).headers["location"] == path


async def test_whoever_signs_in_where_somebody_was_signed_in_ends_that(
    officer: Account, tab: Tab, app: FastAPI, world: World
) -> None:
    """On a shared desk: its cookie is written over, so nobody but the holder of a copy could sign out of it."""
    nurse = await account_of(world, "nurse")
    async with Tab(app) as copy:
        await officer.sign_in(tab)
        copy.client.cookies.update(tab.client.cookies)
        assert (await copy.get("/account")).status_code == 200
        await tab.get("/account")
        fields = {"email": nurse.email, "password": PASSWORD, "code": nurse.code}
        assert (await tab.post(f"/sign-in?partnership={nurse.slug}", **fields)).status_code == 303
        assert "Nurse" in (await tab.get("/account")).text
        assert (await copy.get("/account")).status_code == 303


async def test_a_form_from_another_site_signs_nobody_in(officer: Account, tab: Tab) -> None:
    await tab.get(f"/sign-in?partnership={officer.slug}")
    tab.csrf = "x"
    answer = await tab.post(
        f"/sign-in?partnership={officer.slug}", email=officer.email, password=PASSWORD, code=officer.code
    )
    assert answer.status_code == 403


async def test_with_several_partnerships_one_is_chosen_first(officer: Account, tab: Tab, app: FastAPI) -> None:
    await build_world(app, officer.person.client, officer.world.clock)
    page = await tab.get("/sign-in")
    assert f"/sign-in?partnership={officer.slug}" in page.text
    assert 'name="password"' not in page.text


async def test_in_a_demonstration_one_press_signs_in_whom_its_page_names(
    officer: Account, tab: Tab, app: FastAPI, superuser: Any
) -> None:
    site, people = app.state.site, app.state.demo_people
    app.state.site, app.state.demo_people = Site(demo=True), [DemoPerson(officer.email, "Officer", "refers")]
    try:
        path = f"/sign-in/demo?partnership={officer.slug}"
        await tab.get(f"/sign-in?partnership={officer.slug}")
        assert (await tab.post(path, email=officer.email)).status_code == 404
        await superuser.execute("UPDATE partnership SET demo = true WHERE id = $1", officer.world.partnership_id)
        assert "only in this demonstration" in (await tab.get(f"/sign-in?partnership={officer.slug}")).text
        assert (await tab.post(path, email="coordinator@council.example")).status_code == 404
        assert (await tab.post(path, email=officer.email)).status_code == 303
        assert "Officer" in (await tab.get("/home")).text
    finally:
        app.state.site, app.state.demo_people = site, people
    assert [each["purpose"] for each in await trail(superuser, officer.world, "sign_in.done")] == ["demo"]


async def test_outside_a_demonstration_nobody_is_signed_in_with_one_press(officer: Account, tab: Tab) -> None:
    await tab.get(f"/sign-in?partnership={officer.slug}")
    answer = await tab.post(f"/sign-in/demo?partnership={officer.slug}", email=officer.email)
    assert answer.status_code == 404


async def test_a_dearer_hash_is_kept_when_somebody_signs_in(officer: Account, tab: Tab, superuser: Any) -> None:
    older = await Passwords(cost=Cost(passes=1, memory_kib=16, lanes=1)).make(PASSWORD)
    await superuser.execute("UPDATE password SET hash = $1 WHERE user_id = $2", older, officer.person.user_id)
    assert (await officer.sign_in(tab)).status_code == 303
    kept = await superuser.fetchval("SELECT hash FROM password WHERE user_id = $1", officer.person.user_id)
    assert kept != older
    assert "m=8," in kept
