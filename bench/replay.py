"""A year of referrals through the REST API, as ten agencies' clients would send them, and the books balanced after.

Some of them are sent twice, some by a client that hangs up before the answer and tries again: at the end each is one
case, or a second word on a case that was there, and nothing is lost.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import orjson

from app.seeds.forms import Submission
from bench.client import Client
from bench.floor import look_over, rows_by_referral, write_again
from bench.host import Host, Process
from bench.tokens import token_of

CLIENTS = 10
REFER = "/api/v1/referrals?submit=true"
# The first of the year's, sent before the clock starts: then the database knows how its tables are filled.
WARM_SHARE = 0.1
SENT_TWICE_EVERY = 50
ABANDONED_EVERY = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """One referral as it goes over the wire."""

    number: int
    token: str
    body: bytes
    level: str


class Unbalanced(Exception):
    """What the service holds is not what was sent."""


async def prepare(host: Host, submissions: Sequence[Submission]) -> list[Sent]:
    """Bodies and tokens, made before the clock starts."""
    connection = await asyncpg.connect(host.superuser_url)
    people = {
        row["email"]: (row["id"], row["partnership_id"])
        for row in await connection.fetch("SELECT id, partnership_id, email FROM app_user")
    }
    tokens: dict[str, str] = {}
    for email in {each.user_email for each in submissions}:
        user, partnership = people[email]
        tokens[email] = await token_of(host, connection, UUID(str(partnership)), UUID(str(user)))
    await connection.close()
    return [
        Sent(number, tokens[each.user_email], orjson.dumps(each.form), each.level)
        for number, each in enumerate(submissions)
    ]


async def replay(host: Host, server: Process, year: Sequence[Sent]) -> tuple[float, Counter[str]]:
    """Send everything with ten clients. Returns referrals a second, and how many were answered with each level."""
    warm = int(len(year) * WARM_SHARE)
    levels: Counter[str] = Counter()
    await _send(server, year[:warm], levels)
    await look_over(host)
    started = time.perf_counter()
    await _send(server, year[warm:], levels)
    return (len(year) - warm) / (time.perf_counter() - started), levels


async def _send(server: Process, some: Sequence[Sent], levels: Counter[str]) -> None:
    waiting = iter(some)

    async def agency() -> None:
        client = Client(server.port)
        for sent in waiting:
            key = f"replay-{sent.number}"
            if sent.number % ABANDONED_EVERY == 0:
                await client.abandon(
                    "POST", "/api/v1/referrals?submit=true", sent.token, sent.body, Idempotency_Key=key
                )
            for _ in range(2 if sent.number % SENT_TWICE_EVERY == 0 else 1):
                answer = await client.request(
                    "POST", "/api/v1/referrals?submit=true", sent.token, sent.body, Idempotency_Key=key
                )
                if answer.status not in (200, 201):
                    raise Unbalanced(f"referral {sent.number} was answered {answer.status}: {answer.body[:300]!r}")
            levels[orjson.loads(answer.body)["level"]] += 1
        client.close()

    await asyncio.gather(*(agency() for _ in range(CLIENTS)))


async def balance(host: Host, year: Sequence[Sent], answered: Counter[str]) -> dict[str, int]:
    """Hold what is in the database against what was sent. Raises Unbalanced with the difference."""
    connection = await asyncpg.connect(host.superuser_url)
    found = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM referral WHERE status = 'submitted') AS referrals,
               (SELECT count(*) FROM assessment) AS assessments,
               (SELECT count(*) FROM case_file) AS cases,
               (SELECT count(*) FROM case_event WHERE kind = 'case.re_referred') AS joined,
               (SELECT count(*) FROM case_file c WHERE NOT EXISTS
                  (SELECT 1 FROM agenda_item i WHERE i.case_id = c.id)
                  AND NOT EXISTS (SELECT 1 FROM support_offer o WHERE o.case_id = c.id)) AS nowhere,
               (SELECT count(*) FROM audit WHERE verb IN ('case.referred', 'case.re_referred')) AS audited
        """
    )
    assert found is not None
    held = dict(found)
    graded = await connection.fetch("SELECT level, count(*) AS n FROM assessment GROUP BY 1")
    levels = Counter({row["level"]: row["n"] for row in graded})
    await connection.close()
    sent = Counter(each.level for each in year)
    expected = len(year)
    wrong = [
        f"{name}: {found} instead of {expected}"
        for name, found in (
            ("referrals", held["referrals"]),
            ("assessments", held["assessments"]),
            ("cases and further referrals", held["cases"] + held["joined"]),
            ("trail entries", held["audited"]),
        )
        if found != expected
    ]
    if held["nowhere"]:
        wrong.append(f"{held['nowhere']} cases are on no list and before no service")
    if not sent == answered == levels:
        wrong.append(f"levels sent {dict(sent)}, answered {dict(answered)}, held {dict(levels)}")
    if wrong:
        raise Unbalanced("; ".join(wrong))
    return {**{name: int(value) for name, value in held.items()}, **levels}


async def floor(host: Host) -> float:
    """Cases a second, of the same rows by plain SQL on the same server. Empties the tables first."""
    connection = await asyncpg.connect(host.superuser_url)
    referrals, inserts = await rows_by_referral(connection)
    await connection.close()
    return await write_again(host, referrals, inserts, CLIENTS, warm=int(len(referrals) * WARM_SHARE))
