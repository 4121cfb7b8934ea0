"""Tokens for partner systems: OAuth 2.0 client credentials (RFC 6749), and where to find all that it takes.

Outside ``/api``: forms come in, and errors go out as that standard has them, which is what its libraries read.
"""

import hashlib
import hmac
from contextlib import suppress
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.api import assertions, tokens
from app.api.tokens import TokenKeys
from app.domain.clients import SCOPES, TOKEN_MINUTES, ClientMethod, NotInScope, NotLetIn, digest_of
from app.domain.errors import Unauthenticated
from app.domain.oauth import LARGEST_BODY, OauthError, TokenRequest, read_request
from app.domain.public_jwks import SigningAlgorithm
from app.domain.throttle import TooMany
from app.services import oauth
from app.services.errand import Errand
from app.services.oauth import Client, Proof

router = APIRouter(include_in_schema=False)

TOKEN_PATH: Final = "/oauth/token"  # noqa: S105  # an address, no secret
KEYS_PATH: Final = "/.well-known/jwks.json"
METADATA_PATH: Final = "/.well-known/oauth-authorization-server"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
# A key is published well before it signs, so what somebody keeps so long is never too old.
_KEYS_SECONDS: Final = 300
_NO_SECRET: Final = hashlib.sha256(b"").digest()
_UNSTORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@router.post(TOKEN_PATH)
async def token(request: Request) -> Response:
    """An access token, good for ten minutes, for a client that proves itself by its secret or its key."""
    state = request.app.state
    errand = Errand(state.database, state.clock())
    try:
        asked_for = await _read(request)
        named = _named(asked_for)
        asked = await oauth.ask(errand, named, request.client.host if request.client else "")
        proof = _proven(asked_for, named, asked.client, _audiences(state.token_keys), errand)
        found = await oauth.let_in(errand, asked, proof, asked_for.scopes)
    except OauthError as refusal:
        return _error(refusal.code, refusal.description)
    except (NotLetIn, NotInScope) as refusal:
        return _error(refusal.code, refusal.message)
    except TooMany as refusal:
        wait = max(1, int((refusal.until - errand.now).total_seconds()) + 1)
        text = f"There have been too many tries that failed. Wait {wait} seconds."
        return _error("temporarily_unavailable", text, 429, {"Retry-After": str(wait)})
    issued = tokens.issue(
        state.token_keys,
        user_id=found.user_id,
        partnership_id=found.partnership_id,
        session_id=found.session_id,
        now=errand.now,
        minutes=TOKEN_MINUTES,
        client_id=found.client_id,
        scopes=found.scopes,
    )
    answer = {
        "access_token": issued,
        "token_type": "Bearer",
        "expires_in": TOKEN_MINUTES * 60,
        "scope": " ".join(sorted(found.scopes)),
    }
    return JSONResponse(answer, headers=_UNSTORED)


@router.get(METADATA_PATH)
async def metadata(request: Request) -> Response:
    """What a client's library must know of us (RFC 8414)."""
    issuer = request.app.state.token_keys.issuer
    return JSONResponse(
        {
            "issuer": issuer,
            "token_endpoint": issuer + TOKEN_PATH,
            "jwks_uri": issuer + KEYS_PATH,
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "scopes_supported": list(SCOPES),
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
            ],
            "token_endpoint_auth_signing_alg_values_supported": list(SigningAlgorithm),
            "service_documentation": f"{issuer}/reference",
        }
    )


@router.get(KEYS_PATH)
async def keys(request: Request) -> Response:
    """The public keys that our tokens are signed with (RFC 7517), for whoever checks them for themselves."""
    return JSONResponse(
        request.app.state.token_keys.jwks(),
        headers={"Cache-Control": f"public, max-age={_KEYS_SECONDS}"},
        media_type="application/jwk-set+json",
    )


async def _read(request: Request) -> TokenRequest:
    if request.url.query:
        raise OauthError("invalid_request", "Send everything in the body: addresses are written into logs.")
    kinds = [each.partition(";")[0].strip().lower() for each in request.headers.getlist("content-type")]
    if kinds != [FORM_TYPE]:
        raise OauthError("invalid_request", f"Send a form, with the header 'Content-Type: {FORM_TYPE}'.")
    proofs = request.headers.getlist("authorization")
    if len(proofs) > 1:
        raise OauthError("invalid_request", "Send one Authorization header.")
    body = await request.body()
    return read_request(body[: LARGEST_BODY + 1], proofs[0] if proofs else None)


def _named(asked_for: TokenRequest) -> str:
    """Who says it asks. What is no assertion is nobody's."""
    if asked_for.client_id is not None:
        return asked_for.client_id
    try:
        return assertions.claimed_client(asked_for.assertion or "")
    except Unauthenticated:
        return ""


def _proven(
    asked_for: TokenRequest, named: str, client: Client | None, audiences: tuple[str, ...], errand: Errand
) -> Proof | None:
    """By what the client has proven itself; None if it has not. Every secret is compared, also where there is none."""
    if asked_for.assertion is None:
        given = digest_of(asked_for.secret or "")
        kept = client.secrets if client else ()
        compared = [(each, hmac.compare_digest(given, digest)) for each, digest in kept]
        for _ in range(2 - len(compared)):
            hmac.compare_digest(given, _NO_SECRET)
        found = next((each for each, same in compared if same), None)
        return Proof(found, ClientMethod.SECRET) if found else None
    for credential_id, key in client.keys if client else ():
        with suppress(Unauthenticated):
            assertion = assertions.verify(
                asked_for.assertion, keys={key.kid: key}, client_id=named, audiences=audiences, now=errand.now
            )
            return Proof(credential_id, ClientMethod.KEY, assertion.jti, assertion.expires_at)
    return None


def _audiences(keys: TokenKeys) -> tuple[str, ...]:
    return keys.issuer, keys.issuer + TOKEN_PATH


def _error(code: str, description: str, status: int = 400, headers: dict[str, str] | None = None) -> Response:
    told: dict[str, Any] = {"error": code, "error_description": description}
    refused = code == NotLetIn.code
    headers = {**_UNSTORED, **(headers or {}), **({"WWW-Authenticate": 'Basic realm="roundtable"'} if refused else {})}
    return JSONResponse(told, 401 if refused else status, headers)
