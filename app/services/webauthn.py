"""The Web Authentication protocol: what is asked of a browser, and whether its answer holds. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
    options_to_json_dict,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorSelectionCriteria,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.domain.passkeys import Known, Made, NotRecognised, NotTaken, Shown, Signed, Taken

CHALLENGE_BYTES = 32
ALGORITHMS = (
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
_NAME = "Roundtable"
# What the browser lets people take; the ceremony's own minutes are what counts.
_MILLISECONDS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks. origin: as browsers reach this service; its host is what passkeys are bound to."""

    origin: str

    @property
    def id(self) -> str:
        """The relying party's id."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a passkey is made for, as their device shows it to them."""

    handle: bytes
    email: str
    name: str


def to_show(party: Party, challenge: bytes, known: Sequence[Known] = ()) -> dict[str, Any]:
    """What a browser is asked so that it shows a passkey: any of this service's, or one of these."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options) | {"allowCredentials": _descriptors(known)}


def to_make(party: Party, challenge: bytes, owner: Owner, known: Sequence[Known]) -> dict[str, Any]:
    """What a browser is asked so that its device makes a passkey, unless it holds one of these already."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=_NAME,
        user_id=owner.handle,
        user_name=owner.email,
        user_display_name=owner.name,
        challenge=challenge,
        timeout=_MILLISECONDS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        supported_pub_key_algs=list(ALGORITHMS),
    )
    return options_to_json_dict(options) | {"excludeCredentials": _descriptors(known)}


def taken(made: Made, challenge: bytes, party: Party) -> Taken:
    """The passkey that a device has made, once everything about it was checked. Raises NotTaken."""
    try:
        kind, statement = _attestation(made)
        # What a device says of its make is nothing that we ask. One that signs with the new key itself says nothing.
        if kind is not AttestationFormat.NONE and (kind is not AttestationFormat.PACKED or statement.x5c):
            raise NotTaken
        found = webauthn.verify_registration_response(
            credential=_registration(made),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=list(ALGORITHMS),
        )
        _refuse_frames(made.client_data)
        # A key that cannot be read is found out now, not at the first sign-in.
        decoded_public_key_to_cryptography(decode_credential_public_key(found.credential_public_key))
    except Exception:  # whatever the parsers of three formats stumble over is a refusal
        raise NotTaken from None
    return Taken(found.credential_id, found.credential_public_key, found.sign_count, found.credential_backed_up)


def signed(shown: Shown, public_key: bytes, challenge: bytes, party: Party) -> Signed:
    """What a passkey's device says, once its signature and everything that it covers were checked.

    Raises NotRecognised. The count of signatures is for the caller to judge, who now knows that it is the device's own.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=AuthenticationCredential(
                id=bytes_to_base64url(shown.credential_id),
                raw_id=shown.credential_id,
                response=AuthenticatorAssertionResponse(
                    client_data_json=shown.client_data,
                    authenticator_data=shown.authenticator_data,
                    signature=shown.signature,
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        _refuse_frames(shown.client_data)
    except Exception:  # as above
        raise NotRecognised from None
    return Signed(found.new_sign_count, found.credential_backed_up)


def decoy() -> bytes:
    """A public key whose private half nobody has: what is checked, in vain, when there is no passkey to check."""
    numbers = generate_private_key(SECP256R1()).public_key().public_numbers()
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})


def _descriptors(known: Sequence[Known]) -> list[dict[str, Any]]:
    return [
        {"type": "public-key", "id": bytes_to_base64url(each.credential_id), "transports": list(each.transports)}
        for each in known
    ]


def _attestation(made: Made) -> tuple[AttestationFormat, Any]:
    found = parse_attestation_object(made.attestation)
    return AttestationFormat(found.fmt), found.att_stmt


def _registration(made: Made) -> RegistrationCredential:
    credential = parse_attestation_object(made.attestation).auth_data.attested_credential_data
    credential_id = credential.credential_id if credential else b""
    return RegistrationCredential(
        id=bytes_to_base64url(credential_id),
        raw_id=credential_id,
        response=AuthenticatorAttestationResponse(
            client_data_json=made.client_data, attestation_object=made.attestation
        ),
    )


def _refuse_frames(client_data: bytes) -> None:
    """No other site shows ours in a frame, so no answer comes from one."""
    if parse_client_data_json(client_data).cross_origin:
        raise ValueError
