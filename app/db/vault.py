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
