"""The provider that the tests sign in at."""

import pytest

from tests.openid.fixtures import started, trusted
from tests.openid.provider import Browser, Provider

providers = pytest.fixture(scope="session")(started)
trusting = pytest.fixture(trusted)


@pytest.fixture
def browser(providers: tuple[Provider, Provider]) -> Browser:
    """A browser with no cookies yet."""
    return Browser(providers[0].http)
