"""A real browser before the real service: one browser and one server for each worker."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser

from tests.api.real_http import served
from tests.browser import validity
from tests.browser.chromium import NO_BROWSER, NoBrowser, chromium
from tests.browser.windows import DESKTOP, NARROWEST, Window, window
from tests.world import Clock, World, build_world

Windows = Callable[..., AbstractAsyncContextManager[Window]]


@pytest.fixture(scope="session", autouse=True)
def valid() -> Iterator[None]:
    """In the end, whatever pages were looked at must have been valid HTML."""
    yield
    found = validity.invalid(validity.shown)
    assert not found, "\n".join(f"{page}\n  {line}" for page, lines in found.items() for line in lines)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium. Tests that ask for it are skipped where there is none."""
    try:
        async with chromium() as started:
            yield started
    except NoBrowser:
        pytest.skip(NO_BROWSER)


@pytest.fixture(scope="session")
async def base(app: FastAPI) -> AsyncIterator[str]:
    """Where the service is served, by a name that browsers take for secure: passkeys work on no other."""
    async with served(app) as wire:
        yield f"http://localhost:{wire.port}"


@pytest.fixture
def windows(browser: Browser, base: str) -> Windows:
    """Opens windows: ``async with windows(size=PHONE, javascript=False) as window``."""
    return partial(window, browser, base)


@pytest.fixture(scope="session")
async def phone(browser: Browser, base: str) -> AsyncIterator[Window]:
    """One window, kept open, for tests that only look: a new one takes longer than most pages."""
    async with window(browser, base, size=NARROWEST, alone=True) as made:
        yield made


@pytest.fixture(scope="session")
async def desktop_without_javascript(browser: Browser, base: str) -> AsyncIterator[Window]:
    """The same, on a desktop whose owner runs no scripts."""
    async with window(browser, base, size=DESKTOP, javascript=False, alone=True) as made:
        yield made


@pytest.fixture(scope="session")
async def town(app: FastAPI, clock: Clock) -> World:
    """A partnership shared by tests that only look at pages."""
    clock.reset()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return await build_world(app, httpx.AsyncClient(transport=transport, base_url="http://roundtable.test"), clock)
