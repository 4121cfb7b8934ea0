"""What waits for an administrator: the partnership's for everything, an agency's for their own people and systems."""

from dataclasses import dataclass
from datetime import date, timedelta

import orjson

from app.db import attention as queries
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.accounts import UNUSED_DAYS
from app.domain.clock import bank_holidays, local_date
from app.domain.lawful_bases import SharingAgreement, needs_next
from app.domain.meetings import PLANNED_AHEAD
from app.services import retention
from app.services.retention import Waiting

_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OnHoliday:
    """A sitting that is planned for a bank holiday."""

    forum_id: str
    forum: str
    held_on: date
    holiday: str


@dataclass(frozen=True, slots=True)
class Attention:
    """What waits. unused: people and systems without a sign of them for 90 days. run_out: systems of which a credential
    ends within 30 days. seen_by_leavers: systems of which somebody who has left saw the secret. retention: cases past
    their period; None for who does not look after them."""

    agreements: tuple[SharingAgreement, ...]
    sittings: tuple[OnHoliday, ...]
    unused: int
    run_out: int
    seen_by_leavers: int
    retention: Waiting | None


async def waiting(uow: UnitOfWork) -> Attention:
    """All of it, as far as the actor keeps it."""
    uow.actor.must(Verb.ADMINISTER_AGENCY)
    everything = uow.actor.may(Verb.ADMINISTER_PARTNERSHIP)
    today = local_date(uow.now)
    until = today + PLANNED_AHEAD
    holidays = {
        day: name
        for year in range(today.year, until.year + 1)
        for day, name in bank_holidays(year).items()
        if everything and today <= day <= until
    }
    row = await uow.one(
        queries.WAITING,
        agency=None if everything else uow.actor.agency,
        today=today,
        now=uow.now,
        soon=uow.now + _SOON,
        unused_since=uow.now - timedelta(days=UNUSED_DAYS),
        holidays=[*holidays],
    )
    agreements = [SharingAgreement.model_validate(each) for each in orjson.loads(row["agreements"])]
    return Attention(
        agreements=tuple(each for each in agreements if everything and needs_next(each, agreements, today)),
        sittings=tuple(_on_holiday(each, holidays) for each in orjson.loads(row["sittings"])),
        unused=row["unused"],
        run_out=row["run_out"],
        seen_by_leavers=row["seen_by_leavers"],
        retention=await retention.waiting(uow),
    )


def _on_holiday(told: dict[str, str], holidays: dict[date, str]) -> OnHoliday:
    day = date.fromisoformat(told["held_on"])
    return OnHoliday(told["forum_id"], told["forum"], day, holidays[day])
