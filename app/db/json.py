"""JSON as this project writes it, for the database and for answers."""

from typing import Any
from uuid import UUID

import orjson


def to_json(value: Any) -> bytes:
    """UTF-8 JSON. Bytes become PostgreSQL's hex notation; asyncpg's own UUIDs and sets are understood."""
    return orjson.dumps(value, default=_plain)


def canonical(value: Any) -> str:
    """JSON that is the same for equal values, to be hashed."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS).decode()


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"There is no JSON for a {type(value).__name__}.")
