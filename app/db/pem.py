"""Keys as people keep them in settings: PEM, private or public, without a password."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes


def key_in(pem: str) -> PrivateKeyTypes | PublicKeyTypes | None:
    """The key, of whatever kind; None for text that holds none, or one under a password. Nothing tells what it was."""
    try:
        data = pem.encode()
        if b"PRIVATE KEY" in data:
            return serialization.load_pem_private_key(data, password=None)
        return serialization.load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
