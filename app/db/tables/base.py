"""What every table shares: one metadata, the partnership in every key, and no foreign key that leaves it."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def when(name: str, *, required: bool = False) -> Column[Any]:
    """A moment: always with a time zone, stored as UTC."""
    return Column(name, DateTime(timezone=True), nullable=not required)


def made_at(name: str = "created_at") -> Column[Any]:
    """The moment the row was written, by the clock of the request that wrote it."""
    return when(name, required=True)


def words(name: str, *, required: bool = False) -> Column[Any]:
    """Text of any length: the length rules live in the domain."""
    return Column(name, Text, nullable=not required)


def ref(name: str, *, required: bool = False) -> Column[Any]:
    """The id of another row."""
    return Column(name, Uuid, nullable=not required)


def document(name: str, default: str = "{}") -> Column[Any]:
    """A JSON value whose shape a domain model owns."""
    return Column(name, JSONB, nullable=False, server_default=text(f"'{default}'::jsonb"))


def labels(name: str) -> Column[Any]:
    """A list of short codes."""
    return Column(name, ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"))


def one_of(column: str, values: type[Any] | tuple[str, ...]) -> CheckConstraint:
    """Hold a code column to the values its enumeration knows."""
    codes = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({codes})", name=f"{column}_known")


def belongs(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the partnership."""
    return ForeignKeyConstraint(
        ["partnership_id", column], [f"{table}.partnership_id", f"{table}.id"], name=f"fk_{{}}_{column}"
    )


def tenant_table(name: str, *parts: Any) -> Table:
    """A table whose primary key is led by the partnership.

    A row that refers to another row of its partnership needs no further proof that the partnership exists; checking
    it all the same would make every insert anywhere lock the partnership's one row.
    """
    keys = [part for part in parts if isinstance(part, ForeignKeyConstraint)]
    root = [] if keys else [ForeignKeyConstraint(["partnership_id"], ["partnership.id"])]
    for part in keys:
        if part.name:
            part.name = str(part.name).format(name)
    return Table(
        name,
        metadata,
        Column("partnership_id", Uuid, nullable=False),
        Column("id", Uuid, nullable=False),
        *parts,
        PrimaryKeyConstraint("partnership_id", "id"),
        *root,
    )


def case_table(name: str, *parts: Any) -> Table:
    """A table of things that belong to a case, and are seen by exactly those who see the case."""
    return tenant_table(
        name,
        ref("case_id", required=True),
        *parts,
        belongs("case_id", "case_file"),
        Index(f"ix_{name}_case", "partnership_id", "case_id"),
        info_case_bound(),
    )


def info_case_bound() -> CheckConstraint:
    """Mark a table as bound to a case: the catalogue test asks PostgreSQL for its policy."""
    return CheckConstraint("case_id IS NOT NULL", name="case_bound")
