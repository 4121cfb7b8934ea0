"""The unit of work: one request, one transaction, one actor, and a commit before anybody hears of it.

SQLAlchemy describes the tables and writes the statements; asyncpg runs them. Reading 50 rows through SQLAlchemy's own
pool and result objects was measured at half the speed, and its pool hands one borrower's settings to the next.
"""

import hashlib
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import asyncpg
from pydantic import BaseModel
from sqlalchemy import Table

from app.db.ids import new_id
from app.db.json import canonical, to_json
from app.db.leaving import outwait
from app.db.statements import Statement, insertion, sql, update
from app.db.tables.audit import audit, audit_detail
from app.db.tables.cases import case_event, case_grant
from app.db.transaction import AtTheDoor, transaction
from app.db.vault import Vault
from app.domain.access import DESK_ROLES, Actor
from app.domain.errors import Forbidden, NotFound, Stale, Unauthenticated
from app.domain.sessions import Session, SessionKind
from app.risk.instruments import Catalogue

P = ParamSpec("P")
T = TypeVar("T")

_ENTER = sql("SELECT * FROM enter(:partnership, :user, :desk_roles, :now, :session, :digest)")
_ENTER_SYSTEM = sql(
    "SELECT set_config('roundtable.partnership', :partnership, true), set_config('roundtable.now', :now, true)"
)


