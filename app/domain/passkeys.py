"""Passkeys: what a browser shows of one, which are taken, and when one has been copied.

Source: Web Authentication, level 3 (W3C). A passkey here is found by the device without an e-mail address being typed,
and its device has checked that it is its owner, so it is two factors in itself.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.domain import base64url
from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Form, Line

LONGEST_NAME: Final = 60
_TRANSPORT = re.compile(r"[a-z][a-z-]{1,19}")
_MOST_TRANSPORTS = 8


class NotRecognised(Invalid):
    """Unknown, ended, copied, somebody else's, shown to another site, or of somebody who may not enter.

    Never says which.
    """

    code = "passkey_not_recognised"

    def __init__(self) -> None:
        text = "This passkey did not work. Try again, use another, or choose another way."
        super().__init__([FieldProblem("/credential_id", self.code, text)], text)


class NotTaken(Invalid):
    """What a device made is no passkey that can be used here."""

    code = "passkey_not_taken"

    def __init__(self) -> None:
        text = "This device did not make a passkey that can be used here. Try again, or use another device."
        super().__init__([FieldProblem("/attestation", self.code, text)], text)


def _bytes(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64url.decode(value)
    except ValueError:
        raise PydanticCustomError("bad_base64url", "This is not base64url. Use the page's own button.") from None


def _transports(value: Any) -> Any:
    """Browsers keep inventing these; they are hints, so what cannot be one is left out."""
    if not isinstance(value, list | tuple):
        return value
    found = [each for each in value if isinstance(each, str) and _TRANSPORT.fullmatch(each)]
    return list(dict.fromkeys(found))[:_MOST_TRANSPORTS]


_Id = Annotated[bytes, Field(min_length=1, max_length=1023), BeforeValidator(_bytes)]
_Data = Annotated[bytes, Field(min_length=1, max_length=8192), BeforeValidator(_bytes)]
_Handle = Annotated[bytes, Field(max_length=64), BeforeValidator(_bytes)]
Name = Annotated[Line, Field(max_length=LONGEST_NAME)]


class Shown(Form):
    """A passkey as a browser shows it. Bytes in base64url."""

    credential_id: _Id
    client_data: _Data
    authenticator_data: _Data
    signature: _Data
    user_handle: _Handle | None = None


class Made(Form):
    """A passkey that a device has just made. Bytes in base64url. name: what its owner calls it."""

    name: Name
    client_data: _Data
    attestation: Annotated[bytes, Field(min_length=1, max_length=32_768), BeforeValidator(_bytes)]
    transports: Annotated[tuple[str, ...], BeforeValidator(_transports)] = ()


class NameForm(Form):
    """What the owner of a passkey calls it."""

    name: Name


@dataclass(frozen=True, slots=True)
class Taken:
    """A passkey that can be used here from now on."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A passkey that a browser is told of: one to show, or one not to make again. transports: how it is reached."""

    credential_id: bytes
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """What the device said, and signed, of a passkey that was shown."""

    sign_count: int
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Passkey:
    """One of somebody's passkeys. backed_up: kept by an account of its owner's elsewhere; else on one device only."""

    id: UUID
    name: str
    backed_up: bool
    made_at: datetime
    used_at: datetime | None


def handle_of(partnership_id: UUID, user_id: UUID) -> bytes:
    """By what a device knows whose a passkey is. It names nobody."""
    return partnership_id.bytes + user_id.bytes


def went_back(kept: int, shown: int) -> bool:
    """Whether a device's count of signatures shows that there is a copy of it. Many count nothing, and say nought."""
    return shown <= kept and (kept > 0 or shown > 0)
