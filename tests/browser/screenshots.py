"""Pictures of every page on a phone and on a desktop: ``python -m tests.browser.screenshots FOLDER [NAME...]``.

With names, only of those pages. Starts a PostgreSQL and a service of its own.
"""

import asyncio
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from fastapi import FastAPI
from playwright.async_api import Browser

from app.api.tokens import generate_pem
from app.db import migrate
from app.db.session import Database
from app.db.signet import new_seal_key
from app.main import create_app
from app.postgres import EmbeddedPostgres
from app.settings import Settings, new_contact_key
from tests.api.real_http import served
from tests.browser.chromium import chromium
from tests.browser.pages import PAGES
from tests.browser.windows import DESKTOP, PHONE, sign_in, window
from tests.world import Clock, World, build_world


async def take(folder: Path, names: Collection[str], settings: Settings) -> None:
    """Write NAME-WIDTH.png for each page and each size."""
    clock = Clock(datetime.now(UTC))
    app = create_app(settings, clock)
    async with app.router.lifespan_context(app), served(app) as wire, chromium() as browser:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://roundtable.test") as client:
            world = await build_world(app, client, clock)
            await _draw(folder, names, app, browser, f"http://localhost:{wire.port}", world)


async def _draw(folder: Path, names: Collection[str], app: FastAPI, browser: Browser, base: str, world: World) -> None:
    database: Database = app.state.database
    for shown in PAGES:
        if names and shown.name not in names:
            continue
        path = await shown.path_in(world)
        for size in (PHONE, DESKTOP):
            key = await sign_in(database, world[shown.who]) if shown.who else None
            async with window(browser, base, size=size, key=key, expected=("status of",)) as here:
                await here.go(path)
                picture = folder / f"{shown.name}-{size['width']}.png"
                await here.page.screenshot(path=picture, full_page=True)
                sys.stdout.write(f"{picture}\n")


def main() -> None:
    """Entry point."""
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data, EmbeddedPostgres(Path(data) / "postgres", durable=False) as running:
        migrate.upgrade(running.owner_url())
        settings = Settings(
            database_url=running.app_url(),
            token_keys={"picture": generate_pem()},
            contact_keys={"picture": new_contact_key()},
            index_keys={"picture": new_contact_key()},
            seal_keys={"picture": new_seal_key()},
        )
        asyncio.run(take(folder, names, settings))


if __name__ == "__main__":
    main()
