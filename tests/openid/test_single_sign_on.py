"""Signing in by way of an organisation's provider, from the button to the home page, with a certified provider."""

import asyncio
import re

import asyncpg
import httpx
import pyotp
import pytest
from fastapi import FastAPI

from app.db.session import UnitOfWork
from app.domain.providers import SecondFactor
from app.domain.sign_in_links import INVITATION_LASTS, LinkKind
from app.services import sign_in_links
from tests.accounts import Account, account_of
from tests.openid.provider import Browser, Provider
from tests.openid.visitor import ANN, Trusted, Visitor, added, rule, signed_in
from tests.world import World

LOCK_OUT = "UPDATE agency SET suspended_at = now(), suspended_because = 'A lost laptop.' WHERE id = $1"
LET_BACK = "UPDATE agency SET suspended_at = NULL, suspended_because = NULL WHERE id = $1"
NOT_KNOWN = "does not know that account"


@pytest.fixture
async def police(trusting: FastAPI, world: World, providers: tuple[Provider, Provider]) -> Trusted:
    """The police's provider; by rule its people join the police."""
    found = await added(world, providers[0])
    await found.trust(rule(world, "police", "practitioner"))
    return found


@pytest.fixture
def ann(trusting: FastAPI, browser: Browser) -> Visitor:
    return Visitor(trusting, browser)


async def trail(superuser: asyncpg.Connection, world: World, like: str = "sign_in.%") -> list[tuple[str, str]]:
    rows = await superuser.fetch(
        "SELECT verb, purpose FROM audit WHERE partnership_id = $1 AND verb LIKE $2 ORDER BY id",
        world.partnership_id,
        like,
    )
    return [(row["verb"], row["purpose"]) for row in rows]


async def people(superuser: asyncpg.Connection, world: World, email: str = ANN["email"]) -> int:
    counted: int = await superuser.fetchval(
        "SELECT count(*) FROM app_user WHERE partnership_id = $1 AND email = $2", world.partnership_id, email
    )
    return counted


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


@pytest.fixture
async def half(police: Trusted, world: World) -> Account:
    """An officer who has linked a provider that proves one factor only, and who has an app."""
    await police.trust(second_factor=SecondFactor.NEVER)
    await police.links("officer")
    return await account_of(world, "officer")


async def test_where_a_provider_proves_one_factor_only_a_code_is_asked_for_as_well(
    police: Trusted, half: Account, ann: Visitor, world: World, superuser: asyncpg.Connection
) -> None:
    assert (await ann.get("/sign-in/second")).status_code == 409
    arrived = await ann.through(f"{police.way_in}&next=/account")
    assert arrived.headers["location"] == "/sign-in/second"
    assert await ann.who() is None
    await ann.get("/sign-in/second")
    for wrong in ("", "000000", "not a code"):
        assert (await ann.post("/sign-in/second", code=wrong)).status_code == 422
    code = half.code
    done = await ann.post("/sign-in/second", code=code)
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert await ann.who() == "Officer"
    assert (await trail(superuser, world))[-3:] == [
        ("sign_in.failed", "openid"),
        ("sign_in.failed", "openid"),
        ("sign_in.done", "openid"),
    ]
    # Neither the code nor the provider's word counts again.
    await ann.post("/sign-out")
    await ann.through(police.way_in)
    await ann.get("/sign-in/second")
    assert (await ann.post("/sign-in/second", code=code)).status_code == 422
    assert (await ann.post("/sign-in/second", code=half.codes[0])).status_code == 303
    await ann.post("/sign-out")
    assert (await ann.get("/sign-in/second")).status_code == 409


async def test_a_second_factor_is_guessed_at_ten_times_and_no_more(
    police: Trusted, half: Account, ann: Visitor
) -> None:
    await ann.through(police.way_in)
    await ann.get("/sign-in/second")
    answers = [(await ann.post("/sign-in/second", code="000000")).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert (await ann.post("/sign-in/second", code=half.code)).status_code == 429


async def test_who_has_left_meanwhile_is_not_let_in_by_a_code(
    police: Trusted, half: Account, ann: Visitor, superuser: asyncpg.Connection
) -> None:
    await ann.through(police.way_in)
    await ann.get("/sign-in/second")
    await superuser.execute("UPDATE app_user SET ended_at = now() WHERE id = $1", half.person.user_id)
    assert (await ann.post("/sign-in/second", code=half.code)).status_code == 409
    assert await ann.who() is None


async def test_a_newcomer_whose_provider_proves_one_factor_sets_up_a_second_before_they_are_let_in(
    police: Trusted, ann: Visitor, world: World, superuser: asyncpg.Connection
) -> None:
    await police.trust(rule(world), second_factor=SecondFactor.NEVER)
    for _ in range(2):  # whoever leaves in the middle comes to the same page the next time
        assert (await ann.through(police.way_in)).headers["location"] == "/join"
        assert await ann.who() is None
    await ann.get("/join")
    assert "Ann Weaver" in ann.page
    set_up = await ann.post("/join/app")
    await ann.get(set_up.headers["location"])
    code = pyotp.TOTP(_secret(ann.page)).at(world.clock())
    await ann.post(set_up.headers["location"], new_password="kettle orbit plum", code=code)
    assert await ann.who() == "Ann Weaver"
    assert await people(superuser, world) == 1
    # From then on their organisation's account and a code let them in.
    await ann.post("/sign-out")
    assert (await ann.through(police.way_in)).headers["location"] == "/sign-in/second"


async def test_who_was_invited_chooses_their_organisations_account_if_it_proves_two_factors(
    police: Trusted, ann: Visitor, world: World
) -> None:
    link = await invitation(world, "officer")
    police.provider.tell(claims={})
    await police.trust(second_factor=SecondFactor.NEVER)
    await ann.get(link)
    assert (await ann.through(f"/join/with/{police.id}")).status_code == 403
    await police.trust()
    assert (await ann.through(f"/join/with/{police.id}")).status_code == 303
    assert await ann.who() == "Officer"
    assert (await ann.get(f"/join/with/{police.id}")).status_code == 409
    assert (await ann.get(link)).status_code == 410


async def invitation(world: World, who: str) -> str:
    """The path of a link for somebody who was invited."""

    async def make(uow: UnitOfWork) -> str:
        person = world[who]
        token = await sign_in_links.make(uow, person.user_id, person.agency_id, LinkKind.INVITATION, INVITATION_LASTS)
        return token.at("")

    return await world.database.run_as_system(world.partnership_id, make, world.clock())


def _secret(page: str) -> str:
    found = re.search(r'rt-key"><code>([^<]+)<', page)
    assert found
    return found[1].replace(" ", "")


def _without_nonces(page: str) -> list[str]:
    return [line for line in page.splitlines() if "nonce=" not in line and "csrf" not in line]
