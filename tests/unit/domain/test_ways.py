"""Somebody always keeps a way to sign in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ways import LastWay, Ways

WAYS = st.builds(Ways, st.integers(0, 2), st.booleans(), st.booleans(), st.integers(0, 2))


def test_a_password_alone_or_an_app_alone_is_no_way() -> None:
    for alone in (Ways(password=True), Ways(app=True), Ways()):
        with pytest.raises(LastWay):
            alone.must_let_in()


@given(WAYS)
def test_a_passkey_or_a_linked_account_or_a_password_with_an_app_is_one(ways: Ways) -> None:
    assert ways.let_in == any((ways.passkeys, ways.providers, ways.password and ways.app))
