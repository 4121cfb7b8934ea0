"""A partner system is who it says when it signed that for us, just now; anything else is one and the same refusal."""

import base64
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from app.api.assertions import Assertion, claimed_client, verify
from app.domain.errors import Unauthenticated
from app.domain.public_jwks import PublicJwk
from tests.unit.api.forge import CLIENT, EC_KEY, NOW, ORDER, RSA_KEY, SECONDS, SHA256, b64, hs256

OTHER_CLIENT = uuid.UUID("00000000-1111-4222-8333-444444444444")
ENDPOINT = "https://roundtable.example/oauth/token"
ISSUER = "https://roundtable.example"
AUDIENCES = (ISSUER, ENDPOINT)

_PSS_KEY = rsa.generate_private_key(65537, 2048)
_STRANGER = ec.generate_private_key(ec.SECP256R1())


def es256(message: bytes, key: ec.EllipticCurvePrivateKey = EC_KEY) -> bytes:
    """As a partner's library signs: whichever s it comes upon."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def rs256(message: bytes, key: rsa.RSAPrivateKey = RSA_KEY) -> bytes:
    """RSA by PKCS 1, version 1.5."""
    return key.sign(message, padding.PKCS1v15(), SHA256)


def ps256(message: bytes, key: rsa.RSAPrivateKey = _PSS_KEY, salt: int = 32) -> bytes:
    """RSA by PSS."""
    return key.sign(message, padding.PSS(padding.MGF1(SHA256), salt), SHA256)


def ec_jwk(kid: str, key: ec.EllipticCurvePrivateKey) -> PublicJwk:
    """A client's key as registered."""
    at = key.public_key().public_numbers()
    x, y = (b64(each.to_bytes(32, "big")) for each in (at.x, at.y))
    return PublicJwk.read({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid})


def rsa_jwk(kid: str, key: rsa.RSAPrivateKey, algorithm: str) -> PublicJwk:
    """A client's key as registered."""
    n = key.public_key().public_numbers().n
    return PublicJwk.read({"kty": "RSA", "n": b64(n.to_bytes(256, "big")), "e": "AQAB", "kid": kid, "alg": algorithm})


KEYS = {
    each.kid: each for each in (ec_jwk("ec", EC_KEY), rsa_jwk("rs", RSA_KEY, "RS256"), rsa_jwk("ps", _PSS_KEY, "PS256"))
}
SIGNERS: dict[str, Callable[[bytes], bytes]] = {"ec": es256, "rs": rs256, "ps": ps256}
HEADERS: dict[str, dict[str, Any]] = {
    kid: {"alg": key.algorithm.value, "kid": kid, "typ": "JWT"} for kid, key in KEYS.items()
}
GOOD_CLAIMS: dict[str, Any] = {
    "iss": str(CLIENT),
    "sub": str(CLIENT),
    "aud": ENDPOINT,
    "jti": "f3e1-1",
    "iat": SECONDS,
    "exp": SECONDS + 60,
}


def made(header: object = None, payload: bytes | None = None, sign: Callable[[bytes], bytes] = es256) -> str:
    """An assertion with this header and payload, signed with the client's key on P-256 unless another way is given."""
    head = header if isinstance(header, bytes) else json.dumps(HEADERS["ec"] if header is None else header).encode()
    text = f"{b64(head)}.{b64(json.dumps(GOOD_CLAIMS).encode() if payload is None else payload)}"
    return f"{text}.{b64(sign(text.encode()))}"


def claims(**changes: Any) -> str:
    """An assertion with these among its claims."""
    return made(payload=json.dumps(GOOD_CLAIMS | changes).encode())


def without(name: str, **changes: Any) -> str:
    """An assertion that lacks a claim."""
    return made(payload=json.dumps({k: v for k, v in (GOOD_CLAIMS | changes).items() if k != name}).encode())


def header(key: str = "ec", /, **changes: Any) -> str:
    """An assertion with these in its header, signed with that key."""
    return made(HEADERS[key] | changes, sign=SIGNERS[key])


def raw(name: str, text: str) -> str:
    """An assertion whose claim holds this JSON text."""
    return made(payload=json.dumps(GOOD_CLAIMS | {name: "PLACE"}).replace('"PLACE"', text).encode())


