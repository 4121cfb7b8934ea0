"""Signing in and confirming by a passkey."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.domain.ceremonies import CeremonyKind
from app.domain.passkeys import NotRecognised, Shown
from app.services import passkeys
from app.services.errand import Errand
from app.web.cookies import Cookie
from tests.accounts import trail
from tests.authenticator import PRESENT, VERIFIED, Authenticator
from tests.passkeys import AGAIN, ORIGIN, PARTY, REFUSED, Enrolled, Scripted, enrol, hold_session, said
from tests.world import Clock, World, build_world


@pytest.fixture
async def officer(world: World) -> Enrolled:
    return await enrol(world, "officer")


@pytest.fixture
async def tab(app: FastAPI) -> AsyncIterator[Scripted]:
    async with Scripted(app) as opened:
        yield opened


async def test_a_passkey_alone_signs_its_owner_in(officer: Enrolled, tab: Scripted, superuser: Any) -> None:
    answer = await officer.sign_in(tab)
    assert (answer.status_code, answer.json()) == (200, {"to": "/home"})
    assert "Officer" in (await tab.get("/home")).text
    (entry,) = await trail(superuser, officer.world, "sign_in.done")
    assert (entry["actor_id"], entry["purpose"]) == (officer.person.user_id, "passkey")
    used = await superuser.fetchrow("SELECT * FROM passkey WHERE user_id = $1", officer.person.user_id)
    assert (used["sign_count"], used["used_at"]) == (1, officer.world.clock())


async def test_the_owner_goes_on_to_where_they_were_going_and_nowhere_else(officer: Enrolled, tab: Scripted) -> None:
    for asked, to in (("/account/passkeys", "/account/passkeys"), ("https://evil.example", "/home")):
        shown = officer.device.show(await officer.options(tab), ORIGIN)
        answer = await tab.send(f"/sign-in/passkey/finish{officer.asked}&next={asked}", shown)
        assert answer.json() == {"to": to}
        tab.client.cookies.clear()


async def test_whatever_is_wrong_the_answer_and_the_entry_are_the_same(
    officer: Enrolled, app: FastAPI, superuser: Any
) -> None:
    world, device = officer.world, officer.device
    unknown, owners = Authenticator(), device.user_handle
    unknown.make({"user": {"id": "AAAA"}, "rp": {"id": PARTY.id}, "challenge": "AAAA"}, ORIGIN)
    unknown.user_handle = owners
    left, ended = await enrol(world, "nurse"), await enrol(world, "housing")
    locked = await enrol(world, "idva")
    await superuser.execute("UPDATE app_user SET ended_at = now() WHERE id = $1", left.person.user_id)
    await superuser.execute("UPDATE passkey SET ended_at = now() WHERE user_id = $1", ended.person.user_id)
    await superuser.execute(
        "UPDATE agency SET suspended_at = now(), suspended_because = 'test' WHERE id = $1", locked.person.agency_id
    )
    answers = []
    async with Scripted(app) as tab:
        for each in (left, ended, locked):
            answers.append(await each.sign_in(tab))
        answers.append(await officer.sign_in(tab, origin="https://evil.example"))
        answers.append(await officer.sign_in(tab, rp_id="evil.example"))
        device.flags = PRESENT
        answers.append(await officer.sign_in(tab))
        device.flags = PRESENT | VERIFIED
        for other in ("", left.device.user_handle.hex()):
            device.user_handle = bytes.fromhex(other)
            answers.append(await officer.sign_in(tab))
        device.user_handle = owners
        for part in ("client_data", "authenticator_data", "signature"):
            shown = device.show(await officer.options(tab), ORIGIN)
            answers.append(await officer.finish(tab, shown | {part: shown[part][:-4] + "AAAA"}))
        shown = device.show(await officer.options(tab), ORIGIN)
        answers.append(await officer.finish(tab, {key: shown[key] for key in shown if key != "user_handle"}))
        answers.append(await officer.finish(tab, unknown.show(await officer.options(tab), ORIGIN)))
        assert {said(each) for each in answers} == {(422, REFUSED)}
        assert {re.sub(r'"instance":"[^"]*"', "", each.text) for each in answers} == {answers[0].text}
        assert (await officer.sign_in(tab)).status_code == 200
    entries = await trail(superuser, world, "sign_in.failed")
    assert [(each["actor_id"], each["purpose"], len(each["subjects"])) for each in entries] == [
        (None, "passkey", 2)
    ] * len(answers)
    known = {each.person.user_id for each in (officer, left, ended, locked)}
    assert [each for each in entries if known.isdisjoint(each["subjects"])] == entries[-1:]


async def test_what_was_shown_once_is_taken_once(officer: Enrolled, app: FastAPI) -> None:
    async with Scripted(app) as tab:
        shown = officer.device.show(await officer.options(tab), ORIGIN)
        cookies = dict(tab.client.cookies)
        assert (await officer.finish(tab, shown)).status_code == 200
        tab.client.cookies.clear()
        tab.client.cookies.update(cookies)
        assert said(await officer.finish(tab, shown)) == (409, AGAIN)


async def test_a_refusal_uses_the_challenge_up_as_well(officer: Enrolled, app: FastAPI) -> None:
    async with Scripted(app) as tab:
        shown = officer.device.show(await officer.options(tab), ORIGIN)
        cookies = dict(tab.client.cookies)
        assert said(await officer.finish(tab, shown | {"signature": "AAAA"})) == (422, REFUSED)
        tab.client.cookies.update(cookies)
        assert said(await officer.finish(tab, shown)) == (409, AGAIN)


async def test_what_another_browser_began_or_nobody_did_is_not_finished(officer: Enrolled, app: FastAPI) -> None:
    async with Scripted(app) as mine, Scripted(app) as theirs:
        shown = officer.device.show(await officer.options(theirs), ORIGIN)
        await mine.open(f"/sign-in{officer.asked}")
        assert said(await officer.finish(mine, shown)) == (409, AGAIN)
        await officer.options(mine)
        assert said(await officer.finish(mine, shown)) == (422, REFUSED)


async def test_it_is_too_late_after_ten_minutes(officer: Enrolled, tab: Scripted, clock: Clock) -> None:
    shown = officer.device.show(await officer.options(tab), ORIGIN)
    clock.forward(minutes=10)
    assert said(await officer.finish(tab, shown)) == (409, AGAIN)


async def test_a_passkey_of_another_partnership_is_unknown_here(officer: Enrolled, tab: Scripted, app: FastAPI) -> None:
    elsewhere = await build_world(app, tab.client, officer.world.clock)
    officer.asked = f"?partnership=t-{elsewhere.partnership_id}"
    assert said(await officer.sign_in(tab)) == (422, REFUSED)


async def test_a_count_that_went_back_ends_the_passkey_and_its_owner_is_told(
    officer: Enrolled, app: FastAPI, superuser: Any
) -> None:
    async with Scripted(app) as tab, Scripted(app) as copy:
        for _ in range(3):
            assert (await officer.sign_in(tab)).status_code == 200
            tab.client.cookies.clear()
        officer.device.count = 1
        assert said(await officer.sign_in(copy)) == (422, REFUSED)
        officer.device.count = 9
        assert said(await officer.sign_in(tab)) == (422, REFUSED)
    (entry,) = await trail(superuser, officer.world, "sign_in.method_ended")
    assert (entry["purpose"], officer.person.user_id in entry["subjects"]) == ("passkey_copied", True)
    (notice,) = (await officer.person.get("/notices")).json()["items"]
    assert notice["kind"] == "passkey.copied"


async def test_a_stranger_who_knows_a_passkeys_id_cannot_have_it_ended(officer: Enrolled, tab: Scripted) -> None:
    assert (await officer.sign_in(tab)).status_code == 200
    tab.client.cookies.clear()
    stranger = Authenticator(credential_id=officer.device.credential_id, user_handle=officer.device.user_handle)
    stranger.counts = False
    assert said(await officer.finish(tab, stranger.show(await officer.options(tab), ORIGIN))) == (422, REFUSED)
    assert (await officer.sign_in(tab)).status_code == 200


async def test_a_device_that_counts_nothing_signs_in_again_and_again(world: World, app: FastAPI) -> None:
    officer = await enrol(world, "officer", Authenticator(counts=False))
    for _ in range(3):
        async with Scripted(app) as tab:
            assert (await officer.sign_in(tab)).status_code == 200


async def test_a_copy_that_is_used_at_the_same_moment_lets_one_in(officer: Enrolled, app: FastAPI) -> None:
    tabs = [Scripted(app) for _ in range(4)]
    shown = []
    for each in tabs:
        officer.device.count = 0
        shown.append(officer.device.show(await officer.options(each), ORIGIN))
    answers = await asyncio.gather(*(officer.finish(*each) for each in zip(tabs, shown, strict=True)))
    assert sorted(each.status_code for each in answers) == [200, 422, 422, 422]
    for each in tabs:
        await each.client.aclose()


async def test_one_confirms_by_ones_own_passkey_and_is_given_a_new_session(
    officer: Enrolled, app: FastAPI, superuser: Any
) -> None:
    colleague = await enrol(officer.world, "safeguarding")
    async with Scripted(app) as tab:
        await hold_session(officer.world, "officer", tab, confirmed=False)
        before = tab.client.cookies[Cookie.SESSION]
        assert (await tab.get("/account/passkeys/add")).headers["location"] == "/confirm?next=/account/passkeys/add"
        await tab.open("/confirm")
        options = await tab.begin("/confirm/passkey/begin")
        assert len(options["allowCredentials"]) == 1
        theirs = colleague.device.show(options, ORIGIN)
        assert said(await tab.send("/confirm/passkey/finish", theirs)) == (422, REFUSED)
        options = await tab.begin("/confirm/passkey/begin")
        shown = officer.device.show(options, ORIGIN) | {"user_handle": None}
        answer = await tab.send("/confirm/passkey/finish?next=/account/passkeys/add", shown)
        assert answer.json() == {"to": "/account/passkeys/add"}
        assert tab.client.cookies[Cookie.SESSION] != before
        assert (await tab.get("/account/passkeys/add")).status_code == 200
    (entry,) = await trail(superuser, officer.world, "sign_in.confirmed")
    assert (entry["actor_id"], entry["purpose"]) == (officer.person.user_id, "passkey")


async def test_what_was_begun_to_sign_in_confirms_nothing(officer: Enrolled, tab: Scripted) -> None:
    options = await officer.options(tab)
    await hold_session(officer.world, "officer", tab, confirmed=False)
    await tab.open("/confirm")
    assert said(await tab.send("/confirm/passkey/finish", officer.device.show(options, ORIGIN))) == (409, AGAIN)


async def test_a_second_factor_is_a_passkey_of_the_same_person(officer: Enrolled) -> None:
    """As after a provider that has none."""
    world, kind = officer.world, CeremonyKind.PASSKEY_SIGN_IN
    colleague = await enrol(world, "safeguarding")
    for by, right in ((colleague, False), (officer, True)):
        errand = Errand(world.database, world.clock())
        begun = await errand.do_as_nobody(world.partnership_id, passkeys.to_show, PARTY, kind, officer.person.user_id)
        shown = Shown.model_validate(by.device.show(begun.options, ORIGIN))
        proving = passkeys.prove(errand, begun.key, kind, shown, PARTY, of=officer.person.user_id)
        if right:
            assert (await proving).user_id == officer.person.user_id
        else:
            with pytest.raises(NotRecognised):
                await proving


async def test_a_script_of_another_site_begins_nothing(officer: Enrolled, tab: Scripted) -> None:
    await tab.open(f"/sign-in{officer.asked}")
    tab.csrf = "forged"
    answer = await tab.send(f"/sign-in/passkey/begin{officer.asked}", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "from_elsewhere")


@pytest.mark.parametrize(
    "body", [{}, {"credential_id": "!"}, {"credential_id": 7}], ids=["empty", "not base64url", "a number"]
)
async def test_what_no_script_of_ours_sends_is_refused_by_name(
    officer: Enrolled, tab: Scripted, body: dict[str, Any]
) -> None:
    await officer.options(tab)
    answer = await officer.finish(tab, body)
    assert answer.status_code == 422
    assert "/credential_id" in {each["pointer"] for each in answer.json()["errors"]}
