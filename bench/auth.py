"""What it costs to know who asks: requests a second with authentication beside the same without.

``python -m bench.auth``. Two processes of the service over one database, asked the same in interleaved rounds. One
verifies a token, or a cookie, and looks at the session that it names inside the transaction that does the work; the
other believes whoever says who they are (``bench/auth_app.py``), and does everything else just the same.
"""

import argparse
import asyncio
import statistics
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

import asyncpg

from app.db.ids import new_id
from app.db.pool import open_database
from app.db.session import Credentials, Database
from app.db.vault import Vault
from app.domain.sessions import Lifetimes
from app.risk.instruments import load_catalogue
from app.seeds.forms import year_of_forms
from app.seeds.people import found_demo
from app.services import sessions
from app.web.cookies import Cookie
from bench import lists, replay
from bench.client import Client
from bench.floor import look_over
from bench.host import Host, Process, database, served
from bench.tokens import token_of

AIM = 0.9
ROUNDS = 11
REQUESTS = 1500
CONNECTIONS = 10
REFERRALS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as each of the two is asked it: a token, and more headers."""

    name: str
    path: str
    token: str
    believed: str
    headers: dict[str, str]


async def _rate(clients: list[Client], path: str, token: str, headers: dict[str, str]) -> float:
    async def ask(client: Client) -> None:
        for _ in range(REQUESTS // CONNECTIONS):
            answer = await client.request("GET", path, token, b"", **headers)
            assert answer.status == 200, (answer.status, answer.body[:300])

    started = time.perf_counter()
    await asyncio.gather(*(ask(each) for each in clients))
    return REQUESTS / (time.perf_counter() - started)


async def compare(ours: Process, believing: Process, asked: Asked, rounds: int) -> tuple[float, float, float]:
    """Requests a second with and without, and the ratio: medians of rounds, which go first in turn."""
    real = [Client(ours.port) for _ in range(CONNECTIONS)]
    other = [Client(believing.port) for _ in range(CONNECTIONS)]

    async def with_it() -> float:
        return await _rate(real, asked.path, asked.token, asked.headers)

    async def without() -> float:
        return await _rate(other, asked.path, asked.believed, asked.headers)

    await with_it()
    await without()
    pairs = []
    for n in range(rounds):
        if n % 2:
            b = await without()
            pairs.append((await with_it(), b))
        else:
            a = await with_it()
            pairs.append((a, await without()))
    for each in (*real, *other):
        each.close()
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


async def _set_up(host: Host) -> None:
    async with _service(host) as service:
        await found_demo(service, datetime.now(UTC))


def _service(host: Host) -> AbstractAsyncContextManager[Database]:
    return open_database(host.app_url, load_catalogue(), Vault({"bench": b"0" * 32}, {"bench": b"0" * 32}))


async def requests(host: Host) -> list[Asked]:
    """What is asked: the cheapest request there is, a list of cases, and a page."""
    who = (await lists.actors(host))["sees nearly all"]
    connection = await asyncpg.connect(host.superuser_url)
    token = await token_of(host, connection, who.partnership_id, who.user_id)
    await connection.close()
    async with _service(host) as service:
        person = Credentials(who.partnership_id, who.user_id)
        key = await service.run(person, sessions.begin, datetime.now(UTC), new_id(), ["passkey"], "bench", Lifetimes())
    believed = f"{who.partnership_id}.{who.user_id}"
    cookie = {"cookie": f"{Cookie.SESSION}={key.text}"}
    return [
        Asked("who am I, by token", "/api/v1/me", token, believed, {}),
        Asked("a list of 50 cases, by token", "/api/v1/cases?limit=50", token, believed, {}),
        Asked("the page Home, by cookie", "/home", "", "", cookie),
    ]


def main() -> None:
    """Run it; exits with 1 when a ratio is below the aim."""
    parser = argparse.ArgumentParser(prog="python -m bench.auth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="fewer for a quick look")
    rounds = parser.parse_args().rounds
    missed = False
    with database() as host:
        asyncio.run(_set_up(host))
        year = islice(year_of_forms(2026, datetime.now(UTC).date() - timedelta(days=372)), REFERRALS)
        sent = asyncio.run(replay.prepare(host, list(year)))
        with (
            served("app.main:create_app", host.environment, "/health") as ours,
            served("bench.auth_app:create", host.environment, "/health") as believing,
        ):
            asyncio.run(replay.replay(host, ours, sent))
            asyncio.run(look_over(host))
            print(f"Requests a second, {CONNECTIONS} clients, medians of {rounds} interleaved rounds; aim {AIM}")
            for asked in asyncio.run(requests(host)):
                a, b, ratio = asyncio.run(compare(ours, believing, asked, rounds))
                missed = missed or ratio < AIM
                print(f"  {asked.name}: {a:.0f} with authentication, {b:.0f} without, ratio {ratio:.3f}")
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
