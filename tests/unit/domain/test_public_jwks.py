"""A partner system's key is registered only if a signature by it proves something; else one sentence says why not."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from app.domain import base64url
from app.domain.public_jwks import PublicJwk, SigningAlgorithm


def number(value: int, length: int | None = None) -> str:
    """A whole number as JWKs write it."""
    return base64url.encode(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def rsa_jwk(bits: int) -> dict[str, Any]:
    """A JWK of a modulus of this many bits. Nothing here signs, so it need not be a product of primes."""
    return {"kty": "RSA", "n": number(2 ** (bits - 1) + 1), "e": "AQAB", "kid": "rsa-1", "alg": "PS256"}


POINT = ec.derive_private_key(20261123, ec.SECP256R1()).public_key().public_numbers()
FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
# A point so near the axis that its x has a second spelling in 32 bytes, past the field.
SMALL_X = 5
SMALL_Y = pow(SMALL_X**3 - 3 * SMALL_X + _B, (FIELD + 1) // 4, FIELD)
EC: dict[str, Any] = {"kty": "EC", "crv": "P-256", "x": number(POINT.x, 32), "y": number(POINT.y, 32), "kid": "ec-1"}
RSA = rsa_jwk(2048)


def without(jwk: dict[str, Any], name: str) -> dict[str, Any]:
    """The JWK lacking a member."""
    return {k: v for k, v in jwk.items() if k != name}


def test_a_key_on_p256_signs_by_es256_whether_it_says_so_or_not() -> None:
    expected = PublicJwk("ec-1", SigningAlgorithm.ES256, (POINT.x, POINT.y))
    assert PublicJwk.read(EC) == expected
    assert PublicJwk.read(EC | {"alg": "ES256", "use": "sig", "key_ops": ["verify"]}) == expected


def test_a_point_with_a_small_x_is_a_key_like_any_other() -> None:
    near = EC | {"x": number(SMALL_X, 32), "y": number(SMALL_Y, 32)}
    assert PublicJwk.read(near).numbers == (SMALL_X, SMALL_Y)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("bits", [2048, 3072, 4096, 8192])
def test_an_rsa_key_signs_by_the_one_algorithm_that_it_names(algorithm: str, bits: int) -> None:
    read = PublicJwk.read(rsa_jwk(bits) | {"alg": algorithm})
    assert (read.algorithm, read.numbers) == (algorithm, (2 ** (bits - 1) + 1, 65537))


@pytest.mark.parametrize("jwk", [EC, RSA, EC | {"x5t": "AAAA", "iat": 1}])
def test_a_key_that_is_kept_and_read_again_is_the_same_key_and_nothing_more(jwk: dict[str, Any]) -> None:
    read = PublicJwk.read(json.dumps(jwk, indent=2))
    assert PublicJwk.read(read.document()) == read
    assert read.document() == without(without(jwk, "x5t"), "iat") | {"alg": read.algorithm, "use": "sig"}


def test_a_real_rsa_key_is_read() -> None:
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    read = PublicJwk.read(RSA | {"n": number(numbers.n), "e": number(numbers.e)})
    assert read.numbers == (numbers.n, numbers.e)


_NO_OBJECTS: tuple[object, ...] = (
    *("", "{", "null", "[]", '"EC"', "7", "NaN", "[" * 5000, "\ud800", None, [], 7, b"{}", True),
)
REFUSED: dict[str, tuple[object, str]] = {
    **{f"{name} there, by RSA": (RSA | {name: "AAAA"}, "private half") for name in ("d", "p", "q", "dp", "dq", "qi")},
    "other primes there": (RSA | {"oth": []}, "private half"),
    "d there, on P-256": (EC | {"d": "AAAA"}, "private half"),
    "d there, and null": (EC | {"d": None}, "private half"),
    "a shared secret": ({"kty": "oct", "k": "AAAA", "kid": "a"}, "shared secret"),
    "a shared secret in an RSA key": (RSA | {"k": "AAAA"}, "private half"),
    **{
        f"kty {kty!r}": (EC | {"kty": kty}, "'EC' or 'RSA'") for kty in ("OKP", "ec", "rsa", "EC2", "", None, 1, ["EC"])
    },
    "no kty": (without(EC, "kty"), "'EC' or 'RSA'"),
    **{
        f"crv {crv!r}": (EC | {"crv": crv}, "P-256")
        for crv in ("P-384", "P-521", "secp256k1", "p-256", "Ed25519", None, ["P-256"])
    },
    **{f"use {use!r}": (EC | {"use": use}, "'use' must be 'sig'") for use in ("enc", "", None, "SIG", ["sig"])},
    **{
        f"key_ops {operations!r}": (EC | {"key_ops": operations}, "'key_ops' must be")
        for operations in (["sign"], ["sign", "verify"], ["encrypt"], [], "verify", None)
    },
    **{
        f"kid {kid!r}": (EC | {"kid": kid}, "'kid'")
        for kid in ("", " ", "a b", "k" * 129, "é", "a\x00", "a\n", None, 1, ["a"])
    },
    "no kid": (without(EC, "kid"), "'kid'"),
    **{
        f"{jwk['kty']} with alg {alg!r}": (jwk | {"alg": alg}, "alg")
        for jwk in (EC, RSA)
        for alg in ("ES384", "HS256", "none", "RS512", "PS384", "RS1", "rs256", "", None, ["ES256"], ["RS256"])
    },
    "EC that says RS256": (EC | {"alg": "RS256"}, "'ES256'"),
    "RSA that says ES256": (RSA | {"alg": "ES256"}, "PS256"),
    "RSA that does not say how it signs": (without(RSA, "alg"), "PS256"),
    **{f"RSA of {bits} bits": (rsa_jwk(bits), "2048 to 8192") for bits in (8, 512, 1024, 2040, 2047, 8193, 16384)},
    **{
        f"exponent {exponent}": (RSA | {"e": number(exponent)}, "65537")
        for exponent in (1, 2, 3, 17, 65535, 65536, 65538, 2**32 + 1, 2**2047 + 1)
    },
    "exponent zero": (RSA | {"e": "AA"}, "65537"),
    "even modulus": (RSA | {"n": number(2**2047)}, "odd"),
    **{
        f"{name} {value!r}": (jwk | {name: value}, f"'{name}' must be")
        for jwk, names in ((EC, ("x", "y")), (RSA, ("n", "e")))
        for name in names
        for value in ("", "AQAB=", "+/", "AQ AB", "AQAC\n", "QR", "é", None, 65537, ["AQAB"], {"v": 1})
    },
    **{f"no {name}": (without(jwk, name), f"'{name}'") for jwk, name in ((EC, "x"), (EC, "y"), (RSA, "n"), (RSA, "e"))},
    "a coordinate of 31 bytes": (EC | {"x": base64url.encode(b"\x01" * 31)}, "43 characters"),
    "a coordinate of 33 bytes": (EC | {"x": base64url.encode(b"\x00" * 33)}, "43 characters"),
    "a point off the curve": (EC | {"y": number(POINT.y ^ 1, 32)}, "not a point"),
    "the point at zero": (EC | {"x": number(0, 32), "y": number(0, 32)}, "not a point"),
    "a coordinate past the field": (EC | {"x": base64url.encode(b"\xff" * 32)}, "not a point"),
    "a point's x spelt past the field": (
        EC | {"x": number(SMALL_X + FIELD, 32), "y": number(SMALL_Y, 32)},
        "not a point",
    ),
    "x and y swapped": (EC | {"x": EC["y"], "y": EC["x"]}, "not a point"),
    "a set of keys": ({"keys": [EC]}, "a set of keys"),
    "a PEM file": ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "PEM"),
    "a private PEM file": ("\n-----BEGIN PRIVATE KEY-----\nAAAA", "PEM"),
    "a member said twice": (json.dumps(EC)[:-1] + ', "kid": "other"}', "not a JWK"),
    "too long to be a key": (json.dumps(EC | {"note": "n" * 20_000}), "not a JWK"),
    **{f"{str(said)[:20]!r}": (said, "not a JWK") for said in _NO_OBJECTS},
}


@pytest.mark.parametrize(("said", "sentence"), REFUSED.values(), ids=[ascii(name) for name in REFUSED])
def test_a_key_that_proves_nothing_is_refused_in_words(said: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        PublicJwk.read(said)
    assert sentence in str(refused.value)
    assert "AAAA" not in str(refused.value)


@given(st.integers(1, 2**256 - 1))
def test_exactly_the_points_that_cryptography_takes_are_taken(secret: int) -> None:
    point = ec.derive_private_key(secret % (2**255) + 1, ec.SECP256R1()).public_key().public_numbers()
    jwk = EC | {"x": number(point.x, 32), "y": number(point.y, 32)}
    assert PublicJwk.read(jwk).numbers == (point.x, point.y)
    for nearby in ({"x": number(point.x ^ 1, 32)}, {"y": number(point.y ^ 1, 32)}):
        with pytest.raises(ValueError, match="not a point"):
            PublicJwk.read(jwk | nearby)


members = st.sampled_from([*EC, *RSA, "d", "use", "key_ops", "keys"])
values = st.none() | st.booleans() | st.integers() | st.text(max_size=50) | st.lists(st.text(max_size=5), max_size=2)


@given(st.sampled_from([EC, RSA]), st.dictionaries(members, values, max_size=4))
def test_anything_at_all_is_a_key_or_is_refused_in_words(jwk: dict[str, Any], changes: dict[str, Any]) -> None:
    for said in (jwk | changes, json.dumps(jwk | changes)):
        try:
            read = PublicJwk.read(said)
        except ValueError as error:
            assert str(error).endswith(".")  # noqa: PT017  # a key may be good as well
        else:
            assert PublicJwk.read(read.document()) == read


@given(st.binary())
def test_base64url_of_any_bytes_is_read_back(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text(alphabet="ABab01-_=+/ \n", max_size=12))
def test_base64url_has_one_spelling(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text