_SALT_BYTES = 16
_TRAIL = (audit, audit_detail)
# Of what was asked for in vain: enough for a long list, and a bound on what one request may write.
_MOST_ASKED = 200


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks; what they may do is looked up afresh in each transaction.

    session_id: what they act through, as a signed token or a browser's cookie proved; ``digest`` is that of the
    cookie's secret. None when the program itself acts for them.
    """

    partnership_id: UUID
    user_id: UUID
    session_id: UUID | None = None
    digest: bytes | None = None


class UnitOfWork:
    """What a service function works with. Additions are gathered and written together; reads see them after flush."""

    def __init__(
        self, connection: Any, actor: Actor, now: datetime, request_id: UUID, catalogue: Catalogue, vault: Vault
    ) -> None:
        self.actor = actor
        self.catalogue = catalogue
        self.vault = vault
        self.now = now
        self.request_id = request_id
        self._connection = connection
        # The grants made here that open a case to another agency, by case, until somebody has said on what basis.
        self.opened: dict[UUID, list[dict[str, Any]]] = {}
        self._added: dict[tuple[Table, tuple[str, ...]], list[dict[str, Any]]] = {}
        self.changed = False
        """Whether this has changed, or will change, anything but the trail."""
        self.ends_own = False
        """Whether this is answered only once whatever else of the actor's is in hand when it is committed is done."""

    async def rows(self, statement: Statement, **values: Any) -> list[Any]:
        """Every row. The partnership is always bound as ``:partnership``."""
        return list(await self._connection.fetch(statement.text, *self._bind(statement, values)))

    async def row(self, statement: Statement, **values: Any) -> Any | None:
        """The first row, or None."""
        return await self._connection.fetchrow(statement.text, *self._bind(statement, values))

    async def one(self, statement: Statement, **values: Any) -> Any:
        """The row of a statement that always has one: it counts or gathers, or was found by it a moment ago."""
        row = await self.row(statement, **values)
        if row is None:
            raise LookupError("A statement that always has a row has none.")
        return row

    async def value(self, statement: Statement, **values: Any) -> Any:
        """The first column of the first row, or None."""
        return await self._connection.fetchval(statement.text, *self._bind(statement, values))

    def add(self, table: Table, **values: Any) -> UUID:
        """Gather one new row; the partnership and, when absent, an id are filled in. Returns the id."""
        row_id: UUID = values.setdefault("id", new_id())
        self.changed = self.changed or table not in _TRAIL
        if _is_of_partnership(table):
            values["partnership_id"] = self.actor.partnership_id
        if table is case_grant and values["agency_id"] != self.actor.agency_id:
            self.opened.setdefault(values["case_id"], []).append(values)
        self._added.setdefault((table, tuple(sorted(values))), []).append(values)
        return row_id

    async def change(self, table: Table, row_id: UUID, version: int | None = None, **values: Any) -> None:
        """Change one row; with ``version``, only if it still is that version.

        Raises Stale when the row has moved on. Every table with a version counts it up here and nowhere else.
        """
        await self.flush()
        self.changed = True
        statement, arguments = update(table, values, version is not None)
        bound = [self.actor.partnership_id, row_id, *arguments]
        if version is not None:
            bound.append(version)
        if await self._connection.execute(statement, *bound) == "UPDATE 0":
            raise Stale(table.name.replace("_", " "))

    def event(self, case_id: UUID, kind: str, data: dict[str, Any] | None = None, reasons: Sequence[Any] = ()) -> UUID:
        """Put something that happened on the case's timeline, and in the trail."""
        self.record(kind, case_id=case_id)
        return self.add(
            case_event,
            case_id=case_id,
            at=self.now,
            kind=kind,
            actor_id=self.actor.user_id,
            agency_id=self.actor.agency_id,
            data=data or {},
            reasons=list(reasons),
        )

    def record(
        self,
        verb: str,
        *,
        case_id: UUID | None = None,
        subjects: Sequence[UUID] = (),
        purpose: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> UUID:
        """Write to the audit trail. ``subjects``: every case, or person, that was read besides ``case_id``.

        ``purpose`` is a code. ``detail`` holds words about the act: they are kept apart, the entry commits to them by a
        salted digest, and they can be erased without touching the chain. Returns the entry's id.
        """
        digest = None
        row_id = new_id()
        if detail is not None:
            salt, text = os.urandom(_SALT_BYTES), canonical(detail)
            digest = hashlib.sha256(salt + text.encode()).digest()
            self.add(audit_detail, id=row_id, case_id=case_id, salt=salt, detail=text)
        return self.add(
            audit,
            id=row_id,
            at=self.now,
            actor_id=self.actor.user_id,
            agency_id=self.actor.agency_id,
            roles=sorted(self.actor.roles),
            verb=verb,
            case_id=case_id,
            subjects=list(subjects),
            purpose=purpose,
            request_id=self.request_id,
            digest=digest,
        )

    async def flush(self) -> None:
        """Write what was gathered, in two statements however many tables it touches.

        Grants come first: the policies on everything inside a case look at grants already written. The trail goes in
        the order of its chains, so that two units of work never wait for each other's in a circle.
        """
        added, self._added = self._added, {}
        for inside_case in (False, True):
            part = {key: rows for key, rows in added.items() if _is_inside_case(key[0]) is inside_case}
            for (table, _), rows in part.items():
                if table is audit:
                    rows.sort(key=lambda row: row["case_id"] or row["actor_id"] or row["partnership_id"])
            if part:
                documents = [to_json(rows).decode() for rows in part.values()]
                await self._connection.execute(insertion(tuple(part)), *documents)

    def _bind(self, statement: Statement, values: dict[str, Any]) -> list[Any]:
        self.changed = self.changed or statement.changes
        values["partnership"] = self.actor.partnership_id
        return [values[name] for name in statement.names]


@cache
def _is_of_partnership(table: Table) -> bool:
    return "partnership_id" in table.columns


@cache
def _is_inside_case(table: Table) -> bool:
    return "case_id" in table.columns and table is not case_grant


class Database:
    """A pool of connections, each handed out for exactly one unit of work."""

    def __init__(self, pool: Any, catalogue: Catalogue, vault: Vault) -> None:
        self._pool = pool
        self._catalogue = catalogue
        self._vault = vault

    async def run(
        self,
        who: Credentials,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]],
        now: datetime,
        request_id: UUID,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run one service function as ``who`` and commit. The only place that commits.

        Raises Unauthenticated when the user may no longer enter, Unavailable when the database is lost, and whatever
        the service raises; in each case nothing was changed. A refusal is in the trail before it is raised, with the
        ids that were asked for: what is hidden and what is absent cost the same work and leave the same entry.
        """
        try:
            return await self._run(who, use_case, now, request_id, *args, **kwargs)
        except (Forbidden, NotFound) as refusal:
            verb = f"denied.{refusal.code}"
            asked = tuple(dict.fromkeys(_ids_in((*args, *kwargs.values()))))[:_MOST_ASKED]

            async def write_down(uow: UnitOfWork) -> None:
                uow.record(verb, subjects=asked, purpose=_name_of(use_case))

            await self._run(who, write_down, now, request_id)
            raise

    async def _run(
        self,
        who: Credentials,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]],
        now: datetime,
        request_id: UUID,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        ends_own = False

        async def attempt(connection: Any) -> T:
            nonlocal ends_own
            found = await connection.fetchrow(
                _ENTER.text, who.partnership_id, who.user_id, sorted(DESK_ROLES), now, who.session_id, who.digest
            )
            if found is None:
                raise Unauthenticated
            if found["agency_id"] is None:
                raise AtTheDoor
            actor = Actor(
                user_id=who.user_id,
                partnership_id=who.partnership_id,
                agency_id=found["agency_id"],
                name=found["name"],
                agency_name=found["agency_name"],
                agency_kind=found["agency_kind"],
                roles=frozenset(found["roles"]),
                session=_session(who.session_id, found, now),
            )
            work = UnitOfWork(connection, actor, now, request_id, self._catalogue, self._vault)
            result = await _worked(work, use_case, *args, **kwargs)
            ends_own = work.ends_own
            return result

        result = await transaction(self._pool, attempt)
        if ends_own:
            await outwait(self._pool, who.user_id)
        return result

    async def run_as_system(
        self,
        partnership_id: UUID,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]],
        now: datetime,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run set-up and upkeep inside one partnership, as nobody: sees reference data, and no case at all."""

        async def attempt(connection: Any) -> T:
            await connection.fetchrow(_ENTER_SYSTEM.text, str(partnership_id), now.isoformat())
            system = Actor.system(partnership_id)
            work = UnitOfWork(connection, system, now, new_id(), self._catalogue, self._vault)
            return await _worked(work, use_case, *args, **kwargs)

        return await transaction(self._pool, attempt)

    async def healthy(self) -> bool:
        """Whether the database answers."""
        try:
            async with self._pool.acquire(timeout=2) as connection:
                return bool(await connection.fetchval("SELECT true", timeout=2))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            return False


