"""Base64url without padding (RFC 4648, section 5), in its one canonical spelling."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encode(data: bytes) -> str:
    """The text for these bytes."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes that encode to exactly this text; ValueError if none do.

    Lax decoders skip what is outside the alphabet and drop the last character's spare bits, so that one value has many
    spellings.
    """
    if not _ALPHABET.fullmatch(text):
        raise ValueError("not base64url")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
