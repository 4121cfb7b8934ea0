"""What is taken of a passkey, and what is refused: a device that lies, a page that is not ours, junk."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import base64url
from app.domain.passkeys import Made, NotRecognised, NotTaken, Shown, Signed, Taken, went_back
from app.services import webauthn
from app.services.webauthn import Owner, Party
from tests.authenticator import EDDSA, ES256, PRESENT, PS256, RS256, VERIFIED, Authenticator

ORIGIN = "https://roundtable.example.org"
PARTY = Party(ORIGIN)
CHALLENGE, OTHER = bytes(range(32)), bytes(32)
OWNER = Owner(bytes(32), "officer@police.example", "Imran Shah")


def make(device: Authenticator, challenge: bytes = CHALLENGE, **wrong: Any) -> Taken:
    options = webauthn.to_make(PARTY, challenge, OWNER, [])
    made = device.make(options, wrong.pop("origin", ORIGIN), **wrong)
    return webauthn.taken(Made.model_validate(made), CHALLENGE, PARTY)


def sign(device: Authenticator, taken: Taken, challenge: bytes = CHALLENGE, **wrong: Any) -> Signed:
    shown = device.show(webauthn.to_show(PARTY, challenge), wrong.pop("origin", ORIGIN), **wrong)
    return webauthn.signed(Shown.model_validate(shown), taken.public_key, CHALLENGE, PARTY)


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_a_passkey_of_each_algorithm_that_is_asked_for_is_taken_and_signs(algorithm: int) -> None:
    options = webauthn.to_make(PARTY, CHALLENGE, OWNER, [])
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [ES256, EDDSA, RS256]
    device = Authenticator(algorithm)
    taken = make(device)
    assert taken.credential_id == device.credential_id
    assert sign(device, taken) == Signed(sign_count=1, backed_up=False)


def test_an_algorithm_that_was_not_asked_for_is_refused() -> None:
    with pytest.raises(NotTaken):
        make(Authenticator(PS256))


def test_a_device_is_asked_to_find_the_passkey_itself_and_to_check_its_owner() -> None:
    made = webauthn.to_make(PARTY, CHALLENGE, OWNER, [])
    assert made["authenticatorSelection"] | {"requireResidentKey": True} == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert made["attestation"] == "none"
    shown = webauthn.to_show(PARTY, CHALLENGE)
    assert (shown["userVerification"], shown["allowCredentials"]) == ("required", [])
    assert shown["rpId"] == made["rp"]["id"] == "roundtable.example.org"


WRONG: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://roundtable.example.com"},
    "the same name without https": {"origin": "http://roundtable.example.org"},
    "a name below ours": {"origin": "https://x.roundtable.example.org"},
    "another port": {"origin": "https://roundtable.example.org:8443"},
    "another challenge": {"challenge": OTHER},
    "in a frame of another site": {"crossOrigin": True},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_was_made_or_signed_elsewhere_is_refused(wrong: dict[str, Any]) -> None:
    device = Authenticator()
    with pytest.raises(NotTaken):
        make(device, **wrong)
    taken = make(device)
    with pytest.raises(NotRecognised):
        sign(device, taken, **wrong)


def test_what_was_made_is_not_taken_for_what_was_signed_nor_the_other_way_round() -> None:
    device = Authenticator()
    taken = make(device)
    with pytest.raises(NotRecognised):
        sign(device, taken, type="webauthn.create")
    with pytest.raises(NotTaken):
        make(device, type="webauthn.get")


def test_another_relying_party_is_refused() -> None:
    device = Authenticator()
    options = webauthn.to_make(PARTY, CHALLENGE, OWNER, [])
    options["rp"]["id"] = "example.org"
    with pytest.raises(NotTaken):
        webauthn.taken(Made.model_validate(device.make(options, ORIGIN)), CHALLENGE, PARTY)
    taken = make(device)
    with pytest.raises(NotRecognised):
        sign(device, taken, rp_id="example.org")


@pytest.mark.parametrize("flags", [PRESENT, VERIFIED, 0], ids=["owner not checked", "nobody present", "neither"])
def test_a_device_must_have_checked_that_it_is_its_owner(flags: int) -> None:
    device = Authenticator()
    taken = make(device)
    device.flags = flags
    with pytest.raises(NotRecognised):
        sign(device, taken)
    with pytest.raises(NotTaken):
        make(device)


def test_a_signature_by_another_key_is_refused() -> None:
    device = Authenticator()
    make(device)
    with pytest.raises(NotRecognised):
        sign(device, make(Authenticator()))
    with pytest.raises(NotRecognised):
        sign(device, replace(make(Authenticator()), public_key=webauthn.decoy()))


def test_nobody_is_asked_what_make_their_device_is() -> None:
    assert make(Authenticator(), form="none").public_key
    assert make(Authenticator(), form="packed").public_key  # signed by the new key itself: that names no make
    certified = {"alg": ES256, "sig": b"signature", "x5c": [b"certificate"]}
    for form, statement in (("packed", certified), ("fido-u2f", certified), ("none", certified), ("apple", certified)):
        with pytest.raises(NotTaken):
            make(Authenticator(), form=form, statement=statement)


def test_a_key_that_no_signature_can_fit_is_found_out_when_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    off_the_curve = cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32})
    monkeypatch.setattr(Authenticator, "public_key", off_the_curve)
    with pytest.raises(NotTaken):
        make(Authenticator())


DEVICE = Authenticator()
OPTIONS = webauthn.to_make(PARTY, CHALLENGE, OWNER, [])
MADE = DEVICE.make(OPTIONS, ORIGIN)
TAKEN = make(DEVICE)
SHOWN = DEVICE.show(webauthn.to_show(PARTY, CHALLENGE), ORIGIN)
COVERED = ("client_data", "authenticator_data", "signature")


@settings(max_examples=150)
@given(st.sampled_from(COVERED), st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_of_what_was_signed_can_be_another(part: str, place: int, change: int) -> None:
    data = bytearray(base64url.decode(SHOWN[part]))
    data[place % len(data)] ^= change
    with pytest.raises(NotRecognised):
        webauthn.signed(
            Shown.model_validate(SHOWN | {part: base64url.encode(bytes(data))}), TAKEN.public_key, CHALLENGE, PARTY
        )


_JUNK = st.one_of(
    st.binary(min_size=1, max_size=300),
    st.recursive(
        st.none() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    ).map(cbor2.dumps),
    st.builds(lambda value: json.dumps(value).encode(), st.dictionaries(st.text(), st.text() | st.integers())),
    st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=6)).map(
        lambda each: _spliced(base64url.decode(MADE["attestation"]), *each)
    ),
)


def _spliced(data: bytes, place: int, junk: bytes) -> bytes:
    return data[: place % len(data)] + junk + data[place % len(data) + len(junk) :]


@settings(max_examples=150)
@given(_JUNK, _JUNK)
def test_junk_is_refused_and_nothing_breaks(one: bytes, two: bytes) -> None:
    junk = {"client_data": base64url.encode(one)}
    for part in (junk, {"authenticator_data": base64url.encode(two)}, {"signature": base64url.encode(two)}):
        with pytest.raises(NotRecognised):
            webauthn.signed(Shown.model_validate(SHOWN | part), TAKEN.public_key, CHALLENGE, PARTY)
    with pytest.raises(NotTaken):
        webauthn.taken(Made.model_validate(MADE | junk), CHALLENGE, PARTY)
    with suppress(NotTaken):  # it is taken where the junk fell on what says nothing, such as the make of the device
        webauthn.taken(Made.model_validate(MADE | {"attestation": base64url.encode(two)}), CHALLENGE, PARTY)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_count_must_go_up_unless_the_device_never_counts(kept: int, shown: int) -> None:
    assert went_back(kept, shown) is (not (kept == shown == 0) and shown <= kept)
