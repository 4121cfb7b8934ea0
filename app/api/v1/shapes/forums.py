"""What the partnership's administrator is answered about forums."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Named, Shape
from app.domain.forums import Forum
from app.domain.meetings import MeetingStatus


class ForumLine(Shape):
    """A forum in the list: its settings today, how many agencies sit on it, and when it sits next."""

    id: UUID
    version: int
    kind: str
    name: str
    active: bool
    settings: Forum
    members: int
    next_at: datetime | None


class ForumsKept(Shape):
    """Every forum there is or was, the closed ones last."""

    items: list[ForumLine]


class AgencySeated(Named):
    """An agency that sits on a forum."""

    kind: str


class SeatShape(Shape):
    """An agency's seat, which has not ended. `since` may be still to come."""

    agency: AgencySeated
    since: datetime
    until: datetime | None


class ForumPlanned(Shape):
    """Settings that are to hold from a day on."""

    effective_from: date
    value: Forum
    because: str | None
    set_by: str | None
    set_at: datetime


class ForumDate(Shape):
    """A date of the diary. `holiday`: it would have sat, and that day is closed. A cancelled one says why."""

    date: date
    holiday: str | None
    meeting_id: UUID | None
    status: MeetingStatus | None
    extra: bool | None
    starts_at: datetime | None
    cut_off: datetime | None
    agenda_due: datetime | None
    research_due: datetime | None
    minutes_due: datetime | None
    because: str | None


class ForumChanged(Shape):
    """One change: what, when, by whom and why."""

    at: datetime
    by: str | None
    what: str
    because: str


class ForumKept(Shape):
    """A forum with its settings today and later, its seats, its diary from today on, and what was changed of it."""

    id: UUID
    version: int
    kind: str
    name: str
    active: bool
    settings: Forum
    seats: list[SeatShape]
    planned: list[ForumPlanned]
    dates: list[ForumDate]
    history: list[ForumChanged]
