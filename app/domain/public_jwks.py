"""Public keys of partner systems, as JSON Web Keys (RFC 7517): which are good enough to believe a signature by.

Each key signs by one algorithm, which is fixed when it is registered: what a signature says of itself is never asked.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain import base64url

RSA_BITS: Final = range(2048, 8193)
_LONGEST_TEXT: Final = 20_000
_EXPONENTS: Final = range(65537, 2**32, 2)

# P-256 (FIPS 186-5, SP 800-186): y^2 = x^3 - 3x + b over the integers modulo p.
_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_COORDINATE_BYTES: Final = 32

_KID = re.compile(r"[!-~]{1,128}")
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


class SigningAlgorithm(StrEnum):
    """How a signature may be made (RFC 7518, section 3.1), by its registered name."""

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"


@dataclass(frozen=True, slots=True)
class PublicJwk:
    """A public key to check signatures with. Make one with ``read``, which judges it.

    numbers: x and y of a point on P-256 for ES256; modulus and exponent for the two by RSA.
    """

    kid: str
    algorithm: SigningAlgorithm
    numbers: tuple[int, int]

    @classmethod
    def read(cls, said: object) -> "PublicJwk":
        """The key in a JWK, given as JSON text or already parsed; members that it does not need are passed over.

        Raises ValueError with one plain sentence or two, which say how to mend it and repeat nothing of the key.
        """
        jwk = _parsed(said)
        _check_public_and_for_signatures(jwk)
        kid = jwk.get("kid")
        if not isinstance(kid, str) or not _KID.fullmatch(kid):
            raise ValueError("The key needs a name in 'kid': 1 to 128 letters, digits or signs, without spaces.")
        match jwk.get("kty"):
            case "EC":
                return _elliptic(kid, jwk)
            case "RSA":
                return _rsa(kid, jwk)
        raise ValueError("The key's 'kty' must be 'EC' or 'RSA'.")

    def document(self) -> dict[str, str]:
        """The key as a JWK again, for keeping and showing. ``read`` gives back the same key."""
        common = {"kid": self.kid, "alg": self.algorithm.value, "use": "sig"}
        first, second = self.numbers
        if self.algorithm is SigningAlgorithm.ES256:
            x, y = (base64url.encode(each.to_bytes(_COORDINATE_BYTES, "big")) for each in (first, second))
            return {"kty": "EC", "crv": "P-256", "x": x, "y": y, **common}
        return {"kty": "RSA", "n": _unsigned(first), "e": _unsigned(second), **common}


def _parsed(said: object) -> Mapping[object, object]:
    if isinstance(said, str):
        if said.lstrip().startswith("-----BEGIN"):
            raise ValueError("This is a PEM file. Convert the public key to a JWK, which is JSON, and give that.")
        try:
            said = json.loads(said[:_LONGEST_TEXT], object_pairs_hook=_without_repeats)
        except (ValueError, RecursionError):
            raise ValueError("This is not a JWK. Give the whole key as JSON, from '{' to '}'.") from None
    if not isinstance(said, Mapping):
        raise ValueError("This is not a JWK. Give the whole key as JSON, from '{' to '}'.")
    if "keys" in said:
        raise ValueError("This is a set of keys. Give one of those in its 'keys' at a time.")
    return said


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _check_public_and_for_signatures(jwk: Mapping[object, object]) -> None:
    if jwk.get("kty") == "oct":
        raise ValueError("This is a shared secret ('oct'). Give the public key of an EC or RSA pair.")
    if any(name in jwk for name in _PRIVATE):
        raise ValueError(
            "This has the private half of the key in it. Treat that key as known to others: make a new pair, and give "
            "only its public half."
        )
    if "use" in jwk and jwk["use"] != "sig":
        raise ValueError("This key is not for signatures. Its 'use' must be 'sig', or be left out.")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or operations != ["verify"]:
        raise ValueError("This key is not for checking signatures. Its 'key_ops' must be ['verify'], or be left out.")


def _elliptic(kid: str, jwk: Mapping[object, object]) -> PublicJwk:
    if jwk.get("crv") != "P-256":
        raise ValueError("An EC key must be on the curve P-256: its 'crv' says which it is on.")
    if jwk.get("alg", "ES256") != "ES256":
        raise ValueError("A key on P-256 signs by ES256. Its 'alg' must be 'ES256', or be left out.")
    x, y = (_coordinate(jwk, name) for name in ("x", "y"))
    if x >= _P or y >= _P or (y * y - x * x * x + 3 * x - _B) % _P:
        raise ValueError("The key's 'x' and 'y' are not a point on P-256. Copy the key again.")
    return PublicJwk(kid, SigningAlgorithm.ES256, (x, y))


def _rsa(kid: str, jwk: Mapping[object, object]) -> PublicJwk:
    algorithm = jwk.get("alg")
    if algorithm not in ("RS256", "PS256"):
        raise ValueError('Say how the RSA key signs: add "alg": "PS256" or "alg": "RS256" to it.')
    modulus, exponent = (int.from_bytes(_bytes(jwk, name), "big") for name in ("n", "e"))
    if modulus.bit_length() not in RSA_BITS:
        raise ValueError(f"An RSA key must have {RSA_BITS.start} to {RSA_BITS.stop - 1} bits.")
    if modulus % 2 == 0 or exponent not in _EXPONENTS:
        raise ValueError("The RSA key's exponent 'e' must be 65537 (AQAB), as usual, and its 'n' must be odd.")
    return PublicJwk(kid, SigningAlgorithm(algorithm), (modulus, exponent))


def _bytes(jwk: Mapping[object, object], name: str) -> bytes:
    said = jwk.get(name)
    try:
        data = base64url.decode(said) if isinstance(said, str) else b""
    except ValueError:
        data = b""
    if not data:
        raise ValueError(f"The key's '{name}' must be base64url without '=' at its end. Copy the key again.")
    return data


def _coordinate(jwk: Mapping[object, object], name: str) -> int:
    data = _bytes(jwk, name)
    if len(data) != _COORDINATE_BYTES:
        raise ValueError(f"The key's '{name}' must be 43 characters of base64url, which are 32 bytes.")
    return int.from_bytes(data, "big")


def _unsigned(value: int) -> str:
    return base64url.encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))
