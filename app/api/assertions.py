"""Client assertions: a partner system proves who it is by a JWT that it signed (RFC 7523, ``private_key_jwt``).

Where the standard leaves a choice the strict one is taken: the algorithm is the registered key's; ``kid`` and ``jti``
must be there; the audience is one of ours and nobody else's; times are whole seconds. A program with the private key
can meet all of that, and every failure is the same ``Unauthenticated``.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.api.signatures import LEEWAY, Verifier, aware, read_moment, read_object, take_apart
from app.domain import base64url
from app.domain.errors import Unauthenticated
from app.domain.public_jwks import PublicJwk

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""What a token request says in ``client_assertion_type``."""
LONGEST_LIFE: Final = timedelta(minutes=5)
LONGEST_ASSERTION: Final = 8192

_JTI = re.compile(r"[!-~]{1,255}")
# RFC 7515, section 4, tells readers to pass over header members that they do not know, so a thumbprint may be there.
# These would have us treat the text as other than it is, or believe a key because it came along.
_REFUSED_IN_HEADER: Final = frozenset({"crit", "b64", "jwk", "jku", "x5c", "x5u"})
_TYPES: Final = frozenset({"jwt", "client-authentication+jwt"})


@dataclass(frozen=True, slots=True)
class Assertion:
    """A good assertion. The caller takes each ``jti`` of a client once, and may forget it at ``expires_at`` (UTC)."""

    jti: str
    expires_at: datetime


def claimed_client(token: str) -> str:
    """Whose an assertion says it is, to look up their keys by. It proves nothing. Raises Unauthenticated."""
    said = read_object(take_apart(token, LONGEST_ASSERTION).payload).get("sub")
    if not isinstance(said, str):
        raise Unauthenticated
    return said


def verify(
    token: str, *, keys: Mapping[str, PublicJwk], client_id: UUID | str, audiences: Collection[str], now: datetime
) -> Assertion:
    """The assertion, if this client made it for us and it is in date; for anything else at all, Unauthenticated.

    keys: the client's, by kid. audiences: the names that we go by, such as our issuer and the address of our token
    endpoint; ``aud`` is exactly one of them, as a string or as a list of one. ``exp`` is at most five minutes ahead
    (and after ``iat``, if that is there), with half a minute for a clock ahead of ours and none for one behind.
    ``now`` must carry a zone (ValueError).
    """
    aware(now)
    compact = take_apart(token, LONGEST_ASSERTION)
    try:
        header = read_object(base64url.decode(compact.header))
    except ValueError:
        raise Unauthenticated from None
    Verifier.of(_key(header, keys)).check(compact)
    said = read_object(compact.payload)
    if said.get("iss") != str(client_id) or said.get("sub") != str(client_id):
        raise Unauthenticated
    if not _is_for(said.get("aud"), audiences):
        raise Unauthenticated
    jti = said.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise Unauthenticated
    return Assertion(jti, _expiry(said, now))


def _key(header: dict[str, object], keys: Mapping[str, PublicJwk]) -> PublicJwk:
    kid = header.get("kid")
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None or header.get("alg") != key.algorithm.value or not _REFUSED_IN_HEADER.isdisjoint(header):
        raise Unauthenticated
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise Unauthenticated
    return key


def _is_for(said: object, audiences: Collection[str]) -> bool:
    if isinstance(said, list) and len(said) == 1:
        said = said[0]
    return isinstance(said, str) and any(said == ours for ours in audiences)


def _expiry(said: dict[str, object], now: datetime) -> datetime:
    expires = read_moment(said.get("exp"))
    if not timedelta(0) < expires - now <= LONGEST_LIFE + LEEWAY:
        raise Unauthenticated
    for name in ("iat", "nbf"):
        if name in said and read_moment(said[name]) - now > LEEWAY:
            raise Unauthenticated
    if "iat" in said and expires - read_moment(said["iat"]) > LONGEST_LIFE:
        raise Unauthenticated
    return expires
