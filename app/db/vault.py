"""The second ring's lock: contact details are sealed before they reach PostgreSQL, with a key it never holds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealBroken(Exception):
    """What was stored was changed, or belongs to another row, or its key is not here."""


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


class Vault:
    """AES-256-GCM under named keys. The first key named seals; every key opens."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._sealing = next(iter(keys))

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

    def enclose(self, plain: bytes, *, partnership_id: UUID, row_id: UUID) -> Enclosed:
        """Seal for one row under a fresh key, itself sealed for that row."""
        own = AESGCM.generate_key(256)
        nonce = os.urandom(_NONCE_BYTES)
        data = nonce + AESGCM(own).encrypt(nonce, plain, partnership_id.bytes + row_id.bytes)
        return Enclosed(self.seal(own, partnership_id=partnership_id, row_id=row_id), data)

    def disclose(self, enclosed: Enclosed, *, partnership_id: UUID, row_id: UUID) -> bytes:
        """The bytes that were enclosed for this row. Raises SealBroken."""
        own = AESGCM(self.open(enclosed.key, partnership_id=partnership_id, row_id=row_id))
        nonce, data = enclosed.data[:_NONCE_BYTES], enclosed.data[_NONCE_BYTES:]
        try:
            return own.decrypt(nonce, data, partnership_id.bytes + row_id.bytes)
        except (InvalidTag, ValueError):
            raise SealBroken from None
