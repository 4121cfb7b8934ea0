"""OpenID Connect as we hold providers to it: what they say of themselves, what we ask, what must be in the answer.

Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (the issuer in the answer), RFC 9700.
"""

import base64
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.domain.errors import DomainError

# Only what a provider signs with a key that it alone holds. "none" and the HMAC family are not here, and nowhere else.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SKEW_SECONDS = 60
SCOPES = ("openid", "profile", "email")

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MOST_SUBJECT = 255


class Fault(StrEnum):
    """Why signing in by way of a provider failed: a code for the trail."""

    ADDRESS = "address"
    UNREACHABLE = "unreachable"
    METADATA = "metadata"
    DECLINED = "declined"
    STATE = "state"
    ISSUER = "issuer"
    EXCHANGE = "exchange"
    CLIENT = "client"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    CLOCK = "clock"
    NONCE = "nonce"
    CLAIMS = "claims"
    STALE = "stale"


_SENTENCES = {
    Fault.ADDRESS: "The provider's address cannot be used: it must begin with https:// and be open to the internet.",
    Fault.UNREACHABLE: "The provider did not answer in time. Try again in a few minutes.",
    Fault.METADATA: "What the provider says of itself cannot be used.",
    Fault.DECLINED: "Your organisation's sign-in was cancelled or refused. Try again, or ask your own IT help desk.",
    Fault.STATE: "This sign-in was begun in another browser, or too long ago. Begin again here.",
    Fault.ISSUER: "The answer came from another provider than the one you chose. Begin again here.",
    Fault.EXCHANGE: "Your organisation's sign-in would not confirm who you are. Begin again here.",
    Fault.CLIENT: (
        "The provider does not accept this service's client id or secret. Tell the administrator of your partnership."
    ),
    Fault.SIGNATURE: "The provider's answer was not signed as it must be.",
    Fault.AUDIENCE: "The provider's answer was meant for another service.",
    Fault.CLOCK: "The provider's answer is too old or not valid yet: its clock may be wrong.",
    Fault.NONCE: "The provider's answer belongs to another sign-in. Begin again here.",
    Fault.CLAIMS: "The provider's answer lacks something that it must have.",
    Fault.STALE: "The provider did not ask you to prove yourself again. Begin again here.",
}


