"""SQL as this project writes it: named parameters, made ready once, run by asyncpg."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql

_DIALECT = postgresql.asyncpg.PGDialect_asyncpg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its dialects untyped

CHANGING: Final = frozenset(
    (
        "end_glass",
        "end_grants",
        "end_named",
        "end_sign_in_methods",
        "let_go_of",
        "let_go_of_answer",
        "open_to_seat",
        "suspend_grants",
        "tell_of_left_behind",
    )
)
"""The functions that change rows for whoever asks: a SELECT of one of these is no reading."""
_CHANGES: Final = re.compile(
    rf"\b(?:INSERT INTO|DELETE FROM|UPDATE \w+ (?:(?:AS )?\w+ )?SET|(?:{'|'.join(sorted(CHANGING))})\()"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with numbered parameters, and their names in order. changes: whether it does more than read."""

    text: str
    names: tuple[str, ...]
    changes: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", _CHANGES.search(self.text) is not None)


def sql(source: str) -> Statement:
    """Make ready a statement with ``:named`` parameters. Called once, when a module loads."""
    compiled = text(source).compile(dialect=_DIALECT)
    return Statement(str(compiled), tuple(compiled.positiontup or ()))


@lru_cache(maxsize=1024)
def insertion(shape: tuple[tuple[Table, tuple[str, ...]], ...]) -> str:
    """One statement that writes rows into several tables, each from one JSON array of rows.

    PostgreSQL checks foreign keys at the end of the statement, so parents and children travel together.
    """
    parts = [
        f"a{n} AS (INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(names)} "
        f"FROM jsonb_populate_recordset(NULL::{table.name}, ${n}::text::jsonb))"
        for n, (table, names) in enumerate(shape, 1)
    ]
    return f"WITH {', '.join(parts)} SELECT 1"


def update(table: Table, values: dict[str, Any], versioned: bool) -> tuple[str, list[Any]]:
    """The change of some columns of one row: $1 is the partnership, $2 the id, the last the version if asked for."""
    return _update(table, tuple(values), versioned), list(values.values())


@lru_cache(maxsize=1024)
def _update(table: Table, names: tuple[str, ...], versioned: bool) -> str:
    unknown = set(names) - set(table.columns.keys())
    if unknown:
        raise KeyError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    changes = [f"{name} = ${n}" for n, name in enumerate(names, 3)]
    if "version" in table.columns:
        changes.append("version = version + 1")
    guard = f" AND version = ${len(names) + 3}" if versioned else ""
    return f"UPDATE {table.name} SET {', '.join(changes)} WHERE partnership_id = $1 AND id = $2{guard}"
