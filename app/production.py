"""What must hold before real people's records are served: each thing that does not is a sentence that mends it."""

import asyncio
from collections.abc import Iterator

import asyncpg

from app.deployment import reach
from app.settings import Settings, key_rings


def refusals(settings: Settings) -> list[str]:
    """Why this deployment is not served; empty when it may be. Not to be called from a running event loop.

    Raises Problem when the database cannot be reached.
    """
    found = list(_of_settings(settings))
    if settings.database_url is not None:
        found += asyncio.run(_of_people(settings.database_url, demo=settings.demo))
    return found


def _of_settings(settings: Settings) -> Iterator[str]:
    if settings.database_url is None:
        yield "Set DATABASE_URL to serve from a database, or use 'roundtable up' to try it here."
    for variable, keys, demonstration in key_rings(settings):
        if not keys:
            yield f"{variable} is not set: run 'roundtable keys' once and keep what it prints."
        elif demonstration:
            yield f"{variable} holds the key of a demonstration: run 'roundtable keys' and use keys of your own."
    if settings.origin is None:
        yield ("ROUNDTABLE_ORIGIN is not set: give the address that people type, as in https://roundtable.example.org.")
    elif not settings.origin.startswith("https:"):
        yield (
            "ROUNDTABLE_ORIGIN is not https, so cookies could be read on the way: put the service behind a proxy that "
            "speaks TLS, and give its https address."
        )
    if not settings.trusted_proxies:
        yield (
            "ROUNDTABLE_TRUSTED_PROXIES is not set: give the address of the proxy that speaks TLS, since otherwise "
            "everybody seems to come from it, and one who guesses passwords would stop all."
        )


async def _of_people(url: str, *, demo: bool) -> list[str]:
    connection = await reach(url, "DATABASE_URL")
    try:
        found = {row["demo"] for row in await connection.fetch("SELECT demo FROM sign_in_partnerships()")}
    except asyncpg.UndefinedFunctionError:
        return []  # not migrated yet, which is said elsewhere
    finally:
        await connection.close()
    if True in found and not demo:
        return [
            "The database holds a demonstration's invented people, whom anybody can sign in as: use another database, "
            "or set ROUNDTABLE_DEMO=true to show the demonstration."
        ]
    if False in found and demo:
        return [
            "ROUNDTABLE_DEMO is true, and the database holds a partnership that is none: unset it, since in a "
            "demonstration anybody can sign in as its people."
        ]
    return []
