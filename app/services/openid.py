"""OpenID Connect, our half of it: find out about a provider, send somebody there, understand what they come back with.

Network and signatures are here; what must be in each message is ``app.domain.openid``. Nothing here is in a
transaction: a provider that is slow holds up nobody else.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote_plus

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from app.domain.openid import (
    ALGORITHMS,
    Client,
    Fault,
    Metadata,
    OpenidError,
    Pending,
    authorisation_url,
    check_claims,
    code_from,
    metadata_from,
    well_known,
)
from app.services.outside import OutOfReach, Outside, Reply

# A provider may ask for another span within these bounds. A key that it withdraws is accepted for as long, at most.
_HELD = timedelta(hours=1)
_LEAST = timedelta(minutes=5)
_MOST = timedelta(hours=24)
_MOST_PROVIDERS = 256

_LEAST_RSA_BITS = 2048
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)

T = TypeVar("T")
Jwk = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proven:
    """Whom a provider vouches for. The issuer and the subject are who they are; the rest is what it says of them."""

    issuer: str
    subject: str = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)
    access_token: str | None = field(repr=False)


class _UnknownKey(Exception):
    """The token is signed by a key that is not among those held."""


class Openid:
    """A client of OpenID providers. Keeps what they publish, for as long as they say and no longer than a day."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._metadata: dict[str, tuple[Metadata, datetime]] = {}
        self._keys: dict[str, tuple[list[Jwk], datetime]] = {}

    @property
    def loopback(self) -> bool:
        """Whether a provider may be on this machine, in plain http."""
        return self._outside.loopback

    async def metadata(self, issuer: str, now: datetime, *, afresh: bool = False) -> Metadata:
        """What a provider says of itself; ``afresh``: as of this moment.

        Raises OpenidError: ADDRESS, UNREACHABLE, METADATA, ISSUER.
        """
        held = self._metadata.get(issuer)
        if held is not None and held[1] > now and not afresh:
            return held[0]
        reply, document = await self._document(well_known(issuer))
        found = metadata_from(document, issuer, loopback=self.loopback)
        _keep(self._metadata, issuer, found, _until(reply, now))
        return found

    async def check(self, issuer: str, now: datetime) -> None:
        """Find out, without anybody signing in, whether a provider can be used. Raises OpenidError, as ``finish``."""
        metadata = await self.metadata(issuer, now, afresh=True)
        if not await self._jwks(metadata, now, afresh=True):
            raise OpenidError(Fault.METADATA, "The provider publishes no key that this service can check.")

    async def begin(
        self,
        client: Client,
        redirect_uri: str,
        now: datetime,
        *,
        acr_values: tuple[str, ...] = (),
        afresh: bool = False,
    ) -> tuple[str, Pending]:
        """Where to send the browser, and what to remember until it is back.

        afresh: the provider is to ask for proof again, whoever is signed in there. Raises OpenidError.
        """
        metadata = await self.metadata(client.issuer, now)
        pending = Pending(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            since=now if afresh else None,
        )
        return authorisation_url(metadata, client.client_id, redirect_uri, pending, acr_values=acr_values), pending

    async def finish(
        self, client: Client, redirect_uri: str, answer: Mapping[str, str], pending: Pending, now: datetime
    ) -> Proven:
        """Who it is. ``answer``: the query that the browser came back with. Raises OpenidError."""
        metadata = await self.metadata(client.issuer, now)
        code = code_from(answer, metadata, pending)
        token, access_token = await self._exchange(metadata, client, redirect_uri, code, pending.verifier)
        try:
            claims, algorithm = _verified(token, await self._jwks(metadata, now))
        except _UnknownKey:
            # It has changed its keys since: look once more, and only once.
            try:
                claims, algorithm = _verified(token, await self._jwks(metadata, now, afresh=True))
            except _UnknownKey:
                raise OpenidError(Fault.SIGNATURE) from None
        subject = check_claims(
            claims,
            issuer=client.issuer,
            client_id=client.client_id,
            pending=pending,
            now=now,
            algorithm=algorithm,
            access_token=access_token,
        )
        return Proven(client.issuer, subject, claims, access_token)

    async def more(self, proven: Proven, wanted: tuple[str, ...], now: datetime) -> Proven:
        """The same with what the provider says of them elsewhere, if any claim that is wanted was not in the token.

        Raises OpenidError.
        """
        metadata = await self.metadata(proven.issuer, now)
        if metadata.userinfo_endpoint is None or proven.access_token is None or set(wanted) <= proven.claims.keys():
            return proven
        bearer = {"authorization": f"Bearer {proven.access_token}"}
        _, document = await self._document(metadata.userinfo_endpoint, bearer)
        # Core 5.3.2: what is said of somebody else must not be used.
        if not isinstance(document, dict) or document.get("sub") != proven.subject:
            raise OpenidError(Fault.CLAIMS)
        return replace(proven, claims={**document, **proven.claims})

    async def _exchange(
        self, metadata: Metadata, client: Client, redirect_uri: str, code: str, verifier: str
    ) -> tuple[str, str | None]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {}
        if metadata.secret_in_form:
            form |= {"client_id": client.client_id, "client_secret": client.client_secret}
        else:
            # RFC 6749 2.3.1: each half is form-encoded before they are joined.
            pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        try:
            reply = await self._outside.post(metadata.token_endpoint, form, headers)
        except OutOfReach as error:
            raise OpenidError(Fault.ADDRESS if error.address else Fault.UNREACHABLE) from None
        answer = _parsed(reply.body)
        if not isinstance(answer, dict):
            raise OpenidError(Fault.EXCHANGE)
        if reply.status == 401 or answer.get("error") == "invalid_client":
            raise OpenidError(Fault.CLIENT)
        token, access_token = answer.get("id_token"), answer.get("access_token")
        if reply.status != 200 or not isinstance(token, str):
            raise OpenidError(Fault.EXCHANGE)
        bearer = isinstance(access_token, str) and str(answer.get("token_type")).lower() == "bearer"
        return token, access_token if bearer else None

    async def _jwks(self, metadata: Metadata, now: datetime, *, afresh: bool = False) -> list[Jwk]:
        held = self._keys.get(metadata.jwks_uri)
        if held is not None and held[1] > now and not afresh:
            return held[0]
        reply, document = await self._document(metadata.jwks_uri)
        listed = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(listed, list):
            raise OpenidError(Fault.METADATA)
        keys: list[Jwk] = [each for each in listed if isinstance(each, dict) and _signs(each)]
        _keep(self._keys, metadata.jwks_uri, keys, _until(reply, now))
        return keys

    async def _document(self, url: str, headers: Mapping[str, str] | None = None) -> tuple[Reply, object]:
        try:
            reply = await self._outside.get(url, headers)
        except OutOfReach as error:
            raise OpenidError(Fault.ADDRESS if error.address else Fault.UNREACHABLE) from None
        document = _parsed(reply.body)
        if reply.status != 200 or document is None:
            raise OpenidError(Fault.METADATA)
        return reply, document


