"""What is answered about a caseload."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Named, Shape
from app.api.v1.shapes.safe_times import Calls
from app.domain.caseload import Why
from app.domain.contact_attempts import AttemptOutcome, Means
from app.domain.fields import Known
from app.domain.key_dates import DateKind
from app.domain.lifecycle import State
from app.risk.grading import Level
from app.risk.markers import Marker


class ClientCase(Shape):
    """The client's case in short."""

    id: UUID
    reference: str
    state: State
    level: Level
    markers: list[Marker]
    next_meeting_at: datetime | None


class LastAttempt(Shape):
    """The last attempt to reach somebody."""

    at: datetime
    means: Means
    outcome: AttemptOutcome


class ActionDue(Shape):
    """An action of the service that is overdue, or due within a week."""

    id: UUID
    what: str
    due_on: date


class DateAhead(Shape):
    """A date within the next two weeks."""

    id: UUID
    kind: DateKind
    held_on: date
    starts: str | None


class CaseloadClient(Shape):
    """Somebody who is supported, and why they are to be looked at today (`why`; empty: they can wait)."""

    case: ClientCase
    client: str
    idva: Named
    referred_at: datetime
    began_at: datetime
    contact_due_at: datetime
    reached_at: datetime | None
    safe_to_call: Known | None
    calls: Calls
    last_attempt: LastAttempt | None
    actions: list[ActionDue]
    dates: list[DateAhead]
    why: list[Why]


class Norm(Shape):
    """How many clients you began to support in a year, and how many the partnership thinks one IDVA can."""

    begun_in_a_year: int
    referrals_a_year: int


class Caseload(Shape):
    """Everybody who is supported, by when first contact is due. `more`: there are more than this shows."""

    items: list[CaseloadClient]
    norm: Norm
    more: bool
