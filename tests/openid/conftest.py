"""The provider that the tests sign in at."""

from collections.abc import Iterator

import pytest

from tests.openid.provider import Absent, Browser, Provider, running


@pytest.fixture(scope="session")
def providers() -> Iterator[tuple[Provider, Provider]]:
    """Two certified providers on ports of their own."""
    try:
        with running() as pair:
            yield pair
    except Absent as reason:
        pytest.skip(f"SIGN-IN BY OPENID IS NOT TESTED AGAINST A CERTIFIED PROVIDER: {reason}")


@pytest.fixture
def browser(providers: tuple[Provider, Provider]) -> Browser:
    """A browser with no cookies yet."""
    return Browser(providers[0].http)
