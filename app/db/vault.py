"""The second ring's lock: contact details are sealed before they reach PostgreSQL, with a key it never holds.

The same holds for the index by which they are looked for: PostgreSQL compares digests made with a key that it never
sees, so that whoever reads the table, or a copy of it, cannot try out numbers against it.
"""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import DomainError

_NONCE_BYTES = 12
_INDEX_PURPOSE = b"roundtable contact index 1"


class SealBroken(DomainError):
    """What was stored was changed, or belongs to another row, or its key is not here."""

    code = "seal_broken"

    def __init__(self) -> None:
        super().__init__(
            "Something that is kept sealed could not be opened, so nothing is shown and nothing was changed. Tell "
            "your operator: 'roundtable doctor' names a key that is missing."
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """Ciphertext, and the name of the key that opens it."""

    key_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Ciphertext under a key of its own, and that key sealed. Sealing the key anew rotates; losing it destroys."""

    key: Sealed
    data: bytes


@dataclass(frozen=True, slots=True)
class Blind:
    """What something is looked for by, and the name of the key it was made with."""

    key_id: str
    digest: bytes


class Vault:
    """AES-256-GCM under named keys. The first key named seals; every key opens.

    ``index_keys``: those of the blind index, HMAC-SHA256. The first makes entries; every one is looked under.
    """

    def __init__(self, keys: Mapping[str, bytes], index_keys: Mapping[str, bytes]) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._sealing = next(iter(keys))
        self._index_keys = dict(index_keys)
        self._derived: dict[tuple[str, UUID], bytes] = {}

    @property
    def sealing_key(self) -> str:
        """The name of the key that seals."""
        return self._sealing

    @property
    def index_key(self) -> str:
        """The name of the key that makes entries of the index."""
        return next(iter(self._index_keys))

    @property
    def keys(self) -> frozenset[str]:
        """The names of the keys that open."""
        return frozenset(self._ciphers)

    @property
    def index_keys(self) -> frozenset[str]:
        """The names of the keys under which is looked."""
        return frozenset(self._index_keys)

    def blind(self, kind: str, value: str, *, partnership_id: UUID) -> Blind:
        """The entry of one value. Kinds do not mix, and neither do partnerships: each has a key derived for it."""
        return self._blind(self.index_key, kind, value, partnership_id)

    def blinds(self, kind: str, value: str, *, partnership_id: UUID) -> list[bytes]:
        """The digests under which a value may be kept: one for each key that is still in use."""
        return [self._blind(name, kind, value, partnership_id).digest for name in self._index_keys]

    def _blind(self, name: str, kind: str, value: str, partnership_id: UUID) -> Blind:
        key = self._derived.get((name, partnership_id))
        if key is None:
            derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INDEX_PURPOSE + partnership_id.bytes)
            key = self._derived[name, partnership_id] = derive.derive(self._index_keys[name])
        return Blind(name, hmac.digest(key, f"{kind}\0{value}".encode(), "sha256"))

    def seal(self, plain: bytes, *, partnership_id: UUID, row_id: UUID) -> Sealed:
        """Seal for one row: the same bytes under another row do not open."""
        nonce = os.urandom(_NONCE_BYTES)
        bound = partnership_id.bytes + row_id.bytes
        return Sealed(self._sealing, nonce + self._ciphers[self._sealing].encrypt(nonce, plain, bound))

    def open(self, sealed: Sealed, *, partnership_id: UUID, row_id: UUID) -> bytes:
        """The bytes that were sealed for this row. Raises SealBroken."""
        try:
            cipher = self._ciphers[sealed.key_id]
            nonce, data = sealed.data[:_NONCE_BYTES], sealed.data[_NONCE_BYTES:]
            return cipher.decrypt(nonce, data, partnership_id.bytes + row_id.bytes)
        except (InvalidTag, KeyError, ValueError):
            raise SealBroken from None

    def reseal(self, sealed: Sealed, *, partnership_id: UUID, row_id: UUID) -> Sealed:
        """The same bytes under the key that seals now. Raises SealBroken."""
        plain = self.open(sealed, partnership_id=partnership_id, row_id=row_id)
        return self.seal(plain, partnership_id=partnership_id, row_id=row_id)

    def enclose(self, plain: bytes, *, partnership_id: UUID, row_id: UUID, belongs_to: UUID) -> Enclosed:
        """Seal for one row, and for whose it is, under a fresh key that is itself sealed for that row."""
        own = AESGCM.generate_key(256)
        nonce = os.urandom(_NONCE_BYTES)
        bound = partnership_id.bytes + row_id.bytes + belongs_to.bytes
        data = nonce + AESGCM(own).encrypt(nonce, plain, bound)
        return Enclosed(self.seal(own, partnership_id=partnership_id, row_id=row_id), data)

    def disclose(self, enclosed: Enclosed, *, partnership_id: UUID, row_id: UUID, belongs_to: UUID) -> bytes:
        """The bytes that were enclosed for this row and whose it is. Raises SealBroken."""
        own = AESGCM(self.open(enclosed.key, partnership_id=partnership_id, row_id=row_id))
        nonce, data = enclosed.data[:_NONCE_BYTES], enclosed.data[_NONCE_BYTES:]
        try:
            return own.decrypt(nonce, data, partnership_id.bytes + row_id.bytes + belongs_to.bytes)
        except (InvalidTag, ValueError):
            raise SealBroken from None
