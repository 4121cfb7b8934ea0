"""What is answered about research."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from app.api.v1.shapes import Named, Page, Shape


class ResearchReturn(Shape):
    """Your agency's own return. Version 0: not answered yet. Others see only what is shared, once released."""

    agenda_item_id: UUID
    agency: str
    version: int
    known: bool | None
    facts: str | None
    opinion: str | None
    shared_facts: str | None
    shared_opinion: str | None
    kept_because: str | None
    released_at: datetime | None
    answered_at: datetime | None


class PersonToSearch(Shape):
    """Somebody to look for in your files."""

    id: UUID
    role: str
    name: str
    aliases: list[str]
    date_of_birth: date | None
    dob_variants: list[date]


class CaseToSearch(Shape):
    """The case of a family."""

    id: UUID
    reference: str


class MeetingToSearchFor(Named):
    """The meeting that asks."""

    starts_at: datetime
    research_due_at: datetime


class ResearchLine(Shape):
    """A family to search for, and how your agency's answer stands."""

    agenda_item_id: UUID
    case: CaseToSearch
    meeting: MeetingToSearchFor
    answer: Literal["not_answered", "kept", "released"]
    known: bool | None
    version: int
    people: list[PersonToSearch]


class ResearchPage(Page):
    """A page of the worklist."""

    items: list[ResearchLine]


class NotKnownAnswered(Shape):
    """The items that were answered."""

    items: list[UUID]
