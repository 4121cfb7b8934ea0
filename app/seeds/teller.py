"""Telling a story through the services: each thing is done by the right person at its own moment, once."""

import hashlib
import heapq
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from random import Random
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

import orjson

from app.db.ids import new_id
from app.db.session import Credentials, Database, UnitOfWork
from app.domain.clock import add_working_days, at_local, is_working_day, local_date
from app.domain.disclosures import Sharing
from app.domain.forums import ForumKind
from app.seeds import words
from app.seeds.people import SOUTHMERE, DemoPartnership
from app.seeds.sharing import sharing
from app.services.once import Document, once

P = ParamSpec("P")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Service = Callable[Concatenate[UnitOfWork, P], Awaitable[Document]]
Script = AsyncGenerator[datetime, None]
"""Part of a story: it yields the moment at which it goes on, does what happens then, and so forth."""


async def do_once(
    database: Database,
    who: Credentials,
    key: str,
    now: datetime,
    service: Service[P],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Any:
    """Do one thing, unless it was done under this key before. Returns what the service answers, or answered then."""
    digest = hashlib.sha256(key.encode()).hexdigest()

    async def told(uow: UnitOfWork) -> bytes:
        answer = await once(uow, key, digest, 200, lambda: service(uow, *args, **kwargs))
        return answer.document.body

    return orjson.loads(await database.run(who, told, now, new_id()))


@dataclass(slots=True)
class Told:
    """A case of the story. ``parties``: person references by the key they had on the form.

    ends: what is still to become of it, one word for each meeting and for each move after.
    """

    id: UUID
    form: dict[str, Any]
    parties: dict[str, str]
    ends: list[str]

    def told(self, text: str) -> str:
        """The text with the names of this case in it."""
        return words.told(text, self.form["victim"], self.form["perpetrators"][0])

    def draw(self, what: str) -> Random:
        """Luck of this case's own for one thing, the same in each telling."""
        victim = self.form["victim"]
        return Random(f"{victim['given_name']} {victim['family_name']} {victim['date_of_birth']} {what}")


@dataclass(slots=True)
class List:
    """The list of a meeting as it fills: agenda items with their cases."""

    kind: ForumKind
    meeting_id: UUID
    starts_at: datetime
    items: list[tuple[UUID, Told]] = field(default_factory=list)


class Teller:
    """Who tells. ``today``: the day on which the story arrives; everything in it happened before that day began.

    ``hold``: tells of a meeting from the moment at which its list has a case. Each thing done is kept as an answered
    request, so a story that was cut short goes on where it stopped.
    """

    def __init__(
        self,
        database: Database,
        today: date,
        hold: Callable[["Teller", List], Script],
        partnership: DemoPartnership = SOUTHMERE,
    ) -> None:
        self.database = database
        self.partnership = partnership
        self.today = today
        self.now = _LONG_AGO
        self.done = 0
        self.lists: dict[UUID, List] = {}
        self._hold = hold
        self._waiting: list[tuple[datetime, int, Script]] = []
        self._scripts = 0

    @property
    def board(self) -> date:
        """The HRDA that is next: today's, or after a weekend or a bank holiday the first."""
        return self.today if is_working_day(self.today) else add_working_days(self.today, 0)

    @property
    def end(self) -> datetime:
        """The moment at which the story stops: midnight before today."""
        return at_local(self.today, time.min)

    def at(self, working_days_before: int, hour: int, minute: int = 0) -> datetime:
        """A moment so many working days, at least one, before the next HRDA."""
        return at_local(add_working_days(self.board, -working_days_before), time(hour, minute))

    def tell(self, script: Script) -> None:
        """Add a part of the story."""
        heapq.heappush(self._waiting, (_LONG_AGO, self._scripts, script))
        self._scripts += 1

    async def run(self, progress: Callable[[int], None]) -> None:
        """Tell everything in order of time. What would happen after ``end`` is left untold."""
        while self._waiting:
            moment, number, script = heapq.heappop(self._waiting)
            self.now = max(moment, self.now)
            following = await anext(script, self.end)
            if following < self.end:
                heapq.heappush(self._waiting, (following, number, script))
            else:
                await script.aclose()
            progress(self.done)

    def sharing(self, who: str) -> Sharing:
        """On what this person shares something now."""
        return sharing(who, local_date(self.now))

    async def do(self, who: str, service: Service[P], *args: P.args, **kwargs: P.kwargs) -> Any:
        """Do one thing as this person, now. Returns what the service answered."""
        self.done += 1
        key = f"demonstration {self.done}"
        return await do_once(self.database, self.partnership.as_user(who), key, self.now, service, *args, **kwargs)

    def listed(self, case: Told, route: dict[str, Any] | None) -> None:
        """Remember that a case is on a meeting's list, for whoever tells of that meeting."""
        if not route or not route.get("agenda_item_id"):
            return
        meeting_id = UUID(route["meeting_id"])
        if meeting_id not in self.lists:
            kind, starts_at = ForumKind(route["forum_kind"]), datetime.fromisoformat(route["starts_at"])
            self.lists[meeting_id] = List(kind, meeting_id, starts_at)
            self.tell(self._hold(self, self.lists[meeting_id]))
        self.lists[meeting_id].items.append((UUID(route["agenda_item_id"]), case))