def judged(token: Any, now: datetime = NOW, client_id: uuid.UUID | str = CLIENT) -> Assertion | None:
    """The assertion; None when it is refused. Any other error fails the test."""
    try:
        return verify(token, keys=KEYS, client_id=client_id, audiences=AUDIENCES, now=now)
    except Unauthenticated:
        return None


@pytest.mark.parametrize("kid", KEYS)
def test_an_assertion_by_each_kind_of_key_is_taken(kid: str) -> None:
    assert judged(header(kid)) == Assertion("f3e1-1", NOW + timedelta(seconds=60))


@pytest.mark.parametrize(
    "good",
    {
        "either audience": claims(aud=ISSUER),
        "a list of one": claims(aud=[ENDPOINT]),
        "no iat": without("iat"),
        "with nbf": claims(nbf=SECONDS),
        "made 30 seconds ahead of us": claims(iat=SECONDS + 30, nbf=SECONDS + 30, exp=SECONDS + 330),
        "made five minutes ago": claims(iat=SECONDS - 299, exp=SECONDS + 1),
        "no typ": made({"alg": "ES256", "kid": "ec"}),
        "typ in small letters": header(typ="jwt"),
        "explicit typ": header(typ="client-authentication+jwt"),
        "a thumbprint": header(x5t="AAAA"),
        "a claim that nobody reads": claims(note="é"),
        "longest jti": claims(jti="j" * 255),
    }.items(),
    ids=lambda each: each[0],
)
def test_what_the_standard_allows_and_is_safe_is_taken(good: tuple[str, str]) -> None:
    assert judged(good[1]) is not None


def test_whose_it_says_it_is_can_be_asked_before_anything_is_proved() -> None:
    stranger = made(sign=lambda m: es256(m, _STRANGER))
    assert claimed_client(stranger) == str(CLIENT)
    for broken in (
        without("sub"),
        claims(sub=None),
        claims(sub=[str(CLIENT)]),
        "",
        "a.b",
        "a.b.c",
        made(payload=b"[]"),
    ):
        with pytest.raises(Unauthenticated):
            claimed_client(broken)


def test_two_signatures_that_hold_are_both_taken_and_have_one_jti() -> None:
    """Which of the two a partner's library makes is not ours to choose; the jti is what may be used once."""
    head, body, signature = made().split(".")
    raw_signature = base64.urlsafe_b64decode(signature + "==")
    other = raw_signature[:32] + (ORDER - int.from_bytes(raw_signature[32:], "big")).to_bytes(32, "big")
    first, second = judged(f"{head}.{body}.{signature}"), judged(f"{head}.{body}.{b64(other)}")
    assert first == second
    assert first is not None


def _public(form: serialization.PublicFormat, encoding: serialization.Encoding) -> bytes:
    return RSA_KEY.public_key().public_bytes(encoding, form)


_NO_VALUE: tuple[Any, ...] = (None, "", True, [], {}, [1])
_PEM = _public(serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.PEM)
_DER = _public(serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.DER)
_PKCS1 = _public(serialization.PublicFormat.PKCS1, serialization.Encoding.DER)

