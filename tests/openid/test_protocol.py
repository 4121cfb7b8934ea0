"""The protocol, spoken with a certified provider."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.openid import Client, Fault, OpenidError
from app.services.openid import Openid, Proven
from app.services.outside import Outside
from tests.openid.provider import Browser, Provider

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
BACK = "https://roundtable.example/sign-in/back"
SECRET = "a secret: 50% +/= & more"
ANN = {"name": "Ann Weaver", "email": "ann@police.example", "email_verified": True, "groups": ["response", "ops"]}


def registered(provider: Provider, **more: Any) -> Client:
    """The provider knows us, and lets Ann sign in."""
    known = {"client_id": "round:table", "client_secret": SECRET, "redirect_uris": [BACK]}
    told = {"sub": "ann-1", "claims": ANN, "amr": ["pwd", "otp"], "in_token": True, "decline": False, **more}
    provider.tell(at=NOW, clients=[known], **told)
    return Client(provider.issuer, "round:table", SECRET)


@pytest.fixture
def one(providers: tuple[Provider, Provider]) -> Provider:
    return providers[0]


@pytest.fixture
def openid() -> Openid:
    return Openid(Outside(loopback=True))


async def signed_in(openid: Openid, client: Client, browser: Browser, **more: Any) -> Proven:
    url, pending = await openid.begin(client, BACK, NOW, **more)
    return await openid.finish(client, BACK, browser.answer(url), pending, NOW)


async def refused(openid: Openid, client: Client, browser: Browser, **more: Any) -> Fault:
    with pytest.raises(OpenidError) as caught:
        await signed_in(openid, client, browser, **more)
    return caught.value.fault


async def test_who_signs_in_at_their_provider_is_known_by_issuer_and_subject(
    openid: Openid, one: Provider, browser: Browser
) -> None:
    proven = await signed_in(openid, registered(one), browser)
    assert (proven.issuer, proven.subject) == (one.issuer, "ann-1")
    assert (proven.claims["email"], proven.claims["amr"]) == ("ann@police.example", ["pwd", "otp"])


async def test_claims_that_are_not_in_the_token_are_asked_for_only_when_they_are_wanted(
    openid: Openid, one: Provider, browser: Browser
) -> None:
    proven = await signed_in(openid, registered(one, in_token=False), browser)
    assert "groups" not in proven.claims
    assert await openid.more(proven, ("amr",), NOW) is proven
    more = await openid.more(proven, ("groups",), NOW)
    assert (more.claims["groups"], more.claims["nonce"]) == (["response", "ops"], proven.claims["nonce"])


async def test_a_provider_may_change_its_key_between_two_sign_ins(
    openid: Openid, one: Provider, browser: Browser
) -> None:
    client = registered(one)
    await signed_in(openid, client, browser)
    one.tell(rotate=True)
    assert (await signed_in(openid, client, browser)).subject == "ann-1"


@pytest.mark.parametrize(("seconds", "fault"), [(55, None), (-600 - 55, None), (70, Fault.CLOCK), (-670, Fault.CLOCK)])
async def test_a_providers_clock_may_be_wrong_by_a_minute_and_no_more(
    openid: Openid, one: Provider, browser: Browser, seconds: int, fault: Fault | None
) -> None:
    # Its tokens last ten minutes.
    client = registered(one)
    one.tell(at=NOW + timedelta(seconds=seconds))
    if fault is None:
        await signed_in(openid, client, browser)
    else:
        assert await refused(openid, client, browser) is fault


async def test_who_is_signed_in_there_already_proves_themselves_again_when_asked_to(
    openid: Openid, one: Provider, browser: Browser
) -> None:
    client = registered(one)
    one.tell(at=NOW - timedelta(minutes=5))
    await signed_in(openid, client, browser)
    before = dict(browser.cookies)
    url, pending = await openid.begin(client, BACK, NOW, afresh=True)
    # An attacker at the desk leaves out what asks for it; the answer shows when they last did.
    quietly = url.replace("prompt=login&", "").replace("&max_age=0", "").replace("&prompt=login", "")
    with pytest.raises(OpenidError) as caught:
        await openid.finish(client, BACK, browser.answer(quietly), pending, NOW)
    assert caught.value.fault is Fault.STALE
    one.tell(at=NOW)
    browser.cookies = before
    assert (await signed_in(openid, client, browser, afresh=True)).subject == "ann-1"


async def test_what_was_meant_for_one_provider_is_not_taken_to_another(
    openid: Openid, providers: tuple[Provider, Provider], browser: Browser
) -> None:
    honest, other = registered(providers[0]), registered(providers[1])
    url, _ = await openid.begin(honest, BACK, NOW)
    answer = browser.answer(url)
    _, pending = await openid.begin(other, BACK, NOW)
    with pytest.raises(OpenidError) as caught:
        await openid.finish(other, BACK, {**answer, "state": pending.state}, pending, NOW)
    assert caught.value.fault is Fault.ISSUER


async def test_a_wrong_secret_a_used_code_and_a_refusal_each_have_their_own_words(
    openid: Openid, one: Provider, browser: Browser
) -> None:
    client = registered(one)
    assert await refused(openid, Client(one.issuer, "round:table", "not it"), browser) is Fault.CLIENT
    url, pending = await openid.begin(client, BACK, NOW)
    answer = browser.answer(url)
    await openid.finish(client, BACK, answer, pending, NOW)
    with pytest.raises(OpenidError) as caught:
        await openid.finish(client, BACK, answer, pending, NOW)
    assert caught.value.fault is Fault.EXCHANGE
    one.tell(decline=True)
    browser.cookies.clear()
    assert await refused(openid, client, browser) is Fault.DECLINED


async def test_a_code_is_worth_nothing_without_the_verifier_of_its_own_sign_in(
    openid: Openid, one: Provider, browser: Browser
) -> None:
    client = registered(one)
    url, _ = await openid.begin(client, BACK, NOW)
    stolen = browser.answer(url)
    _, pending = await openid.begin(client, BACK, NOW)
    with pytest.raises(OpenidError) as caught:
        await openid.finish(client, BACK, {**stolen, "state": pending.state}, pending, NOW)
    assert caught.value.fault is Fault.EXCHANGE


async def test_an_issuer_must_be_written_exactly_as_the_provider_writes_it(openid: Openid, one: Provider) -> None:
    await openid.check(one.issuer, NOW)
    for wrong, fault in ((one.issuer + "/", Fault.ISSUER), (one.issuer + "/nowhere", Fault.METADATA)):
        with pytest.raises(OpenidError) as caught:
            await openid.check(wrong, NOW)
        assert caught.value.fault is fault


async def test_this_machine_is_asked_only_where_that_is_allowed(one: Provider) -> None:
    with pytest.raises(OpenidError) as caught:
        await Openid(Outside()).check(one.issuer, NOW)
    assert caught.value.fault is Fault.ADDRESS
