"""One command: a million entries, every way to tamper with them, and how long it takes to find out.

Run as ``python -m bench.tamper``. The entries are written by SQL through the trigger that chains them, and sealed by
the service's own use case as they grow. Each tampering is done as a superuser who also puts right whatever they can;
then ``audit verify`` must say so. Exits with a trace when one is not found.
"""

import argparse
import asyncio
import resource
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg

from app.commands.verify import verify
from app.db.pool import open_database
from app.db.session import UnitOfWork
from app.db.signet import Signet, new_seal_key
from app.db.vault import Vault
from app.domain.seals import Head
from app.risk.instruments import load_catalogue
from app.services import partnerships, seals
from bench.host import Host, database

BATCHES = 20

# A year's shape: most entries are reads, in the chains of cases; lists are in their reader's own.
WRITE = """
    INSERT INTO audit (partnership_id, id, at, actor_id, agency_id, roles, verb, case_id, subjects, purpose, request_id)
    SELECT $1, encode(int8send((extract(epoch FROM clock_timestamp()) * 1000000)::bigint) ||
             substring(uuid_send(gen_random_uuid()) from 9), 'hex')::uuid, now(), md5('u' || (r * 300)::int)::uuid,
           md5('a' || (r * 10)::int)::uuid, '{agency_representative}',
           (ARRAY['case.read', 'case.listed', 'research.written'])[1 + (r * 3)::int % 3],
           CASE WHEN n % 5 > 0 THEN md5('c' || (r * 1000000)::int % $3)::uuid END,
           ARRAY[gen_random_uuid(), gen_random_uuid()], 'case_work', gen_random_uuid()
      FROM (SELECT n, random() AS r FROM generate_series(1, $2) n OFFSET 0) drawn
"""
# As the trigger writes them, in the order of their chains: what is left in `kept` becomes the whole trail.
WRITE_AGAIN = """
    INSERT INTO audit (partnership_id, id, at, actor_id, agency_id, roles, verb, case_id, subjects, purpose, request_id,
           digest)
    SELECT partnership_id, id, at, actor_id, agency_id, roles, verb, case_id, subjects, purpose, request_id, digest
      FROM kept ORDER BY chain, seq
"""
_LONG = "(SELECT chain FROM audit_head WHERE seq > 9 ORDER BY hash LIMIT 1)"
ONE = f"(SELECT id FROM audit WHERE chain = {_LONG} AND seq = 5)"
LAST = "(SELECT id FROM audit a JOIN audit_head h USING (chain, seq, hash) WHERE h.seq > 9 ORDER BY h.hash LIMIT 1)"
PUT_BACK = "INSERT INTO audit SELECT * FROM held; DROP TABLE held"

# What is done, and what undoes it.
TAMPERINGS: dict[str, tuple[str, str]] = {
    "one bit of one entry flipped": (
        f"CREATE TABLE held AS SELECT * FROM audit WHERE id = {ONE};"
        "UPDATE audit SET at = at + interval '1 microsecond' WHERE id = (SELECT id FROM held)",
        "UPDATE audit SET at = (SELECT at FROM held) WHERE id = (SELECT id FROM held); DROP TABLE held",
    ),
    "one entry deleted": (
        f"CREATE TABLE held AS SELECT * FROM audit WHERE id = {ONE};DELETE FROM audit WHERE id = (SELECT id FROM held)",
        PUT_BACK,
    ),
    "two entries swapped": (
        f"CREATE TABLE held AS SELECT id, chain, seq FROM audit WHERE id = {ONE};"
        "UPDATE audit a SET seq = -1 FROM held h WHERE a.chain = h.chain AND a.seq = 6;"
        "UPDATE audit a SET seq = 6 FROM held h WHERE a.id = h.id;"
        "UPDATE audit a SET seq = 5 FROM held h WHERE a.chain = h.chain AND a.seq = -1",
        "UPDATE audit a SET seq = -1 FROM held h WHERE a.chain = h.chain AND a.seq = 5;"
        "UPDATE audit a SET seq = 5 FROM held h WHERE a.id = h.id;"
        "UPDATE audit a SET seq = 6 FROM held h WHERE a.chain = h.chain AND a.seq = -1; DROP TABLE held",
    ),
    "one entry put in between two": (
        f"CREATE TABLE held AS SELECT * FROM audit WHERE id = {ONE};"
        "UPDATE audit a SET seq = -a.seq FROM held h WHERE a.chain = h.chain AND a.seq >= 5;"
        "UPDATE audit a SET seq = 1 - a.seq FROM held h WHERE a.chain = h.chain AND a.seq < 0;"
        "UPDATE held SET id = gen_random_uuid(); INSERT INTO audit SELECT * FROM held",
        "DELETE FROM audit WHERE id = (SELECT id FROM held);"
        "UPDATE audit a SET seq = -a.seq FROM held h WHERE a.chain = h.chain AND a.seq >= 5;"
        "UPDATE audit a SET seq = -a.seq - 1 FROM held h WHERE a.chain = h.chain AND a.seq < 0; DROP TABLE held",
    ),
    "a chain's last entry cut off, its head put right": (
        f"CREATE TABLE held AS SELECT * FROM audit WHERE id = {LAST};"
        "DELETE FROM audit WHERE id = (SELECT id FROM held);"
        "UPDATE audit_head h SET seq = a.seq, hash = a.hash FROM held d JOIN audit a"
        " ON a.chain = d.chain AND a.seq = d.seq - 1 WHERE h.chain = d.chain",
        "UPDATE audit_head h SET seq = d.seq, hash = d.hash FROM held d WHERE h.chain = d.chain;" + PUT_BACK,
    ),
    "a chain removed whole, with its head": (
        f"CREATE TABLE held AS SELECT * FROM audit WHERE chain = (SELECT chain FROM audit WHERE id = {ONE});"
        "CREATE TABLE held_head AS SELECT * FROM audit_head WHERE chain = (SELECT chain FROM held LIMIT 1);"
        "DELETE FROM audit WHERE id IN (SELECT id FROM held);"
        "DELETE FROM audit_head WHERE chain = (SELECT chain FROM held_head)",
        "INSERT INTO audit_head SELECT * FROM held_head; DROP TABLE held_head;" + PUT_BACK,
    ),
}


