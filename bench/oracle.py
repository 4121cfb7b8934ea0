"""Can somebody tell by the clock what the words keep from them? One command asks, over real HTTP on loopback.

Run as ``python -m bench.oracle``. Of each pair of questions, such as a wrong password of somebody and of nobody, the
answers must be the same in words, and so alike in time that a rank test cannot tell them apart: AUC at most 0.55, where
0.5 is chance. All kinds of questions are asked in turn, in an order drawn anew for each round, over one connection.
"""

import argparse
import asyncio
import random
import re
import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import pyotp

from app.db.ids import new_id
from app.db.pool import open_database
from app.db.session import Credentials, Database, UnitOfWork
from app.db.vault import Vault
from app.domain.referrals import ReferralForm
from app.domain.sessions import Lifetimes
from app.risk.instruments import load_catalogue
from app.seeds.forms import year_of_forms
from app.seeds.people import found_demo
from app.services import authenticators, confirmation, intake, sessions
from app.services.passwords import Cost, Passwords
from app.web.cookies import Cookie
from bench.host import Host, database, served
from bench.tokens import token_of

AIM: Final = 0.55
ROUNDS: Final = 10_000
WARM_ROUNDS: Final = 30
CASES: Final = 20
A_DAY: Final = Lifetimes(idle=timedelta(days=1), longest=timedelta(days=1))
PASSWORD: Final = "kettle orbit plum"  # noqa: S105  # of somebody invented
WRONG: Final = "kettle orbit pear"  # as long
# What differs from answer to answer whoever asks: what is drawn anew for each, when it was opened, and what was typed.
_ANYWAY: Final = re.compile(
    rb'nonce="[^"]*"|name="(?:csrf|once)" value="[^"]*"|data-(?:csrf|salt|key)="[^"]*"'
    rb'|Opened by [^<]*|value="[^"]*@[^"]*"'
)


@dataclass
class Kind:
    """One kind of question. ``ask`` makes the bytes of the next."""

    name: str
    ask: Callable[[], bytes]
    seconds: list[float] = field(default_factory=list)
    answers: set[tuple[bytes, bytes]] = field(default_factory=set)


class Line:
    """One kept-alive connection, on which whole requests are sent and timed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> tuple[float, bytes, bytes]:
        """Seconds until the whole answer was there, its head, its body."""
        asked = time.perf_counter()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await self._reader.readexactly(int(length[1]) if length else 0)
        return time.perf_counter() - asked, head, body

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def auc(one: Sequence[float], other: Sequence[float]) -> float:
    """The chance that one of the first took longer than one of the second; of the two ways round, the greater."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    total, n = 0.0, 0
    while n < len(ranked):
        same = n
        while same < len(ranked) and ranked[same][0] == ranked[n][0]:
            same += 1
        rank = (n + 1 + same) / 2  # of all that took equally long
        total += rank * sum(which == 0 for _, which in ranked[n:same])
        n = same
    found = (total - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))
    return max(found, 1 - found)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is asked about: somebody's e-mail and app, and cases kept from the holder of a token and of a cookie."""

    slug: str
    email: str
    secret: str
    token: str
    cookie: str
    hidden: list[UUID]


async def set_up(host: Host) -> Scene:
    """The demonstration's people, one of them with a password and an app, and cases from which one is kept."""
    vault = Vault({"bench": b64decode(host.keys.contact)}, {"bench": b64decode(host.keys.index)})
    connection = await asyncpg.connect(host.superuser_url)
    async with open_database(host.app_url, load_catalogue(), vault) as service:
        await found_demo(service, datetime.now(UTC))
        people = await connection.fetch(
            "SELECT u.id, u.partnership_id, u.email, p.slug FROM app_user u "
            "JOIN partnership p ON p.id = u.partnership_id ORDER BY u.email"
        )
        by_email = {row["email"]: Credentials(row["partnership_id"], row["id"]) for row in people}
        last_year = datetime.now(UTC).date().replace(year=datetime.now(UTC).year - 1, day=1)
        for each in islice(year_of_forms(2026, last_year), CASES):
            form = ReferralForm.model_validate(each.form)
            await service.run(by_email[each.user_email], intake.refer, datetime.now(UTC), new_id(), form)
        chosen = people[0]
        who = by_email[chosen["email"]]
        secret = await enrol(service, who)
        key = await service.run(who, sessions.begin, datetime.now(UTC), new_id(), ["passkey"], "bench", A_DAY)
    hidden = await keep_from(connection, who, by_made=people[1]["id"])
    token = await token_of(host, connection, who.partnership_id, who.user_id)
    await connection.close()
    return Scene(chosen["slug"], chosen["email"], secret, token, f"{Cookie.SESSION}={key.text}", hidden)


async def enrol(service: Database, who: Credentials) -> str:
    """Give somebody a password and an app. Returns the app's secret."""
    hashed = await Passwords(cost=Cost(passes=1, memory_kib=8, lanes=1)).make(PASSWORD)

    async def begin(uow: UnitOfWork) -> authenticators.Enrolment:
        await confirmation.keep_password(uow, hashed)
        return await authenticators.begin(uow)

    made = await service.run(who, begin, datetime.now(UTC), new_id())
    now = datetime.now(UTC)
    await service.run(who, authenticators.finish, now, new_id(), made.id, pyotp.TOTP(made.secret).at(now))
    return made.secret


async def keep_from(connection: Any, who: Credentials, *, by_made: UUID) -> list[UUID]:
    """Keep somebody from every case there is. Returns the cases."""
    cases = [row["id"] for row in await connection.fetch("SELECT id FROM case_file")]
    await connection.executemany(
        "INSERT INTO case_exclusion (partnership_id, id, case_id, user_id, kind, from_at, made_by) "
        "VALUES ($1, $2, $3, $4, 'conflict_of_interest', now(), $5)",
        [(who.partnership_id, new_id(), case_id, who.user_id, by_made) for case_id in cases],
    )
    await connection.execute("ANALYZE")
    return cases


