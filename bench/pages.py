"""What a page costs beside the calls of the API that tell the same: ``python -m bench.pages [--referrals 300]``.

Both are asked of one service in turn, by one client on a connection that stays open, and each ratio is the median of
rounds; so it is the server's time, and a busy machine slows both.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import asyncpg
import orjson

from app.db.ids import new_id
from app.db.pool import open_database
from app.db.session import Credentials
from app.db.vault import Vault
from app.domain.sessions import Lifetimes
from app.risk.instruments import load_catalogue
from app.seeds.forms import year_of_forms
from app.seeds.people import found_demo
from app.services import sessions
from app.web.cookies import Cookie
from bench import lists, replay
from bench.client import Client
from bench.host import Host, Process, database, served
from bench.tokens import token_of

ROUNDS = 9
ASKED = 30
SEED = 2026


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the calls that tell the same; ``{case}`` is a case with much on it."""

    path: str
    calls: tuple[str, ...]


# Home tells at once what these lists tell apart, but for reviews and matches.
PAGES = {
    "list of cases": Page("/cases", ("/cases?limit=25",)),
    "case": Page("/cases/{case}", ("/cases/{case}", "/cases/{case}/contacts")),
    "plan": Page("/cases/{case}/plan", ("/actions?case={case}", "/cases/{case}")),
    "timeline": Page("/cases/{case}/timeline", ("/cases/{case}/timeline?limit=25",)),
    "who can see it": Page("/cases/{case}/access", ("/cases/{case}/access", "/cases/{case}/exclusions")),
    "who has looked": Page("/cases/{case}/trail", ("/cases/{case}/trail",)),
    "home": Page("/home", ("/actions?agency=mine&status=outstanding", "/research", "/referrals", "/notices")),
}


@dataclass(frozen=True, slots=True)
class Asker:
    """One client: with a cookie for pages, and a token for calls."""

    client: Client
    cookie: str
    token: str

    async def page(self, path: str) -> bytes:
        """A page."""
        answer = await self.client.request("GET", path, "", Cookie=f"{Cookie.SESSION}={self.cookie}")
        assert answer.status == 200, (path, answer.status, answer.headers)
        return answer.body

    async def call(self, path: str) -> bytes:
        """What the API answers."""
        answer = await self.client.request("GET", f"/api/v1{path}", self.token)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.body


async def asker(host: Host, service: Process) -> Asker:
    """Somebody who sees nearly all."""
    who = (await lists.actors(host))["sees nearly all"]
    connection = await asyncpg.connect(host.superuser_url)
    token = await token_of(host, connection, who.partnership_id, who.user_id)
    await connection.close()
    vault = Vault({"bench": b"0" * 32}, {"bench": b"0" * 32})
    async with open_database(host.app_url, load_catalogue(), vault) as opened:
        begun = Credentials(who.partnership_id, who.user_id)
        now, lifetimes = datetime.now(UTC), Lifetimes()
        key = await opened.run(begun, sessions.begin, now, new_id(), ["passkey"], "Bench", lifetimes)
    return Asker(Client(service.port), key.text, token)


async def compare(host: Host, service: Process) -> None:
    """Print each page's milliseconds, its calls', and the ratio."""
    who = await asker(host, service)
    case = orjson.loads(await who.call("/cases?level=high&limit=1"))["items"][0]["id"]
    for name, each in PAGES.items():
        path = each.path.replace("{case}", case)
        calls = [call.replace("{case}", case) for call in each.calls]
        await who.page(path)
        pairs = []
        for _ in range(ROUNDS):
            ours = await _milliseconds([path], who.page)
            pairs.append((ours, await _milliseconds(calls, who.call)))
        page, rest = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"  {name}: {page:.1f} ms; {len(calls)} calls: {rest:.1f} ms; ratio {ratio:.2f}")
    who.client.close()


async def _milliseconds(paths: list[str], ask: Callable[[str], Awaitable[bytes]]) -> float:
    started = time.perf_counter()
    for _ in range(ASKED):
        for path in paths:
            await ask(path)
    return (time.perf_counter() - started) * 1000 / ASKED


async def _set_up(host: Host) -> None:
    vault = Vault({"bench": b"0" * 32}, {"bench": b"0" * 32})
    async with open_database(host.app_url, load_catalogue(), vault) as service:
        await found_demo(service, datetime.now(UTC))


def main() -> None:
    """Set up, refer, compare."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--referrals", type=int, default=300)
    wanted = parser.parse_args()
    began: date = datetime.now(UTC).date() - timedelta(days=372)
    with database() as host:
        asyncio.run(_set_up(host))
        sent = asyncio.run(replay.prepare(host, list(islice(year_of_forms(SEED, began), wanted.referrals))))
        with served("app.main:create_app", host.environment, "/health") as service:
            asyncio.run(replay.replay(host, service, sent))
            print(f"Pages beside the calls that tell the same, {len(sent)} referrals")
            asyncio.run(compare(host, service))


if __name__ == "__main__":
    main()
