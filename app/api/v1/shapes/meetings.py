"""What is sent and answered about meetings."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Named, Page, ReasonShape, Shape
from app.domain.disclosures import Sharing
from app.domain.fields import Day, Flag, Form, Long
from app.domain.forums import ForumKind
from app.domain.meetings import MeetingStatus, Standing


class PlanForm(Form):
    """A sitting to put into the diary; `extra` for a date on which the forum does not usually sit."""

    date: Day
    extra: Flag = False
    closed_day: Flag = False


class ChairForm(Form):
    """Who chairs; null for nobody yet."""

    user_id: UUID | None


class ReasonForm(Form):
    """Why."""

    reason: Long = None


class CancelForm(ReasonForm):
    """Why, and why it is lawful to tell whoever sits on the next list and did not sit on this one, if anybody."""

    sharing: Sharing | None = None


class ForumNamed(Named):
    """A forum by id, kind and name."""

    kind: ForumKind


class AgencyNamed(Named):
    """An agency by id, name and kind."""

    kind: str


class MeetingLine(Shape):
    """A meeting in a list. `listed` counts the cases that you can see."""

    id: UUID
    forum: ForumNamed
    date: date
    starts_at: datetime
    extra: bool
    status: MeetingStatus
    version: int
    capacity: int | None
    listed: int


class MeetingPage(Page):
    """A page of meetings."""

    items: list[MeetingLine]


class SittingLine(Shape):
    """A date on which the forum sits, with its deadlines; `meeting_id` is null until somebody is listed for it."""

    date: date
    starts_at: datetime
    cut_off: datetime
    agenda_due: datetime
    research_due: datetime
    minutes_due: datetime
    extra: bool
    meeting_id: UUID | None
    status: MeetingStatus | None


class Sittings(Shape):
    """Every sitting of a span of days."""

    items: list[SittingLine]


class PersonThere(Shape):
    """Somebody who comes, observes or sent apologies."""

    id: UUID
    agency: AgencyNamed
    user_id: UUID | None
    name: str
    standing: Standing
    accepted_at: datetime | None


class QuorumShape(Shape):
    """Whether enough agencies are there, and why or why not."""

    met: bool
    reasons: list[ReasonShape]


class AgencyResearch(Named):
    """An agency of the forum, and for how many cases its answer is missing."""

    research_missing: int


class Meeting(Shape):
    """A meeting with its clocks, numbers and people."""

    id: UUID
    forum: ForumNamed
    date: date
    extra: bool
    status: MeetingStatus
    version: int
    starts_at: datetime
    cut_off_at: datetime
    agenda_due_at: datetime
    research_due_at: datetime
    minutes_due_at: datetime
    locked_at: datetime | None
    published_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    minutes_at: datetime | None
    cancelled_because: str | None
    without_quorum_because: str | None
    capacity: int | None
    listed: int
    minutes_per_case: int
    total_minutes: int
    chair: Named | None
    attendance: list[PersonThere]
    quorum: QuorumShape
    agencies: list[AgencyResearch]