async def kinds_of(scene: Scene, line: Line) -> list[Kind]:
    """Every kind of question."""
    path = f"/sign-in?{urlencode({'partnership': scene.slug})}"
    _, head, page = await line.ask(request("GET", path, Accept="text/html"))
    cookie = re.search(rb"set-cookie: (roundtable-visitor=[^;]+)", head, re.IGNORECASE)
    csrf = re.search(rb'name="csrf" value="([^"]+)"', page)
    if cookie is None or csrf is None:
        raise RuntimeError("the sign-in page has no form")
    form_token, visitor = csrf[1].decode(), cookie[1].decode()
    nobody = "x" + scene.email[1:]
    if nobody == scene.email:
        nobody = "y" + scene.email[1:]

    def sign_in(email: str, password: str, code: Callable[[], str]) -> Callable[[], bytes]:
        def ask() -> bytes:
            fields = {"csrf": form_token, "email": email, "password": password, "code": code()}
            kind = "application/x-www-form-urlencoded"
            body = urlencode(fields).encode()
            return request("POST", path, body, Cookie=visitor, Content_Type=kind, Accept="text/html")

        return ask

    def wrong_code() -> str:
        # Never right by chance: not one of the three that would be taken.
        app, now = pyotp.TOTP(scene.secret), int(time.time())
        taken = {app.at(now + 30 * step) for step in (-1, 0, 1)}
        return next(code for code in iter(lambda: f"{random.randrange(10**6):06}", "") if code not in taken)

    def right_code() -> str:
        return pyotp.TOTP(scene.secret).now()

    def recovery_code() -> str:
        return "-".join("".join(random.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=4)) for _ in range(4))

    def case(draw: Callable[[], UUID]) -> Callable[[], bytes]:
        bearer = f"Bearer {scene.token}"
        return lambda: request("GET", f"/api/v1/cases/{draw()}", Authorization=bearer)

    def case_page(draw: Callable[[], UUID]) -> Callable[[], bytes]:
        return lambda: request("GET", f"/cases/{draw()}", Cookie=scene.cookie, Accept="text/html")

    return [
        Kind("somebody, both wrong", sign_in(scene.email, WRONG, wrong_code)),
        Kind("nobody, both wrong", sign_in(nobody, WRONG, wrong_code)),
        Kind("somebody, code wrong", sign_in(scene.email, PASSWORD, wrong_code)),
        Kind("somebody, password wrong", sign_in(scene.email, WRONG, right_code)),
        Kind("somebody, recovery code wrong", sign_in(scene.email, PASSWORD, recovery_code)),
        Kind("nobody, recovery code wrong", sign_in(nobody, PASSWORD, recovery_code)),
        Kind("hidden case", case(lambda: random.choice(scene.hidden))),
        Kind("absent case", case(new_id)),
        Kind("page of a hidden case", case_page(lambda: random.choice(scene.hidden))),
        Kind("page of an absent case", case_page(new_id)),
    ]


PAIRS: Final = (
    ("user and non-user, page", "somebody, both wrong", "nobody, both wrong"),
    ("right and wrong password, page", "somebody, code wrong", "somebody, both wrong"),
    ("right and wrong code, page", "somebody, password wrong", "somebody, both wrong"),
    ("which of the two was wrong, page", "somebody, code wrong", "somebody, password wrong"),
    ("user and non-user, recovery code, page", "somebody, recovery code wrong", "nobody, recovery code wrong"),
    ("hidden and absent case, API", "hidden case", "absent case"),
    ("hidden and absent case, page", "page of a hidden case", "page of an absent case"),
)


async def measure(host: Host, port: int, rounds: int) -> bool:
    """Ask, print, and say whether every aim was met."""
    scene = await set_up(host)
    line = Line(*await asyncio.open_connection("127.0.0.1", port))
    kinds = {kind.name: kind for kind in await kinds_of(scene, line)}
    for done in range(WARM_ROUNDS + rounds):
        for kind in random.sample(list(kinds.values()), len(kinds)):
            seconds, head, body = await line.ask(kind.ask())
            if done >= WARM_ROUNDS:
                kind.seconds.append(seconds)
            kind.answers.add((head.split(b"\r\n", 1)[0], _ANYWAY.sub(b"", body)))
    line.close()
    print(f"{rounds} of each kind, in turn, Argon2 made cheap; AUC of each pair, aim at most {AIM}")
    met = True
    for title, one, other in PAIRS:
        a, b = kinds[one], kinds[other]
        found = auc(a.seconds, b.seconds)
        same = a.answers == b.answers and len(a.answers) == 1
        met = met and found <= AIM and same
        status = " or ".join(sorted({line.split()[1].decode() for line, _ in a.answers | b.answers}))
        words = f"{status}, {'same' if same else 'DIFFERENT'} words"
        middle = " and ".join(f"{sorted(each.seconds)[rounds // 2] * 1000:.2f}" for each in (a, b))
        print(f"  {title}: {found:.3f} ({middle} ms, {words})")
    return met


def main() -> None:
    """Run everything; exits with 1 when an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.oracle", description=__doc__)
    parser.add_argument("--each", type=int, default=ROUNDS, help="questions of each kind")
    wanted = parser.parse_args()
    with database() as host:
        environment = {**host.environment, "ROUNDTABLE_DEMO": "true"}
        with served("bench.oracle_app:create", environment, "/health") as service:
            met = asyncio.run(measure(host, service.port, wanted.each))
    raise SystemExit(0 if met else 1)


if __name__ == "__main__":
    main()