class OpenidError(DomainError):
    """Signing in by way of a provider did not work. Holds nothing that the provider sent."""

    code = "openid"

    def __init__(self, fault: Fault, message: str | None = None) -> None:
        super().__init__(message or _SENTENCES[fault])
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself, as far as we use it. ``names_issuer``: it puts its issuer into its answers."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    secret_in_form: bool = False
    names_issuer: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are at a provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """What we remember of a sign-in that somebody has begun. Drawn at random; kept where only we can read it.

    since: set when they must prove themselves again at the provider, not before that moment.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    since: datetime | None = None


def issuer_from(text: str, *, loopback: bool) -> str:
    """An issuer as an administrator typed it, ready to compare. Raises OpenidError(ADDRESS).

    loopback: plain http to this machine is allowed, for the demonstration and for tests.
    """
    return _address(text.strip(), Fault.ADDRESS, loopback=loopback, query=False)


def well_known(issuer: str) -> str:
    """Where a provider's metadata is."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def metadata_from(document: object, issuer: str, *, loopback: bool) -> Metadata:
    """Read a provider's metadata. Raises OpenidError: METADATA, or ISSUER when it is another's.

    loopback: as in ``issuer_from``.
    """
    if not isinstance(document, dict):
        raise OpenidError(Fault.METADATA)
    said = document.get("issuer")
    if said != issuer:
        raise OpenidError(
            Fault.ISSUER,
            "What is at this address calls itself by another issuer. Copy the issuer from the provider exactly, "
            "with or without the slash at its end.",
        )

    def endpoint(name: str) -> str:
        return _address(document.get(name), Fault.METADATA, loopback=loopback, query=True)

    def lists(name: str, default: list[str]) -> list[Any]:
        found = document.get(name, default)
        if not isinstance(found, list):
            raise OpenidError(Fault.METADATA)
        return found

    lacking = [
        what
        for what, found in (
            ("the code flow", "code" in lists("response_types_supported", ["code"])),
            ("a signature that we accept", set(ALGORITHMS) & {str(each) for each in lists(_SIGNED_BY, ["RS256"])}),
            ("PKCE with S256", "S256" in lists("code_challenge_methods_supported", ["S256"])),
        )
        if not found
    ]
    ways = lists("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not {"client_secret_basic", "client_secret_post"} & {str(each) for each in ways}:
        lacking.append("a client secret")
    if lacking:
        raise OpenidError(Fault.METADATA, f"The provider does not offer {', nor '.join(lacking)}.")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=endpoint("authorization_endpoint"),
        token_endpoint=endpoint("token_endpoint"),
        jwks_uri=endpoint("jwks_uri"),
        userinfo_endpoint=endpoint("userinfo_endpoint") if "userinfo_endpoint" in document else None,
        secret_in_form="client_secret_basic" not in ways,
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def authorisation_url(
    metadata: Metadata, client_id: str, redirect_uri: str, pending: Pending, *, acr_values: tuple[str, ...] = ()
) -> str:
    """Where to send the browser. With ``pending.since`` the provider is told to ask for proof again."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if acr_values:
        asked["acr_values"] = " ".join(acr_values)
    if pending.since is not None:
        asked |= {"prompt": "login", "max_age": "0"}
    joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}"


def code_from(answer: Mapping[str, str], metadata: Metadata, pending: Pending) -> str:
    """The code in what the browser came back with. Raises OpenidError: STATE, ISSUER, DECLINED."""
    if not same(answer.get("state"), pending.state):
        raise OpenidError(Fault.STATE)
    # Whoever announces that they name themselves must; nobody may name another.
    named = answer.get("iss")
    if (named is None and metadata.names_issuer) or (named is not None and named != metadata.issuer):
        raise OpenidError(Fault.ISSUER)
    code = answer.get("code")
    if "error" in answer or not code:
        raise OpenidError(Fault.DECLINED)
    return code


def check_claims(
    claims: Mapping[str, object],
    *,
    issuer: str,
    client_id: str,
    pending: Pending,
    now: datetime,
    algorithm: str,
    access_token: str | None,
) -> str:
    """Hold an ID token, its signature already verified, to OpenID Connect Core 3.1.3.7. Returns the subject.

    Clocks may differ by a minute. Raises OpenidError: ISSUER, AUDIENCE, CLOCK, NONCE, TOKEN, STALE.
    """
    if claims.get("iss") != issuer:
        raise OpenidError(Fault.ISSUER)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    # We trust no other audience, and so accept a token for ourselves alone.
    if audiences != [client_id] or claims.get("azp", client_id) != client_id:
        raise OpenidError(Fault.AUDIENCE)
    moment = now.timestamp()
    if _seconds(claims, "exp") <= moment - SKEW_SECONDS or _seconds(claims, "iat") > moment + SKEW_SECONDS:
        raise OpenidError(Fault.CLOCK)
    if "nbf" in claims and _seconds(claims, "nbf") > moment + SKEW_SECONDS:
        raise OpenidError(Fault.CLOCK)
    if not same(claims.get("nonce"), pending.nonce):
        raise OpenidError(Fault.NONCE)
    if access_token is not None and "at_hash" in claims:
        digest = hashlib.new(f"sha{algorithm[-3:]}", access_token.encode()).digest()
        half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
        if not same(claims["at_hash"], half):
            raise OpenidError(Fault.CLAIMS)
    # An Entra tenant may leave auth_time out; then it has not shown that it asked again.
    if pending.since is not None:
        asked = _seconds(claims, "auth_time") if "auth_time" in claims else -math.inf
        if asked < pending.since.timestamp() - SKEW_SECONDS:
            raise OpenidError(Fault.STALE)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _MOST_SUBJECT or not subject.isprintable():
        raise OpenidError(Fault.CLAIMS)
    return subject


def same(given: object, kept: str) -> bool:
    """Whether what came is the text we kept, in a time that tells nothing."""
    return isinstance(given, str) and compare_digest(given.encode(errors="replace"), kept.encode())


_SIGNED_BY = "id_token_signing_alg_values_supported"


def _seconds(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OpenidError(Fault.CLAIMS)
    try:
        seconds = float(value)
    except OverflowError:
        raise OpenidError(Fault.CLAIMS) from None
    if not math.isfinite(seconds):
        raise OpenidError(Fault.CLAIMS)
    return seconds


def _address(value: object, fault: Fault, *, loopback: bool, query: bool) -> str:
    if not isinstance(value, str) or len(value) > 2000 or not value.isascii() or not value.isprintable():
        raise OpenidError(fault)
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise OpenidError(fault) from None
    plain = loopback and parts.scheme == "http" and host in _LOOPBACK
    if not host or not (parts.scheme == "https" or plain) or " " in value:
        raise OpenidError(fault)
    if parts.username is not None or parts.password is not None or "#" in value or ("?" in value and not query):
        raise OpenidError(fault)
    return value
