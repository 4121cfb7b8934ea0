"""One command: replays a year, balances the books, and prints each cost beside its floor."""

import argparse
import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from app.db.pool import open_database
from app.db.vault import Vault
from app.risk.instruments import load_catalogue
from app.seeds.forms import year_of_forms
from app.seeds.people import found_demo
from bench import lists, replay
from bench.floor import look_over
from bench.host import Host, database, served

SEED = 2026


def _a_year_ago() -> date:
    """A year that is over: nobody can refer what has not happened."""
    return datetime.now(UTC).date() - timedelta(days=372)


async def _set_up(host: Host) -> None:
    async with open_database(
        host.app_url, load_catalogue(), Vault({"bench": b"0" * 32}, {"bench": b"0" * 32})
    ) as service:
        await found_demo(service, datetime.now(UTC))


def main() -> None:
    """Run everything; exits with a trace when the books do not balance."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--referrals", type=int, default=None, help="only so many of the year's, for a quick look")
    wanted = parser.parse_args()
    with database() as host:
        asyncio.run(_set_up(host))
        year = list(islice(year_of_forms(SEED, _a_year_ago()), wanted.referrals))
        sent = asyncio.run(replay.prepare(host, year))
        print(f"Replay: {len(sent)} referrals, {replay.CLIENTS} clients, one service process, fsync on")
        with served("app.main:create_app", host.environment, "/health") as service:
            before = service.resident_mb
            rate, answered = asyncio.run(replay.replay(host, service, sent))
            held = asyncio.run(replay.balance(host, sent, answered))
            print(f"  balanced: {held}")
            print(f"  {rate:.0f} referrals a second")
            asyncio.run(look_over(host))
            people = asyncio.run(lists.actors(host))
            floor_environment = {**host.environment, "FLOOR_DATABASE_URL": host.superuser_url}
            print("Lists of 50, guarded and audited, beside raw asyncpg with neither (reads a second)")
            with served("bench.floor_app:create", floor_environment, "/") as floor_app:
                for label, who in people.items():
                    inside = asyncio.run(lists.in_process(host, who))
                    outside = asyncio.run(lists.over_http(host, service, floor_app, who))
                    print(f"  {label}, in process: {inside.ours:.0f} / {inside.floor:.0f}, ratio {inside.ratio:.2f}")
                    print(f"  {label}, over HTTP:  {outside.ours:.0f} / {outside.floor:.0f}, ratio {outside.ratio:.2f}")
            print(f"Memory of the service: {before:.0f} MB at first, {service.resident_mb:.0f} MB after all of this")
        floor = asyncio.run(replay.floor(host))
        print(f"Floor of intake: the same rows by plain SQL, {replay.CLIENTS} connections: {floor:.0f} a second")
        print(f"  intake ratio {rate / floor:.2f} (1.0 would be as quick as plain SQL)")


if __name__ == "__main__":
    main()
