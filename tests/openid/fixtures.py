"""What both kinds of tests need, those with a real browser and those without: to be made fixtures where they are."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from app.services.openid import Openid
from app.services.outside import Outside
from tests.openid.provider import Absent, Provider, running


def started() -> Iterator[tuple[Provider, Provider]]:
    """Two certified providers on ports of their own."""
    try:
        with running() as pair:
            yield pair
    except Absent as reason:
        pytest.skip(f"SIGN-IN BY OPENID IS NOT TESTED AGAINST A CERTIFIED PROVIDER: {reason}")


def trusted(app: FastAPI) -> Iterator[FastAPI]:
    """The service, where a provider may be on this machine."""
    before = app.state.openid
    app.state.openid = Openid(Outside(loopback=True))
    yield app
    app.state.openid = before
