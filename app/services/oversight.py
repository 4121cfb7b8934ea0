"""The answer to a complaint: who could see somebody's case and why, who did, what was sent where; and that it holds."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db import disclosures as shared
from app.db import oversight as queries
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.cases import WHY_OPEN
from app.domain.clock import at_local
from app.services import reference as known

MOST_CASES = 20
MOST_ENTRIES = 500
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the auditor asks: of a case or a person, by reference; in these days, both included."""

    reference: str
    since: date
    until: date
    agency: UUID | None = None
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Whether the trail of a case holds. broken: how many entries do not. sealed: None before its first seal."""

    entries: int
    broken: int
    whole: bool
    sealed_at: datetime | None
    sealed: bool | None

    @property
    def holds(self) -> bool:
        """Nothing was changed, taken out or cut short."""
        return self.broken == 0 and self.whole and self.sealed is not False


@dataclass(frozen=True, slots=True)
class Overseen:
    """One case: who could see it, who looked, the newest of what they did, and what was shared of it."""

    case_id: UUID
    sight: list[dict[str, Any]]
    lookers: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    shared: list[dict[str, Any]]
    chain: Chain


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole page. agencies: to choose from. more: there are entries or sharings that it does not show."""

    cases: list[Overseen]
    agencies: list[dict[str, Any]]
    more: bool


async def choices(uow: UnitOfWork) -> list[dict[str, Any]]:
    """The agencies to choose from."""
    uow.actor.must(Verb.AUDIT)
    found: list[dict[str, Any]] = orjson.loads((await known.agencies(uow)).body)["items"]
    return found


async def answer(uow: UnitOfWork, asked: Asked) -> Answer:
    """Everything about the cases of one reference. A reference that nothing has, and that of a case which is restricted
    or which this auditor is kept from, have no cases alike."""
    uow.actor.must(Verb.AUDIT)
    agencies = await choices(uow)
    rows = await uow.rows(queries.CASES, reference=asked.reference, limit=MOST_CASES)
    cases = [row["case_id"] for row in rows]
    span = {"since": at_local(asked.since, time.min), "until": at_local(asked.until + _ONE_DAY, time.min)}
    of = {"cases": cases, "agency": asked.agency, **span}
    words = {str(reason): why for reason, why in WHY_OPEN.items()}
    sight = orjson.loads(await uow.value(queries.SIGHT, words=words, person=asked.person, **of))
    trail = await uow.one(queries.TRAIL, person=asked.person, limit=MOST_ENTRIES, **of)
    told = await uow.one(shared.BETWEEN, after=None, limit=MOST_ENTRIES, **of)
    chains = {row["case_id"]: row for row in await uow.rows(queries.CHAINS, cases=cases)}
    lines, lookers, sent = orjson.loads(trail["lines"]), orjson.loads(trail["lookers"]), orjson.loads(told["body"])
    uow.record("audit.read", case_id=cases[0] if len(cases) == 1 else None, subjects=cases, purpose="oversight")
    found = [
        Overseen(
            case_id=case_id,
            sight=_of(case_id, sight),
            lookers=_of(case_id, lookers),
            lines=_of(case_id, lines),
            shared=[each for each in sent if each["case"]["id"] == str(case_id)],
            chain=Chain(**{name: chains[case_id][name] for name in Chain.__slots__}),
        )
        for case_id in cases
    ]
    return Answer(found, agencies, trail["entries"] > MOST_ENTRIES or len(sent) == MOST_ENTRIES)


def _of(case_id: UUID, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in lines if each["case_id"] == str(case_id)]
