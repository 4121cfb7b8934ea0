"""A case with a row in every table that belongs to one, and a way to stand in anybody's shoes straight in SQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from app.db.tables import metadata
from app.domain.access import DESK_ROLES, GrantReason

CASE_BOUND = tuple(table for table in metadata.sorted_tables if "case_id" in table.columns)
# What else tells that a case is there: its own row, the people in it, and documents made of it.
TELLING = (*CASE_BOUND, *(metadata.tables[name] for name in ("case_file", "person", "export_job")))
DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)

_PLAIN: dict[type[Any], Callable[[], Any]] = {
    Uuid: uuid4,
    Text: lambda: "x",
    Integer: lambda: 1,
    BigInteger: lambda: 1,
    Boolean: lambda: False,
    DateTime: lambda: NOW,
    Date: lambda: DAY,
    JSONB: lambda: "{}",
    LargeBinary: lambda: b"x",
    ARRAY: list,
}
# Columns that say whose a row is.
_OWN = ("user_id", "principal", "given_by", "made_by", "recipient_id", "author_id", "actor_id", "from_user_id")

Row = dict[str, Any]
Facts = list[tuple[Table, Row]]


@dataclass
class Place:
    """Who somebody is, in which partnership."""

    partnership_id: UUID
    user_id: UUID
    agency_id: UUID


def row_of(table: Table, whose: Place, case_id: UUID, **given: Any) -> Row:
    """Some row of the case that this person made, or that is for them, as the constraints will have it."""
    row = {column.name: _plain(column) for column in table.columns if not column.nullable}
    row |= {column.name: case_id for column in table.columns if column.name.endswith("case_id")}
    row |= {name: whose.user_id for name in _OWN if name in table.columns}
    row |= {name: whose.agency_id for name in ("agency_id", "from_agency_id") if name in table.columns}
    row["partnership_id"] = whose.partnership_id
    return row | _fitting(table.name, case_id) | given


def _fitting(table: str, case_id: UUID) -> Row:
    """What a plain row of this table lacks to be one that says what it should."""
    over = {"from_at": NOW, "until_at": LATER}  # a span that ended, so that it keeps nobody apart by itself
    rows: dict[str, Row] = {
        "break_glass": {"from_at": NOW, "until_at": LATER},
        "case_exclusion": over,
        "case_restriction": over,
        "client_voice": {"version": uuid4().int % 1_000_000},
        "contact_release": {"parties": [case_id], "until_at": NOW + timedelta(minutes=15)},
        "contact_secret": {"party_id": case_id},
        "disclosure": {
            "kind": "shared",
            "basis_id": case_id,
            "necessity": "x",
            "proportionality": "x",
            "nature": "fact",
            "to_outside": "x",
        },
        "case_grant": {"desk": None, "reason": GrantReason.REFERRED},
        "audit_detail": {"id": case_id},
        "audit": {"id": case_id},
        "export_job": {"subjects": [case_id]},
        "idempotency": {"key": str(uuid4())},
        "idva_support": {"ended_at": NOW},
        "retention_review": {"decision": "keep", "keep_until": DAY},
    }
    return rows.get(table, {})


def _plain(column: Column[Any]) -> Any:
    return next(make() for kind, make in _PLAIN.items() if isinstance(column.type, kind))


async def insert(connection: asyncpg.Connection, table: Table, row: Row) -> None:
    """Write one row, as whoever this connection is."""
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({places})", *row.values())


async def entered(connection: asyncpg.Connection, who: Place, now: datetime = NOW) -> None:
    """Tell the transaction that this person acts."""
    enter = "SELECT * FROM enter($1, $2, $3, $4)"
    assert await connection.fetchrow(enter, who.partnership_id, who.user_id, sorted(DESK_ROLES), now)


async def seen(connection: asyncpg.Connection, table: Table) -> int:
    """How many rows of a table there are, for whoever this connection is."""
    count: int = await connection.fetchval(f"SELECT count(*) FROM {table.name}")
    return count


@dataclass
class Scene:
    """Two cases in two partnerships; the officer's has a row in every table that belongs to a case."""

    people: dict[str, Place]
    strangers: dict[str, Place]
    case_id: UUID
    reference: str
    other_case_id: UUID
    app_url: str
    superuser_url: str
    idle: dict[str, list[asyncpg.Connection]] = field(default_factory=dict)

    def row(self, table: Table, who: str = "officer", **given: Any) -> Row:
        """Some row of the case, by this person's agency."""
        return row_of(table, self.people[who], self.case_id, **given)

    @asynccontextmanager
    async def as_app(self, who: Place | str | None) -> AsyncIterator[asyncpg.Connection]:
        """The service's own login, in a transaction of this person; everything is rolled back.

        Nobody gets a connection on which nobody ever was. Everybody else gets one as the service's pool gives it.
        """
        async with self._rolled_back(self.app_url, fresh=who is None) as connection:
            if who is not None:
                await entered(connection, self.people[who] if isinstance(who, str) else who)
            yield connection

    @asynccontextmanager
    async def supposing(self, who: str, facts: Facts, *also: str) -> AsyncIterator[asyncpg.Connection]:
        """This person's transaction, had these rows been there and these statements been run; all rolled back.

        No trigger and no key is in the way of what is supposed. ``$1`` in a statement is the case.
        """
        async with self._rolled_back(self.superuser_url) as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table, row in facts:
                await insert(connection, table, row)
            for statement in also:
                await connection.execute(statement, self.case_id)
            await connection.execute("SET LOCAL session_replication_role = origin")
            await connection.execute("SET LOCAL ROLE roundtable_app")
            await entered(connection, self.people[who])
            yield connection

    def everything_of(self, who: str) -> Facts:
        """A row of the case in every table that tells of it, made by or for this person; and every kind of grant."""
        tables = [each for each in TELLING if each.name not in ("case_file", "person", "case_grant")]
        # A second row on the trail, since the first has the case's id.
        ids = {"audit": uuid4()}
        ids["audit_detail"] = ids["audit"]
        rows = [(each, self.row(each, who, **({"id": ids[each.name]} if each.name in ids else {}))) for each in tables]
        return [*rows, *(self.grant(who, reason) for reason in GrantReason)]

    def grant(self, who: str, reason: GrantReason, **given: Any) -> tuple[Table, Row]:
        """A grant that opens the case to this person, whether or not its fact is so."""
        table = metadata.tables["case_grant"]
        return table, self.row(table, who, reason=reason, **given)

    def apart(self, who: str) -> tuple[Table, Row]:
        """That this person is kept from the case."""
        table = metadata.tables["case_exclusion"]
        return table, self.row(table, who, until_at=None)

    def restricted(self) -> tuple[Table, Row]:
        """That the case is open to those named only."""
        table = metadata.tables["case_restriction"]
        return table, self.row(table, "coordinator", until_at=None)

    async def close(self) -> None:
        """Let go of the connections that are kept from one test to the next."""
        for connections in self.idle.values():
            for connection in connections:
                await connection.close()

    @asynccontextmanager
    async def _rolled_back(self, url: str, *, fresh: bool = False) -> AsyncIterator[asyncpg.Connection]:
        idle = self.idle.setdefault(url, [])
        connection = idle.pop() if idle and not fresh else await asyncpg.connect(url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            yield connection
        finally:  # or a test that fails would keep its locks, and the scene could not be cleared
            await transaction.rollback()
            if fresh:
                await connection.close()
            else:
                idle.append(connection)


# What a standing restriction means for the grants that there are.
SUSPEND = "UPDATE case_grant SET suspended = true WHERE case_id = $1 AND reason <> 'named'"
