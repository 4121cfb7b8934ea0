"""Every class of forged, broken or stale token that is refused, by name. ``REFUSED`` holds them all."""

import base64
import json
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from tests.unit.api import forge
from tests.unit.api.forge import (
    CLIENT,
    CLIENT_CLAIMS,
    EC_KEY,
    GOOD_CLAIMS,
    GOOD_HEADER,
    KEYS,
    ORDER,
    PARTS,
    PUBLIC_DER,
    PUBLIC_PEM,
    PUBLIC_RAW,
    RSA_KEY,
    SECONDS,
    SHA256,
    TOKEN,
    USER,
    b64,
    claims,
    client_claims,
    es256,
    header,
    hs256,
    raw_claim,
    token,
    with_signature,
    without,
)

_JWK = KEYS.jwks()["keys"][0]
# Whoever has our public key has these. A library that lets the header choose takes one of them for a shared secret.
_CONFUSED = {
    "the public PEM": PUBLIC_PEM,
    "the PEM without its last line end": PUBLIC_PEM.strip(),
    "the PEM with Windows line ends": PUBLIC_PEM.replace(b"\n", b"\r\n"),
    "the PEM on one line": PUBLIC_PEM.replace(b"\n", b""),
    "the PEM without its first and last line": b"\n".join(PUBLIC_PEM.split(b"\n")[1:-2]),
    "the public DER": PUBLIC_DER,
    "base64 of the DER": base64.b64encode(PUBLIC_DER),
    "base64url of the DER": b64(PUBLIC_DER).encode(),
    "hexadecimal of the DER": PUBLIC_DER.hex().encode(),
    "the raw point": PUBLIC_RAW,
    "the raw point without its tag": PUBLIC_RAW[1:],
    "base64 of the raw point": base64.b64encode(PUBLIC_RAW),
    "base64url of the raw point": b64(PUBLIC_RAW).encode(),
    "hexadecimal of the raw point": PUBLIC_RAW.hex().encode(),
    "the squeezed point": forge.PUBLIC_SQUEEZED,
    "base64 of the squeezed point": base64.b64encode(forge.PUBLIC_SQUEEZED),
    "the SSH form": forge.PUBLIC_SSH,
    "the JWK as published": json.dumps(_JWK).encode(),
    "the JWK without spaces": json.dumps(_JWK, separators=(",", ":")).encode(),
    "the JWK Set as published": json.dumps(KEYS.jwks()).encode(),
    "x alone": base64.urlsafe_b64decode(_JWK["x"] + "="),
    "x as the JWK writes it": _JWK["x"].encode(),
    "nothing": b"",
    "one byte, zero": b"\x00",
    "one byte, a letter": b"a",
    "our kid": b"2026-11",
    "the word secret": b"secret",
}

FORGED_KEYS = {
    **{
        f"unsigned, alg spelt {alg!r}": token(GOOD_HEADER | {"alg": alg}, sign=lambda _: b"")
        for alg in ("none", "None", "NONE", "nOnE", "", " none", "none ", "none\x00")
    },
    **{
        f"alg spelt {alg!r} with a true signature": header(alg=alg)
        for alg in ("none", "None", "nONE", "NOne", "noNe", "nonE", "NONE")
    },
    **{
        f"{alg} keyed with {name}": token(GOOD_HEADER | {"alg": alg}, sign=hs256(secret))
        for alg in ("HS256",)
        for name, secret in _CONFUSED.items()
    },
    "HS384 keyed with the public PEM": token(GOOD_HEADER | {"alg": "HS384"}, sign=hs256(PUBLIC_PEM)),
    "HMACs under a header that says ES256": token(sign=lambda m: hs256(PUBLIC_PEM)(m) + hs256(PUBLIC_PEM)(m)),
    "HMACs keyed with nothing under a header that says ES256": token(sign=lambda m: hs256(b"")(m) + hs256(b"")(m)),
    **{
        f"{alg} by a stranger's RSA key": token(
            GOOD_HEADER | {"alg": alg}, sign=lambda m: RSA_KEY.sign(m, padding.PKCS1v15(), SHA256)
        )
        for alg in ("RS256", "PS256")
    },
    "an RSA signature under a header that says ES256": token(
        sign=lambda m: RSA_KEY.sign(m, padding.PKCS1v15(), SHA256)
    ),
    "signed by a stranger under our kid": forge.issued(forge.STRANGER),
    "signed by our other key under this kid": token(sign=lambda m: es256(m, forge.ec_key(forge.OLD_PEM))),
    "signed by this key under our other kid": header(kid="2026-05"),
    "ES256 over SHA-384": token(sign=lambda m: es256(m, digest=hashes.SHA384())),
    "ES256 over SHA-1": token(sign=lambda m: es256(m, digest=hashes.SHA1())),  # noqa: S303  # a forger's choice
    "signed on secp256k1": token(sign=lambda m: es256(m, ec.generate_private_key(ec.SECP256K1()))),
    "signed on Brainpool P-256": token(sign=lambda m: es256(m, ec.generate_private_key(ec.BrainpoolP256R1()))),
    "signed on P-224": token(sign=lambda m: es256(m, ec.generate_private_key(ec.SECP224R1()))),
    "signed over the payload alone": token(sign=lambda m: es256(m.split(b".")[1])),
    "signed over the decoded text": token(sign=lambda m: es256(b"".join(map(forge.unb64, m.decode().split("."))))),
}

