"""The provider that the tests sign in at."""

import pytest
from fastapi import FastAPI

from tests.openid.fixtures import started, trusted
from tests.openid.provider import Browser, Provider
from tests.openid.visitor import Trusted, Visitor, added, rule
from tests.world import World

providers = pytest.fixture(scope="session")(started)
trusting = pytest.fixture(trusted)


@pytest.fixture
def browser(providers: tuple[Provider, Provider]) -> Browser:
    """A browser with no cookies yet."""
    return Browser(providers[0].http)


@pytest.fixture
async def police(trusting: FastAPI, world: World, providers: tuple[Provider, Provider]) -> Trusted:
    """The police's provider; by rule its people join the police."""
    found = await added(world, providers[0])
    await found.trust(rule(world, "police", "practitioner"))
    return found


@pytest.fixture
def ann(trusting: FastAPI, browser: Browser) -> Visitor:
    return Visitor(trusting, browser)
