"""A whole year through the services."""

from collections.abc import Callable
from datetime import datetime

from app.db.session import Database


async def live_year(database: Database, now: datetime, say: Callable[[str], None]) -> bool:
    raise NotImplementedError
