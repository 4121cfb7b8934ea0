"""The check of a sealed trail, and what seals it."""

import asyncio

import pytest

from app.commands.verify import verify
from app.db.signet import Signet
from app.domain.seals import Head
from tests.integration.sealing import Check, Urls
from tests.world import World


@pytest.fixture
def signet(seal_keys: dict[str, str]) -> Signet:
    """The service's own."""
    return Signet(seal_keys)


@pytest.fixture
def check(world: World, server_urls: Urls, signet: Signet) -> Check:
    """What ``audit verify`` says of this test's partnership; it must hold, or break, as told."""

    async def run(*, holds: bool, heads: tuple[Head, ...] = (), keys: tuple[bytes, ...] | None = None) -> str:
        said: list[str] = []
        known = signet.public_keys if keys is None else keys
        held = await asyncio.to_thread(
            lambda: verify(
                server_urls[0],
                "DATABASE_OWNER_URL",
                f"t-{world.partnership_id}",
                said.append,
                public_keys=known,
                heads=heads,
            )
        )
        assert held is holds, "\n".join(said)
        return "\n".join(said)

    return run
