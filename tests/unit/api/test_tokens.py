"""A token is one of ours, whole and in date, or it is refused with one and the same error."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import example, given
from hypothesis import strategies as st

from app.api.tokens import Claims, TokenKeys, generate_pem, issue, verify
from app.domain.errors import Unauthenticated

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
USER = uuid.UUID("6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b01")
PARTNERSHIP = uuid.UUID("0b6f1f9e-5a53-4c0e-8a55-1f0f0e7d2c02")

PEM = generate_pem()
OLD_PEM = generate_pem()
STRANGER_PEM = generate_pem()
KEYS = TokenKeys({"2026-11": PEM, "2026-05": OLD_PEM}, signing_kid="2026-11")
STRANGER = TokenKeys({"2026-11": STRANGER_PEM}, signing_kid="2026-11")
TOKEN = issue(KEYS, user_id=USER, partnership_id=PARTNERSHIP, now=NOW)


def ec_key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


EC_KEY = ec_key(PEM)
PUBLIC = EC_KEY.public_key()
SHA256 = hashes.SHA256()
RSA_KEY = rsa.generate_private_key(65537, 2048)

GOOD_HEADER = {"alg": "ES256", "kid": "2026-11", "typ": "at+jwt"}
GOOD_CLAIMS: dict[str, object] = {
    "iss": "roundtable",
    "aud": "roundtable-api",
    "sub": str(USER),
    "partnership": str(PARTNERSHIP),
    "jti": "c7d0f1b2-9a5c-4f7e-8a67-5a0f0e7d2c03",
    "iat": SECONDS,
    "nbf": SECONDS,
    "exp": SECONDS + 3600,
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def es256(message: bytes, key: ec.EllipticCurvePrivateKey = EC_KEY, digest: hashes.HashAlgorithm = SHA256) -> bytes:
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def token(
    header: object = GOOD_HEADER,
    payload: bytes | None = None,
    sign: Callable[[bytes], bytes] = es256,
) -> str:
    """A token with this header and payload and, unless another is given, a signature that truly is ours."""
    head = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    body = json.dumps(GOOD_CLAIMS).encode() if payload is None else payload
    text = f"{b64(head)}.{b64(body)}"
    return f"{text}.{b64(sign(text.encode()))}"


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def claims(**changes: object) -> str:
    return token(payload=json.dumps(GOOD_CLAIMS | changes).encode())


def without(name: str) -> str:
    return token(payload=json.dumps({k: v for k, v in GOOD_CLAIMS.items() if k != name}).encode())


def raw_claim(name: str, json_text: str) -> str:
    """A token whose claim holds this JSON text, for numbers that json.dumps would not write."""
    text = json.dumps(GOOD_CLAIMS | {name: "PLACE"}).replace('"PLACE"', json_text)
    return token(payload=text.encode())


def header(**changes: object) -> str:
    return token(GOOD_HEADER | changes)


def parts() -> list[str]:
    return TOKEN.split(".")


def with_signature(change: Callable[[bytes], bytes]) -> str:
    head, body, signature = parts()
    return f"{head}.{body}.{b64(change(base64.urlsafe_b64decode(signature + '==')))}"


def spelt_differently(segment: int) -> str:
    """The same bytes in another base64 spelling: lax decoders drop the last character's spare bits."""
    found = parts()
    if segment == 1:  # the signed text must change with it, so sign the odd spelling
        body = json.dumps(GOOD_CLAIMS).encode()
        body += b" " * ((1 - len(body)) % 3)  # one byte over: four spare bits
        odd = b64(body)[:-1] + chr(ord(b64(body)[-1]) + 1)
        assert base64.urlsafe_b64decode(odd + "==") == body
        text = f"{found[0]}.{odd}"
        return f"{text}.{b64(es256(text.encode()))}"
    found[2] = found[2][:-1] + chr(ord(found[2][-1]) + 1)
    assert base64.urlsafe_b64decode(found[2] + "==") == base64.urlsafe_b64decode(parts()[2] + "==")
    return ".".join(found)


def public(encoding: serialization.Encoding, form: serialization.PublicFormat) -> bytes:
    return PUBLIC.public_bytes(encoding, form)


