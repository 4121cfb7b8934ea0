"""Access tokens: signed JWTs (RFC 9068, ``at+jwt``) that name a session, whose it is and in which partnership.

A good token proves who asks, not that they may still come in, nor what they may do: callers look that up in the
session. Only we make these tokens, so a good header is known to the byte, and no header is ever parsed.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.api.signatures import LEEWAY, Signer, Verifier, aware, is_lower, read_moment, read_object, take_apart
from app.db.pem import key_in
from app.domain import base64url
from app.domain.errors import Unauthenticated
from app.domain.public_jwks import PublicJwk, SigningAlgorithm

ALGORITHM: Final = SigningAlgorithm.ES256
TYPE: Final = "at+jwt"
ISSUER: Final = "roundtable"
AUDIENCE: Final = "roundtable-api"
MINUTES_ALLOWED: Final = range(10, 481)
CLIENT_MINUTES_ALLOWED: Final = range(1, 11)
LONGEST_TOKEN: Final = 4096

_LONGEST_LIFE = timedelta(minutes=MINUTES_ALLOWED[-1])
_LONGEST_CLIENT_LIFE = timedelta(minutes=CLIENT_MINUTES_ALLOWED[-1])
_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SCOPE = r"[\x21\x23-\x5b\x5d-\x7e]+"  # RFC 6749, section 3.3
_ONE_SCOPE = re.compile(_SCOPE)
_SCOPES = re.compile(rf"{_SCOPE}(?: {_SCOPE})*")
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says. Times are aware and in UTC. Only a partner system's has a client and scopes."""

    user_id: UUID
    partnership_id: UUID
    session_id: UUID
    token_id: UUID
    issued_at: datetime
    expires_at: datetime
    client_id: UUID | None = None
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Signed:
    """A token whose signature and content hold whatever the time; its dates are still to be judged."""

    claims: Claims
    not_before: datetime


class TokenKeys:
    """The keys that this deployment signs and verifies with: NIST P-256, for ES256 only.

    pems: kid to PEM. A kid is 1 to 64 of ``A-Za-z0-9._-``. A private key can sign and verify; a public key
    (of one being retired, say) only verifies. signing_kid: which key signs; it must be private. issuer: who makes the
    tokens, as they say and as the metadata says (RFC 8414): a deployment's address.
    Raises ValueError with one plain sentence, never any key material.

    A key is changed without an outage in three steps, each taken everywhere before the next is taken anywhere:
    *publish* (add the new key after the old one, which still signs), *sign* (put the new key first), *retire* (leave
    out the old key, once its last token has expired: eight hours later).
    """

    def __init__(self, pems: Mapping[str, str], signing_kid: str, issuer: str = ISSUER) -> None:
        self.issuer = issuer
        self._verifiers: dict[str, Verifier] = {}
        self._public: dict[str, PublicJwk] = {}
        signer: Signer | None = None
        for kid, pem in pems.items():
            if not _KID.fullmatch(kid):
                raise ValueError("A token key's name must be 1 to 64 letters, digits, dots, dashes or underscores.")
            key = _load(kid, pem)
            public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
            self._verifiers[_header(kid)] = Verifier(public, ALGORITHM)
            point = public.public_numbers()
            self._public[kid] = PublicJwk(kid, ALGORITHM, (point.x, point.y))
            if kid == signing_kid and isinstance(key, ec.EllipticCurvePrivateKey):
                signer = Signer(pem)
        if signer is None:
            raise ValueError("The signing key is not among the token keys, or is a public key: give its private PEM.")
        self._signing_header = _header(signing_kid)
        self._signer = signer
        # The signature costs most of a verification. What is remembered is true at any time; dates never are.
        self._read = lru_cache(maxsize=_REMEMBERED)(self._read_signed)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public halves of all keys as a JWK Set (RFC 7517), for whoever checks our tokens for themselves."""
        return {"keys": [key.document() for key in self._public.values()]}

    def sign(self, claims: Mapping[str, object]) -> str:
        """A token over these claims as they are. Use ``issue``, which gets them right."""
        payload = base64url.encode(json.dumps(claims, separators=(",", ":")).encode())
        signed = f"{self._signing_header}.{payload}"
        return f"{signed}.{base64url.encode(self._signer.sign(signed.encode()))}"

    def read(self, token: str) -> _Signed:
        """What a token signed by one of these keys says, dates unjudged. Use ``verify``: it judges them."""
        return self._read(token)

    def _read_signed(self, token: str) -> _Signed:
        compact = take_apart(token, LONGEST_TOKEN)
        verifier = self._verifiers.get(compact.header)
        if verifier is None or not is_lower(compact.signature):
            raise Unauthenticated
        verifier.check(compact)
        return _read_claims(read_object(compact.payload), self.issuer)


def generate_pem() -> str:
    """A new private key as unencrypted PKCS 8 PEM, for settings. It is a secret."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode("ascii")
    )