async def _worked(
    work: UnitOfWork, use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    result = await use_case(work, *args, **kwargs)
    await work.flush()
    if work.opened:
        raise RuntimeError("a case was opened to another agency, and nobody said on what basis")
    return result


def _session(session_id: UUID | None, found: Any, now: datetime) -> Session | None:
    if session_id is None:
        return None
    kind, scopes, until = SessionKind(found["session_kind"]), found["scopes"], found["confirmed_until"]
    return Session(
        id=session_id,
        kind=kind,
        scopes=None if scopes is None else frozenset(scopes),
        confirmed=kind is not SessionKind.WEB or (until is not None and until > now),
        reissue=found["reissue"],
    )


def _name_of(use_case: Callable[..., object]) -> str:
    """A use case's code: its module's noun and its own name, such as ``cases.show``."""
    return f"{use_case.__module__.rpartition('.')[2]}.{getattr(use_case, '__name__', '')}"


def _ids_in(values: Iterable[object]) -> Iterator[UUID]:
    """The ids among what a use case was called with, and in the forms and lists among that."""
    for value in values:
        if isinstance(value, UUID):
            yield value
        elif isinstance(value, BaseModel):
            yield from _ids_in(value.__dict__.values())
        elif isinstance(value, list | tuple | set | frozenset):
            yield from _ids_in(value)
