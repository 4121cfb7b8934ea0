"""The keys that sign seals: Ed25519, outside the database, so that whoever holds the database cannot sign."""

from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.db.pem import key_in


class Signet:
    """The first key named signs; every key verifies.

    pems: name to PEM. A private key signs and verifies; a public one, of a key that was retired, only verifies.
    Raises ValueError with one plain sentence, never any key material.
    """

    def __init__(self, pems: Mapping[str, str]) -> None:
        keys = [_load(name, pem) for name, pem in pems.items()]
        if not keys or not isinstance(keys[0], Ed25519PrivateKey):
            raise ValueError("The first seal key signs, so it must be there and be a private PEM.")
        self._key = keys[0]
        self.public_keys = tuple(map(_public, keys))

    @property
    def public_key(self) -> bytes:
        """The signing key's public half: 32 bytes."""
        return self.public_keys[0]

    def sign(self, said: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(said)


def signed_by(public_key: bytes, signature: bytes, said: bytes) -> bool:
    """Whether these bytes were signed by that key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_keys_of(pems: Mapping[str, str]) -> tuple[bytes, ...]:
    """The public halves of keys of either kind. Raises ValueError as Signet does."""
    return tuple(_public(_load(name, pem)) for name, pem in pems.items())


def new_seal_key() -> str:
    """A new private key as unencrypted PKCS 8 PEM, for settings. It is a secret."""
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode("ascii")
    )


def _public(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    half = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return half.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _load(name: str, pem: str) -> Ed25519PrivateKey | Ed25519PublicKey:
    key = key_in(pem)
    if key is None:
        raise ValueError(f"Seal key '{name}' is not an unencrypted PEM key.")
    if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise ValueError(f"Seal key '{name}' must be an Ed25519 key.")
    return key
