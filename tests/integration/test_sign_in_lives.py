"""Whole lives of accounts, in any order: who may get in is told by a model, and the service has to agree.

Invited, set up, signed in, confirmed, lost, asked for again, left alone, ended. All through pages and their forms.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from app.db.ids import new_id
from app.domain.errors import Conflict
from app.domain.sign_in_links import ASKED_LASTS, INVITATION_LASTS, RESET_LASTS
from app.services import administration
from tests.authenticator import Authenticator
from tests.links import asked_link, begin_app, code_of, is_over, join, link_for, newcomer, who, with_passkey
from tests.passkeys import ORIGIN, Scripted
from tests.tabs import Tab
from tests.world import World

T = TypeVar("T")

PASSWORDS = ("lantern mosaic heron", "kettle orbit plum", "gravel teapot ninety")
IDLE, CONFIRMED = timedelta(minutes=30), timedelta(minutes=15)
# Of those that an account has at once; after them it would be told to wait, which is proven elsewhere.
MOST_FAILURES, MOST_ASKED = 8, 3
WAYS = st.sampled_from(["app", "passkey", "neither"])
CODES = st.sampled_from(["app", "old app", "recovery", "used", "nonsense"])


@dataclass
class Seat:
    """Somewhere that the person has signed in, as the model knows it."""

    tab: Tab
    confirmed_until: datetime
    seen: datetime
    ended: bool = False

    def asks(self, now: datetime) -> bool:
        """Whether a request from here is served; it then counts as a sign of life."""
        served = not self.ended and now < self.seen + IDLE
        if served and self.seen < now - timedelta(minutes=1):
            self.seen = now
        return served


@dataclass
class Link:
    """A link that somebody holds. only_password: it was asked for by mail."""

    path: str
    until: datetime
    only_password: bool
    over: bool = False


@dataclass
class Person:
    """What the model knows of one account."""

    id: UUID
    email: str
    password: str | None = None
    secret: str | None = None
    codes: list[str] = field(default_factory=list)
    device: Authenticator | None = None
    been_here: bool = False
    left: bool = False
    links: list[Link] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    # What once let them in, or was used up.
    old_secret: str | None = None
    old_device: Authenticator | None = None
    used: list[str] = field(default_factory=list)

    def takes(self, password: str, code: str, is_right: bool) -> bool:
        """Whether they get in with these."""
        return not self.left and password == self.password and (is_right or code in self.codes)

    def starts_over(self) -> None:
        """Everything that they signed in by is over, and so is wherever they are signed in."""
        self.old_secret, self.old_device = self.secret or self.old_secret, self.device or self.old_device
        self.used += self.codes
        self.password, self.secret, self.codes, self.device = None, None, [], None
        self.signed_out()

    def signed_out(self) -> None:
        for seat in self.seats:
            seat.ended = True


class Lives(RuleBasedStateMachine):
    """One account of a world that is already there. The rules run beside the loop that the service runs on."""

    world: World
    loop: asyncio.AbstractEventLoop

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(30)

    @property
    def now(self) -> datetime:
        return self.world.clock()

    @property
    def asked(self) -> str:
        return f"?partnership=t-{self.world.partnership_id}"

    @initialize()
    def somebody_is_added(self) -> None:
        email = f"{new_id().hex}@police.example"
        self.person = Person(self.do(newcomer(self.world, email=email)), email)
        self.failures = self.asks = 0
        self.an_administrator_makes_a_link()

    @rule()
    def an_administrator_makes_a_link(self) -> None:
        person = self.person
        try:
            path = self.do(link_for(self.world, person.id))
        except Conflict:
            assert person.left
            return
        assert path
        assert not person.left
        for link in person.links:
            link.over = True
        lasts = RESET_LASTS if person.been_here else INVITATION_LASTS
        person.links.append(Link(path, self.now + lasts, only_password=False))

    @precondition(lambda self: self.asks < MOST_ASKED)
    @rule()
    def somebody_asks_for_a_new_password(self) -> None:
        person = self.person
        self.asks += 1
        path = self.do(asked_link(self.world, person.email))
        assert bool(path) is (person.password is not None and not person.left)
        if path:
            for link in person.links:
                link.over |= link.only_password
            person.links.append(Link(path, self.now + ASKED_LASTS, only_password=True))

    @precondition(lambda self: self.person.links)
    @rule(back=st.sampled_from([1, 1, 1, 2, 3]), way=WAYS, password=st.sampled_from(PASSWORDS))
    def a_link_is_opened(self, back: int, way: str, password: str) -> None:
        link = self.person.links[-min(back, len(self.person.links))]
        self.do(self._open(link, way, password))

    @precondition(lambda self: self.person.been_here and not self.person.left)
    @rule(way=WAYS, password=st.sampled_from(PASSWORDS))
    def they_start_over_and_nothing_from_before_lets_them_in(self, way: str, password: str) -> None:
        before, codes = self.person.password or password, self.person.codes[-1:]
        self.an_administrator_makes_a_link()
        self.do(self._open(self.person.links[-1], way, password))
        if way == "neither":
            return
        for typed in (self._code("old app"), *codes):
            if self.failures < MOST_FAILURES:
                self._tries(before, typed, is_right=False)
        if self.person.old_device:
            self.somebody_tries_a_passkey(old=True)

    async def _open(self, link: Link, way: str, password: str) -> None:
        person = self.person
        stands = not link.over and self.now < link.until and not person.left
        if link.only_password and person.password is None:
            stands = False
        tab = Tab(self.world.app)
        if not stands:
            assert await is_over(tab, link.path)
        elif link.only_password:
            await tab.get(link.path)
            await tab.get("/join")
            if way == "neither":
                return
            assert (await tab.post("/join", new_password=password)).status_code == 303
            assert (await tab.get("/home")).status_code == 303, "nobody is signed in by mail alone"
            person.password, link.over = password, True
            person.signed_out()
        elif way == "neither":
            await begin_app(tab, link.path)
        else:
            device = Authenticator()
            secret, codes = await join(tab, link.path, self.world, password) if way == "app" else (None, [])
            if way == "passkey":
                await with_passkey(tab, link.path, device)
            person.starts_over()
            person.been_here = link.over = True
            if way == "app":
                person.password, person.secret, person.codes = password, secret, codes
            else:
                person.device = device
            self._sits_down(tab)

    def _sits_down(self, tab: Tab) -> None:
        self.person.seats.append(Seat(tab, self.now + CONFIRMED, self.now))

    @precondition(lambda self: self.failures < MOST_FAILURES)
    @rule(password=st.sampled_from([None, None, *PASSWORDS]), code=CODES)
    def somebody_tries_a_password_and_a_code(self, password: str | None, code: str) -> None:
        self.world.clock.forward(seconds=30)
        typed, password = self._code(code), password or self.person.password or PASSWORDS[0]
        self._tries(password, typed, is_right=code == "app" and self.person.secret is not None)
        if typed in self.person.used and self.failures < MOST_FAILURES:
            self._tries(password, typed, is_right=False)

    def _tries(self, password: str, typed: str, *, is_right: bool) -> None:
        expected = self.person.takes(password, typed, is_right)
        tab = Tab(self.world.app)
        assert self.do(self._sign_in(tab, password, typed)) is expected
        if expected:
            self._used(typed)
            self._sits_down(tab)
        else:
            self.failures += 1

    def _code(self, kind: str) -> str:
        person = self.person
        if kind == "app" and person.secret:
            return code_of(person.secret, self.world)
        if kind == "old app" and person.old_secret:
            return code_of(person.old_secret, self.world)
        if kind == "recovery" and person.codes:
            return person.codes[0]
        return person.used[-1] if kind == "used" and person.used else "000000"

    def _used(self, code: str) -> None:
        self.person.used.append(code)
        self.person.codes = [each for each in self.person.codes if each != code]

    async def _sign_in(self, tab: Tab, password: str, code: str) -> bool:
        await tab.get(f"/sign-in{self.asked}")
        answer = await tab.post(f"/sign-in{self.asked}", email=self.person.email, password=password, code=code)
        return answer.status_code == 303

    @precondition(lambda self: self.person.device or self.person.old_device)
    @rule(old=st.booleans())
    def somebody_tries_a_passkey(self, old: bool) -> None:
        device = self.person.old_device if old else self.person.device
        if device is None:
            return
        tab = Scripted(self.world.app)
        let_in = self.do(self._show(tab, device))
        assert let_in is (device is self.person.device and not self.person.left)
        if let_in:
            self._sits_down(tab)

    async def _show(self, tab: Scripted, device: Authenticator) -> bool:
        await tab.open(f"/sign-in{self.asked}")
        options = await tab.begin(f"/sign-in/passkey/begin{self.asked}")
        answer = await tab.send(f"/sign-in/passkey/finish{self.asked}", device.show(options, ORIGIN))
        return answer.status_code == 200

    @precondition(lambda self: self.person.seats)
    @rule(n=st.integers(0, 9))
    def a_page_is_asked_for_that_wants_a_confirmation(self, n: int) -> None:
        seat = self.person.seats[n % len(self.person.seats)]
        answer = self.do(seat.tab.get("/account/recovery-codes"))
        if not seat.asks(self.now):
            assert answer.headers["location"].startswith(("/sign-in", "/stay/ended"))
        elif self.now < seat.confirmed_until:
            assert answer.status_code == 200
        else:
            assert answer.headers["location"].startswith("/confirm")

    @precondition(lambda self: self.person.seats and self.person.secret)
    @rule(n=st.integers(0, 9))
    def somebody_confirms_with_their_password_and_app(self, n: int) -> None:
        seat = self.person.seats[n % len(self.person.seats)]
        self.world.clock.forward(seconds=30)
        code = code_of(self.person.secret or "", self.world)
        before = seat.asks(self.now)
        page = self.do(seat.tab.get("/confirm"))
        assert (page.status_code == 200) is before
        if before:
            done = self.do(seat.tab.post("/confirm", password=self.person.password or "", code=code))
            assert done.status_code == 303
            self._used(code)
            seat.seen, seat.confirmed_until = self.now, self.now + CONFIRMED

    @rule()
    def a_quarter_of_an_hour_passes(self) -> None:
        self.world.clock.forward(minutes=16)

    @precondition(lambda self: not self.person.left and self.person.been_here)
    @rule(sure=st.integers(0, 5))
    def they_leave(self, sure: int) -> None:
        if sure:
            return
        admin, run = who(self.world, "police_admin"), self.world.database.run
        self.do(run(admin, administration.end_user, self.now, new_id(), self.person.id))
        self.person.left = True
        self.person.signed_out()


async def test_whoever_may_get_in_gets_in_and_nobody_else_whatever_happened_before(world: World) -> None:
    Lives.world, Lives.loop = world, asyncio.get_running_loop()
    some = settings(
        max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    await asyncio.to_thread(run_state_machine_as_test, Lives, settings=some)