PUBLIC_PEM = public(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
PUBLIC_DER = public(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
PUBLIC_RAW = public(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
PUBLIC_SQUEEZED = public(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
PUBLIC_SSH = public(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)

FORGED_KEYS = {
    **{
        f"unsigned, alg spelt {alg!r}": token(GOOD_HEADER | {"alg": alg}, sign=lambda _: b"")
        for alg in ("none", "None", "NONE", "nOnE", "", " none", "none ", "none\x00")
    },
    "alg none with a true signature": header(alg="none"),
    "HS256 keyed with the public PEM": token(GOOD_HEADER | {"alg": "HS256"}, sign=hs256(PUBLIC_PEM)),
    "HS256 keyed with the PEM, stripped": token(GOOD_HEADER | {"alg": "HS256"}, sign=hs256(PUBLIC_PEM.strip())),
    "HS256 keyed with the public DER": token(GOOD_HEADER | {"alg": "HS256"}, sign=hs256(PUBLIC_DER)),
    "HS256 keyed with the raw point": token(GOOD_HEADER | {"alg": "HS256"}, sign=hs256(PUBLIC_RAW)),
    "HS256 keyed with the squeezed point": token(GOOD_HEADER | {"alg": "HS256"}, sign=hs256(PUBLIC_SQUEEZED)),
    "HS256 keyed with base64 of the DER": token(
        GOOD_HEADER | {"alg": "HS256"}, sign=hs256(base64.b64encode(PUBLIC_DER))
    ),
    "HS256 keyed with the SSH form": token(GOOD_HEADER | {"alg": "HS256"}, sign=hs256(PUBLIC_SSH)),
    "HS256 keyed with nothing": token(GOOD_HEADER | {"alg": "HS256"}, sign=hs256(b"")),
    "an HMAC under a header that says ES256": token(sign=lambda m: hs256(PUBLIC_PEM)(m) + hs256(PUBLIC_PEM)(m)),
    "RS256 by a stranger's RSA key": token(
        GOOD_HEADER | {"alg": "RS256"},
        sign=lambda m: RSA_KEY.sign(m, padding.PKCS1v15(), SHA256),
    ),
    "an RSA signature under a header that says ES256": token(
        sign=lambda m: RSA_KEY.sign(m, padding.PKCS1v15(), SHA256)
    ),
    "signed by a stranger under our kid": issue(STRANGER, user_id=USER, partnership_id=PARTNERSHIP, now=NOW),
    "signed by our other key under this kid": token(sign=lambda m: es256(m, ec_key(OLD_PEM))),
    "ES256 over SHA-384": token(sign=lambda m: es256(m, digest=hashes.SHA384())),
}

BAD_HEADERS = {
    **{
        f"alg {alg!r}": header(alg=alg)
        for alg in ("ES384", "ES512", "es256", "ES25", "ES256K", "EdDSA", "dir", ["ES256"], None, 256, True)
    },
    "no alg": token({"kid": "2026-11", "typ": "at+jwt"}),
    "no kid": token({"alg": "ES256", "typ": "at+jwt"}),
    "no typ": token({"alg": "ES256", "kid": "2026-11"}),
    **{f"typ {typ!r}": header(typ=typ) for typ in ("JWT", "jwt", "at+JWT", "", None, ["at+jwt"])},
    **{
        f"kid {kid!r}": header(kid=kid)
        for kid in (
            "2027-01",
            "",
            None,
            0,
            ["2026-11"],
            {"2026-11": 1},
            "../../../../dev/null",
            "/etc/passwd",
            "file:///dev/null",
            "' OR '1'='1",
            "x' UNION SELECT 'key'--",
            "2026-11\x00",
            " 2026-11",
            "2026-11\n",
            "２０２６-11",
            "k" * 1500,
        )
    },
    **{
        f"crit {crit!r}": header(crit=crit, exp=1, b64=False)
        for crit in (["exp"], ["b64"], [], "exp", None, ["urn:unknown"])
    },
    "a key of its own in jwk": header(jwk={"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
    "a key to fetch in jku": header(jku="https://keys.example/jwks.json"),
    "a key to fetch in x5u": header(x5u="https://keys.example/cert.pem"),
    "a certificate in x5c": header(x5c=["MIIB"]),
    "squeezed payload announced in zip": header(zip="DEF"),
    "nested token announced in cty": header(cty="JWT"),
    "alg said twice": token(b'{"alg":"none","alg":"ES256","kid":"2026-11","typ":"at+jwt"}'),
    "header is a list": token([GOOD_HEADER]),
    "header is a string": token("ES256"),
    "header is null": token(None),
    "header is not JSON": token(b"{alg:ES256}"),
    "header is not UTF-8": token(b"\xff\xfe"),
    "header is nested a thousand deep": token(b"[" * 1000 + b"]" * 1000),
    "header with white space": token(b'{ "alg":"ES256","kid":"2026-11","typ":"at+jwt"}'),
}

BAD_CLAIMS = {
    **{f"no {name}": without(name) for name in GOOD_CLAIMS},
    **{f"{name} null": claims(**{name: None}) for name in GOOD_CLAIMS},
    **{f"{name} empty": claims(**{name: ""}) for name in GOOD_CLAIMS},
    **{f"{name} in a list": claims(**{name: [GOOD_CLAIMS[name]]}) for name in GOOD_CLAIMS},
    **{f"{name} in an object": claims(**{name: {"v": 1}}) for name in GOOD_CLAIMS},
    **{f"{name} true": claims(**{name: True}) for name in GOOD_CLAIMS},
    **{
        f"{name} {how}": raw_claim(name, value)
        for name in ("iat", "nbf", "exp")
        for how, value in {
            "as text": f'"{SECONDS}"',
            "as a fraction": f"{SECONDS}.0",
            "as 1e400": "1e400",
            "as an exponent": "1.7e9",
            "as NaN": "NaN",
            "as Infinity": "Infinity",
            "as minus Infinity": "-Infinity",
            "negative": "-1",
            "zero": "0",
            "past 64 bits": "9" * 30,
            "of a thousand digits": "9" * 1000,
            "past the year 9999": "253402300800",
            "in milliseconds": str(SECONDS * 1000),
        }.items()
    },
    "aud a list that has ours": claims(aud=["roundtable-api", "other"]),
    "aud another": claims(aud="other"),
    "aud that begins like ours": claims(aud="roundtable-api.example"),
    "aud a part of ours": claims(aud="roundtable"),
    "aud in capitals": claims(aud="ROUNDTABLE-API"),
    "iss another": claims(iss="https://accounts.example"),
    "iss that begins like ours": claims(iss="roundtable.example"),
    "iss with a space": claims(iss="roundtable "),
    **{
        f"{name} {how}": claims(**{name: value})
        for name in ("sub", "partnership", "jti")
        for how, value in {
            "not a UUID": "imran.shah@police.example",
            "in braces": "{6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b01}",
            "in capitals": "6F1D0C1E-0D0B-4B6E-9D0A-3D7C1F3A5B01",
            "as a URN": "urn:uuid:6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b01",
            "without dashes": "6f1d0c1e0d0b4b6e9d0a3d7c1f3a5b01",
            "with full-width digits": "６f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b01",
            "with a NUL": "6f1d0c1e-0d0b-4b6e-9d0a-3d7c1f3a5b0\x00",
            "SQL": "' OR 1=1--",
        }.items()
    },
    "sub said twice": raw_claim("sub", f'"{uuid.uuid4()}","sub":"{USER}"'),
    "exp said twice": raw_claim("exp", f'1,"exp":{SECONDS + 60}'),
    "a repeat deep inside": raw_claim("note", '{"a":1,"a":2}'),
    "a fraction in a claim that nobody reads": raw_claim("note", "1e400"),
    "NaN in a claim that nobody reads": raw_claim("note", "NaN"),
    "nested a thousand deep": token(payload=b"[" * 1000 + b"]" * 1000),
    "deep inside a claim": raw_claim("sub", "[" * 900 + "]" * 900),
    "payload is a list": token(payload=json.dumps([GOOD_CLAIMS]).encode()),
    "payload is text": token(payload=json.dumps("sub").encode()),
    "payload is null": token(payload=b"null"),
    "payload is not JSON": token(payload=b"sub=1"),
    "payload is not UTF-8": token(payload=b'{"sub":"\xff"}'),
    "payload begins with a byte order mark": token(payload=b"\xef\xbb\xbf" + json.dumps(GOOD_CLAIMS).encode()),
    "payload in UTF-16": token(payload=json.dumps(GOOD_CLAIMS).encode("utf-16")),
    "payload followed by more": token(payload=json.dumps(GOOD_CLAIMS).encode() + b"{}"),
    "payload is a token": token(payload=TOKEN.encode()),
}

STALE = {
    "expired a second ago": claims(iat=SECONDS - 3601, nbf=SECONDS - 3601, exp=SECONDS - 1),
    "expiring this very second": claims(iat=SECONDS - 3600, nbf=SECONDS - 3600, exp=SECONDS),
    "expired in 1970": claims(iat=1, nbf=1, exp=2),
    "not good for another 31 seconds": claims(nbf=SECONDS + 31),
    "issued 31 seconds from now": claims(iat=SECONDS + 31),
    "issued in the year 9000": claims(iat=221_845_392_000, nbf=SECONDS, exp=221_845_395_600),
    "good for 12 hours and a second": claims(exp=SECONDS + 12 * 3600 + 1),
    "good for ever": claims(exp=253_402_300_799),
    "expiring before it was issued": claims(iat=SECONDS + 20, nbf=SECONDS, exp=SECONDS + 10),
    "expiring as it was issued": claims(iat=SECONDS + 10, nbf=SECONDS, exp=SECONDS + 10),
}

BROKEN = {
    "empty": "",
    "a dot": ".",
    "two dots": "..",
    "four dots": "....",
    "one part": parts()[0],
    "two parts": ".".join(parts()[:2]),
    "two parts and a dot": ".".join(parts()[:2]) + ".",
    "no header": "." + ".".join(parts()[1:]),
    "no payload": f"{parts()[0]}..{parts()[2]}",
    "four parts": TOKEN + "." + parts()[2],
    "five parts, as an encrypted token has": ".".join([*parts(), "AAAA", "AAAA"]),
    "JSON serialisation": json.dumps({"protected": parts()[0], "payload": parts()[1], "signature": parts()[2]}),
    "space before": " " + TOKEN,
    "space after": TOKEN + " ",
    "line end after": TOKEN + "\n",
    "space inside": TOKEN.replace(".", ". "),
    "tab inside the payload": TOKEN.replace(".", ".\t", 1),
    "NUL after": TOKEN + "\x00",
    "NUL before": "\x00" + TOKEN,
    "scheme left on": "Bearer " + TOKEN,
    "in quotes": f'"{TOKEN}"',
    "an unpaired surrogate": TOKEN + "\ud800",
    "emoji": "🔑.🔑.🔑",
    "full-width dots": TOKEN.replace(".", "．"),
    "a look-alike letter": TOKEN.replace("e", "е", 1),
    "padding kept": TOKEN + "==",
    "padding in the payload": f"{parts()[0]}.{parts()[1]}=.{parts()[2]}",
    "standard base64": f"{parts()[0]}.{parts()[1]}+/.{parts()[2]}",
    "percent encoded": TOKEN.replace(".", "%2E"),
    "over 4 KB though truly signed": claims(note="n" * 4096),
    "10 MB": "a" * 10_000_000,
    "10 MB of dots": "." * 10_000_000,
    "signature cut by a byte": with_signature(lambda s: s[:-1]),
    "signature cut to half": with_signature(lambda s: s[:32]),
    "signature with a byte more": with_signature(lambda s: s + b"\x00"),
    "signature of zeros": with_signature(lambda s: bytes(64)),
    "r of zero": with_signature(lambda s: bytes(32) + s[32:]),
    "s of zero": with_signature(lambda s: s[:32] + bytes(32)),
    "signature of ones": with_signature(lambda s: b"\xff" * 64),
    "r and s swapped": with_signature(lambda s: s[32:] + s[:32]),
    "one bit of the signature flipped": with_signature(lambda s: s[:-1] + bytes([s[-1] ^ 1])),
    "signature in DER": token(sign=lambda m: EC_KEY.sign(m, ec.ECDSA(SHA256))),
    "payload of another": f"{parts()[0]}.{b64(json.dumps(GOOD_CLAIMS).encode())}.{parts()[2]}",
    "header of our other key": ".".join([token(GOOD_HEADER | {"kid": "2026-05"}).split(".")[0], *parts()[1:]]),
    "one letter of the payload changed": f"{parts()[0]}.{parts()[1].swapcase()}.{parts()[2]}",
    "signature spelt differently": spelt_differently(2),
    "payload spelt differently": spelt_differently(1),
}

REFUSED: dict[str, str] = {**FORGED_KEYS, **BAD_HEADERS, **BAD_CLAIMS, **STALE, **BROKEN}


def test_a_token_says_who_where_and_until_when() -> None:
    said = verify(KEYS, TOKEN, NOW)
    assert (said.user_id, said.partnership_id) == (USER, PARTNERSHIP)
    assert (said.issued_at, said.expires_at) == (NOW, NOW + timedelta(hours=1))


def test_a_token_built_by_hand_to_the_same_rules_is_accepted() -> None:
    """The forgeries below differ from this one by a single thing each, so each is refused for that thing."""
    assert verify(KEYS, token(), NOW).user_id == USER


@pytest.mark.parametrize("forged", REFUSED.values(), ids=[ascii(name) for name in REFUSED])
def test_what_is_not_whole_ours_and_in_date_is_refused(forged: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(KEYS, forged, NOW)


@pytest.mark.parametrize("thing", [None, b"", TOKEN.encode(), 7, [TOKEN], {"token": TOKEN}])
def test_what_is_not_text_is_refused(thing: Any) -> None:
    with pytest.raises(Unauthenticated):
        verify(KEYS, thing, NOW)


def test_the_refusal_is_the_same_whatever_the_reason() -> None:
    said = set()
    for forged in (REFUSED["empty"], REFUSED["no kid"], REFUSED["expired in 1970"]):
        with pytest.raises(Unauthenticated) as refused:
            verify(KEYS, forged, NOW)
        said.add(str(refused.value))
    assert len(said) == 1


def test_a_remembered_token_still_expires() -> None:
    """Signatures are remembered, time is not: the same token is judged by the clock at each use."""
    fresh = issue(KEYS, user_id=USER, partnership_id=PARTNERSHIP, now=NOW, minutes=10)
    assert verify(KEYS, fresh, NOW) == verify(KEYS, fresh, NOW + timedelta(minutes=9, seconds=59))
    for when in (NOW + timedelta(minutes=10), NOW + timedelta(days=1), NOW - timedelta(seconds=31)):
        with pytest.raises(Unauthenticated):
            verify(KEYS, fresh, when)
    assert verify(KEYS, fresh, NOW - timedelta(seconds=30)).user_id == USER


def test_a_neighbour_of_a_remembered_token_is_not_taken_for_it() -> None:
    verify(KEYS, TOKEN, NOW)
    for at in range(len(TOKEN)):
        with pytest.raises(Unauthenticated):
            verify(KEYS, TOKEN[:at] + TOKEN[at + 1 :], NOW)


def test_a_clock_in_another_zone_changes_nothing() -> None:
    summer = NOW.astimezone(timezone(timedelta(hours=1)))
    assert verify(KEYS, issue(KEYS, user_id=USER, partnership_id=PARTNERSHIP, now=summer), NOW).issued_at == NOW


def test_a_clock_without_a_zone_is_the_callers_mistake() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        verify(KEYS, TOKEN, naive)
    with pytest.raises(ValueError, match="zone"):
        issue(KEYS, user_id=USER, partnership_id=PARTNERSHIP, now=naive)


@pytest.mark.parametrize("minutes", [-60, 0, 9, 481, 10_000])
def test_a_token_lasts_ten_minutes_to_eight_hours(minutes: int) -> None:
    with pytest.raises(ValueError, match="10 to 480"):
        issue(KEYS, user_id=USER, partnership_id=PARTNERSHIP, now=NOW, minutes=minutes)


def test_no_two_tokens_share_an_id() -> None:
    again = issue(KEYS, user_id=USER, partnership_id=PARTNERSHIP, now=NOW)
    assert verify(KEYS, again, NOW).token_id != verify(KEYS, TOKEN, NOW).token_id


def test_a_token_signed_before_the_key_was_changed_is_good_until_it_expires() -> None:
    before = TokenKeys({"2026-05": OLD_PEM}, signing_kid="2026-05")
    old = issue(before, user_id=USER, partnership_id=PARTNERSHIP, now=NOW)
    assert verify(KEYS, old, NOW).user_id == USER
    after = TokenKeys({"2026-11": PEM}, signing_kid="2026-11")
    with pytest.raises(Unauthenticated):
        verify(after, old, NOW)


def test_a_retired_key_can_be_kept_as_its_public_half() -> None:
    keys = TokenKeys({"2026-11": PUBLIC_PEM.decode(), "2027-01": generate_pem()}, signing_kid="2027-01")
    assert verify(keys, TOKEN, NOW).user_id == USER


def p384() -> str:
    key = ec.generate_private_key(ec.SECP384R1())
    return pem_of(key)


def pem_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes | None = None) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption(),
    ).decode()


@pytest.mark.parametrize(
    ("pems", "signing"),
    [
        ({}, "a"),
        ({"a": PEM}, "b"),
        ({"a": PUBLIC_PEM.decode()}, "a"),
        ({"a": p384()}, "a"),
        ({"a": pem_of(RSA_KEY)}, "a"),
        ({"a": pem_of(EC_KEY, b"secret")}, "a"),
        ({"a": "secret"}, "a"),
        ({"a": ""}, "a"),
        ({"a": "\ud800"}, "a"),
        ({"a": PEM[:-60]}, "a"),
        ({"a b": PEM}, "a b"),
        ({"": PEM}, ""),
        ({"k" * 65: PEM}, "k" * 65),
    ],
)
def test_keys_that_cannot_sign_or_are_not_on_p256_are_refused_when_loaded(pems: dict[str, str], signing: str) -> None:
    with pytest.raises(ValueError, match=r"[Tt]oken key") as refused:
        TokenKeys(pems, signing)
    assert "secret" not in str(refused.value)
    assert "BEGIN" not in str(refused.value)


@given(st.text())
@example(TOKEN[:-1])
@example("\x00")
def test_any_text_is_refused_and_never_raises_anything_else(text: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(KEYS, text, NOW)


@given(st.lists(st.binary(max_size=90), min_size=1, max_size=6))
def test_any_bytes_in_the_shape_of_a_token_are_refused(segments: list[bytes]) -> None:
    with pytest.raises(Unauthenticated):
        verify(KEYS, ".".join(b64(segment) for segment in segments), NOW)


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_a_token_with_any_one_character_changed_is_refused(at: int, other: str) -> None:
    changed = TOKEN[:at] + other + TOKEN[at + 1 :]
    if changed == TOKEN:
        assert verify(KEYS, changed, NOW).user_id == USER
    else:
        with pytest.raises(Unauthenticated):
            verify(KEYS, changed, NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(GOOD_CLAIMS)), json_values, min_size=1))
def test_any_truly_signed_claims_are_understood_or_refused(changes: dict[str, object]) -> None:
    """Even a token that we signed by mistake gives good claims or the refusal, never another error."""
    try:
        said = verify(KEYS, claims(**changes), NOW)
    except Unauthenticated:
        return
    assert isinstance(said, Claims)
    assert said.issued_at <= NOW + timedelta(seconds=30)
    assert NOW < said.expires_at <= said.issued_at + timedelta(hours=12)


@given(st.binary(max_size=200))
def test_any_truly_signed_payload_is_refused_unless_it_holds_the_claims(payload: bytes) -> None:
    with pytest.raises(Unauthenticated):
        verify(KEYS, token(payload=payload), NOW)