def issue(
    keys: TokenKeys,
    *,
    user_id: UUID,
    partnership_id: UUID,
    session_id: UUID,
    now: datetime,
    minutes: int,
    client_id: UUID | None = None,
    scopes: Collection[str] = (),
) -> str:
    """A token good from now for 10 to 480 minutes, or for 1 to 10 if it is a partner system's.

    A partner system's names its client and at least one scope; nobody else's names either. Raises ValueError outside
    all that, if ``now`` has no zone, or if the scopes are too many for a token that ``verify`` would take.
    """
    allowed = MINUTES_ALLOWED if client_id is None else CLIENT_MINUTES_ALLOWED
    if minutes not in allowed:
        raise ValueError(f"This token may last from {allowed[0]} to {allowed[-1]} minutes.")
    if (client_id is None) != (not scopes) or not all(_ONE_SCOPE.fullmatch(scope) for scope in scopes):
        raise ValueError("A partner system's token names its client and its scopes; nobody else's names either.")
    issued = int(aware(now).replace(microsecond=0).timestamp())
    token = keys.sign(
        {
            "iss": keys.issuer,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "partnership": str(partnership_id),
            "sid": str(session_id),
            "jti": str(uuid4()),
            "iat": issued,
            "nbf": issued,
            "exp": issued + minutes * 60,
        }
        | ({"client_id": str(client_id), "scope": " ".join(sorted(set(scopes)))} if client_id else {})
    )
    if len(token) > LONGEST_TOKEN:
        raise ValueError("These scopes are too many for one token.")
    return token


def verify(keys: TokenKeys, token: str, now: datetime) -> Claims:
    """What the token says, if it is one of ours and in date; for anything else at all, Unauthenticated.

    ``now`` must carry a zone (ValueError, since that is the caller's mistake and not the token's).
    """
    aware(now)
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise Unauthenticated
    signed = keys.read(token)
    claims = signed.claims
    if max(claims.issued_at, signed.not_before) - now > LEEWAY or now >= claims.expires_at:
        raise Unauthenticated
    return claims


def _load(kid: str, pem: str) -> ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey:
    key = key_in(pem)
    if key is None:
        raise ValueError(f"Token key '{kid}' is not an unencrypted PEM key.")
    if not isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) or not isinstance(
        key.curve, ec.SECP256R1
    ):
        raise ValueError(f"Token key '{kid}' must be an elliptic curve key on P-256.")
    return key


def _header(kid: str) -> str:
    header = json.dumps({"alg": ALGORITHM, "kid": kid, "typ": TYPE}, separators=(",", ":"))
    return base64url.encode(header.encode())


def _read_claims(said: dict[str, object], issuer: str) -> _Signed:
    if said.get("iss") != issuer or said.get("aud") != AUDIENCE:
        raise Unauthenticated
    client_id, scopes = _read_client(said)
    issued, not_before, expires = (read_moment(said.get(name)) for name in ("iat", "nbf", "exp"))
    if not timedelta(0) < expires - issued <= (_LONGEST_LIFE if client_id is None else _LONGEST_CLIENT_LIFE):
        raise Unauthenticated
    return _Signed(
        Claims(
            user_id=_uuid(said.get("sub")),
            partnership_id=_uuid(said.get("partnership")),
            session_id=_uuid(said.get("sid")),
            token_id=_uuid(said.get("jti")),
            issued_at=issued,
            expires_at=expires,
            client_id=client_id,
            scopes=scopes,
        ),
        not_before,
    )


def _read_client(said: dict[str, object]) -> tuple[UUID | None, frozenset[str]]:
    if "client_id" not in said and "scope" not in said:
        return None, frozenset()
    scope = said.get("scope")
    if not isinstance(scope, str) or not _SCOPES.fullmatch(scope):
        raise Unauthenticated
    named = scope.split(" ")
    scopes = frozenset(named)
    if len(scopes) != len(named):
        raise Unauthenticated
    return _uuid(said.get("client_id")), scopes


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
