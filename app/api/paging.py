"""Keyset paging: a page, then the id to go on after. Stable while rows are added, and quick however deep."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

Cursor = Annotated[UUID | None, Query(description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
