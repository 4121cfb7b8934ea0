"""Signing in by way of an organisation's provider, from the button to the home page, with a certified provider."""

import asyncio

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.domain.providers import SecondFactor
from tests.openid.provider import Browser, Provider
from tests.openid.visitor import ANN, Trusted, Visitor, added, people, rule, signed_in, trail
from tests.world import World

LOCK_OUT = "UPDATE agency SET suspended_at = now(), suspended_because = 'A lost laptop.' WHERE id = $1"
LET_BACK = "UPDATE agency SET suspended_at = NULL, suspended_because = NULL WHERE id = $1"
NOT_KNOWN = "does not know that account"


async def test_who_comes_for_the_first_time_joins_by_rule_and_is_the_same_person_the_next_time(
    police: Trusted, ann: Visitor, world: World, superuser: asyncpg.Connection
) -> None:
    arrived = await ann.through(police.way_in)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/home")
    assert await ann.who() == "Ann Weaver"
    assert "Wessex Police" in ann.page
    assert "Practitioner" in ann.page
    await ann.post("/sign-out")
    assert await ann.who() is None
    await ann.through(police.way_in)
    assert await ann.who() == "Ann Weaver"
    assert await people(superuser, world) == 1
    assert await trail(superuser, world) == [
        ("sign_in.method_added", "openid"),
        ("sign_in.done", "openid"),
        ("sign_in.ended", "signed_out"),
        ("sign_in.done", "openid"),
    ]
    assert ("administration.user_added", "openid_rule") in await trail(superuser, world, "administration.%")


async def test_a_claim_that_only_the_userinfo_endpoint_has_counts_as_well(police: Trusted, ann: Visitor) -> None:
    police.provider.tell(in_token=False)
    await ann.through(police.way_in)
    assert await ann.who() == "Ann Weaver"


async def test_somebody_goes_on_to_where_they_were_going_and_never_to_another_site(
    police: Trusted, ann: Visitor
) -> None:
    assert (await ann.through(f"{police.way_in}&next=/account")).headers["location"] == "/account"
    assert (await ann.through(f"{police.way_in}&next=//elsewhere.example/")).headers["location"] == "/home"


async def test_no_rule_a_taken_email_a_missing_email_and_a_locked_out_agency_let_nobody_in(
    police: Trusted, ann: Visitor, world: World, superuser: asyncpg.Connection
) -> None:
    for claims, words in (
        ({**ANN, "groups": ["visitors"]}, NOT_KNOWN),
        ({**ANN, "email": "officer@police.example"}, NOT_KNOWN),
        ({**ANN, "email_verified": False}, "verified email address"),
        ({"groups": ["ops"]}, "your name and a verified email address"),
    ):
        police.provider.tell(claims=claims)
        refused = await ann.through(police.way_in)
        assert (refused.status_code, words in ann.page) == (403, True)
        assert await ann.who() is None
    await superuser.execute(LOCK_OUT, world.agencies["police"])
    police.provider.tell(claims=ANN)
    assert (await ann.through(police.way_in)).status_code == 403
    assert await people(superuser, world) == 0
    assert {verb for verb, _ in await trail(superuser, world)} == {"sign_in.failed"}


async def test_who_is_gone_is_not_let_in_and_hears_what_a_stranger_hears(
    police: Trusted, ann: Visitor, world: World, superuser: asyncpg.Connection
) -> None:
    police.provider.tell(claims={**ANN, "groups": []})
    await ann.through(police.way_in)
    stranger = ann.page
    police.provider.tell(claims=ANN)
    await ann.through(police.way_in)
    assert await ann.who() == "Ann Weaver"
    user = await superuser.fetchval(
        "SELECT id FROM app_user WHERE email = $1 AND partnership_id = $2", ANN["email"], world.partnership_id
    )
    for gone, back in (
        ("UPDATE app_user SET ended_at = now() WHERE id = $1", "UPDATE app_user SET ended_at = NULL WHERE id = $1"),
        (
            LOCK_OUT.replace("$1", "(SELECT agency_id FROM app_user WHERE id = $1)"),
            LET_BACK.replace("$1", "(SELECT agency_id FROM app_user WHERE id = $1)"),
        ),
        (
            "UPDATE openid_identity SET ended_at = now() WHERE user_id = $1",
            "UPDATE openid_identity SET ended_at = NULL WHERE user_id = $1",
        ),
    ):
        ann.client.cookies.clear()
        await superuser.execute(gone, user)
        assert (await ann.through(police.way_in)).status_code == 403
        assert _without_nonces(ann.page) == _without_nonces(stranger)
        await superuser.execute(back, user)
        await ann.through(police.way_in)
        assert await ann.who() == "Ann Weaver"


