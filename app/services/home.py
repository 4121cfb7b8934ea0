"""What somebody finds first: what waits for them, and of retention, for those who look after it."""

from dataclasses import dataclass

from app.db.session import UnitOfWork
from app.domain.work import Group
from app.services import retention, work
from app.services.retention import Waiting


@dataclass(frozen=True, slots=True)
class Home:
    """work: what waits, by the clock. retention: cases past their period; None for who does not look after them."""

    work: tuple[Group, ...]
    retention: Waiting | None


async def show(uow: UnitOfWork) -> Home:
    """All of it."""
    return Home(await work.waiting(uow), await retention.waiting(uow))
