"""A provider, or somebody in its place, that says what it must not: each time one plain refusal."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from app.domain.openid import Client, Fault, OpenidError
from app.services.openid import Openid
from app.services.outside import Outside, Reply

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
MOMENT = int(NOW.timestamp())
ISSUER = "https://id.police.example"
BACK = "https://roundtable.example/sign-in/back"
CLIENT = Client(ISSUER, "us", "a secret")
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
    "userinfo_endpoint": f"{ISSUER}/me",
    "response_types_supported": ["code"],
    "authorization_response_iss_parameter_supported": True,
}
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
EC_384 = ECKey.generate_key("P-384", {"kid": "ec"})

Sign = Callable[[dict[str, Any]], str]


def signed(key: RSAKey | ECKey = RSA, algorithm: str = "RS256", **header: Any) -> Sign:
    """How a token is made from its claims."""
    told = {"alg": algorithm, "kid": key.kid, **header}
    told = {name: value for name, value in told.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return lambda claims: jws.serialize_compact(told, json.dumps(claims).encode(), key, registry=registry)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(header: object, signature: Callable[[bytes], bytes] = lambda _: b"") -> Sign:
    """A token with any header at all."""

    def make(claims: dict[str, Any]) -> str:
        start = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        return f"{start}.{b64(signature(start.encode()))}"

    return make


@dataclass
class Stage(Outside):
    """What answers in place of the network."""

    metadata: dict[str, Any] = field(default_factory=lambda: dict(METADATA))
    keys: list[dict[str, Any]] = field(default_factory=lambda: [RSA.as_dict(private=False), EC.as_dict(private=False)])
    sign: Sign = field(default_factory=signed)
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    tokens: dict[str, Any] = field(default_factory=dict)
    me: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    nonce: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        path = urlsplit(url).path
        self.asked.append(path)
        what: dict[str, Any] = {"/keys": {"keys": self.keys}, "/me": self.me}.get(path, self.metadata)
        return Reply(200, "application/json", json.dumps(what).encode(), None)

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Reply:
        said = {"iss": ISSUER, "sub": "ann", "aud": "us", "exp": MOMENT + 600, "iat": MOMENT, "nonce": self.nonce}
        claims = {name: value for name, value in {**said, **self.claims}.items() if name not in self.without}
        answer = {"id_token": self.sign(claims), "access_token": "at", "token_type": "Bearer", **self.tokens}
        return Reply(200, "application/json", json.dumps(answer).encode(), None)

    async def outcome(self, openid: Openid | None = None, answer: Mapping[str, str] | None = None) -> str | Fault:
        """The subject, or why not. answer: what the browser brings back instead; "-" for nothing."""
        openid = openid or Openid(self)
        try:
            _, pending = await openid.begin(CLIENT, BACK, NOW)
            self.nonce = pending.nonce
            told = {"code": "c", "state": pending.state, "iss": ISSUER, **(answer or {})}
            told = {name: value for name, value in told.items() if value != "-"}
            return (await openid.finish(CLIENT, BACK, told, pending, NOW)).subject
        except OpenidError as error:
            leaked = {each for each in ("eyJ", "a secret", "ann", ISSUER) if each in str(error)}
            return f"tells {leaked}" if leaked else error.fault


def hmac_with(key: bytes) -> Callable[[bytes], bytes]:
    return lambda start: hmac.digest(key, start, "sha256")


PUBLIC = RSA.as_pem(private=False)
SIGNATURES: dict[str, Sign] = {
    "not signed": by_hand({"alg": "none"}),
    "not signed, said loudly": by_hand({"alg": "NONE", "kid": "rsa"}),
    "not signed, by the name of a key": by_hand({"alg": "RS256", "kid": "rsa"}),
    "by the public key as a password": by_hand({"alg": "HS256", "kid": "rsa"}, hmac_with(PUBLIC)),
    "by nothing as a password": by_hand({"alg": "HS256"}, hmac_with(b"")),
    "by the client secret": by_hand({"alg": "HS256"}, hmac_with(b"a secret")),
    "by another's key of that name": signed(OTHER),
    "by a key of another kind": by_hand({"alg": "ES256", "kid": "rsa"}, lambda _: bytes(64)),
    "by nothing at all on a curve": by_hand({"alg": "ES256", "kid": "ec"}, lambda _: bytes(64)),
    "by another curve": signed(EC_384, "ES384"),
    "by a key it brings along": signed(OTHER, jwk=OTHER.as_dict(private=False)),
    "by a key from elsewhere": signed(OTHER, jku="https://elsewhere.example/keys", kid="new"),
    "in a way that must be understood": by_hand({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": False}),
    "with an empty list of what must be understood": by_hand({"alg": "RS256", "kid": "rsa", "crit": []}),
    "with algorithms in a list": by_hand({"alg": ["RS256"], "kid": "rsa"}),
    "with no algorithm": by_hand({"kid": "rsa"}),
    "with a number for a key": by_hand({"alg": "RS256", "kid": 1}),
    "with a list for a header": by_hand(["RS256"]),
    "with more behind it": lambda claims: signed()(claims) + ".more",
    "with less behind it": lambda claims: signed()(claims)[:-8],
    "with a header deeper than any reader": by_hand(json.loads("[" * 100 + "]" * 100)),
    "as an enormous text": lambda _: "a" * 200_000,
    "as no text of ours": lambda _: "é.ü.ß",
}


@pytest.mark.parametrize("sign", SIGNATURES.values(), ids=SIGNATURES.keys())
async def test_what_is_not_signed_by_a_key_that_the_provider_publishes_is_refused(sign: Sign) -> None:
    assert await Stage(sign=sign).outcome() is Fault.SIGNATURE


CLAIMS: dict[str, tuple[dict[str, Any], Fault]] = {
    "another issuer": ({"iss": "https://id.health.example"}, Fault.ISSUER),
    "the issuer with a slash": ({"iss": ISSUER + "/"}, Fault.ISSUER),
    "the issuer in a list": ({"iss": [ISSUER]}, Fault.ISSUER),
    "another audience": ({"aud": "them"}, Fault.AUDIENCE),
    "another audience as well": ({"aud": ["us", "them"], "azp": "us"}, Fault.AUDIENCE),
    "an audience that contains us": ({"aud": "us and them"}, Fault.AUDIENCE),
    "no audience": ({"aud": []}, Fault.AUDIENCE),
    "another party": ({"azp": "them"}, Fault.AUDIENCE),
    "expired": ({"exp": MOMENT - 61}, Fault.CLOCK),
    "expired to the second": ({"exp": MOMENT - 60}, Fault.CLOCK),
    "from the future": ({"iat": MOMENT + 61}, Fault.CLOCK),
    "not yet": ({"nbf": MOMENT + 61}, Fault.CLOCK),
    "an end in words": ({"exp": str(MOMENT + 600)}, Fault.CLAIMS),
    "an end that is true": ({"exp": True}, Fault.CLAIMS),
    "an end that is nothing": ({"exp": None}, Fault.CLAIMS),
    "an end without end": ({"exp": float("inf")}, Fault.CLAIMS),
    "an end that is no number": ({"exp": float("nan")}, Fault.CLAIMS),
    "an end past counting": ({"exp": 10**400}, Fault.CLAIMS),
    "another nonce": ({"nonce": "x"}, Fault.NONCE),
    "a nonce that is no text": ({"nonce": 7}, Fault.NONCE),
    "another access token": ({"at_hash": b64(hashlib.sha256(b"another").digest()[:16])}, Fault.CLAIMS),
    "a subject that is nobody": ({"sub": ""}, Fault.CLAIMS),
    "a subject that is a number": ({"sub": 7}, Fault.CLAIMS),
    "a subject without end": ({"sub": "a" * 256}, Fault.CLAIMS),
    "a subject that cannot be stored": ({"sub": "ann\x00"}, Fault.CLAIMS),
}


@pytest.mark.parametrize(("claims", "fault"), CLAIMS.values(), ids=CLAIMS.keys())
async def test_what_is_well_signed_but_not_for_this_sign_in_is_refused(claims: dict[str, Any], fault: Fault) -> None:
    assert await Stage(claims=claims).outcome() is fault


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce"])
async def test_no_claim_that_matters_may_be_missing(name: str) -> None:
    assert isinstance(await Stage(without=(name,)).outcome(), Fault)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSA, "RS256"), (RSA, "RS512"), (RSA, "PS256"), (EC, "ES256")],
    ids=["RS256", "RS512", "PS256", "ES256"],
)
async def test_each_algorithm_that_only_the_provider_can_sign_by_is_accepted(key: Any, algorithm: str) -> None:
    half = hashlib.new(f"sha{algorithm[-3:]}", b"at").digest()
    claims = {"at_hash": b64(half[: len(half) // 2])}
    assert await Stage(sign=signed(key, algorithm), claims=claims).outcome() == "ann"


async def test_a_token_may_leave_its_key_unnamed_when_only_one_fits() -> None:
    stage = Stage(sign=signed(kid=None))
    assert await stage.outcome() == "ann"
    stage.keys.append(OTHER.as_dict(private=False))
    assert await stage.outcome() is Fault.SIGNATURE


@pytest.mark.parametrize(
    "change",
    [{"use": "enc"}, {"kty": "oct", "k": "AAAA"}, {"alg": "RS512"}, {"key_ops": ["encrypt"]}, {"n": "AQAB"}, {"e": 3}],
    ids=str,
)
async def test_a_key_that_is_not_for_signing_or_too_weak_verifies_nothing(change: dict[str, Any]) -> None:
    assert await Stage(keys=[{**RSA.as_dict(private=False), **change}]).outcome() is Fault.SIGNATURE


async def test_an_unknown_key_is_looked_for_once_and_a_known_one_not_again() -> None:
    stage = Stage(sign=signed(OTHER, kid="new"))
    openid = Openid(stage)
    assert await stage.outcome(openid) is Fault.SIGNATURE
    assert stage.asked.count("/keys") == 2
    stage.keys = [{**OTHER.as_dict(private=False), "kid": "new"}]
    assert await stage.outcome(openid) == "ann"
    assert await stage.outcome(openid) == "ann"
    assert (stage.asked.count("/keys"), stage.asked.count("/.well-known/openid-configuration")) == (3, 1)


ANSWERS: dict[str, tuple[dict[str, str], Fault]] = {
    "another state": ({"state": "x"}, Fault.STATE),
    "no state": ({"state": "-"}, Fault.STATE),
    "another issuer": ({"iss": "https://id.health.example"}, Fault.ISSUER),
    "no issuer, though announced": ({"iss": "-"}, Fault.ISSUER),
    "no code": ({"code": "-"}, Fault.DECLINED),
    "an error": ({"error": "access_denied"}, Fault.DECLINED),
}


@pytest.mark.parametrize(("answer", "fault"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_what_the_browser_brings_back_must_belong_to_what_was_begun(answer: dict[str, str], fault: Fault) -> None:
    assert await Stage().outcome(answer=answer) is fault


async def test_an_issuer_in_the_answer_must_be_right_even_when_none_was_announced() -> None:
    stage = Stage()
    stage.metadata["authorization_response_iss_parameter_supported"] = False
    assert await stage.outcome(answer={"iss": "-"}) == "ann"
    assert await stage.outcome(answer={"iss": "https://id.health.example"}) is Fault.ISSUER


METADATA_FAULTS: dict[str, tuple[dict[str, Any], Fault]] = {
    "another issuer": ({"issuer": "https://id.health.example"}, Fault.ISSUER),
    "a template for an issuer": ({"issuer": "https://id.police.example/{tenant}"}, Fault.ISSUER),
    "plain http": ({"token_endpoint": "http://id.police.example/token"}, Fault.METADATA),
    "a script": ({"authorization_endpoint": "javascript:alert(1)"}, Fault.METADATA),
    "a file": ({"jwks_uri": "file:///etc/passwd"}, Fault.METADATA),
    "a name in the address": ({"token_endpoint": "https://us:them@id.police.example/token"}, Fault.METADATA),
    "no keys": ({"jwks_uri": None}, Fault.METADATA),
    "only the implicit flow": ({"response_types_supported": ["id_token"]}, Fault.METADATA),
    "only shared secrets": ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, Fault.METADATA),
    "only plain challenges": ({"code_challenge_methods_supported": ["plain"]}, Fault.METADATA),
    "no client secret": ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, Fault.METADATA),
    "no list": ({"response_types_supported": "code"}, Fault.METADATA),
}


@pytest.mark.parametrize(("change", "fault"), METADATA_FAULTS.values(), ids=METADATA_FAULTS.keys())
async def test_a_provider_that_cannot_be_used_safely_is_refused_before_anybody_is_sent_there(
    change: dict[str, Any], fault: Fault
) -> None:
    stage = Stage()
    stage.metadata |= change
    with pytest.raises(OpenidError) as caught:
        await Openid(stage).check(ISSUER, NOW)
    assert caught.value.fault is fault


async def test_what_is_published_is_kept_for_an_hour_unless_the_provider_says_otherwise() -> None:
    stage = Stage()
    openid = Openid(stage)
    for minutes, times in ((0, 1), (59, 1), (60, 2)):
        await openid.metadata(ISSUER, NOW + timedelta(minutes=minutes))
        assert len(stage.asked) == times


async def test_what_is_said_elsewhere_of_somebody_else_is_refused() -> None:
    stage = Stage(me={"sub": "bob", "groups": ["admins"]})
    openid = Openid(stage)
    url, pending = await openid.begin(CLIENT, BACK, NOW)
    stage.nonce = dict(parse_qsl(urlsplit(url).query))["nonce"]
    proven = await openid.finish(CLIENT, BACK, {"code": "c", "state": pending.state, "iss": ISSUER}, pending, NOW)
    with pytest.raises(OpenidError) as caught:
        await openid.more(proven, ("groups",), NOW)
    assert caught.value.fault is Fault.CLAIMS
    stage.me = {"sub": "ann", "groups": ["ops"], "iss": "https://elsewhere.example"}
    more = await openid.more(proven, ("groups",), NOW)
    assert (more.claims["groups"], more.claims["iss"]) == (["ops"], ISSUER)


@pytest.mark.parametrize(
    "answer",
    [{"id_token": None}, {"id_token": {}}, {"error": "invalid_grant", "id_token": None}],
    ids=str,
)
async def test_an_exchange_that_brings_no_token_is_refused(answer: dict[str, Any]) -> None:
    assert await Stage(tokens=answer).outcome() is Fault.EXCHANGE


@settings(max_examples=50)
@given(token=st.text(max_size=80) | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}", fullmatch=True))
async def test_no_text_at_all_passes_for_a_token(token: str) -> None:
    assert await Stage(sign=lambda _: token).outcome() is Fault.SIGNATURE


NEVER = ["169.254.169.254", "0.0.0.1", "224.0.0.1", "255.255.255.255", "fe80::1", "::", "ff02::1", "::ffff:169.254.1.1"]
INSIDE = ["10.1.2.3", "172.16.0.9", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"]
HERE = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
OPEN = ["93.184.216.34", "2606:2800:220:1::1"]


@pytest.mark.parametrize(
    ("addresses", "plain", "private", "loopback"),
    [(NEVER, 0, 0, 0), (INSIDE, 0, 1, 0), (HERE, 0, 0, 1), (OPEN, 1, 1, 1)],
)
def test_an_address_that_only_this_service_can_reach_is_not_asked(
    addresses: list[str], plain: int, private: int, loopback: int
) -> None:
    for address in map(ip_address, addresses):
        allowed = [Outside(), Outside(private=True), Outside(loopback=True)]
        assert [each.allows(address) for each in allowed] == [plain, private, loopback], address