BAD_HEADERS = {
    **{
        f"alg {alg!r}": header(alg=alg)
        for alg in (
            *("ES384", "ES512", "es256", "ES25", "ES2567", "S256", "ES256K", "EdDSA", "dir", "ECDH-ES", "HS256"),
            *("ES256 ", "ES256,none", "none,ES256", ["ES256"], {"ES256": 1}, None, 256, True),
        )
    },
    "no alg": token({"kid": "2026-11", "typ": "at+jwt"}),
    "no kid": token({"alg": "ES256", "typ": "at+jwt"}),
    "no typ": token({"alg": "ES256", "kid": "2026-11"}),
    **{
        f"typ {typ!r}": header(typ=typ)
        for typ in (
            *("JWT", "jwt", "at+JWT", "AT+JWT", "application/at+jwt", " at+jwt", "at+jwt ", "at jwt", "dpop+jwt"),
            *("logout+jwt", "", None, ["at+jwt"]),
        )
    },
    **{
        f"kid {kid!r}": header(kid=kid)
        for kid in (
            *("2027-01", "", None, 0, True, ["2026-11"], {"2026-11": 1}, "2026-11.pem", "2026-1", "2026-111"),
            *("../../../../dev/null", "/etc/passwd", "file:///dev/null", "https://keys.example/2026-11"),
            *("' OR '1'='1", "x' UNION SELECT 'key'--", "2026-11'; DROP TABLE session;--", "|sleep 9", "$(id)"),
            *("2026-11\x00", " 2026-11", "2026-11\n", "２０２６-11", "🔑", "k" * 1500),
        )
    },
    **{
        f"crit {crit!r}": header(crit=crit, exp=1, b64=False)
        for crit in (["exp"], ["b64"], ["alg"], [], [""], "exp", None, ["urn:unknown"], {"exp": 1})
    },
    "unencoded payload announced in b64": header(b64=False),
    "b64 true": header(b64=True),
    "our own key in jwk": header(jwk=_JWK),
    "a key of its own in jwk": header(jwk={"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
    "a shared secret in jwk": token(GOOD_HEADER | {"alg": "HS256", "jwk": {"kty": "oct", "k": "YQ"}}, sign=hs256(b"a")),
    "a key to fetch in jku": header(jku="https://keys.example/jwks.json"),
    "a key to fetch in x5u": header(x5u="https://keys.example/cert.pem"),
    "a certificate in x5c": header(x5c=["MIIB"]),
    "a thumbprint in x5t": header(x5t="AAAA"),
    "squeezed payload announced in zip": header(zip="DEF"),
    "encryption announced in enc": header(enc="A256GCM"),
    "nested token announced in cty": header(cty="JWT"),
    "alg said twice": token(b'{"alg":"none","alg":"ES256","kid":"2026-11","typ":"at+jwt"}'),
    "kid said twice": token(b'{"alg":"ES256","kid":"other","kid":"2026-11","typ":"at+jwt"}'),
    "header is a list": token([GOOD_HEADER]),
    "header is a string": token("ES256"),
    "header is a number": token(1),
    "header is null": token(None),
    "header is an empty object": token({}),
    "header is not JSON": token(b"{alg:ES256}"),
    "header is not UTF-8": token(b"\xff\xfe"),
    "header in UTF-16": token(json.dumps(GOOD_HEADER).encode("utf-16")),
    "header is nested a thousand deep": token(b"[" * 1000 + b"]" * 1000),
    "header with white space": token(b'{ "alg":"ES256","kid":"2026-11","typ":"at+jwt"}'),
    "header in another order": token({"typ": "at+jwt", "alg": "ES256", "kid": "2026-11"}),
    "header with an escape": token(b'{"alg":"ES256","kid":"2026-11","typ":"\\u0061t+jwt"}'),
}

_NOT_SECONDS = {
    "as text": f'"{SECONDS}"',
    "as a fraction": f"{SECONDS}.0",
    "as 1e400": "1e400",
    "as an exponent": "1.7e9",
    "as NaN": "NaN",
    "as Infinity": "Infinity",
    "as minus Infinity": "-Infinity",
    "negative": "-1",
    "minus zero": "-0",
    "zero": "0",
    "of 63 bits and one": str(2**63),
    "of 64 bits and one": str(2**64),
    "past 64 bits": "9" * 30,
    "of 401 digits": str(10**400),
    "of a thousand digits": "9" * 1000,
    "past the year 9999": "253402300800",
    "in milliseconds": str(SECONDS * 1000),
    "with a leading zero": f"0{SECONDS}",
    "in hexadecimal": hex(SECONDS),
}
_NOT_IDS = {
    "not a UUID": "imran.shah@police.example",
    "in braces": "{6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b01}",
    "in capitals": "6F1D0C1E-0D0B-4B6E-9D0A-3D7C1F3A5B01",
    "as a URN": "urn:uuid:6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b01",
    "without dashes": "6f1d0c1e0d0b4b6e9d0a3d7c1f3a5b01",
    "with full-width digits": "６f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b01",
    "with a NUL": "6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b0\x00",
    "with half a character": "6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b0\ud800",
    "SQL": "' OR 1=1--",
}

BAD_CLAIMS = {
    **{f"no {name}": without(name) for name in GOOD_CLAIMS},
    **{f"{name} null": claims(**{name: None}) for name in GOOD_CLAIMS},
    **{f"{name} empty": claims(**{name: ""}) for name in GOOD_CLAIMS},
    **{f"{name} in a list": claims(**{name: [GOOD_CLAIMS[name]]}) for name in GOOD_CLAIMS},
    **{f"{name} in an object": claims(**{name: {"v": 1}}) for name in GOOD_CLAIMS},
    **{f"{name} {flag}": claims(**{name: flag}) for name in GOOD_CLAIMS for flag in (True, False)},
    **{
        f"{name} {how}": raw_claim(name, value) for name in ("iat", "nbf", "exp") for how, value in _NOT_SECONDS.items()
    },
    **{
        f"{name} {how}": claims(**{name: value})
        for name in ("sub", "partnership", "sid", "jti")
        for how, value in _NOT_IDS.items()
    },
    "aud a list that has ours": claims(aud=["roundtable-api", "other"]),
    "aud another": claims(aud="other"),
    "aud that begins like ours": claims(aud="roundtable-api.example"),
    "aud a part of ours": claims(aud="roundtable"),
    "aud in capitals": claims(aud="ROUNDTABLE-API"),
    "iss another": claims(iss="https://accounts.example"),
    "iss that begins like ours": claims(iss="roundtable.example"),
    "iss with a space": claims(iss="roundtable "),
    "sub said twice": raw_claim("sub", f'"{uuid.uuid4()}","sub":"{USER}"'),
    "sid said twice": raw_claim("sid", f'"{uuid.uuid4()}","sid":"{forge.SESSION}"'),
    "exp said twice": raw_claim("exp", f'1,"exp":{SECONDS + 60}'),
    "a claim said twice, once escaped": raw_claim("exp", f'1,"\\u0065xp":{SECONDS + 60}'),
    "a repeat deep inside": raw_claim("note", '{"a":1,"a":2}'),
    "a fraction in a claim that nobody reads": raw_claim("note", "1e400"),
    "NaN in a claim that nobody reads": raw_claim("note", "NaN"),
    "nested a thousand deep": token(payload=b"[" * 1000 + b"]" * 1000),
    "deep inside a claim": raw_claim("sub", "[" * 900 + "]" * 900),
    "payload is a list": token(payload=json.dumps([GOOD_CLAIMS]).encode()),
    "payload is text": token(payload=json.dumps("sub").encode()),
    "payload is null": token(payload=b"null"),
    "payload is an empty object": token(payload=b"{}"),
    "payload is not JSON": token(payload=b"sub=1"),
    "payload is not UTF-8": token(payload=b'{"sub":"\xff"}'),
    "payload begins with a byte order mark": token(payload=b"\xef\xbb\xbf" + json.dumps(GOOD_CLAIMS).encode()),
    "payload in UTF-16": token(payload=json.dumps(GOOD_CLAIMS).encode("utf-16")),
    "payload followed by more": token(payload=json.dumps(GOOD_CLAIMS).encode() + b"{}"),
    "payload with a comma too many": token(payload=json.dumps(GOOD_CLAIMS).encode()[:-1] + b",}"),
    "payload is a token": token(payload=TOKEN.encode()),
}

BAD_CLIENTS = {
    "a client without scopes": without("scope", CLIENT_CLAIMS),
    "scopes without a client": without("client_id", CLIENT_CLAIMS),
    "a person's token with a scope": claims(scope="read"),
    **{f"client_id {how}": client_claims(client_id=value) for how, value in _NOT_IDS.items()},
    **{
        f"client_id {value!r}": client_claims(client_id=value)
        for value in (None, "", True, 7, [str(CLIENT)], {"id": str(CLIENT)})
    },
    **{
        f"scope {scope!r}": client_claims(scope=scope)
        for scope in (
            *(None, "", " ", " read", "read ", "read  refer", "read\trefer", "read\nrefer", "read read", 're"ad'),
            *("re\\ad", "ré", "read\x00", True, 7, ["read", "refer"], {"read": True}),
        )
    },
}

STALE = {
    "expired a second ago": claims(iat=SECONDS - 3601, nbf=SECONDS - 3601, exp=SECONDS - 1),
    "expiring this very second": claims(iat=SECONDS - 3600, nbf=SECONDS - 3600, exp=SECONDS),
    "expired in 1970": claims(iat=1, nbf=1, exp=2),
    "not good for another 31 seconds": claims(nbf=SECONDS + 31),
    "not good until the year 9999": claims(nbf=253_402_300_799),
    "issued 31 seconds from now": claims(iat=SECONDS + 31),
    "issued in the year 9000": claims(iat=221_845_392_000, nbf=SECONDS, exp=221_845_395_600),
    "good for eight hours and a second": claims(exp=SECONDS + 8 * 3600 + 1),
    "good for ever": claims(exp=253_402_300_799),
    "expiring before it was issued": claims(iat=SECONDS + 20, nbf=SECONDS, exp=SECONDS + 10),
    "expiring as it was issued": claims(iat=SECONDS + 10, nbf=SECONDS, exp=SECONDS + 10),
    "a partner system's, good for ten minutes and a second": client_claims(exp=SECONDS + 601),
    "a partner system's, good for an hour": client_claims(exp=SECONDS + 3600),
    "a partner system's, expired": client_claims(iat=SECONDS - 601, nbf=SECONDS - 601, exp=SECONDS - 1),
}

BROKEN = {
    "empty": "",
    "a dot": ".",
    "two dots": "..",
    "four dots": "....",
    "one part": PARTS[0],
    "two parts": ".".join(PARTS[:2]),
    "two parts and a dot": ".".join(PARTS[:2]) + ".",
    "no header": "." + ".".join(PARTS[1:]),
    "no payload": f"{PARTS[0]}..{PARTS[2]}",
    "four parts": TOKEN + "." + PARTS[2],
    "five parts, as an encrypted token has": ".".join([*PARTS, "AAAA", "AAAA"]),
    "an encrypted token": ".".join(
        [b64(b'{"alg":"dir","enc":"A256GCM"}'), "", b64(b"i" * 12), PARTS[1], b64(b"t" * 16)]
    ),
    "a dot too many": TOKEN + ".",
    "JSON serialisation": json.dumps({"protected": PARTS[0], "payload": PARTS[1], "signature": PARTS[2]}),
    "space inside": TOKEN.replace(".", ". "),
    "tab inside the payload": TOKEN.replace(".", ".\t", 1),
    "line end inside": TOKEN.replace(".", ".\n", 1),
    "line folded": TOKEN.replace(".", ".\r\n ", 1),
    "NUL after": TOKEN + "\x00",
    "NUL before": "\x00" + TOKEN,
    "a letter after": TOKEN + "A",
    "four letters after": TOKEN + "AAAA",
    "twice": TOKEN + TOKEN,
    "two, by a comma": f"{TOKEN},{TOKEN}",
    "scheme left on": "Bearer " + TOKEN,
    "in quotes": f'"{TOKEN}"',
    "an unpaired surrogate": TOKEN + "\ud800",
    "emoji": "🔑.🔑.🔑",
    "full-width dots": TOKEN.replace(".", "．"),
    "a look-alike letter": TOKEN.replace("e", "е", 1),
    "padding kept": TOKEN + "==",
    "padding in the payload": f"{PARTS[0]}.{PARTS[1]}=.{PARTS[2]}",
    "standard base64": f"{PARTS[0]}.{PARTS[1]}+/.{PARTS[2]}",
    "base64 once more": b64(TOKEN.encode()),
    "percent encoded": TOKEN.replace(".", "%2E"),
    "over 4 KB though truly signed": claims(note="n" * 4096),
    "10 MB": "a" * 10_000_000,
    "10 MB of dots": "." * 10_000_000,
    "10 MB in three parts": f"{PARTS[0]}.{'A' * 10_000_000}.{PARTS[2]}",
    "no signature": f"{PARTS[0]}.{PARTS[1]}.A",
    "signature cut by a byte": with_signature(lambda s: s[:-1]),
    "signature cut to half": with_signature(lambda s: s[:32]),
    "signature with a byte more": with_signature(lambda s: s + b"\x00"),
    "signature with a zero before": with_signature(lambda s: b"\x00" + s),
    "signature in 48 and 48 bytes": with_signature(lambda s: s[:32].rjust(48, b"\0") + s[32:].rjust(48, b"\0")),
    "signature in 31 and 33 bytes": with_signature(lambda s: s[1:32] + b"\x00" + s[32:]),
    "signature of zeros": with_signature(lambda s: bytes(64)),
    "r of zero": with_signature(lambda s: bytes(32) + s[32:]),
    "s of zero": with_signature(lambda s: s[:32] + bytes(32)),
    "r and s of one": with_signature(lambda s: (bytes(31) + b"\x01") * 2),
    "r and s of the order": with_signature(lambda s: ORDER.to_bytes(32, "big") * 2),
    "r of the order and s of zero": with_signature(lambda s: ORDER.to_bytes(32, "big") + bytes(32)),
    "signature of ones": with_signature(lambda s: b"\xff" * 64),
    "r and s swapped": with_signature(lambda s: s[32:] + s[:32]),
    "the other s that holds": with_signature(
        lambda s: s[:32] + (ORDER - int.from_bytes(s[32:], "big")).to_bytes(32, "big")
    ),
    "r read from its other end": with_signature(lambda s: s[:32][::-1] + s[32:]),
    "one bit of the signature flipped": with_signature(lambda s: s[:-1] + bytes([s[-1] ^ 1])),
    "signature in DER": token(sign=lambda m: EC_KEY.sign(m, ec.ECDSA(SHA256))),
    "payload of another": f"{PARTS[0]}.{b64(json.dumps(GOOD_CLAIMS).encode())}.{PARTS[2]}",
    "header of our other key": ".".join([header(kid="2026-05").split(".")[0], *PARTS[1:]]),
    "one letter of the payload changed": f"{PARTS[0]}.{PARTS[1].swapcase()}.{PARTS[2]}",
    "signature spelt differently": forge.signature_spelt_differently(),
    "payload spelt differently": forge.payload_spelt_differently(),
}

FAMILIES: dict[str, dict[str, str]] = {
    "keys": FORGED_KEYS,
    "headers": BAD_HEADERS,
    "claims": BAD_CLAIMS,
    "clients": BAD_CLIENTS,
    "stale": STALE,
    "broken": BROKEN,
}
REFUSED: dict[str, str] = {name: forged for family in FAMILIES.values() for name, forged in family.items()}
