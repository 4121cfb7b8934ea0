"""What lists are asked with: keyset paging, stable while rows are added and quick however deep; and days."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.domain.fields import Day


def _within_reason(day: date) -> date:
    # The first and last days that exist have no day before or after them, and clocks are reckoned around each.
    if not 1900 <= day.year < 2200:
        raise PydanticCustomError("bad_date", "Give a day between 1900-01-01 and 2199-12-31.")
    return day


Cursor = Annotated[UUID | None, Query(description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
DayAsked = Annotated[Day, AfterValidator(_within_reason)]
"""A day in a query: as YYYY-MM-DD, never a number of seconds, from 1900 to 2199."""