@dataclass(frozen=True, slots=True)
class Trail:
    """A sealed trail, and what is needed to tamper with it and to check it."""

    host: Host
    superuser: asyncpg.Connection
    signet: Signet
    seal: Callable[[], Awaitable[None]]
    newest: Callable[[], Awaitable[Head]]

    async def check(self, *heads: Head) -> tuple[bool, float, list[str]]:
        """Whether it holds, in how many seconds, and what was said."""
        said: list[str] = []
        began = time.perf_counter()
        held = await asyncio.to_thread(
            verify,
            self.host.owner_url,
            "DATABASE_OWNER_URL",
            None,
            said.append,
            public_keys=self.signet.public_keys,
            heads=heads,
        )
        return held, time.perf_counter() - began, said


async def _run(host: Host, entries: int) -> None:
    signet, partnership = Signet({"bench": new_seal_key()}), uuid4()
    superuser = await asyncpg.connect(host.superuser_url)
    async with open_database(host.app_url, load_catalogue(), Vault({"b": b"0" * 32}, {"b": b"0" * 32})) as service:

        async def found(uow: UnitOfWork) -> None:
            await partnerships.found_partnership(uow, name="Bench", slug="bench", demo=False)

        async def seal() -> None:
            while await service.run_as_system(partnership, seals.seal, datetime.now(UTC), signet):
                pass

        async def newest() -> Head:
            head = await service.run_as_system(partnership, seals.newest, datetime.now(UTC))
            assert head is not None
            return head

        await service.run_as_system(partnership, found, datetime.now(UTC))
        trail = Trail(host, superuser, signet, seal, newest)
        began = time.perf_counter()
        sealing = 0.0
        for _ in range(BATCHES):
            await superuser.execute(WRITE, partnership, entries // BATCHES, entries // 50)
            at = time.perf_counter()
            await seal()
            sealing += time.perf_counter() - at
        print(f"Wrote {entries:,} entries in {time.perf_counter() - began:.0f} s, sealing took {sealing:.1f} s of that")
        await superuser.execute("VACUUM ANALYZE audit; ")
        await superuser.execute("VACUUM ANALYZE audit_head")
        await _small(trail)
        await _whole(trail)
    await superuser.close()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"Most memory that the checking process held: {used:.0f} MB")


async def _small(trail: Trail) -> None:
    kept = await trail.newest()
    held, seconds, said = await trail.check(kept)
    assert held, said
    print(f"  untouched: holds, {seconds:.1f} s")
    await trail.superuser.execute("SET session_replication_role = replica")  # no trigger stands in a superuser's way
    for name, (do, undo) in TAMPERINGS.items():
        await trail.superuser.execute(do)
        held, seconds, said = await trail.check()
        assert not held, f"{name} was not found"
        first = next(line for line in said if line.startswith("BROKEN"))
        print(f"  {name}: found, {seconds:.1f} s ({first.partition(': ')[2][:60]} ...)")
        await trail.superuser.execute(undo)
    held, seconds, said = await trail.check(kept)
    assert held, said
    print(f"  put right again: holds, {seconds:.1f} s")
    await trail.superuser.execute("SET session_replication_role = origin")


async def _whole(trail: Trail) -> None:
    """All of it written again without one entry: by itself it holds, by its seals it does not, by a head kept never."""
    kept = await trail.newest()
    began = time.perf_counter()
    await trail.superuser.execute(f"CREATE TABLE kept AS SELECT * FROM audit WHERE id <> {ONE}")
    await trail.superuser.execute("TRUNCATE audit, audit_head")
    await trail.superuser.execute(WRITE_AGAIN)
    await trail.superuser.execute("ANALYZE audit")
    print(f"  (writing all of it again, without one entry, took {time.perf_counter() - began:.0f} s)")
    held, seconds, _ = await trail.check()
    assert not held
    print(f"  written again whole, heads and all: found by its seals, {seconds:.1f} s")
    await trail.superuser.execute("TRUNCATE audit_seal, audit_sealed")
    await trail.seal()
    held, seconds, said = await trail.check()
    assert held, said
    held, seconds, said = await trail.check(kept)
    assert not held
    print(f"  and sealed again with the stolen key: found by a head kept elsewhere, {seconds:.1f} s")


def main() -> None:
    """Run everything; exits with a trace when a tampering is not found."""
    parser = argparse.ArgumentParser(prog="python -m bench.tamper", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    wanted = parser.parse_args()
    with database() as host:
        asyncio.run(_run(host, wanted.entries))


if __name__ == "__main__":
    main()
