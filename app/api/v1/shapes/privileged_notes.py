"""What is answered about notes privileged to an IDVA service."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Page, Shape


class PrivilegedNote(Shape):
    """One note."""

    id: UUID
    note: str
    by: str
    at: datetime


class PrivilegedNotePage(Page):
    """A page of notes, newest first."""

    items: list[PrivilegedNote]