async def test_a_provider_that_was_switched_off_lets_nobody_in(
    police: Trusted, ann: Visitor, superuser: asyncpg.Connection
) -> None:
    away = await ann.get(police.way_in)
    back = ann.elsewhere.go(away.headers["location"])
    await superuser.execute("UPDATE openid_provider SET ended_at = now() WHERE id = $1", police.id)
    assert (await ann.get(back)).status_code == 404
    assert (await ann.get(police.way_in)).status_code == 404


async def test_an_answer_counts_only_in_the_browser_that_asked_and_only_once(
    police: Trusted, ann: Visitor, trusting: FastAPI
) -> None:
    away = await ann.get(police.way_in)
    back = ann.elsewhere.go(away.headers["location"])
    victim = Visitor(trusting, Browser(ann.elsewhere.http))
    assert (await victim.get(back)).status_code == 409
    # Nor in one that has begun on its own.
    await victim.get(police.way_in)
    assert (await victim.get(back)).status_code == 403
    kept = httpx.Cookies(ann.client.cookies)
    assert (await ann.get(back)).status_code == 303
    ann.client.cookies = kept
    assert (await ann.get(back)).status_code == 409


async def test_an_answer_of_one_provider_is_no_answer_of_another(
    police: Trusted, ann: Visitor, world: World, providers: tuple[Provider, Provider]
) -> None:
    other = await added(world, providers[1], "Solent Hospitals", sub="mallory")
    await other.trust(rule(world, "health", "practitioner"))
    away = await ann.get(police.way_in)
    back = ann.elsewhere.go(away.headers["location"])
    crossed = back.replace(str(police.id), str(other.id))
    assert (await ann.get(crossed)).status_code == 409
    assert await ann.who() is None


@pytest.mark.parametrize(
    ("told", "status", "purpose"),
    [
        ({"code": "another"}, 403, "openid.exchange"),
        ({"iss": "https://elsewhere.example"}, 403, "openid.issuer"),
        ({"state": "another"}, 403, "openid.state"),
        ({"error": "access_denied"}, 403, "openid.declined"),
    ],
)
async def test_an_answer_that_was_tampered_with_signs_nobody_in_and_is_in_the_trail(
    told: dict[str, str],
    status: int,
    purpose: str,
    police: Trusted,
    ann: Visitor,
    world: World,
    superuser: asyncpg.Connection,
) -> None:
    away = await ann.get(police.way_in)
    path, _, query = ann.elsewhere.go(away.headers["location"]).partition("?")
    pairs = dict(each.split("=", 1) for each in query.split("&")) | told
    answer = await ann.get(f"{path}?" + "&".join(f"{name}={value}" for name, value in pairs.items()))
    assert answer.status_code == status
    assert await ann.who() is None
    assert await trail(superuser, world) == [("sign_in.failed", purpose)]


async def test_a_key_changed_between_two_sign_ins_disturbs_nobody(police: Trusted, ann: Visitor) -> None:
    await ann.through(police.way_in)
    police.provider.tell(rotate=True)
    await ann.through(police.way_in)
    assert await ann.who() == "Ann Weaver"


async def test_two_who_come_back_at_once_are_one_person(
    police: Trusted, ann: Visitor, trusting: FastAPI, world: World, superuser: asyncpg.Connection
) -> None:
    browsers = [ann, Visitor(trusting, Browser(ann.elsewhere.http))]
    backs = [each.elsewhere.go((await each.get(police.way_in)).headers["location"]) for each in browsers]
    arrived = await asyncio.gather(*(each.get(back) for each, back in zip(browsers, backs, strict=True)))
    assert [each.status_code for each in arrived] == [303, 303]
    assert await people(superuser, world) == 1


