"""One command: what row security, the chained trail and the audit of reads cost, each as a ratio in one run.

Run as ``python -m bench.security``. The same service code on the same database, in process: first as it is; then with a
role that no policy binds; then with a trail whose entries are not linked; then with reads that leave no entry. The four
take turns within each round, and each ratio is the median of those of the rounds.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import asyncpg

from app.db.ids import new_id
from app.db.pool import open_database
from app.db.session import Credentials, Database, UnitOfWork
from app.db.vault import Vault
from app.domain.referrals import ReferralForm
from app.risk.instruments import load_catalogue
from app.seeds.forms import year_of_forms
from app.seeds.people import found_demo
from app.services import cases, intake
from bench import lists
from bench.floor import look_over
from bench.host import Host, database

ROUNDS = 7
CONNECTIONS = 4
READS = 240
REFERRALS = 48

AS_IT_IS = "as it is"
UNGUARDED = "without row security"
UNCHAINED = "trail not chained"
UNRECORDED = "reads not recorded"
VARIANTS = (AS_IT_IS, UNGUARDED, UNCHAINED, UNRECORDED)

# Everything the real trigger gives, but nothing that depends on the entry before.
LOOSE = """
    CREATE OR REPLACE FUNCTION loose_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.chain := coalesce(NEW.case_id, NEW.actor_id, NEW.partnership_id);
      NEW.seq := (random() * 9e18)::bigint;
      NEW.hash := decode(repeat('00', 32), 'hex');
      RETURN NEW;
    END $$
"""
_VAULT = Vault({"bench": b"0" * 32}, {"bench": b"0" * 32})
Referrals = Iterator[tuple[Credentials, ReferralForm]]


@asynccontextmanager
async def variant(host: Host, which: str) -> AsyncIterator[Database]:
    """The service on new connections, since a plan that is kept keeps what its role was bound by."""
    admin = await asyncpg.connect(host.superuser_url)
    await admin.execute(f"ALTER ROLE roundtable_app {'BYPASSRLS' if which == UNGUARDED else 'NOBYPASSRLS'}")
    trigger = "loose_audit" if which == UNCHAINED else "chain_audit"
    await admin.execute(LOOSE)
    await admin.execute("DROP TRIGGER chain ON audit")
    await admin.execute(f"CREATE TRIGGER chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION {trigger}()")
    async with open_database(host.app_url, load_catalogue(), _VAULT, connections=CONNECTIONS) as service:
        yield service
    await admin.execute("ALTER ROLE roundtable_app NOBYPASSRLS")
    await admin.close()


async def read(service: Database, who: Credentials, *, recorded: bool) -> None:
    """A list of 50, as the route asks for it."""

    async def fifty(uow: UnitOfWork) -> object:
        if not recorded:
            setattr(uow, "record", lambda *_, **__: None)  # noqa: B010  # a method is not to be assigned to
        return await cases.listed(
            uow, state=None, level=None, repeat=None, marker=None, mine=False, after=None, limit=50
        )

    await service.run(who, fifty, datetime.now(UTC), new_id())


async def _rate(work: Callable[[], Awaitable[object]], times: int) -> float:
    async def one() -> None:
        for _ in range(times // CONNECTIONS):
            await work()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return times / (time.perf_counter() - started)


async def list_rate(service: Database, which: str, who: Credentials) -> float:
    """Lists a second."""

    async def once() -> None:
        await read(service, who, recorded=which != UNRECORDED)

    await _rate(once, CONNECTIONS * 8)
    return await _rate(once, READS)


async def intake_rate(service: Database, waiting: Referrals) -> float:
    """Referrals a second: each scored, graded, routed, opened and recorded."""

    async def once() -> None:
        who, form = next(waiting)
        await service.run(who, intake.refer, datetime.now(UTC), new_id(), form)

    await _rate(once, CONNECTIONS * 3)
    return await _rate(once, REFERRALS)


async def referrals(host: Host) -> Referrals:
    """A year's referrals, each by whoever sends it."""
    connection = await asyncpg.connect(host.superuser_url)
    people = {
        row["email"]: Credentials(UUID(str(row["partnership_id"])), UUID(str(row["id"])))
        for row in await connection.fetch("SELECT id, partnership_id, email FROM app_user")
    }
    await connection.close()
    year = year_of_forms(2026, datetime.now(UTC).date().replace(day=1).replace(year=datetime.now(UTC).year - 1))
    return ((people[each.user_email], ReferralForm.model_validate(each.form)) for each in year)


async def measure(host: Host, held: int) -> None:
    """Fill the database, take turns, and print."""
    async with open_database(host.app_url, load_catalogue(), _VAULT) as service:
        await found_demo(service, datetime.now(UTC))
    waiting = await referrals(host)
    async with variant(host, AS_IT_IS) as service:
        for who, form in islice(waiting, held):
            await service.run(who, intake.refer, datetime.now(UTC), new_id(), form)
    await look_over(host)
    people = await lists.actors(host)
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for which in VARIANTS:
            async with variant(host, which) as service:
                for label, who in people.items():
                    found.setdefault((f"list of 50, {label}", which), []).append(await list_rate(service, which, who))
                if which != UNRECORDED:
                    found.setdefault(("intake", which), []).append(await intake_rate(service, waiting))
    print(f"{held} cases at first, {CONNECTIONS} connections, {ROUNDS} rounds in turn, fsync on")
    for (what, which), rates in found.items():
        ratio = statistics.median(a / b for a, b in zip(found[what, AS_IT_IS], rates, strict=True))
        said = "" if which == AS_IT_IS else f", ratio of the service as it is {ratio:.2f}"
        print(f"  {what}, {which}: {statistics.median(rates):.0f} a second{said}")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(prog="python -m bench.security", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="how many to hold before the clock starts")
    wanted = parser.parse_args()
    with database() as host:
        asyncio.run(measure(host, wanted.cases))


if __name__ == "__main__":
    main()
