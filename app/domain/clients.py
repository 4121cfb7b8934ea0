"""Clients: programs of partners that call in their own name, what each is for, and what it proves itself with."""

import hashlib
from collections.abc import Set
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.domain.access import MAY, Role, Verb
from app.domain.clock import LONDON, local_date
from app.domain.errors import DomainError, FieldProblem, Invalid
from app.domain.fields import Day, Form, Line

SECRET_PREFIX: Final = "rt_secret_"  # noqa: S105  # what says that the rest is one, also to programs that look for leaks
SECRET_BYTES: Final = 32
_HINT_LETTERS: Final = 4
TOKEN_MINUTES: Final = 10
MOST_LIVE: Final = 2
"""So many secrets, and so many keys, a client has at a time: the one in use, and the one that takes its place."""
USUAL_DAYS: Final = 365
MOST_DAYS: Final = 730

SCOPES: Final = tuple(sorted(verb for verb, right in MAY.items() if Role.PARTNER_SYSTEM in right.roles))
"""All that a client can be held to: what the role of a partner system may do."""


class CredentialKind(StrEnum):
    """What a client proves itself with: a secret that was drawn here, or a key of which we have the public half."""

    SECRET = "secret"  # noqa: S105  # a kind, no secret
    KEY = "key"


class ClientMethod(StrEnum):
    """How a client proved itself, as its sessions and the trail name it."""

    SECRET = "client_secret"  # noqa: S105  # a method, no secret
    KEY = "private_key_jwt"


def _of_a_system(scopes: tuple[Verb, ...]) -> tuple[Verb, ...]:
    if not set(scopes) <= set(SCOPES):
        raise PydanticCustomError(
            "not_a_scope", "A client can have only these scopes: {scopes}.", {"scopes": ", ".join(SCOPES)}
        )
    return tuple(sorted(set(scopes)))


Scopes = Annotated[
    tuple[Verb, ...],
    Field(min_length=1, max_length=len(SCOPES)),
    AfterValidator(_of_a_system),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "string", "enum": list(SCOPES)},
            "minItems": 1,
            "maxItems": len(SCOPES),
        }
    ),
]
"""What a client may do, each once and in order."""


class ChangedClient(Form):
    """What a client is called, why there is one, and what it may do."""

    name: Line = Field(title="Name")
    purpose: Line = Field(title="Purpose", description="Why this program calls: whoever reviews access reads it.")
    scopes: Scopes = Field(title="Scopes")


class NewClient(ChangedClient):
    """A client to be added. Without an agency: the administrator's own.

    user_id: the system in whose name it acts; without one, it is given one of its own.
    """

    agency_id: UUID | None = Field(None, title="Agency")
    user_id: UUID | None = Field(None, title="Acts as")


class NewSecret(Form):
    """A secret to be drawn. last_day: the last on which it is good; a year from now if it is not said."""

    last_day: Day | None = None


class NewKey(Form):
    """The public half of a key that the client's owner keeps, as a JWK (RFC 7517) with a kid."""

    jwk: dict[str, Any]
    last_day: Day | None = None


class NotLetIn(DomainError):
    """A client that did not prove itself, or that may not come in. Says nothing about which."""

    code = "invalid_client"

    def __init__(self) -> None:
        super().__init__(
            "The client is not known, or did not prove itself, or is not let in any more. Check its id and its secret "
            "or key, and ask whoever keeps it at its agency."
        )


class NotInScope(DomainError):
    """A client that asked for more than it was given. ``scopes``: those that it has."""

    code = "invalid_scope"

    def __init__(self, scopes: Set[str]) -> None:
        super().__init__(f"This client has these scopes and no others: {', '.join(sorted(scopes))}.")


def digest_of(secret: str) -> bytes:
    """What is kept of a secret. It is drawn from 256 bits, so it needs no slow hash: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


def hint_of(secret: str) -> str:
    """By what people tell one secret from another."""
    return secret[-_HINT_LETTERS:]


def assertion_digest(client_id: UUID, jti: str) -> bytes:
    """By what an assertion that was used is known again."""
    return hashlib.sha256(f"{client_id}\0{jti}".encode()).digest()


def good_until(last_day: date | None, now: datetime) -> datetime:
    """The end of a credential's last day, in London. Raises Invalid for a day that is past or too far ahead."""
    today = local_date(now)
    last = last_day or today + timedelta(days=USUAL_DAYS)
    if not today <= last <= today + timedelta(days=MOST_DAYS):
        text = f"The last day must be from today to {MOST_DAYS} days ahead. Choose another day."
        raise Invalid([FieldProblem("/last_day", "not_allowed", text)])
    return datetime.combine(last + timedelta(days=1), time(), LONDON)


def granted(held: Set[str], asked: Set[str] | None) -> frozenset[str]:
    """The scopes of a token: those asked for, or all that the client has. Raises NotInScope."""
    if asked is None:
        return frozenset(held)
    if not asked <= held:
        raise NotInScope(held)
    return frozenset(asked)
