"""A partner's program, as its developer would write it: it asks for tokens, by a secret or a key, and calls."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from fastapi import FastAPI

from app.domain import base64url
from app.domain.oauth import ASSERTION_TYPE
from tests.contract import check_against_schema
from tests.world import World


@dataclass
class Key:
    """A key pair of a partner's: ES256 on P-256, or PS256 with RSA."""

    kid: str
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def algorithm(self) -> str:
        return "ES256" if isinstance(self.private, ec.EllipticCurvePrivateKey) else "PS256"

    @property
    def jwk(self) -> dict[str, str]:
        """The public half, as an administrator registers it."""
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            point = self.private.public_key().public_numbers()
            x, y = (base64url.encode(each.to_bytes(32, "big")) for each in (point.x, point.y))
            return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": self.kid}
        numbers = self.private.public_key().public_numbers()
        n, e = (base64url.encode(each.to_bytes((each.bit_length() + 7) // 8, "big")) for each in (numbers.n, numbers.e))
        return {"kty": "RSA", "n": n, "e": e, "kid": self.kid, "alg": "PS256"}

    def assertion(self, client_id: str, audience: str, now: datetime, **changes: Any) -> str:
        """What proves that the holder of this key is that client."""
        moment = int(now.timestamp())
        claims = {"iss": client_id, "sub": client_id, "aud": audience, "jti": str(uuid4()), "exp": moment + 120}
        head = {"alg": self.algorithm, "kid": self.kid}
        parts = (base64url.encode(json.dumps(each).encode()) for each in (head, {**claims, **changes}))
        signed = ".".join(parts)
        return f"{signed}.{base64url.encode(self._sign(signed.encode()))}"

    def _sign(self, signed: bytes) -> bytes:
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.private.sign(signed, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
        return self.private.sign(signed, pss, hashes.SHA256())


@dataclass
class System:
    """A client of the service under test. address: where it calls from."""

    world: World
    client_id: str
    user_id: str
    agency_id: str
    secret: str = ""
    secret_id: str = ""
    address: str = "192.0.2.7"

    def client(self, app: FastAPI | None = None) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app or self.world.app, raise_app_exceptions=False, client=(self.address, 50000))
        return httpx.AsyncClient(transport=transport, base_url="http://roundtable.test")

    async def post(self, fields: Any, app: FastAPI | None = None, **more: Any) -> httpx.Response:
        """A form to the token endpoint, just as it is."""
        async with self.client(app) as client:
            return await client.post("/oauth/token", data=fields, **more)

    async def ask(self, app: FastAPI | None = None, **changes: str) -> httpx.Response:
        """Ask for a token by the secret, in the Authorization header."""
        fields = {"grant_type": "client_credentials", **changes}
        client_id = fields.pop("as_client", self.client_id)
        return await self.post(fields, app, auth=(client_id, fields.pop("secret", self.secret)))

    async def assert_by(self, assertion: str, **changes: str) -> httpx.Response:
        """Ask for a token by an assertion."""
        fields = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        return await self.post({"grant_type": "client_credentials", **fields, **changes})

    async def get(self, path: str, token: str, app: FastAPI | None = None) -> httpx.Response:
        """Read something with a token."""
        return await self.call("GET", path, token, app)

    async def call(self, method: str, path: str, token: str, app: FastAPI | None = None, **more: Any) -> httpx.Response:
        """Call with a token, under /api/v1."""
        async with self.client(app) as client:
            headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
            answer = await client.request(method, f"/api/v1{path}", headers=headers, **more)
        check_against_schema(self.world.app, method, answer)
        return answer


async def system_of(world: World, admin: str = "police_admin", *, secret: bool = True, **changes: Any) -> System:
    """A client that an administrator has just added, with a secret."""
    form = {"name": "Patient records", "purpose": "Sends referrals.", "scopes": ["refer"], **changes}
    added = await world[admin].post("/clients", form)
    assert added.status_code == 201, added.text
    kept = added.json()
    system = System(world, kept["id"], kept["user"]["id"], kept["agency"]["id"])
    if secret:
        drawn = await world[admin].post(f"/clients/{system.client_id}/secrets", {})
        assert drawn.status_code == 201, drawn.text
        system.secret, system.secret_id = drawn.json()["secret"], drawn.json()["id"]
    return system


async def token_of(system: System, app: FastAPI | None = None, **changes: str) -> str:
    """A token that it was given."""
    answer = await system.ask(app, **changes)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["access_token"]
    return found


async def shown_system(world: World) -> System:
    """A system with everything that its page can show: secrets, one of them ended, one seen by a leaver, and a key."""
    system = await system_of(world, "partnership_admin", name="Emergency department records")
    admin = world["partnership_admin"]
    ended = await admin.post(f"/clients/{system.client_id}/secrets", {})
    await admin.post(f"/clients/{system.client_id}/credentials/{ended.json()['id']}/end")
    await admin.post(f"/clients/{system.client_id}/keys", {"jwk": Key("2026-11").jwk})
    form = {"name": "Lee Marsh", "email": f"{uuid4()}@council.example", "roles": ["partnership_administrator"]}
    leaver = UUID((await admin.post("/users", form)).json()["id"])
    seeing = await world.sign_in(leaver, admin.agency_id, like="partnership_admin")
    await seeing.post(f"/clients/{system.client_id}/secrets", {})
    await admin.post(f"/users/{leaver}/end")
    await token_of(system)
    return system
