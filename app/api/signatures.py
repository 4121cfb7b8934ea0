"""Signatures over bytes, and the strict reading of what was signed: the ground that every JWT here stands on.

The only module that imports jose. That library is asked for one thing, whether a signature by this key is over these
bytes (or to make one); all that it is lenient about (algorithm, header, encoding, JSON, claims) is decided here and in
the modules above, and every failure is the same ``Unauthenticated``.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from jose import jwk

from app.domain import base64url
from app.domain.errors import Unauthenticated
from app.domain.public_jwks import PublicJwk, SigningAlgorithm

LEEWAY: Final = timedelta(seconds=30)
"""By how much another machine's clock may be ahead of ours."""

_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_LAST_SECOND = 253_402_300_799  # the end of year 9999, the last that datetime can hold
_HALF_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 // 2  # of P-256
_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)  # RFC 7518, section 3.5


@dataclass(frozen=True, slots=True)
class Compact:
    """A signed text in its compact form (RFC 7515, section 7.1), taken apart and not yet believed.

    header: as it was written, still encoded. signed: the bytes that the signature is over.
    """

    header: str
    payload: bytes
    signed: bytes
    signature: bytes


class Verifier:
    """Checks signatures by one public key and the one algorithm that it is for."""

    def __init__(self, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, algorithm: SigningAlgorithm) -> None:
        self._rsa_pss = key if algorithm is SigningAlgorithm.PS256 and isinstance(key, rsa.RSAPublicKey) else None
        pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        # jose has no PS256: to its RSA key that is RS256, which is then not what it is asked to check.
        self._key = jwk.construct(pem, SigningAlgorithm.RS256 if self._rsa_pss else algorithm)

    @classmethod
    def of(cls, key: PublicJwk) -> "Verifier":
        """For a key that a partner system registered. Raises Unauthenticated if no signature can be by it."""
        first, second = key.numbers
        try:
            if key.algorithm is SigningAlgorithm.ES256:
                return cls(ec.EllipticCurvePublicNumbers(first, second, ec.SECP256R1()).public_key(), key.algorithm)
            return cls(rsa.RSAPublicNumbers(second, first).public_key(), key.algorithm)
        except ValueError:
            raise Unauthenticated from None

    def check(self, compact: Compact) -> None:
        """Return if the signature is by this key over those bytes; else Unauthenticated."""
        if self._rsa_pss is None:
            if not self._key.verify(compact.signed, compact.signature):
                raise Unauthenticated
            return
        try:
            self._rsa_pss.verify(compact.signature, compact.signed, _PSS, hashes.SHA256())
        except InvalidSignature:
            raise Unauthenticated from None


class Signer:
    """Signs by ES256 with a private key on P-256, given as PEM."""

    def __init__(self, pem: str) -> None:
        self._key = jwk.construct(pem, SigningAlgorithm.ES256)

    def sign(self, signed: bytes) -> bytes:
        """The 64 bytes of r and s. Of the two values of s that hold, the lower: see ``is_lower``."""
        raw = self._key.sign(signed)
        if is_lower(raw):
            return raw
        return raw[:32] + (2 * _HALF_ORDER + 1 - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")


def is_lower(signature: bytes) -> bool:
    """Whether an ES256 signature is the one of its pair that ``Signer`` makes.

    To each (r, s) that holds belongs an (r, n - s) that holds as well and that anybody can compute. Where only the
    lower is taken, a text that we signed cannot be spelt a second way.
    """
    return int.from_bytes(signature[32:], "big") <= _HALF_ORDER


def take_apart(token: object, longest: int) -> Compact:
    """The three parts of a compact signed text of at most ``longest`` characters; for anything else Unauthenticated."""
    parts = _SHAPE.fullmatch(token) if isinstance(token, str) and len(token) <= longest else None
    if parts is None:
        raise Unauthenticated
    try:
        payload, signature = base64url.decode(parts[2]), base64url.decode(parts[3])
    except ValueError:
        raise Unauthenticated from None
    return Compact(parts[1], payload, f"{parts[1]}.{parts[2]}".encode(), signature)


def read_object(data: bytes) -> dict[str, object]:
    """A JSON object in UTF-8, in which no name is said twice and no number is a fraction; else Unauthenticated.

    Nothing that is read here is a fraction, and floats are where 1e400 and NaN come in.
    """
    try:
        said = json.loads(
            data.decode("utf-8"), object_pairs_hook=_without_repeats, parse_float=_refuse, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise Unauthenticated from None
    if not isinstance(said, dict):
        raise Unauthenticated
    return said


def read_moment(said: object) -> datetime:
    """A NumericDate (RFC 7519, section 2) in whole seconds, as a moment in UTC; else Unauthenticated."""
    if type(said) is not int or not 0 < said <= _LAST_SECOND:  # bool is an int to isinstance
        raise Unauthenticated
    return datetime.fromtimestamp(said, UTC)


def aware(now: datetime) -> datetime:
    """``now`` as it is; ValueError if it has no zone, since that is the caller's mistake and not the token's."""
    if now.utcoffset() is None:
        raise ValueError("now needs a time zone.")
    return now


def _refuse(_: str) -> NoReturn:
    raise Unauthenticated


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unauthenticated
    return found
