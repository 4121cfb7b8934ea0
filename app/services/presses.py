"""One press is one act: a form that is sent twice by one page is acted on once, and leads where the first press led.

What was pressed is kept in the transaction that acted on it. Where that led is only known once it is over, and is kept
in one of its own just behind it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from app.db import once as queries
from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.tables.audit import idempotency
from app.db.vault import Sealed

T = TypeVar("T")

_PREFIX: Final = "press "
_LED: Final = " led"
_SEE_OTHER: Final = 303
# As long as what the first press was told is taken to be so still: somebody else may have undone it since.
_STILL_SO: Final = timedelta(minutes=2)
SENT_LONG_BEFORE: Final = "This was done when it was first sent, and was not done again. Check how it stands now."


@dataclass(frozen=True, slots=True)
class Led:
    """Where a press led: a path, and what the page there was to say first; empty if nothing."""

    path: str
    said: str = ""


class InHand(Exception):
    """The same press is being acted on; or, with ``done``, was, and where it led is not written down yet."""

    def __init__(self, *, done: bool) -> None:
        super().__init__()
        self.done = done


class ActedOn(Exception):
    """The same press was acted on before."""

    def __init__(self, led: Led) -> None:
        super().__init__()
        self.led = led


async def act_once(uow: UnitOfWork, press: str, work: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
    """Do the work, unless this press was acted on. Returns what it gave, and whether it changed anything.

    press: names who pressed what on which page, and with what filled in. Work that changes nothing may be done again,
    and so may work that fails. Raises InHand, and ActedOn.
    """
    key = _PREFIX + press
    if not await uow.value(queries.TRY_PRESS, key=f"{uow.actor.user} {key}"):
        raise InHand(done=False)
    kept = await uow.row(queries.PRESSED, user=uow.actor.user, keys=[key, key + _LED])
    if kept is not None:
        if kept["key"] == key:
            raise InHand(done=True)
        if uow.now - kept["created_at"] > _STILL_SO:
            raise ActedOn(Led(kept["headers"]["location"], SENT_LONG_BEFORE))
        sealed = Sealed(kept["headers"]["sealed_with"], bytes(kept["body"]))
        said = uow.vault.open(sealed, partnership_id=uow.actor.partnership_id, row_id=kept["id"])
        raise ActedOn(Led(kept["headers"]["location"], said.decode()))
    result = await work()
    if uow.changed:
        _keep(uow, key, Led(""))
    return result, uow.changed


async def lead(uow: UnitOfWork, press: str, led: Led) -> None:
    """Write down where a press led."""
    _keep(uow, _PREFIX + press + _LED, led)


def _keep(uow: UnitOfWork, key: str, led: Led) -> None:
    row_id = new_id()
    sealed = uow.vault.seal(led.said.encode(), partnership_id=uow.actor.partnership_id, row_id=row_id)
    uow.add(
        idempotency,
        id=row_id,
        user_id=uow.actor.user,
        key=key,
        request_digest=key,
        status=_SEE_OTHER,
        headers={"version": None, "location": led.path, "sealed_with": sealed.key_id, "others": [], "roles": []},
        body=sealed.data,
        created_at=uow.now,
    )
