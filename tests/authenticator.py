"""A software authenticator: a phone or a key with its owner's finger on it, which does as it is told."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from app.domain import base64url

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, MADE = 0x01, 0x04, 0x08, 0x10, 0x40
ES256, EDDSA, RS256, PS256 = -7, -8, -257, -37
_NO_MAKE = bytes(16)


@dataclass
class Authenticator:
    """A device with one passkey. counts: whether it counts what it signs."""

    algorithm: int = ES256
    counts: bool = True
    flags: int = PRESENT | VERIFIED
    count: int = 0
    credential_id: bytes = b""
    user_handle: bytes = b""
    key: Any = field(init=False)

    def __post_init__(self) -> None:
        if self.algorithm == EDDSA:
            self.key = ed25519.Ed25519PrivateKey.generate()
        elif self.algorithm in (RS256, PS256):
            self.key = rsa.generate_private_key(65537, 2048)
        else:
            self.key = ec.generate_private_key(ec.SECP256R1())

    def make(
        self,
        options: dict[str, Any],
        origin: str,
        *,
        form: str = "none",
        statement: dict[str, Any] | None = None,
        **client: Any,
    ) -> dict[str, Any]:
        """Make the passkey as the options ask for it; what the page's script sends. client: to put into client data."""
        self.user_handle = base64url.decode(options["user"]["id"])
        self.credential_id = hashlib.sha256(self.public_key + self.user_handle).digest()
        about = _NO_MAKE + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self.public_key
        data = self._data(options["rp"]["id"], MADE) + about
        client_data = _client_data("webauthn.create", options["challenge"], origin, **client)
        if form == "packed" and statement is None:
            signature = self._sign(data + hashlib.sha256(client_data).digest())
            statement = {"alg": self.algorithm, "sig": signature}
        attestation = cbor2.dumps({"fmt": form, "attStmt": statement or {}, "authData": data})
        return {
            "name": "Test key",
            "client_data": base64url.encode(client_data),
            "attestation": base64url.encode(attestation),
            "transports": ["internal"],
        }

    def show(self, options: dict[str, Any], origin: str, *, rp_id: str | None = None, **client: Any) -> dict[str, Any]:
        """Sign as the options ask for it; what the page's script sends."""
        if self.counts:
            self.count += 1
        data = self._data(rp_id or options["rpId"])
        client_data = _client_data("webauthn.get", options["challenge"], origin, **client)
        signature = self._sign(data + hashlib.sha256(client_data).digest())
        return {
            "credential_id": base64url.encode(self.credential_id),
            "client_data": base64url.encode(client_data),
            "authenticator_data": base64url.encode(data),
            "signature": base64url.encode(signature),
            "user_handle": base64url.encode(self.user_handle),
        }

    @property
    def public_key(self) -> bytes:
        """As COSE has it."""
        public = self.key.public_key()
        if self.algorithm == EDDSA:
            return cbor2.dumps({1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes_raw()})
        numbers = public.public_numbers()
        if self.algorithm in (RS256, PS256):
            return cbor2.dumps({1: 3, 3: self.algorithm, -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"})
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: self.algorithm, -1: 1, -2: x, -3: y})

    def _data(self, rp_id: str, more: int = 0) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _sign(self, data: bytes) -> bytes:
        if self.algorithm == EDDSA:
            return bytes(self.key.sign(data))
        if self.algorithm in (RS256, PS256):
            return bytes(self.key.sign(data, padding.PKCS1v15(), SHA256()))
        return bytes(self.key.sign(data, ec.ECDSA(SHA256())))


def _client_data(kind: str, challenge: str, origin: str, **more: Any) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False} | more).encode()