def _verified(token: str, keys: list[Jwk]) -> tuple[dict[str, object], str]:
    """The claims of a token and the algorithm it is signed by. Raises OpenidError(SIGNATURE), or _UnknownKey."""
    try:
        parts = jws.extract_compact(token.encode(), registry=_REGISTRY)
        header = parts.headers()
        algorithm, kid = header.get("alg"), header.get("kid")
        # An extension that must be understood is one that we do not.
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or "crit" in header:
            raise OpenidError(Fault.SIGNATURE)
        fitting = [each for each in keys if _fits(each, algorithm) and (kid is None or each.get("kid") == kid)]
        if not fitting:
            raise _UnknownKey
        if len(fitting) > 1 or not jws.validate_compact(parts, _public(fitting[0]), registry=_REGISTRY):
            raise OpenidError(Fault.SIGNATURE)
    except (JoseError, KeyError, ValueError, TypeError, RecursionError):
        raise OpenidError(Fault.SIGNATURE) from None
    claims = _parsed(parts.payload)
    if not isinstance(claims, dict):
        raise OpenidError(Fault.CLAIMS)
    return claims, algorithm


def _signs(key: Jwk) -> bool:
    operations = key.get("key_ops", ["verify"])
    return (
        key.get("kty") in ("RSA", "EC")
        and key.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )


def _fits(key: Jwk, algorithm: str) -> bool:
    if key.get("alg", algorithm) != algorithm:
        return False
    if algorithm in _CURVES:
        return key.get("kty") == "EC" and key.get("crv") == _CURVES[algorithm]
    modulus = key.get("n")
    # Base64: three bytes are four letters.
    return key.get("kty") == "RSA" and isinstance(modulus, str) and len(modulus) * 6 >= _LEAST_RSA_BITS


def _public(key: Jwk) -> RSAKey | ECKey:
    """Only the public half is taken over, whatever else a provider has published."""
    if key["kty"] == "RSA":
        return RSAKey.import_key({name: key[name] for name in ("kty", "n", "e")})
    return ECKey.import_key({name: key[name] for name in ("kty", "crv", "x", "y")})


def _parsed(body: bytes) -> object:
    """What a JSON document says; None when it is not one."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _until(reply: Reply, now: datetime) -> datetime:
    held = _HELD if reply.max_age is None else timedelta(seconds=reply.max_age)
    return now + min(max(held, _LEAST), _MOST)


def _keep(cache: dict[str, tuple[T, datetime]], name: str, value: T, until: datetime) -> None:
    cache.pop(name, None)
    if len(cache) >= _MOST_PROVIDERS:
        cache.pop(next(iter(cache)))
    cache[name] = value, until