async def test_somebody_links_their_organisations_account_and_signs_in_by_it_from_then_on(
    police: Trusted, world: World, browser: Browser, trusting: FastAPI, superuser: asyncpg.Connection
) -> None:
    police.provider.tell(sub="officer-7", claims={})
    officer = await signed_in(world, "officer", browser)
    await officer.get("/account/single-sign-on")
    await officer.post("/account/single-sign-on", provider_id=str(police.id))
    way = officer.link_to(police.provider.issuer)
    linked = await officer.get(officer.elsewhere.go(way))
    assert linked.headers["location"] == "/account/single-sign-on"
    again = Visitor(trusting, Browser(browser.http))
    await again.through(police.way_in)
    assert await again.who() == "Officer"
    # Nobody else can link the same account.
    nurse = await signed_in(world, "nurse", Browser(browser.http))
    await nurse.get("/account/single-sign-on")
    await nurse.post("/account/single-sign-on", provider_id=str(police.id))
    refused = await nurse.get(nurse.elsewhere.go(nurse.link_to(police.provider.issuer)))
    assert (refused.status_code, "linked to somebody here already" in nurse.page) == (409, True)
    # It is the only way that this officer has.
    await officer.get("/account/single-sign-on")
    identity = await superuser.fetchval("SELECT id FROM openid_identity WHERE user_id = $1", world["officer"].user_id)
    kept = await officer.post("/account/single-sign-on/end", identity_id=str(identity))
    assert (kept.status_code, "only way that you can sign in" in officer.page) == (409, True)
    await nurse.get("/account/single-sign-on")
    assert (await nurse.post("/account/single-sign-on/end", identity_id=str(identity))).status_code == 404


async def test_a_link_that_one_person_began_is_not_finished_by_another(
    police: Trusted, world: World, browser: Browser
) -> None:
    officer = await signed_in(world, "officer", browser)
    await officer.get("/account/single-sign-on")
    await officer.post("/account/single-sign-on", provider_id=str(police.id))
    back = officer.elsewhere.go(officer.link_to(police.provider.issuer))
    nurse = await signed_in(world, "nurse", browser)
    officer.session = nurse.session
    assert (await officer.get(back)).status_code == 409


async def test_who_was_signed_in_long_ago_confirms_at_their_provider_and_nobody_else_can_for_them(
    police: Trusted, ann: Visitor, world: World
) -> None:
    await ann.through(police.way_in)
    world.clock.forward(minutes=20)
    police.provider.tell(at=world.clock())
    await ann.get("/account/single-sign-on")
    asked = await ann.post("/account/single-sign-on", provider_id=str(police.id))
    assert asked.headers["location"].startswith("/confirm?")
    await ann.get("/confirm?next=/account")
    assert ann.link_to("/confirm/with/") == f"/confirm/with/{police.id}?next=/account"
    police.provider.tell(sub="somebody-else")
    ann.elsewhere.cookies.clear()
    assert (await ann.through(f"/confirm/with/{police.id}?next=/account")).status_code == 403
    police.provider.tell(sub="ann-1")
    ann.elsewhere.cookies.clear()
    before = ann.session
    confirmed = await ann.through(f"/confirm/with/{police.id}?next=/account")
    assert (confirmed.status_code, confirmed.headers["location"]) == (303, "/account")
    assert ann.session != before
    await ann.get("/account/single-sign-on")
    assert (await ann.post("/account/single-sign-on", provider_id=str(police.id))).status_code == 200


async def test_a_provider_that_does_not_say_two_factors_confirms_nobody(
    police: Trusted, ann: Visitor, world: World
) -> None:
    await police.trust(rule(world), second_factor=SecondFactor.WHEN_SAID, amr=("otp",))
    await ann.through(police.way_in)
    assert await ann.who() == "Ann Weaver"
    police.provider.tell(amr=["pwd"])
    refused = await ann.through(f"/confirm/with/{police.id}")
    assert (refused.status_code, "did not say that it used two factors" in ann.page) == (403, True)


def _without_nonces(page: str) -> list[str]:
    return [line for line in page.splitlines() if "nonce=" not in line and "csrf" not in line]
