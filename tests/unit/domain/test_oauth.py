"""Reading a client's request for a token."""

from base64 import b64encode
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.oauth import OauthError, TokenRequest, read_request

GRANT = {"grant_type": "client_credentials"}
CODES = ("invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type")
TEXT = st.text(min_size=1, max_size=40)
ODD = st.one_of(st.binary(max_size=200), st.sampled_from([b"&=&", b"grant_type", b"%", b"a=%ff", b"grant_type=%00"]))


def basic(client_id: str, secret: str) -> str:
    return f"Basic {b64encode(f'{quote_plus(client_id)}:{quote_plus(secret)}'.encode()).decode()}"


def refusal(body: bytes, authorization: str | None) -> str | None:
    try:
        read_request(body, authorization)
    except OauthError as error:
        return error.code
    return None


@given(TEXT, TEXT)
def test_an_id_and_a_secret_of_any_letters_are_read_as_they_were_meant(client_id: str, secret: str) -> None:
    meant = TokenRequest(client_id, secret=secret)
    assert read_request(urlencode(GRANT).encode(), basic(client_id, secret)) == meant
    body = urlencode({**GRANT, "client_id": client_id, "client_secret": secret})
    assert read_request(body.encode(), None) == meant


@given(ODD, st.none() | st.text(max_size=60) | st.binary(max_size=60).map(lambda each: f"Basic {b64encode(each)!r}"))
def test_whatever_is_sent_is_read_or_refused(body: bytes, authorization: str | None) -> None:
    assert refusal(body, authorization) in {None, *CODES}


@given(TEXT)
def test_a_refusal_repeats_nothing_that_was_sent(secret: str) -> None:
    body = urlencode({**GRANT, "client_id": "x", "client_secret": secret, "scope": "a  b"})
    with pytest.raises(OauthError) as caught:
        read_request(body.encode(), None)
    assert caught.value.description == "Scopes are names with one space between."


def test_scopes_are_a_set_and_none_of_them_means_all() -> None:
    for scope, meant in (("refer read", {"refer", "read"}), ("refer refer", {"refer"}), ("", None)):
        body = urlencode({**GRANT, "scope": scope}).encode()
        assert read_request(body, basic("x", "y")).scopes == meant


def test_a_secret_is_in_no_representation() -> None:
    assert "hush" not in repr(TokenRequest("x", secret="hush")) + repr(TokenRequest("x", assertion="hush"))
