"""The keys that tokens are signed with: which are taken, how they are published, and how they are changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from app.api.signatures import Verifier, take_apart
from app.api.tokens import TokenKeys, generate_pem, verify
from app.domain.errors import Unauthenticated
from app.domain.public_jwks import PublicJwk
from tests.unit.api.forge import EC_KEY, KEYS, NOW, OLD_PEM, PEM, PUBLIC_PEM, RSA_KEY, TOKEN, USER, issued, unb64


def pem_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes | None = None) -> str:
    """A private key as PEM."""
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
        ({"a": pem_of(ec.generate_private_key(ec.SECP384R1()))}, "a"),
        ({"a": pem_of(ec.generate_private_key(ec.SECP256K1()))}, "a"),
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


def test_every_key_is_published_and_no_private_half_is() -> None:
    keys = TokenKeys({"2026-11": PEM, "2026-05": OLD_PEM, "2025-11": PUBLIC_PEM.decode()}, signing_kid="2026-11")
    published = keys.jwks()["keys"]
    assert [each["kid"] for each in published] == ["2026-11", "2026-05", "2025-11"]
    for each in published:
        assert set(each) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
        assert (each["kty"], each["crv"], each["alg"], each["use"]) == ("EC", "P-256", "ES256", "sig")
    point = EC_KEY.public_key().public_numbers()
    assert [int.from_bytes(unb64(published[0][name]), "big") for name in ("x", "y")] == [point.x, point.y]


def test_a_coordinate_with_zeros_before_it_is_published_with_them() -> None:
    """RFC 7518 has every coordinate in 32 bytes; one key in 128 begins with a zero."""
    padded = next(key for key in (_with_leading_zero(number) for number in range(1, 2000)) if key)
    (published,) = TokenKeys({"zero": pem_of(padded)}, "zero").jwks()["keys"]
    assert (len(published["x"]), len(published["y"])) == (43, 43)
    assert PublicJwk.read(published).document() == published


def _with_leading_zero(number: int) -> ec.EllipticCurvePrivateKey | None:
    key = ec.derive_private_key(number, ec.SECP256R1())
    point = key.public_key().public_numbers()
    return key if min(point.x, point.y).bit_length() <= 248 else None


def test_what_is_published_cannot_change_the_keys() -> None:
    KEYS.jwks()["keys"].clear()
    KEYS.jwks()["keys"][0]["x"] = ""
    assert [each["kid"] for each in KEYS.jwks()["keys"]] == ["2026-11", "2026-05"]
    assert all(each["x"] for each in KEYS.jwks()["keys"])


def test_a_token_signed_before_the_key_was_changed_is_good_until_the_key_is_retired() -> None:
    old = issued(TokenKeys({"2026-05": OLD_PEM}, signing_kid="2026-05"))
    assert verify(KEYS, old, NOW).user_id == USER
    with pytest.raises(Unauthenticated):
        verify(TokenKeys({"2026-11": PEM}, signing_kid="2026-11"), old, NOW)


def test_a_retired_key_can_be_kept_as_its_public_half() -> None:
    keys = TokenKeys({"2027-01": generate_pem(), "2026-11": PUBLIC_PEM.decode()}, signing_kid="2027-01")
    assert verify(keys, TOKEN, NOW).user_id == USER


BEFORE = TokenKeys({"old": OLD_PEM}, "old")
PUBLISH = TokenKeys({"old": OLD_PEM, "new": PEM}, "old")
SIGN = TokenKeys({"new": PEM, "old": OLD_PEM}, "new")
RETIRE = TokenKeys({"new": PEM}, "new")
STEPS = (BEFORE, PUBLISH, SIGN, RETIRE)
LONGEST = timedelta(minutes=480)


@dataclass(frozen=True, slots=True)
class Rollout:
    """When each of two processes took each step: a step is taken by both before either takes the next."""

    taken: tuple[tuple[datetime, ...], tuple[datetime, ...]]

    def keys(self, process: int, now: datetime) -> TokenKeys:
        """What a process has at this moment."""
        return STEPS[sum(now >= each for each in self.taken[process])]


@st.composite
def rollouts(draw: st.DrawFn) -> Rollout:
    """Any schedule by the rule, the last step being eight hours after the last process began to sign anew."""
    gaps = st.integers(0, 36 * 3600).map(lambda seconds: timedelta(seconds=seconds))
    taken: tuple[list[datetime], list[datetime]] = ([], [])
    moment = NOW
    for step in range(len(STEPS) - 1):
        if step == 2:
            moment += LONGEST
        first = draw(st.sampled_from((0, 1)))
        for process in (first, 1 - first):
            moment += draw(gaps)
            taken[process].append(moment)
    return Rollout((tuple(taken[0]), tuple(taken[1])))


def holds_by_published(token: str, keys: TokenKeys) -> bool:
    """Whether somebody who has nothing but the published keys can check a token."""
    compact = take_apart(token, 4096)
    for each in keys.jwks()["keys"]:
        try:
            Verifier.of(PublicJwk.read(each)).check(compact)
        except Unauthenticated:
            continue
        return True
    return False


@given(rollouts(), st.sampled_from((0, 1)), st.sampled_from((0, 1)), st.integers(10, 480), st.data())
def test_no_good_token_is_refused_while_a_key_is_changed(
    rollout: Rollout, issuer: int, reader: int, minutes: int, data: st.DataObject
) -> None:
    """Two processes, each at its own step, and a token of either that the other is asked about while it lasts."""
    last = max(rollout.taken[0][-1], rollout.taken[1][-1])
    moments = [each for taken in rollout.taken for each in taken]
    near = st.sampled_from(moments).flatmap(
        lambda moment: st.integers(-LONGEST.seconds, 60).map(lambda seconds: moment + timedelta(seconds=seconds))
    )
    anywhere = st.integers(0, int((last - NOW).total_seconds())).map(lambda seconds: NOW + timedelta(seconds=seconds))
    made_at = data.draw(near | anywhere)
    asked_at = made_at + timedelta(seconds=data.draw(st.integers(0, minutes * 60 - 1)))
    token = issued(rollout.keys(issuer, made_at), made_at, minutes)
    keys = rollout.keys(reader, asked_at)
    assert verify(keys, token, asked_at).user_id == USER
    assert holds_by_published(token, keys)


def test_a_key_that_signs_before_it_is_published_everywhere_is_refused_elsewhere() -> None:
    """Why there are three steps: each pair of neighbours agrees, and no two steps further apart need to."""
    token = issued(SIGN)
    assert verify(PUBLISH, token, NOW).user_id == USER
    with pytest.raises(Unauthenticated):
        verify(BEFORE, token, NOW)