FORGED: dict[str, Any] = {
    **{
        f"unsigned, alg {alg}": made(HEADERS["ec"] | {"alg": alg}, sign=lambda _: b"")
        for alg in ("none", "None", "NONE")
    },
    **{
        f"HS256 keyed with {name} under {kid}": made(HEADERS[kid] | {"alg": "HS256"}, sign=hs256(secret))
        for kid in ("ec", "rs")
        for name, secret in {
            "the PEM": _PEM,
            "the PEM, stripped": _PEM.strip(),
            "the DER": _DER,
            "PKCS 1": _PKCS1,
            "the JWK": json.dumps(KEYS["rs"].document()).encode(),
            "nothing": b"",
            "one byte": b"\x00",
        }.items()
    },
    **{
        f"{alg} said over a key for {KEYS[kid].algorithm}": header(kid, alg=alg)
        for kid in KEYS
        for alg in ("ES256", "RS256", "PS256", "ES384", "RS512", "none", "HS256", "", None, ["ES256"], True)
        if alg != KEYS[kid].algorithm
    },
    "PS256 by a key for RS256, and said": made(HEADERS["rs"] | {"alg": "PS256"}, sign=lambda m: ps256(m, RSA_KEY)),
    "PS256 by a key for RS256, and hidden": made(HEADERS["rs"], sign=lambda m: ps256(m, RSA_KEY)),
    "RS256 by a key for PS256, and said": made(HEADERS["ps"] | {"alg": "RS256"}, sign=lambda m: rs256(m, _PSS_KEY)),
    "RS256 by a key for PS256, and hidden": made(HEADERS["ps"], sign=lambda m: rs256(m, _PSS_KEY)),
    "PS256 without salt": made(HEADERS["ps"], sign=lambda m: ps256(m, salt=0)),
    "PS256 with the longest salt": made(HEADERS["ps"], sign=lambda m: ps256(m, salt=222)),
    "RS256 over SHA-1": made(
        HEADERS["rs"],
        sign=lambda m: RSA_KEY.sign(m, padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303  # a forger's choice
    ),
    "by a stranger": made(sign=lambda m: es256(m, _STRANGER)),
    "by another of the client's keys": made(HEADERS["ec"], sign=rs256),
    "in DER": made(sign=lambda m: EC_KEY.sign(m, ec.ECDSA(SHA256))),
    "of zeros": made(sign=lambda _: bytes(64)),
    "of zeros by RSA": made(HEADERS["rs"], sign=lambda _: bytes(256)),
    "of one by RSA": made(HEADERS["rs"], sign=lambda _: bytes(255) + b"\x01"),
    "past the modulus": made(HEADERS["rs"], sign=lambda _: b"\xff" * 256),
    **{
        f"kid {kid!r}": header(kid=kid) for kid in ("", "ecx", "e", "EC", None, 0, ["ec"], {"ec": 1}, "../ec", "ec\x00")
    },
    "no kid": made({"alg": "ES256"}),
    "no alg": made({"kid": "ec"}),
    **{f"typ {typ!r}": header(typ=typ) for typ in ("at+jwt", "", None, ["JWT"], "JWT ", "dpop+jwt", "logout+jwt")},
    **{f"crit {crit!r}": header(crit=crit) for crit in (["exp"], ["b64"], [], None, "exp")},
    "b64 false": header(b64=False),
    "b64 true": header(b64=True),
    "its own key in jwk": header(jwk=KEYS["ec"].document()),
    "a key to fetch in jku": header(jku="https://keys.example/jwks.json"),
    "a key to fetch in x5u": header(x5u="https://keys.example/cert.pem"),
    "a certificate in x5c": header(x5c=["MIIB"]),
    "alg said twice": made(b'{"alg":"none","alg":"ES256","kid":"ec"}'),
    "kid said twice": made(b'{"alg":"ES256","kid":"rs","kid":"ec"}'),
    "header with a fraction": made(b'{"alg":"ES256","kid":"ec","v":1.5}'),
    **{
        f"header {text!r}": made(text)
        for text in (b"[]", b"null", b"1", b'"ES256"', b"{", b"\xff", b"[" * 1500, b"\xef\xbb\xbf{}")
    },
    "header spelt differently": made().replace(".", "=.", 1),
    **{f"no {name}": without(name) for name in GOOD_CLAIMS if name != "iat"},
    **{f"{name} {value!r}": claims(**{name: value}) for name in GOOD_CLAIMS for value in _NO_VALUE},
    "iss another": claims(iss=str(OTHER_CLIENT)),
    "sub another": claims(sub=str(OTHER_CLIENT)),
    "both another": claims(iss=str(OTHER_CLIENT), sub=str(OTHER_CLIENT)),
    "client in capitals": claims(iss=str(CLIENT).upper(), sub=str(CLIENT).upper()),
    "client in a list": claims(iss=[str(CLIENT)], sub=[str(CLIENT)]),
    **{
        f"aud {aud!r}": claims(aud=aud)
        for aud in (
            *("https://roundtable.example/", ENDPOINT + "/", ENDPOINT.upper(), ENDPOINT + "?a=1", "roundtable.example"),
            *([ENDPOINT, ISSUER], [ENDPOINT, ENDPOINT], [ENDPOINT, "https://other.example"], [[ENDPOINT]], [None]),
            *({ENDPOINT: 1}, ENDPOINT[:-1], "https", 7),
        )
    },
    **{
        f"jti {jti!r}": claims(jti=jti)
        for jti in ("j" * 256, " ", "a b", "a\x00", "a\n", "é", "\ud800", 7, ["a"], False)
    },
    "sub said twice": raw("sub", f'"{OTHER_CLIENT}","sub":"{CLIENT}"'),
    **{
        f"{name} {text[:12]}": raw(name, text)
        for name in ("exp", "iat", "nbf")
        for text in (
            f'"{SECONDS}"',
            f"{SECONDS}.0",
            "1e400",
            "1e9",
            "NaN",
            "Infinity",
            "-1",
            "0",
            "true",
            "null",
            "9" * 400,
        )
    },
    "expired": claims(iat=SECONDS - 60, exp=SECONDS - 1),
    "expiring this very second": claims(exp=SECONDS),
    "good for five minutes and a second": claims(exp=SECONDS + 301),
    "good for 331 seconds, undated": without("iat", exp=SECONDS + 331),
    "good for a day": claims(exp=SECONDS + 86_400),
    "good until 9999": claims(exp=253_402_300_799),
    "made 31 seconds from now": claims(iat=SECONDS + 31),
    "made an hour ago": claims(iat=SECONDS - 3600),
    "not before 31 seconds from now": claims(nbf=SECONDS + 31),
    **{
        f"payload {text[:12]!r}": made(payload=text)
        for text in (b"", b"[]", b"null", b"1", b"{}", b"{", b"\xff", b"[" * 2000, json.dumps([GOOD_CLAIMS]).encode())
    },
    **{
        f"text {text[:12]!r}": text
        for text in ("", ".", "..", "a.b.c", "....", " " + made(), made() + "\n", made() + ".")
    },
    "five parts": made() + ".AAAA.AAAA",
    "four parts": made() + ".AAAA",
    "padded": made() + "==",
    "over 8 KB though truly signed": claims(note="n" * 8192),
    "10 MB": "a" * 10_000_000,
    **{f"not text: {thing!r}"[:20]: thing for thing in (None, 7, b"a.b.c", ["a.b.c"])},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=[ascii(name) for name in FORGED])
def test_what_the_client_did_not_sign_for_us_just_now_is_refused(forged: Any) -> None:
    assert judged(forged) is None


def test_it_is_good_for_nobody_else_and_nowhere_else() -> None:
    good = made()
    assert judged(good, client_id=str(CLIENT)) is not None
    assert judged(good, client_id=OTHER_CLIENT) is None
    for keys, audiences in (({}, AUDIENCES), (KEYS, ()), (KEYS, ("https://other.example",))):
        with pytest.raises(Unauthenticated):
            verify(good, keys=keys, client_id=CLIENT, audiences=audiences, now=NOW)


@given(st.integers(-400, 400), st.integers(-400, 800))
def test_it_is_taken_while_it_lasts_and_never_for_more_than_five_minutes(iat: int, exp: int) -> None:
    good = iat <= 30 and exp > 0 and exp - iat <= 300
    assert (judged(claims(iat=SECONDS + iat, exp=SECONDS + exp)) is not None) == good


@pytest.mark.parametrize("when", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_clock_at_either_end_of_time_refuses_and_does_not_fail(when: datetime) -> None:
    assert judged(made(), now=when) is None


def test_a_clock_without_a_zone_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        judged(made(), now=NOW.replace(tzinfo=None))


GOOD = {kid: header(kid) for kid in KEYS}


@given(
    st.text() | st.lists(st.binary(max_size=90), min_size=3, max_size=3).map(lambda three: ".".join(map(b64, three)))
)
def test_any_text_is_refused_and_never_raises_anything_else(text: str) -> None:
    assert judged(text) is None


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_an_assertion_with_any_one_character_changed_is_refused(kid: str, data: st.DataObject) -> None:
    good = GOOD[kid]
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + data.draw(st.characters() | st.sampled_from(good)) + good[at + 1 :]
    assert (judged(changed) is None) == (changed != good)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_truly_signed_header_and_payload_are_refused_and_raise_nothing_else(head: bytes, payload: bytes) -> None:
    assert judged(made(head)) is None
    assert judged(made(payload=payload)) is None
