"""A client's request for a token (RFC 6749, sections 2.3 and 4.4; RFC 7523, section 2.2), read strictly.

Whatever could be read in two ways is refused: a parameter given twice, two ways of proving oneself, two client ids.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LARGEST_BODY: Final = 16_384
_MOST_PARAMETERS: Final = 50
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")  # RFC 6749, section 3.3


class OauthError(Exception):
    """A refusal as RFC 6749, section 5.2, has it. ``code`` is its; the sentence is ours."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A well-formed request. Either a secret or an assertion proves the client, if it does.

    client_id: None when only the assertion says it. scopes: None when all are asked for.
    """

    client_id: str | None
    secret: str | None = field(default=None, repr=False)
    assertion: str | None = field(default=None, repr=False)
    scopes: frozenset[str] | None = None


def read_request(body: bytes, authorization: str | None) -> TokenRequest:
    """The request in a form's body and the Authorization header. Raises OauthError."""
    sent = _parameters(body)
    grant = sent.get("grant_type")
    if grant is None:
        raise OauthError("invalid_request", "Send grant_type=client_credentials.")
    if grant != "client_credentials":
        raise OauthError("unsupported_grant_type", "The only grant here is client_credentials.")
    scope = sent.get("scope")
    if scope is not None and not _SCOPE.fullmatch(scope):
        raise OauthError("invalid_scope", "Scopes are names with one space between.")
    scopes = frozenset(scope.split(" ")) if scope is not None else None
    ways = (authorization is not None, "client_secret" in sent, "client_assertion" in sent)
    if sum(ways) > 1:
        raise OauthError("invalid_request", "Prove the client in one way: by header, in the body, or by an assertion.")
    if authorization is not None:
        client_id, secret = _basic(authorization)
        if sent.get("client_id", client_id) != client_id:
            raise OauthError("invalid_request", "The header and the body name different clients.")
        return TokenRequest(client_id, secret=secret, scopes=scopes)
    if "client_assertion" in sent:
        if sent.get("client_assertion_type") != ASSERTION_TYPE:
            raise OauthError("invalid_request", f"Send client_assertion_type={ASSERTION_TYPE}.")
        return TokenRequest(sent.get("client_id"), assertion=sent["client_assertion"], scopes=scopes)
    if "client_secret" not in sent:
        raise OauthError("invalid_client", "Say which client asks, and prove it by its secret or its key.")
    if "client_id" not in sent:
        raise OauthError("invalid_request", "Send client_id beside client_secret.")
    return TokenRequest(sent["client_id"], secret=sent["client_secret"], scopes=scopes)


def _parameters(body: bytes) -> Mapping[str, str]:
    if len(body) > LARGEST_BODY:
        raise OauthError("invalid_request", f"The form is longer than {LARGEST_BODY} bytes.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise OauthError("invalid_request", "The body is no form that can be read.") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise OauthError("invalid_request", "Send each parameter once.")
    # Section 3.2: one without a value counts as left out.
    return {name: value for name, value in pairs if value}


def _basic(authorization: str) -> tuple[str, str]:
    """The id and the secret, each of which was encoded as in a form first (section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        name, colon, secret = b64decode(encoded.strip(" "), validate=True).decode("utf-8").partition(":")
        found = unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")
    except (Base64Error, ValueError):
        colon, found = "", ("", "")
    if scheme.lower() != "basic" or not colon or not all(found):
        raise OauthError("invalid_client", "The Authorization header is not 'Basic' with a client's id and secret.")
    return found
