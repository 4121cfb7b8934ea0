"""Bearer tokens: signed JWTs (RFC 9068 style, ``at+jwt``) that name a user and a partnership, and no more.

The only module that imports jose. That library is asked for one thing, an ES256 signature over bytes; all
that it is lenient about (algorithm, header, encoding, JSON, claims) is decided here, and every failure is the
same ``Unauthenticated``. A good token proves who asks, not that they may still come in: callers look that up.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NoReturn
from uuid import UUID, uuid4

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk, jws
from jose.backends.base import Key
from jose.exceptions import JOSEError

from app.domain.errors import Unauthenticated

ALGORITHM: Final = "ES256"
TYPE: Final = "at+jwt"
ISSUER: Final = "roundtable"
AUDIENCE: Final = "roundtable-api"
LEEWAY: Final = timedelta(seconds=30)
LONGEST_LIFE: Final = timedelta(hours=12)
MINUTES_ALLOWED: Final = range(10, 481)
LONGEST_TOKEN: Final = 4096

_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")
_LAST_SECOND = 253_402_300_799  # the end of year 9999, the last that datetime can hold
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says. Times are aware and in UTC."""

    user_id: UUID
    partnership_id: UUID
    token_id: UUID
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Signed:
    """A token whose signature and content hold whatever the time; its dates are still to be judged."""

    claims: Claims
    not_before: datetime


class TokenKeys:
    """The keys that this deployment signs and verifies with: NIST P-256, for ES256 only.

    pems: kid to PEM. A kid is 1 to 64 of ``A-Za-z0-9._-``. A private key can sign and verify; a public key
    (of one being retired, say) only verifies. signing_kid: which key signs; it must be private.
    Raises ValueError with one plain sentence, never any key material.
    """

    def __init__(self, pems: Mapping[str, str], signing_kid: str) -> None:
        self._verifiers: dict[str, Key] = {}
        signer: Key | None = None
        for kid, pem in pems.items():
            if not _KID.fullmatch(kid):
                raise ValueError("A token key's name must be 1 to 64 letters, digits, dots, dashes or underscores.")
            key = _load(kid, pem)
            # Only we make these tokens, so a good header is known to the byte, and no header is ever parsed.
            self._verifiers[_header_segment(kid)] = jwk.construct(_public_pem(key), ALGORITHM)
            if kid == signing_kid and isinstance(key, ec.EllipticCurvePrivateKey):
                signer = jwk.construct(pem, ALGORITHM)
        if signer is None:
            raise ValueError("The signing key is not among the token keys, or is a public key: give its private PEM.")
        self._signing_kid = signing_kid
        self._signer = signer
        # The signature costs most of a verification. What is remembered is true at any time; dates never are.
        self._read = lru_cache(maxsize=_REMEMBERED)(self._read_signed)

    def sign(self, claims: Mapping[str, object]) -> str:
        """A token over these claims as they are. Use ``issue``, which gets them right."""
        return jws.sign(
            dict(claims), self._signer, headers={"kid": self._signing_kid, "typ": TYPE}, algorithm=ALGORITHM
        )

    def read(self, token: str) -> _Signed:
        """What a token signed by one of these keys says, dates unjudged. Use ``verify``: it judges them."""
        return self._read(token)

    def _read_signed(self, token: str) -> _Signed:
        parts = _SHAPE.fullmatch(token)
        verifier = self._verifiers.get(parts[1]) if parts else None
        if parts is None or verifier is None:
            raise Unauthenticated
        _decode(parts[3])
        payload = _decode(parts[2])
        try:
            jws.verify(token, verifier, [ALGORITHM])
        except JOSEError:
            raise Unauthenticated from None
        return _read_claims(payload)


def generate_pem() -> str:
    """A new private key as unencrypted PKCS 8 PEM, for settings. It is a secret."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode("ascii")
    )


def issue(keys: TokenKeys, *, user_id: UUID, partnership_id: UUID, now: datetime, minutes: int = 60) -> str:
    """A token good for 10 to 480 minutes from now. ValueError outside those, or if ``now`` has no zone."""
    if minutes not in MINUTES_ALLOWED:
        raise ValueError("A token may last from 10 to 480 minutes.")
    issued = int(_aware(now).timestamp())
    return keys.sign(
        {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "partnership": str(partnership_id),
            "jti": str(uuid4()),
            "iat": issued,
            "nbf": issued,
            "exp": issued + minutes * 60,
        }
    )


def verify(keys: TokenKeys, token: str, now: datetime) -> Claims:
    """What the token says, if it is one of ours and in date; for anything else at all, Unauthenticated.

    ``now`` must carry a zone (ValueError, since that is the caller's mistake and not the token's).
    """
    _aware(now)
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise Unauthenticated
    signed = keys.read(token)
    claims = signed.claims
    if not (claims.issued_at <= now + LEEWAY and signed.not_before <= now + LEEWAY and now < claims.expires_at):
        raise Unauthenticated
    return claims


def _load(kid: str, pem: str) -> ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey:
    try:
        data = pem.encode()
        key = (
            serialization.load_pem_private_key(data, password=None)
            if b"PRIVATE KEY" in data
            else serialization.load_pem_public_key(data)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(f"Token key '{kid}' is not an unencrypted PEM key.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) or not isinstance(
        key.curve, ec.SECP256R1
    ):
        raise ValueError(f"Token key '{kid}' must be an elliptic curve key on P-256.")
    return key


def _public_pem(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _header_segment(kid: str) -> str:
    header = json.dumps({"alg": ALGORITHM, "kid": kid, "typ": TYPE}, separators=(",", ":"))
    return urlsafe_b64encode(header.encode()).rstrip(b"=").decode()


def _aware(now: datetime) -> datetime:
    if now.utcoffset() is None:
        raise ValueError("now needs a time zone.")
    return now


def _decode(segment: str) -> bytes:
    """Base64url without padding, in its one canonical spelling, so that no token has a second one."""
    try:
        data = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        raise Unauthenticated from None
    if urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise Unauthenticated
    return data


def _refuse(_: str) -> NoReturn:
    raise Unauthenticated


def _object_without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unauthenticated
    return found


def _read_claims(payload: bytes) -> _Signed:
    try:
        # No claim of ours is a fraction, and floats are where 1e400 and NaN come in.
        said = json.loads(
            payload.decode("utf-8"),
            object_pairs_hook=_object_without_repeats,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError):
        raise Unauthenticated from None
    if not isinstance(said, dict) or said.get("iss") != ISSUER or said.get("aud") != AUDIENCE:
        raise Unauthenticated
    issued, not_before, expires = (_moment(said.get(name)) for name in ("iat", "nbf", "exp"))
    if not timedelta(0) < expires - issued <= LONGEST_LIFE:
        raise Unauthenticated
    return _Signed(
        Claims(
            user_id=_uuid(said.get("sub")),
            partnership_id=_uuid(said.get("partnership")),
            token_id=_uuid(said.get("jti")),
            issued_at=issued,
            expires_at=expires,
        ),
        not_before,
    )


def _moment(said: object) -> datetime:
    if type(said) is not int or not 0 < said <= _LAST_SECOND:  # bool is an int to isinstance
        raise Unauthenticated
    return datetime.fromtimestamp(said, UTC)


def _uuid(said: object) -> UUID:
    if not isinstance(said, str):
        raise Unauthenticated
    try:
        value = UUID(said)
    except ValueError:
        raise Unauthenticated from None
    if str(value) != said:
        raise Unauthenticated
    return value
