"""The provider that the tests sign in at."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from app.services.openid import Openid
from app.services.outside import Outside
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


@pytest.fixture
def trusting(app: FastAPI, providers: tuple[Provider, Provider]) -> Iterator[FastAPI]:
    """The service, where a provider may be on this machine."""
    before = app.state.openid
    app.state.openid = Openid(Outside(loopback=True))
    yield app
    app.state.openid = before
