"""Seals: what is signed of a trail, so that whoever keeps a copy can tell if it was written again.

A seal says where every chain stood that had moved since the seal before it, and carries that seal's root; so the newest
root stands for the whole trail. A head is a seal's outside: what an agency is handed and keeps. It names nobody.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

HASH_BYTES = 32
KEY_BYTES = 32
SIGNATURE_BYTES = 64
FIRST_ROOT = bytes(HASH_BYTES)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TITLE = "Roundtable audit head 1"
_LINE = re.compile(r"^[ \t>]*([a-z]+): (\S+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where one chain stood: its last entry's number and hash, and the number that the seal before knew (0: none)."""

    chain: UUID
    seq: int
    hash: bytes
    before: int = 0


def packed(heads: Iterable[ChainHead]) -> bytes:
    """The canonical list: for each chain in the order of its bytes, 16 of its id, 8 of its number, 32 of its hash."""
    in_order = sorted(heads, key=lambda head: head.chain.bytes)
    return b"".join(each.chain.bytes + each.seq.to_bytes(8, "big") + each.hash for each in in_order)


def root_after(
    previous: bytes, *, partnership_id: UUID, number: int, at: datetime, entries: int, heads: bytes
) -> bytes:
    """The root of a seal over the root before it (FIRST_ROOT for the first) and its ``packed`` heads."""
    span = (at - _EPOCH) // _MICROSECOND
    said = b"".join(each.to_bytes(8, "big", signed=True) for each in (number, span, entries))
    return hashlib.sha256(previous + partnership_id.bytes + said + heads).digest()


class HeadUnreadable(Exception):
    """A text that is no head. ``str(error)`` is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Head:
    """A signed seal as it is handed out. ``entries``: how many the whole trail of the partnership had by then."""

    partnership_id: UUID
    number: int
    at: datetime
    entries: int
    root: bytes
    public_key: bytes
    signature: bytes

    @property
    def said(self) -> bytes:
        """Exactly the bytes that are signed."""
        return seal_said(self.partnership_id, self.number, self.at, self.entries, self.root)

    def text(self) -> str:
        """Eight lines to print, mail or file. A key is short enough to be its own fingerprint."""
        return (
            f"{self.said.decode()}key: {key_text(self.public_key)}\nsignature: {b64encode(self.signature).decode()}\n"
        )


def read_heads(text: str) -> tuple[Head, ...]:
    """Every head in a text, whatever stands around them. Raises HeadUnreadable, also when there is none."""
    _, *parts = text.replace("\r", "").split(f"{_TITLE}\n")
    if not parts:
        raise HeadUnreadable(f"There is no line '{_TITLE}': give the text as 'roundtable audit head' printed it.")
    return tuple(map(_read, parts))


def _read(text: str) -> Head:
    found = {match[1]: match[2] for match in _LINE.finditer(text)}
    try:
        return Head(
            partnership_id=UUID(found["partnership"]),
            number=int(found["number"]),
            at=datetime.strptime(found["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC),
            entries=int(found["entries"]),
            root=_exactly(bytes.fromhex(found["root"]), HASH_BYTES),
            public_key=read_key(found["key"]),
            signature=_exactly(b64decode(found["signature"], validate=True), SIGNATURE_BYTES),
        )
    except KeyError as missing:
        raise HeadUnreadable(f"A head has no line {missing}: give the whole of it.") from None
    except (ValueError, Base64Error):
        raise HeadUnreadable("A line of a head cannot be read: give it as it was printed.") from None


def seal_said(partnership_id: UUID, number: int, at: datetime, entries: int, root: bytes) -> bytes:
    """Exactly the bytes that are signed of a seal."""
    return (
        f"{_TITLE}\npartnership: {partnership_id}\nnumber: {number}\nat: {at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}\n"
        f"entries: {entries}\nroot: {root.hex()}\n"
    ).encode()


def key_text(public_key: bytes) -> str:
    """An Ed25519 public key as people pass it on."""
    return b64encode(public_key).decode()


def read_key(text: str) -> bytes:
    """The key that ``key_text`` wrote. Raises ValueError."""
    return _exactly(b64decode(text, validate=True), KEY_BYTES)


def _exactly(value: bytes, length: int) -> bytes:
    if len(value) != length:
        raise ValueError("of the wrong length")
    return value
