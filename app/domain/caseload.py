"""An IDVA's caseload: for each client, why they are to be looked at today."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.contact_attempts import AttemptOutcome
from app.domain.safe_times import Window, open_until

DATES_AHEAD: Final = 14
"""How many days ahead a date is told of."""
ACTIONS_AHEAD: Final = 7
"""How many days before it is due an action is told of."""
MOST: Final = 300
"""How many clients are shown at most: three times what one IDVA can carry."""


class Why(StrEnum):
    """Why a client is to be looked at today, the most urgent first."""

    OVERDUE = "overdue"
    NEW = "new"
    CALL_NOW = "call_now"
    ACTION_DUE = "action_due"
    DATE_AHEAD = "date_ahead"


def why_today(
    *,
    now: datetime,
    contact_due_at: datetime,
    reached_at: datetime | None,
    last_outcome: str | None,
    safe_to_call: str | None,
    windows: Collection[Window],
    actions: int,
    dates: int,
) -> tuple[Why, ...]:
    """The reasons; empty when the client can wait.

    Somebody is to be called while a window of theirs is open, if they were not reached at the last attempt or never
    tried, and unless it was said that calling is not safe.
    """
    found = []
    if reached_at is None:
        found.append(Why.OVERDUE if contact_due_at < now else Why.NEW)
    waits = last_outcome != AttemptOutcome.REACHED
    if waits and safe_to_call != "no" and open_until(windows, now) is not None:
        found.append(Why.CALL_NOW)
    if actions:
        found.append(Why.ACTION_DUE)
    if dates:
        found.append(Why.DATE_AHEAD)
    return tuple(found)


def looks_ahead(today: date, days: int) -> date:
    """The last day that is told of."""
    return today + timedelta(days=days)
