"""What is answered about notices."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.api.v1.shapes import Named, Shape
from app.domain.notices import NoticeKind


class CaseNoticed(Shape):
    """The case that a notice is about. `reference` is null for those who may not know it."""

    id: UUID
    reference: str | None


class Notice(Shape):
    """Something that needs an eye. `seen_at`: when the first of those it was sent to saw it."""

    id: UUID
    version: int
    kind: NoticeKind
    at: datetime
    about: UUID = Field(description="The id of what to look up; of what kind, `kind` says.")
    case: CaseNoticed | None
    seen_at: datetime | None
    seen_by: Named | None


class NoticePage(Shape):
    """A page of notices. `next` goes into `cursor` for the following page; null at the end."""

    items: list[Notice]
    next: str | None
