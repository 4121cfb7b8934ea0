"""Tokens for partner systems: whoever proves who they are gets one, and nobody else learns why not."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]  # it says nothing of its types
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # type: ignore[import-untyped]  # likewise
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from app.api.tokens import generate_pem
from app.domain.clients import SCOPES
from app.domain.oauth import LARGEST_BODY
from app.domain.throttle import RULES, Bucket
from app.main import create_app
from app.settings import Settings, new_contact_key
from tests.accounts import trail
from tests.systems import Key, System, system_of, token_of
from tests.world import World

HERE = "http://localhost:8000"
ENDPOINT = f"{HERE}/oauth/token"
GRANT = {"grant_type": "client_credentials"}
RSA = rsa.generate_private_key(65537, 2048)


async def keyed(world: World, *keys: Key) -> System:
    """A client that proves itself by these keys, and by no secret."""
    system = await system_of(world, secret=False)
    for key in keys:
        added = await world["police_admin"].post(f"/clients/{system.client_id}/keys", {"jwk": key.jwk})
        assert added.status_code == 201, added.text
    return system


async def test_a_token_is_given_for_ten_minutes_and_says_who_had_it(world: World, superuser: Any) -> None:
    system = await system_of(world, scopes=["look_up", "refer"])
    answer = await system.ask()
    told = answer.json()
    assert answer.status_code == 200
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "look_up refer")
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    me = await system.get("/me", told["access_token"])
    assert (me.status_code, me.json()["is_system"]) == (200, True)
    (entry,) = await trail(superuser, world, "client.token_issued")
    assert (str(entry["actor_id"]), entry["purpose"]) == (system.user_id, "client_secret")
    about = [system.agency_id, system.user_id, system.client_id]
    assert [str(each) for each in entry["subjects"]] == about
    kept = (await world["police_admin"].get(f"/clients/{system.client_id}")).json()
    assert kept["last_used_at"] == kept["credentials"][0]["last_used_at"] is not None
    world.clock.forward(minutes=10)
    assert (await system.get("/me", told["access_token"])).status_code == 401


async def test_a_secret_may_come_by_header_encoded_as_the_standard_says_or_in_the_body(world: World) -> None:
    system = await system_of(world)
    every = "".join(f"%{ord(each):02X}" for each in system.secret)
    for secret in (system.secret, quote_plus(system.secret), every):
        basic = b64encode(f"{system.client_id}:{secret}".encode()).decode()
        for scheme in ("Basic", "basic"):
            answer = await system.post(GRANT, headers={"Authorization": f"{scheme} {basic}"})
            assert answer.status_code == 200
    body = {**GRANT, "client_id": system.client_id, "client_secret": system.secret}
    assert (await system.post(body)).status_code == 200
    assert (await system.post({**body, "nobody": "knows", "scope": ""})).status_code == 200


@pytest.mark.parametrize("key", [Key("1"), Key("1", RSA)], ids=["ES256", "PS256"])
async def test_a_key_proves_its_holder_to_the_address_or_to_the_issuer_once_each_time(
    key: Key, world: World, superuser: Any
) -> None:
    system = await keyed(world, Key("another"), key)
    for audience in (ENDPOINT, HERE):
        assertion = key.assertion(system.client_id, audience, world.clock())
        assert (await system.assert_by(assertion)).status_code == 200
        again = await system.assert_by(assertion)
        assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    methods = [each["purpose"] for each in await trail(superuser, world, "client.token_issued")]
    assert methods == ["private_key_jwt"] * 2
    used = {
        each["hint"]: each["last_used_at"] is not None
        for each in (await world["police_admin"].get(f"/clients/{system.client_id}")).json()["credentials"]
    }
    assert used == {"1": True, "another": False}


async def test_of_one_assertion_sent_many_times_at_once_one_is_taken(world: World) -> None:
    key = Key("1")
    system = await keyed(world, key)
    assertion = key.assertion(system.client_id, ENDPOINT, world.clock())
    answers = await asyncio.gather(*(system.assert_by(assertion) for _ in range(5)))
    assert sorted(each.status_code for each in answers) == [200, *[401] * 4]


async def test_an_assertion_that_is_not_this_clients_for_us_and_in_date_proves_nothing(world: World) -> None:
    key, stranger = Key("1"), Key("1")
    system, other = await keyed(world, key), await keyed(world, Key("1"))
    now = world.clock()
    wrong = {
        "another key of that name": stranger.assertion(system.client_id, ENDPOINT, now),
        "another client": key.assertion(other.client_id, ENDPOINT, now),
        "another service": key.assertion(system.client_id, "https://other.example/oauth/token", now),
        "old": key.assertion(system.client_id, ENDPOINT, now - timedelta(minutes=10)),
        "long": key.assertion(system.client_id, ENDPOINT, now, exp=int(now.timestamp()) + 3600),
        "no assertion": "what?",
    }
    for why, assertion in wrong.items():
        assert (await system.assert_by(assertion)).status_code == 401, why
    good = key.assertion(system.client_id, ENDPOINT, now)
    assert (await system.assert_by(good, client_id=other.client_id)).status_code == 401
    assert (await system.assert_by(good, client_id=system.client_id)).status_code == 200


def _secret(fields: dict[str, str]) -> dict[str, Any]:
    return {"data": {"client_id": "x", "client_secret": "y", **fields}}


BASIC = {"Authorization": "Basic eDp5"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MALFORMED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no grant": (_secret({}), 400, "invalid_request"),
    "another grant": (_secret({"grant_type": "password"}), 400, "unsupported_grant_type"),
    "a grant given twice": (
        {"content": b"grant_type=client_credentials&grant_type=client_credentials", "headers": {**BASIC, **FORM}},
        400,
        "invalid_request",
    ),
    "JSON": ({"json": GRANT, "headers": BASIC}, 400, "invalid_request"),
    "no type": ({"content": b"grant_type=client_credentials", "headers": BASIC}, 400, "invalid_request"),
    "no form": ({"content": b"grant_type=\xff", "headers": {**BASIC, **FORM}}, 400, "invalid_request"),
    "too long": (_secret({**GRANT, "scope": "x" * LARGEST_BODY}), 400, "invalid_request"),
    "a secret in the address": ({"data": GRANT, "params": {"client_id": "x"}}, 400, "invalid_request"),
    "two proofs": ({**_secret(GRANT), "headers": BASIC}, 400, "invalid_request"),
    "two clients": ({"data": {**GRANT, "client_id": "z"}, "headers": BASIC}, 400, "invalid_request"),
    "two headers": ({"data": GRANT, "headers": [*BASIC.items(), *BASIC.items()]}, 400, "invalid_request"),
    "a scope that is none": (_secret({**GRANT, "scope": "refer  read"}), 400, "invalid_scope"),
    "an assertion of another kind": (
        {"data": {**GRANT, "client_assertion": "x", "client_assertion_type": "saml"}},
        400,
        "invalid_request",
    ),
    "a secret of nobody": ({"data": {**GRANT, "client_secret": "x"}}, 400, "invalid_request"),
    "no proof": ({"data": {**GRANT, "client_id": "x"}}, 401, "invalid_client"),
    "another scheme": ({"data": GRANT, "headers": {"Authorization": "Bearer x"}}, 401, "invalid_client"),
    "a header that is no base64": ({"data": GRANT, "headers": {"Authorization": "Basic ?"}}, 401, "invalid_client"),
    "a header without a colon": ({"data": GRANT, "headers": {"Authorization": "Basic eA=="}}, 401, "invalid_client"),
}


@pytest.mark.parametrize("why", MALFORMED)
async def test_whatever_is_not_as_the_standard_has_it_is_refused_as_the_standard_has_it(
    why: str, client: httpx.AsyncClient
) -> None:
    sent, status, error = MALFORMED[why]
    answer = await client.post("/oauth/token", **sent)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def _no_such(world: World, system: System) -> dict[str, str]:
    return {"as_client": str(uuid4())}


async def _no_id(world: World, system: System) -> dict[str, str]:
    return {"as_client": "patient-records"}


async def _wrong(world: World, system: System) -> dict[str, str]:
    return {"secret": system.secret[:-1]}


async def _anothers(world: World, system: System) -> dict[str, str]:
    return {"secret": (await system_of(world)).secret}


async def _ended_client(world: World, system: System) -> dict[str, str]:
    await world["police_admin"].post(f"/clients/{system.client_id}/end")
    return {}


async def _ended_secret(world: World, system: System) -> dict[str, str]:
    await world["police_admin"].post(f"/clients/{system.client_id}/credentials/{system.secret_id}/end")
    return {}


async def _old_secret(world: World, system: System) -> dict[str, str]:
    path, today = f"/clients/{system.client_id}/secrets", world.clock().date().isoformat()
    drawn = await world["police_admin"].post(path, {"last_day": today})
    world.clock.forward(days=1)
    return {"secret": drawn.json()["secret"]}


async def _ended_system(world: World, system: System) -> dict[str, str]:
    await world["police_admin"].post(f"/users/{system.user_id}/end")
    return {}


async def _locked_out(world: World, system: System) -> dict[str, str]:
    await world["partnership_admin"].post(f"/agencies/{system.agency_id}/suspend", {"because": "Stolen."})
    return {}


NOT_LET_IN: dict[str, Callable[[World, System], Awaitable[dict[str, str]]]] = {
    "no such client": _no_such,
    "no id of a client": _no_id,
    "a wrong secret": _wrong,
    "another client's secret": _anothers,
    "a client that was ended": _ended_client,
    "a secret that was ended": _ended_secret,
    "a secret that is too old": _old_secret,
    "a system that was ended": _ended_system,
    "an agency that is locked out": _locked_out,  # the last, since it stays so
}


async def test_whoever_is_not_let_in_hears_the_same_and_leaves_the_same_entry(world: World, superuser: Any) -> None:
    heard = []
    for arrange in NOT_LET_IN.values():
        system = await system_of(world, "partnership_admin", agency_id=str(world.agencies["police"]))
        answer = await system.ask(None, **await arrange(world, system))
        heard.append((answer.status_code, answer.text, dict(answer.headers)))
    assert [each for each in heard if each != heard[0]] == []
    entries = [
        (row["actor_id"], row["purpose"], len(row["subjects"]), str(row["subjects"][2]))
        for row in await trail(superuser, world, "client.refused")
    ]
    assert {each[:3] for each in entries} == {(None, "invalid_client", 3)}
    # Those of no client are in the trail of whichever partnership was there first.
    assert len(entries) in (len(NOT_LET_IN) - 2, len(NOT_LET_IN))


async def test_more_than_it_was_given_is_refused_and_less_is_given(world: World, superuser: Any) -> None:
    system = await system_of(world, scopes=["look_up", "refer"])
    refused = await system.ask(scope="refer export")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    assert "look_up, refer" in refused.json()["error_description"]
    assert [each["purpose"] for each in await trail(superuser, world, "client.refused")] == ["invalid_scope"]
    narrow = await system.ask(scope="look_up")
    assert narrow.json()["scope"] == "look_up"
    token = narrow.json()["access_token"]
    assert (await system.get("/agencies", token)).status_code == 200
    beyond = await system.call("POST", "/people/search", token, json={"date_of_birth": "1991-04-17"})
    assert (beyond.status_code, "'refer'" in beyond.json()["detail"]) == (403, True)


async def test_what_a_token_may_do_is_in_its_session_and_not_in_what_it_says(
    world: World, superuser: asyncpg.Connection
) -> None:
    system = await system_of(world, scopes=["look_up"])
    token = await token_of(system)
    assert (await system.get("/agencies", token)).status_code == 200
    await superuser.execute("UPDATE session SET scopes = '{refer}' WHERE client_id = $1", UUID(system.client_id))
    assert (await system.get("/agencies", token)).status_code == 403


async def test_who_tries_too_often_waits_and_stops_nobody_elsewhere(world: World, superuser: Any) -> None:
    system = await system_of(world)
    rule = RULES[Bucket.CLIENT]
    attacker = System(world, system.client_id, "", "", "wrong", address="198.51.100.9")
    tried = [await attacker.ask() for _ in range(rule.tries + 2)]
    assert [each.status_code for each in tried] == [401] * rule.tries + [429] * 2
    assert 0 < int(tried[-1].headers["retry-after"]) <= rule.every.total_seconds() + 1
    assert tried[-1].json()["error"] == "temporarily_unavailable"
    assert len(await trail(superuser, world, "client.throttled")) == 1
    # Those that are right are not counted.
    answers = [await system.ask() for _ in range(rule.tries + 2)]
    assert {each.status_code for each in answers} == {200}
    world.clock.forward(seconds=rule.every.total_seconds())
    attacker.secret = system.secret
    assert (await attacker.ask()).status_code == 200


async def test_the_metadata_say_where_everything_is_and_are_true(client: httpx.AsyncClient) -> None:
    told = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert (told["issuer"], told["token_endpoint"], told["response_types_supported"]) == (HERE, ENDPOINT, [])
    assert told["scopes_supported"] == list(SCOPES)
    for name in ("token_endpoint", "jwks_uri", "service_documentation"):
        assert (await client.get(told[name].removeprefix(HERE))).status_code in (200, 405), name


async def test_a_library_that_knows_only_the_standards_gets_tokens_by_secret_and_by_key_and_checks_them(
    world: World, client: httpx.AsyncClient
) -> None:
    told = (await client.get("/.well-known/oauth-authorization-server")).json()
    system, key = await system_of(world, scopes=["look_up"]), Key("2026-11")
    await world["police_admin"].post(f"/clients/{system.client_id}/keys", {"jwk": key.jwk})
    world.clock.moment = datetime.now(UTC)  # which is the library's
    pem = key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    limits = {"exp": int(world.clock().timestamp()) + 240}
    signing = PrivateKeyJWT(told["token_endpoint"], claims=limits, headers={"kid": key.kid}, alg="ES256")
    for method, secret in (
        ("client_secret_basic", system.secret),
        ("client_secret_post", system.secret),
        (signing, ECKey.import_key(pem)),
    ):
        body = "grant_type=client_credentials"
        prove = ClientAuth(system.client_id, secret, method)
        uri, headers, body = prove.prepare("POST", told["token_endpoint"], dict(FORM), body)
        answer = await client.post(uri, headers=headers, content=body)
        assert answer.status_code == 200, (method, answer.text)
        token = answer.json()["access_token"]
        assert (await system.get("/agencies", token)).status_code == 200
        said = jwt.decode(token, await _keys_of(system, world.app), algorithms=["ES256"])
        assert (said.header["typ"], said.claims["iss"]) == ("at+jwt", told["issuer"])
        assert (said.claims["client_id"], said.claims["scope"]) == (system.client_id, "look_up")


async def test_at_no_step_of_a_change_of_keys_is_a_good_token_refused_by_a_process_one_step_away(
    world: World, server_urls: tuple[str, str], seal_keys: dict[str, str]
) -> None:
    old, new = generate_pem(), generate_pem()
    steps = [{"old": old}, {"old": old, "new": new}, {"new": new, "old": old}, {"new": new}]
    vault = {"test": new_contact_key()}
    apps = [
        create_app(
            Settings(
                database_url=server_urls[1], token_keys=each, contact_keys=vault, index_keys=vault, seal_keys=seal_keys
            ),
            world.clock,
        )
        for each in steps
    ]
    system = await system_of(world, scopes=["look_up"])
    for app in apps:  # over one database, each as one process of the deployment
        app.state.database = world.database
    for at, app in enumerate(apps):
        token = await token_of(system, app=app)
        for beside in apps[max(at - 1, 0) : at + 2]:
            assert (await system.get("/me", token, beside)).status_code == 200
            jwt.decode(token, await _keys_of(system, beside), algorithms=["ES256"])
    leapt = await token_of(system, app=apps[0])
    assert (await system.get("/me", leapt, apps[3])).status_code == 401


async def _keys_of(system: System, app: FastAPI) -> KeySet:
    async with system.client(app) as client:
        return KeySet.import_key_set((await client.get("/.well-known/jwks.json")).json())
