"""What is asked of a provider, and which addresses may be one."""

import base64
import hashlib
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.openid import Fault, Metadata, OpenidError, Pending, authorisation_url, issuer_from, well_known

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
PENDING = Pending("the state", "the nonce", "the verifier")
METADATA = Metadata("https://id.example", "https://id.example/auth?p=1", "https://id.example/t", "https://id.example/k")


def asked(pending: Pending = PENDING, **more: tuple[str, ...]) -> dict[str, list[str]]:
    return parse_qs(urlsplit(authorisation_url(METADATA, "us & co", "https://us.example/b", pending, **more)).query)


def test_a_request_carries_state_nonce_and_a_challenge_but_never_the_verifier() -> None:
    told = asked()
    digest = hashlib.sha256(b"the verifier").digest()
    assert told["code_challenge"] == [base64.urlsafe_b64encode(digest).decode().rstrip("=")]
    assert (told["code_challenge_method"], told["response_type"]) == (["S256"], ["code"])
    assert (told["state"], told["nonce"], told["client_id"]) == (["the state"], ["the nonce"], ["us & co"])
    assert told["p"] == ["1"]
    assert "the verifier" not in str(told)


def test_proof_is_asked_for_again_only_when_it_is_needed() -> None:
    assert "prompt" not in asked()
    again = asked(Pending("s", "n", "v", since=NOW), acr_values=("gold", "silver"))
    assert (again["prompt"], again["max_age"], again["acr_values"]) == (["login"], ["0"], ["gold silver"])


@pytest.mark.parametrize(
    "text",
    [
        "https://id.example",
        "https://id.example/",
        "https://login.example/tenant-1/v2.0",
        "https://id.example:8443/realms/police",
        "  https://id.example  ",
    ],
)
def test_an_issuer_is_kept_as_it_is_written(text: str) -> None:
    issuer = issuer_from(text, loopback=False)
    assert issuer == text.strip()
    assert well_known(issuer).startswith(issuer.rstrip("/") + "/.well-known/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id.example",
        "http://id.example",
        "http://localhost:9000",
        "ftp://id.example",
        "https://",
        "https://us:secret@id.example",
        "https://id.example/?a=b",
        "https://id.example/#a",
        "https://id.example:many",
        "https://[::1",
        "https://id .example",
        "https://ïd.example",
        "https://id.example/\x00",
        "https://id.example/" + "a" * 2000,
    ],
)
def test_an_address_that_can_be_no_issuer_is_refused(text: str) -> None:
    with pytest.raises(OpenidError) as caught:
        issuer_from(text, loopback=False)
    assert caught.value.fault is Fault.ADDRESS


def test_plain_http_is_for_this_machine_and_only_where_that_is_allowed() -> None:
    assert issuer_from("http://127.0.0.1:9000", loopback=True) == "http://127.0.0.1:9000"
    for text in ("http://id.example", "http://localhost.example", "http://127.0.0.1.example"):
        with pytest.raises(OpenidError):
            issuer_from(text, loopback=True)


@given(text=st.text(max_size=60) | st.text(max_size=60).map("https://".__add__))
def test_any_text_is_an_issuer_or_refused(text: str) -> None:
    try:
        assert issuer_from(text, loopback=False).startswith("https://")
    except OpenidError as error:
        assert error.fault is Fault.ADDRESS  # noqa: PT017 (which of the two depends on the text)
