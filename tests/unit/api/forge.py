"""How tokens are forged here: each by hand, signed as truly as its forger could, and wrong in one thing."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from app.api.tokens import TokenKeys, generate_pem, issue

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
USER = uuid.UUID("6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b01")
PARTNERSHIP = uuid.UUID("0b6f1f9e-5a53-4c0e-8a55-1f0f0e7d2c02")
SESSION = uuid.UUID("1a2b3c4d-0f0e-4d0c-8b0a-090807060504")
CLIENT = uuid.UUID("9b8c7d6e-5f40-4132-a233-445566778899")

PEM = generate_pem()
OLD_PEM = generate_pem()
KEYS = TokenKeys({"2026-11": PEM, "2026-05": OLD_PEM}, signing_kid="2026-11")
STRANGER = TokenKeys({"2026-11": generate_pem()}, signing_kid="2026-11")

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SHA256 = hashes.SHA256()
RSA_KEY = rsa.generate_private_key(65537, 2048)


def issued(keys: TokenKeys = KEYS, now: datetime = NOW, minutes: int = 60) -> str:
    """A good token of a person's."""
    return issue(keys, user_id=USER, partnership_id=PARTNERSHIP, session_id=SESSION, now=now, minutes=minutes)


def ec_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """A private key from its PEM."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


TOKEN = issued()
PARTS = TOKEN.split(".")
EC_KEY = ec_key(PEM)

GOOD_HEADER = {"alg": "ES256", "kid": "2026-11", "typ": "at+jwt"}
GOOD_CLAIMS: dict[str, object] = {
    "iss": "roundtable",
    "aud": "roundtable-api",
    "sub": str(USER),
    "partnership": str(PARTNERSHIP),
    "sid": str(SESSION),
    "jti": "c7d0f1b2-9a5c-4f7e-8a67-5a0f0e7d2c03",
    "iat": SECONDS,
    "nbf": SECONDS,
    "exp": SECONDS + 3600,
}
CLIENT_CLAIMS = GOOD_CLAIMS | {"client_id": str(CLIENT), "scope": "read refer", "exp": SECONDS + 600}


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def es256(message: bytes, key: ec.EllipticCurvePrivateKey = EC_KEY, digest: hashes.HashAlgorithm = SHA256) -> bytes:
    """A signature as our own signer makes it: of two that hold, the one with the lower s."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    """A signer by HMAC."""
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def token(header: object = GOOD_HEADER, payload: bytes | None = None, sign: Callable[[bytes], bytes] = es256) -> str:
    """A token with this header and payload and, unless another is given, a signature that truly is ours."""
    head = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    body = json.dumps(GOOD_CLAIMS).encode() if payload is None else payload
    text = f"{b64(head)}.{b64(body)}"
    return f"{text}.{b64(sign(text.encode()))}"


def header(**changes: object) -> str:
    """A token with these in its header."""
    return token(GOOD_HEADER | changes)


def claims(**changes: object) -> str:
    """A person's token with these among its claims."""
    return token(payload=json.dumps(GOOD_CLAIMS | changes).encode())


def client_claims(**changes: object) -> str:
    """A partner system's token with these among its claims."""
    return token(payload=json.dumps(CLIENT_CLAIMS | changes).encode())


def without(name: str, whole: dict[str, object] = GOOD_CLAIMS) -> str:
    """A token that lacks a claim."""
    return token(payload=json.dumps({k: v for k, v in whole.items() if k != name}).encode())


def raw_claim(name: str, json_text: str) -> str:
    """A token whose claim holds this JSON text, for numbers that json.dumps would not write."""
    text = json.dumps(GOOD_CLAIMS | {name: "PLACE"}).replace('"PLACE"', json_text)
    return token(payload=text.encode())


def with_signature(change: Callable[[bytes], bytes]) -> str:
    """The good token with its signature's bytes changed."""
    return f"{PARTS[0]}.{PARTS[1]}.{b64(change(unb64(PARTS[2])))}"


def signature_spelt_differently() -> str:
    """The same bytes in another base64 spelling: lax decoders drop the last character's spare bits."""
    odd = PARTS[2][:-1] + chr(ord(PARTS[2][-1]) + 1)
    assert unb64(odd) == unb64(PARTS[2])
    return f"{PARTS[0]}.{PARTS[1]}.{odd}"


def payload_spelt_differently() -> str:
    """The same for the payload; the signed text changes with it, so the odd spelling is what is signed."""
    body = json.dumps(GOOD_CLAIMS).encode()
    body += b" " * ((1 - len(body)) % 3)  # one byte over: four spare bits
    odd = b64(body)[:-1] + chr(ord(b64(body)[-1]) + 1)
    assert unb64(odd) == body
    text = f"{PARTS[0]}.{odd}"
    return f"{text}.{b64(es256(text.encode()))}"


def public(encoding: serialization.Encoding, form: serialization.PublicFormat) -> bytes:
    """Our public key as anybody could write it down."""
    return EC_KEY.public_key().public_bytes(encoding, form)


PUBLIC_PEM = public(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
PUBLIC_DER = public(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
PUBLIC_RAW = public(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
PUBLIC_SQUEEZED = public(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
PUBLIC_SSH = public(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
